/**
 * Goal: hits and changes that are stored beside the next batch are lost by nothing: not by a checkpoint, not by a batch that fails, and not when the
 * partition is given back while they are on their way.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { HitStore } from '../../alerts/hit-store.ts';
import type { EventLogStore } from '../../baselines/event-log-store.ts';
import { StoreRejected } from '../../store/store.ts';
import { eventsOfAttackedAgents, expectedRows, usePartitions } from '../support/partition-rows.ts';
import {
  entriesOf,
  type PartitionOptions,
  processInBatches,
  recordsOf,
  runInMemory,
} from '../support/partition-run.ts';

const EVENTS = eventsOfAttackedAgents();
const BATCH = 100;

const { place, open, shown } = usePartitions();

const GRACE_MS = 20;

type WriteHits = HitStore['writeHits'];

/** Hits that nobody takes until they are released; those that come later are taken at once. */
function holdHits() {
  const held: (() => void)[] = [];
  let released = false;
  return {
    held,
    holding:
      (real: HitStore): WriteHits =>
      async (hits) => {
        if (!released) await new Promise<void>((resolve) => held.push(resolve));
        await real.writeHits(hits);
      },
    release() {
      released = true;
      for (const go of held) go();
    },
  };
}

describe('hits on their way', () => {
  /** A partition up to the batch with the first hit, after which a checkpoint is due; its hits are in the hands of `writeHits`. */
  async function upToTheFirstHit(
    writeHits: (real: HitStore) => WriteHits,
    options: Pick<PartitionOptions, 'revokeGraceMs' | 'log'> = {},
  ) {
    const { number, tenant } = place();
    const records = recordsOf(number, entriesOf(tenant, EVENTS));
    const { verdicts } = runInMemory(records);
    const hit = records.findIndex(({ position }) => (verdicts.get(position)?.hits.length ?? 0) > 0);
    const from = Math.floor(hit / BATCH) * BATCH;
    const hits = (real: HitStore) => ({ ...real, writeHits: writeHits(real) });
    const run = open({ checkpointRecords: from + BATCH, hits, ...options });
    await run.partition.assign(number);
    await processInBatches(run.partition, records.slice(0, from), BATCH);
    return { number, run, records, from };
  }

  it('hold up acknowledgements and checkpoints, but not the rows of the next batch', async () => {
    const { held, holding, release } = holdHits();
    const { number, run, records, from } = await upToTheFirstHit(holding);
    const order: string[] = [];
    const batch = (index: number) => records.slice(from + index * BATCH, from + (index + 1) * BATCH);
    await new Promise<void>((letNext) => {
      void run.partition.process(batch(0), letNext).then(() => order.push('first'));
    });
    const second = run.partition.process(batch(1)).then(() => order.push('second'));
    await expect.poll(async () => (await shown(number)).positions.length, { timeout: 30_000 }).toBe(from + 2 * BATCH);
    expect({ order, held: held.length, checkpoints: run.counters.checkpoints }).toEqual({
      order: [],
      held: 1,
      checkpoints: 0,
    });
    expect(run.partition.positions()).toEqual([{ partition: number, position: from - 1 }]);

    release();
    await second;
    expect(order).toEqual(['first', 'second']);
    expect((await shown(number)).hits).toEqual(expectedRows(records.slice(0, from + 2 * BATCH)).hits);
    expect(run.partition.positions()).toEqual([{ partition: number, position: from + 2 * BATCH - 1 }]);
  });

  it('that cannot be stored are stored when the partition is assigned again', async () => {
    let refusing = true;
    const refused =
      (real: HitStore): WriteHits =>
      async (hits) => {
        if (refusing) throw new StoreRejected('No hits today.', '117');
        await real.writeHits(hits);
      };
    const { number, run, records, from } = await upToTheFirstHit(refused);
    const batch = records.slice(from, from + BATCH);
    await expect(run.partition.process(batch)).rejects.toMatchObject({ code: 'store_rejected' });
    await expect(run.partition.process(records.slice(from + BATCH, from + 2 * BATCH))).rejects.toThrow();
    refusing = false;
    expect(await run.partition.assign(number)).toBe(from + BATCH);
    expect((await shown(number)).hits).toEqual(expectedRows(records.slice(0, from + BATCH)).hits);
    expect(run.counters.checkpoints).toBe(0);
  });

  it('are waited for when the partition is given back, even when the batch after them has failed', async () => {
    const { held, holding, release } = holdHits();
    const failing = { position: Number.POSITIVE_INFINITY };
    const log = (real: EventLogStore): EventLogStore => ({
      ...real,
      write: (judged) =>
        judged.some(({ record }) => record.position >= failing.position)
          ? Promise.reject(new Error('somebody else has the log'))
          : real.write(judged),
    });
    const { number, run, records, from } = await upToTheFirstHit(holding, { log });
    failing.position = from + BATCH;
    const batch = (index: number) => records.slice(from + index * BATCH, from + (index + 1) * BATCH);
    const first = new Promise<void>((letNext, reject) => {
      run.partition.process(batch(0), letNext).catch(reject);
    });
    await first;
    await expect(run.partition.process(batch(1))).rejects.toThrow('somebody else');

    let isGivenBack = false;
    const revoked = run.partition.revoke(number).then(() => {
      isGivenBack = true;
    });
    await expect.poll(() => held.length).toBe(1);
    await run.partition.peek({ tenant: 'nobody', agent: 'nobody' });
    expect(isGivenBack).toBe(false);
    release();
    await revoked;
    expect((await shown(number)).hits).toEqual(expectedRows(records.slice(0, from + BATCH)).hits);
  });

  it('are not passed by the last checkpoint when a partition is given back that cannot wait for them', async () => {
    const { holding, release } = holdHits();
    const { number, run, records, from } = await upToTheFirstHit(holding, { revokeGraceMs: GRACE_MS });
    const batch = records.slice(from, from + BATCH);
    await new Promise<void>((letNext) => void run.partition.process(batch, letNext).catch(() => {}));
    const revoked = run.partition.revoke(number);
    // Its timer was set later and runs longer, so that the grace is over whatever the machine does.
    const graceIsOver = sleep(2 * GRACE_MS);
    const next = open();
    await expect.poll(() => next.partition.assign(number)).toBe(from + BATCH);
    expect((await shown(number)).hits).toEqual(expectedRows(records.slice(0, from + BATCH)).hits);
    await graceIsOver;
    release();
    await revoked;
    expect(run.counters.checkpoints).toBe(0);
  });
});
