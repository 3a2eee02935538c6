/**
 * Goal: the state of an agent is a pure function of its log, whatever happens to the process and the store on the way. Each test runs
 * a partition over a real engine, disturbs it, and compares states bit by bit with the same records run in memory, undisturbed.
 */
import { describe, expect, it } from 'vitest';
import type { HitStore } from '../../alerts/hit-store.ts';
import type { EventLogStore, JudgedRecord } from '../../baselines/event-log-store.ts';
import { readableState, STATE_FORMAT } from '../../baselines/state-codec.ts';
import { simulateFleet } from '../../cli/simulate/fleet.ts';
import type { EventEntry, LogEntry, LogRecord } from '../../ingest/log.ts';
import { StoreRejected, StoreUnavailable } from '../../store/store.ts';
import { eventsOfAttackedAgents, expectedRows, type Shown, usePartitions } from '../support/partition-rows.ts';
import { agentsIn, entriesOf, processInBatches, recordsOf, runInMemory, stateTexts } from '../support/partition-run.ts';

const EVENTS = eventsOfAttackedAgents();
const BATCH = 100;

const { place, store, open, shown } = usePartitions();

const unavailable = () => new StoreUnavailable('The store went away.');

describe('restart', () => {
  it('gives the states of an uninterrupted run, with a checkpoint in the middle and without', async () => {
    const { number, tenant } = place();
    const entries = entriesOf(tenant, EVENTS);
    const records = recordsOf(number, entries);
    const agents = agentsIn(entries);
    const before = open({ checkpointRecords: 600 });
    expect(await before.partition.assign(number)).toBe(0);
    await processInBatches(before.partition, records, BATCH);
    expect(before.counters.checkpoints).toBeGreaterThan(1);
    expect(records.length % 600).toBeGreaterThan(BATCH);

    const after = open();
    expect(await after.partition.assign(number)).toBe(records.length);
    const { states, ...rows } = expectedRows(records);
    expect(rows.hits.length).toBeGreaterThan(0);
    expect(await stateTexts(before.partition, agents)).toEqual(states);
    expect(await stateTexts(after.partition, agents)).toEqual(states);
    expect(await shown(number)).toEqual(rows);
  });

  it('goes on where it was, with ticks and an analyst’s word among the events', async () => {
    const { number, tenant } = place();
    const entries = entriesOf(tenant, EVENTS);
    const log = withControls(number, tenant, entries);
    const half = Math.floor(log.length / 200) * 100;
    const first = open({ checkpointRecords: 700 });
    await first.partition.assign(number);
    await processInBatches(first.partition, log.slice(0, half), BATCH);

    const second = open({ checkpointRecords: 300 });
    expect(await second.partition.assign(number)).toBe(half);
    await processInBatches(second.partition, log.slice(half), BATCH);
    const third = open();
    await third.partition.assign(number);

    const { states, ...rows } = expectedRows(log);
    expect(await stateTexts(second.partition, agentsIn(entries))).toEqual(states);
    expect(await stateTexts(third.partition, agentsIn(entries))).toEqual(states);
    expect(await shown(number)).toEqual(rows);
  });

  it('gives a clean hand-over the same states from the checkpoint alone', async () => {
    const { number, tenant } = place();
    const entries = entriesOf(tenant, EVENTS);
    const records = recordsOf(number, entries);
    const first = open();
    await first.partition.assign(number);
    await processInBatches(first.partition, records, BATCH);
    await first.partition.revoke(number);
    const replayed: number[] = [];
    const second = open({ log: (real) => ({ ...real, between: counted(real, replayed) }) });
    await second.partition.assign(number);
    expect(replayed).toEqual([]);
    expect(await stateTexts(second.partition, agentsIn(entries))).toEqual(expectedRows(records).states);
  });
});

const counted = (real: EventLogStore, replayed: number[]): EventLogStore['between'] =>
  async function* (partition, after, upTo) {
    for await (const rows of real.between(partition, after, upTo)) {
      replayed.push(...rows.map(({ record }) => record.position));
      yield rows;
    }
  };

/** A tick every 50 events, and every alert of the run closed some events after it opened. */
function withControls(number: number, tenant: string, entries: readonly EventEntry[]): LogRecord[] {
  const { verdicts } = runInMemory(recordsOf(number, entries));
  const log: LogEntry[] = [];
  for (const [index, entry] of entries.entries()) {
    log.push(entry);
    const { receivedMs, event } = entry;
    if (index % 50 === 49) log.push({ kind: 'tick', receivedMs });
    for (const { alertId } of verdicts.get(index)?.hits.filter(({ opened }) => opened) ?? []) {
      const word = { agent: event.agent.id, alertId, state: 'closed', disposition: 'false_positive' } as const;
      log.push({ kind: 'disposition', tenant, receivedMs, by: 'analyst', ...word });
    }
  }
  return recordsOf(number, log);
}

describe('a crash between rows and hits', () => {
  it('is made good on the next start, each hit once', async () => {
    const { number, tenant } = place();
    const entries = entriesOf(tenant, EVENTS);
    const records = recordsOf(number, entries);
    const dying = open({ hits: () => neverHits() });
    await dying.partition.assign(number);
    const died = await processInBatches(dying.partition, records, BATCH).catch((error: unknown) => error);
    expect(died).toEqual(new Error('the process died'));
    expect(dying.notices).toEqual([]);
    expect((await shown(number)).hits).toEqual([]);

    const next = open();
    const position = await next.partition.assign(number);
    expect(position % BATCH).toBe(0);
    expect(await shown(number)).toEqual(without(expectedRows(records.slice(0, position))));
    await processInBatches(next.partition, records.slice(position), BATCH);
    const { states, ...rows } = expectedRows(records);
    expect(await shown(number)).toEqual(rows);
    expect(await stateTexts(next.partition, agentsIn(entries))).toEqual(states);
  });
});

const neverHits = (): HitStore => ({
  writeHits: () => Promise.reject(new Error('the process died')),
  writeChanges: () => Promise.reject(new Error('the process died')),
});

const without = ({ positions, hits }: Shown): Shown => ({ positions, hits });

describe('a row the engine refuses', () => {
  it.each([
    ['the first of the batch', 1200],
    ['in the middle of the batch', 1250],
    ['the last of the batch', 1299],
  ])('becomes a dead letter and leaves no trace in the state: %s', async (_name, position) => {
    const { number, tenant } = place();
    const entries = entriesOf(tenant, EVENTS);
    const records = recordsOf(number, entries);
    const run = open({ checkpointRecords: 500, log: (real) => refusing(real, position) });
    await run.partition.assign(number);
    await processInBatches(run.partition, records, BATCH);
    const rest = records.filter((record) => record.position !== position);
    const { states, ...rows } = expectedRows(rest);
    expect(await shown(number)).toEqual(rows);
    expect(await stateTexts(run.partition, agentsIn(entries))).toEqual(states);
    expect(run.counters.rejected).toBe(1);
    const place_ = { tenant, source: 'log', sourcePosition: `${number}:${position}` };
    expect(run.letters).toMatchObject([{ ...place_, code: 'store_rejected', field: '' }]);

    const again = open();
    expect(await again.partition.assign(number)).toBe(records.length);
    expect(await stateTexts(again.partition, agentsIn(entries))).toEqual(states);
  });
});

/** Refuses the row of one event, as an engine that does not take a value in it, until the row is emptied. */
function refusing(real: EventLogStore, position: number): EventLogStore {
  const isRefused = ({ record, verdict }: JudgedRecord) =>
    record.position === position && verdict?.status !== 'rejected';
  return {
    ...real,
    write: (judged) =>
      judged.some(isRefused) ? Promise.reject(new StoreRejected('A row is not accepted.', '117')) : real.write(judged),
    refused: async (judged) => new Set(judged.filter(isRefused).map(({ record }) => record.position)),
  };
}

describe('a store that goes away', () => {
  it('does not keep alerts waiting: the playbooks hear of them before the rows are stored', async () => {
    const { number, tenant } = place();
    const records = recordsOf(number, entriesOf(tenant, EVENTS));
    const heardWhileAway: number[] = [];
    let away = false;
    const run = open({
      log: (real) => ({
        ...real,
        async write(judged) {
          away = !away;
          if (away) throw new StoreUnavailable('away');
          heardWhileAway.push(run.notices.length);
          await real.write(judged);
        },
      }),
    });
    await run.partition.assign(number);
    await run.partition.process(records);
    expect(run.notices.length).toBeGreaterThan(0);
    expect(heardWhileAway).toEqual([run.notices.length]);
  });

  it('is noticed as somebody else\u2019s: a stored state that is ahead stops the owner that was left behind', async () => {
    const { number, tenant } = place();
    const records = recordsOf(number, entriesOf(tenant, EVENTS));
    const behind = open();
    await behind.partition.assign(number);
    const ahead = open({ checkpointRecords: 10 });
    await ahead.partition.assign(number);
    await ahead.partition.process(records);
    await ahead.partition.revoke(number);
    await expect(behind.partition.process(records.slice(0, 5))).rejects.toMatchObject({ name: 'PartitionTaken' });
    expect(await behind.partition.assign(number)).toBe(records.length);
  });

  it('holds the same rows when two owners judge the same records', async () => {
    const { number, tenant } = place();
    const records = recordsOf(number, entriesOf(tenant, EVENTS));
    const [one, other] = [open(), open()];
    await one.partition.assign(number);
    await other.partition.assign(number);
    for (let i = 0; i < records.length; i += BATCH) {
      const batch = records.slice(i, i + BATCH);
      await Promise.all([one.partition.process(batch), other.partition.process(batch)]);
    }
    const { states: _, ...rows } = expectedRows(records);
    expect(await shown(number)).toEqual(rows);
  });

  it('takes no state from beyond the end that it restores to, when the last owner is still storing', async () => {
    const { number, tenant } = place();
    const entries = entriesOf(tenant, EVENTS);
    const records = recordsOf(number, entries);
    const half = Math.floor(records.length / 2);
    const last = open();
    await last.partition.assign(number);
    await processInBatches(last.partition, records.slice(0, half), BATCH);
    let asked = 0;
    const lastPosition = (real: EventLogStore) => async (partition: number) => {
      const position = await real.lastPosition(partition);
      asked += 1;
      // The end has just been fixed: everything else is stored now, states included.
      if (asked === 2) {
        await processInBatches(last.partition, records.slice(half), BATCH);
        await last.partition.revoke(number);
      }
      return position;
    };
    const next = open({ log: (real) => ({ ...real, lastPosition: lastPosition(real) }) });
    expect(await next.partition.assign(number)).toBe(records.length);
    expect(await stateTexts(next.partition, agentsIn(entries))).toEqual(expectedRows(records).states);
  });

  it.each([
    ['before it has written', false],
    ['after it has written, so that the answer is lost', true],
  ])('is tried again until it is back, and nothing is doubled: %s', async (_name, applies) => {
    const { number, tenant } = place();
    const entries = entriesOf(tenant, EVENTS);
    const records = recordsOf(number, entries);
    const faults = { thrown: 0 };
    const run = open({
      checkpointRecords: 400,
      agentsMax: 2,
      log: (real) => ({ ...real, write: failing(real.write, applies, faults) }),
      hits: (real) => ({
        writeHits: failing(real.writeHits, applies, faults),
        writeChanges: failing(real.writeChanges, applies, faults),
      }),
      states: (real) => ({
        ...real,
        save: failing(real.save, applies, faults),
        load: failing(real.load, applies, faults),
        writeCheckpoint: failing(real.writeCheckpoint, applies, faults),
      }),
    });
    await run.partition.assign(number);
    await processInBatches(run.partition, records, BATCH);
    await run.partition.revoke(number);
    expect(faults.thrown).toBeGreaterThan(30);
    const { states, ...rows } = expectedRows(records);
    expect(await shown(number)).toEqual(rows);
    expect(run.counters.events).toBe(records.length);
    expect(new Set(run.notices.map(({ alertId }) => alertId)).size).toBe(run.notices.length);

    const again = open();
    await again.partition.assign(number);
    expect(await stateTexts(again.partition, agentsIn(entries))).toEqual(states);
  });
});

/** Two calls of three fail. */
function failing<Arguments extends unknown[], Result>(
  call: (...args: Arguments) => Promise<Result>,
  applies: boolean,
  faults: { thrown: number },
): (...args: Arguments) => Promise<Result> {
  let calls = 0;
  return async (...args) => {
    calls += 1;
    if (calls % 3 === 0) return call(...args);
    if (applies) await call(...args);
    faults.thrown += 1;
    throw unavailable();
  };
}

describe('repeats', () => {
  it('are recognised within a batch, across batches and across restarts; other content is a conflict', async () => {
    const { number, tenant } = place();
    const entries = entriesOf(tenant, EVENTS.slice(0, 300));
    const other = entriesOf(
      tenant,
      EVENTS.slice(0, 300).map((event) => ({ ...event, outcome: 'denied' as const })),
    );
    const [early, late] = [entries.slice(0, 150), entries.slice(150)];
    const log = recordsOf(number, [
      ...early,
      ...early.slice(0, 20),
      ...other.slice(100, 110),
      ...late,
      ...entries.slice(140, 160),
    ]);
    const first = open();
    await first.partition.assign(number);
    // One batch holds the originals and their repeats.
    await first.partition.process(log.slice(0, 180));
    const second = open();
    await second.partition.assign(number);
    await processInBatches(second.partition, log.slice(180), 60);

    const kept = log.filter(({ position }) => position < 150 || (position >= 180 && position < 330));
    const { states, ...rows } = expectedRows(kept);
    expect(await shown(number)).toEqual(rows);
    expect(await stateTexts(second.partition, agentsIn(entries))).toEqual(states);
    expect([first.counters, second.counters].map(({ duplicates, conflicts }) => [duplicates, conflicts])).toEqual([
      [20, 10],
      [20, 0],
    ]);
    expect(second.letters).toEqual([]);
    expect(first.letters.map(({ code, field, sourcePosition }) => [code, field, sourcePosition])).toEqual(
      Array.from({ length: 10 }, (_, i) => ['id_conflict', 'id', `${number}:${170 + i}`]),
    );
    const visible = await store().query<{ id: string; outcome: string }>(
      'SELECT id, outcome FROM events WHERE tenant = {tenant:String} ORDER BY id',
      { tenant },
    );
    const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
    expect(visible).toEqual(entries.map(({ event: { id, outcome } }) => ({ id, outcome })).sort(byId));
  });
});

describe('the state cache', () => {
  it('spills and brings back more than 50 agents through 10 places without changing a bit', async () => {
    const crowd = simulateFleet({ seed: 'crowd', agents: 60, days: 8, storiesPerKind: 0, density: 0.1 });
    const runs = [];
    for (const agentsMax of [10, 1000]) {
      const { number } = place();
      // The same tenant in both: its name is part of the state and of alert ids.
      const tenant = `crowd-${agentsMax}`;
      const entries = entriesOf(tenant, crowd.events.slice(-1500));
      const records = recordsOf(number, entries);
      const run = open({ agentsMax, checkpointRecords: 500 });
      await run.partition.assign(number);
      for (let i = 0; i < records.length; i += 40) {
        await run.partition.process(records.slice(i, i + 40));
        expect(run.partition.cache.size).toBeLessThanOrEqual(agentsMax);
      }
      const states = await stateTexts(run.partition, agentsIn(entries));
      expect(states).toEqual(expectedRows(records).states);
      const readable = [...states.values()].map((state) => readableState({ format: STATE_FORMAT, state }));
      runs.push(readable.map((text) => text.replaceAll(tenant, 'crowd')));
    }
    expect(runs[0]?.length).toBeGreaterThan(50);
    // Alert ids hold the tenant; nothing else may differ.
    const bare = (texts: string[] | undefined) => texts?.map((text) => text.replaceAll(/al_[0-9a-f]{32}/g, 'alert'));
    expect(bare(runs[0])).toEqual(bare(runs[1]));
  });
});
