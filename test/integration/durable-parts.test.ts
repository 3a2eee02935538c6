/**
 * Goal: what is acknowledged outlives a loss of power, also after a merge or a mutation has rewritten it. The embedded engine deletes the parts that
 * were synced when rows were inserted within seconds; by then the part that replaces them has to be on the disk too.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTemporaryStore, type TemporaryStore } from '../support/embedded-store.ts';

let temporary: TemporaryStore;

beforeAll(async () => {
  temporary = await openTemporaryStore();
});
afterAll(() => temporary.close());

/** Files the engine has synced so far, of all tables. */
async function syncedFiles(): Promise<number> {
  const rows = await temporary.store.query<{ value: number }>(
    `SELECT toFloat64(value) AS value FROM system.events WHERE event = 'FileSync'`,
  );
  return rows[0]?.value ?? 0;
}

const checkpoint = (position: number) => ({
  partition: 1,
  position,
  time: 0,
  build: 'test',
  format: 2,
  agents: 0,
  last_tick: 0,
});

it('every table is synced when its parts are merged', async () => {
  const tables = await temporary.store.query<{ name: string; engine_full: string }>(
    `SELECT name, engine_full FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree'`,
  );
  expect(tables.length).toBeGreaterThan(10);
  const unsynced = tables.filter(({ engine_full }) => !engine_full.includes('min_rows_to_fsync_after_merge = 1'));
  expect(unsynced.map(({ name }) => name)).toEqual([]);
});

describe('the engine syncs', () => {
  it('the files of a merged part', async () => {
    for (const position of [1, 2, 3]) await temporary.store.insert('checkpoints', [checkpoint(position)]);
    const before = await syncedFiles();
    await temporary.store.command('OPTIMIZE TABLE checkpoints FINAL');
    expect(await syncedFiles()).toBeGreaterThan(before + 5);
  });

  it('the files of a part that a deletion has rewritten', async () => {
    await temporary.store.insert('checkpoints', [checkpoint(11), checkpoint(12)]);
    const before = await syncedFiles();
    await temporary.store.command('DELETE FROM checkpoints WHERE position = 11');
    expect(await syncedFiles()).toBeGreaterThan(before + 5);
  });
});
