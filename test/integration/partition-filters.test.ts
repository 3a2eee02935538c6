/**
 * Goal: a start that reads the filters as they were stored, and only the names that came after them, knows every id and every agent: repeats
 * are seen as such, states go on to the bit, and agents that nobody has seen are not looked up.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFilterStore } from '../../baselines/filter-store.ts';
import { SMALL_FLEET, simulateFleet } from '../../cli/simulate/fleet.ts';
import { openTemporaryStore, type TemporaryStore } from '../support/embedded-store.ts';
import {
  agentsIn,
  entriesOf,
  openPartition,
  processInBatches,
  recordsOf,
  runInMemory,
  stateTexts,
} from '../support/partition-run.ts';

const TENANT = 'acme';
const PARTITION = 5;
const entries = entriesOf(TENANT, simulateFleet({ ...SMALL_FLEET, seed: 'filters' }).events.slice(0, 600));
const records = recordsOf(PARTITION, entries);
const agents = agentsIn(entries);

let temporary: TemporaryStore;
beforeAll(async () => {
  temporary = await openTemporaryStore();
});
afterAll(() => temporary.close());

const statuses = async (after: number, partition = PARTITION) => {
  const rows = await temporary.store.query<{ status: string }>(
    'SELECT DISTINCT status FROM event_log FINAL WHERE partition = {partition:UInt32} AND position >= {after:Int64}',
    { partition, after },
  );
  return rows.map(({ status }) => status);
};

describe('stored filters', () => {
  it('bring back what was seen before a start', async () => {
    const limits = { checkpointRecords: 50, filterRecords: 200, agentsMax: 100 };
    const first = openPartition(temporary.store, limits);
    await first.partition.assign(PARTITION);
    await processInBatches(first.partition, records.slice(0, 480), 40);
    const stored = await createFilterStore(temporary.store).latest(PARTITION, 'ids', 2 ** 15);
    expect(stored?.position).toBeGreaterThanOrEqual(200);
    expect(stored?.position).toBeLessThan(480);

    const asked: string[] = [];
    const second = openPartition(temporary.store, {
      ...limits,
      states: (real) => ({
        ...real,
        load(partition, keys) {
          asked.push(...keys.map(({ agent }) => agent));
          return real.load(partition, keys);
        },
      }),
    });
    expect(await second.partition.assign(PARTITION)).toBe(480);
    await processInBatches(second.partition, records.slice(480), 40);
    expect(await stateTexts(second.partition, agents)).toEqual(runInMemory(records).states);
    const before = new Set(entries.slice(0, 480).map(({ event }) => event.agent.id));
    expect(asked.filter((agent) => !before.has(agent))).toEqual([]);

    // The same events again, those from before the filters and those from after them.
    await processInBatches(second.partition, recordsOf(PARTITION, entries, records.length), 200);
    expect(await statuses(records.length)).toEqual(['duplicate']);
  });

  it('that are still being written do not take the place of those that a restore has made meanwhile', async () => {
    const [place, limits] = [6, { checkpointRecords: 200, filterRecords: 100 }];
    const here = recordsOf(place, entries);
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const writes: Promise<void>[] = [];
    const first = openPartition(temporary.store, {
      ...limits,
      filters: (real) => ({
        ...real,
        write(...filters) {
          const writing = gate.then(() => real.write(...filters));
          writes.push(writing);
          return writing;
        },
      }),
    });
    await first.partition.assign(place);
    await processInBatches(first.partition, here.slice(0, 240), 40);
    // Somebody else has the partition for a while, and gives it back.
    const other = openPartition(temporary.store, limits);
    expect(await other.partition.assign(place)).toBe(240);
    await processInBatches(other.partition, here.slice(240), 40);
    expect(await first.partition.assign(place)).toBe(600);
    open();
    expect(writes.length).toBeGreaterThan(0);
    await Promise.all(writes);

    await processInBatches(first.partition, recordsOf(place, entries, 600), 200);
    expect(await statuses(600, place)).toEqual(['duplicate']);
    const third = openPartition(temporary.store, limits);
    await third.partition.assign(place);
    await processInBatches(third.partition, recordsOf(place, entries, 1200), 200);
    expect(await statuses(1200, place)).toEqual(['duplicate']);
  });

  it('of another size are not taken: all names are read', async () => {
    const filters = createFilterStore(temporary.store);
    await filters.write(9, 7, { ids: new Uint32Array(2 ** 17).fill(3), agents: new Uint32Array(8) });
    expect(await filters.latest(9, 'ids', 2 ** 17)).toEqual({ position: 7, words: new Uint32Array(2 ** 17).fill(3) });
    for (const words of [2 ** 16, 2 ** 18, 2 ** 15]) expect(await filters.latest(9, 'ids', words)).toBeUndefined();
    expect(await filters.latest(9, 'agents', 16)).toBeUndefined();
    expect(await filters.latest(8, 'ids', 2 ** 17)).toBeUndefined();
    await filters.write(9, 8, { ids: new Uint32Array(2 ** 17), agents: new Uint32Array(8) });
    expect((await filters.latest(9, 'ids', 2 ** 17))?.position).toBe(8);
  });
});
