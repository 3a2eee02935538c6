/**
 * Acknowledged means durable: the engine is killed (-9) twenty times while four writers insert, and every acknowledged batch must be
 * there after each restart, whole and once. Batches without an acknowledgement may be there or not, but never in part.
 */
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openServer } from '../../store/connection.ts';
import { type Store, StoreUnavailable } from '../../store/store.ts';
import { temporaryFolder } from '../support/embedded-store.ts';
import { type FrontProcess, spawnFront } from '../support/front-process.ts';

const KILLS = 20;
const WRITERS = 4;
const BATCH_ROWS = 50;
const BATCHES_MAX = 20_000;
const DATABASE = 'chaos';

it('shows every acknowledged insert after twenty kills under load', async () => {
  const path = await temporaryFolder();
  let front = await spawnFront({ path });
  const connect = (of: FrontProcess) => openServer({ url: of.url, database: DATABASE, requestTimeoutMs: 5_000 });
  let store = await connect(front);
  await store.command(
    `CREATE TABLE batches (batch UInt32, row UInt32, body String) ENGINE = ReplacingMergeTree ORDER BY (batch, row)
     SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`,
  );
  const acknowledged = new Set<number>();
  let sent = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const before = acknowledged.size;
    const writers = Array.from({ length: WRITERS }, () => writeUntilGone(store, acknowledged, () => ++sent));
    await untilGrownBy(acknowledged, before, 5 + kill);
    await front.kill();
    await Promise.all(writers);
    await store.close();
    front = await spawnFront({ path, port: front.port });
    store = await connect(front);
    expect(await missingOrPartial(store, acknowledged)).toEqual({ missing: [], partial: [] });
  }
  expect(acknowledged.size).toBeGreaterThanOrEqual(KILLS * 5);
  await store.close();
  await front.stop();
  await rm(path, { recursive: true, force: true });
});

/** Inserts one batch after another until the store is gone; a batch counts once its insert has resolved. */
async function writeUntilGone(store: Store, acknowledged: Set<number>, nextBatch: () => number): Promise<void> {
  for (;;) {
    const batch = nextBatch();
    if (batch > BATCHES_MAX) return;
    const rows = Array.from({ length: BATCH_ROWS }, (_, row) => ({ batch, row, body: 'x'.repeat(200) }));
    try {
      await store.insert('batches', rows);
    } catch (error) {
      if (error instanceof StoreUnavailable) return;
      throw error;
    }
    acknowledged.add(batch);
  }
}

async function untilGrownBy(set: ReadonlySet<number>, before: number, count: number): Promise<void> {
  for (let waits = 0; set.size < before + count; waits++) {
    if (waits > 10_000) throw new Error('The writers make no progress.');
    await sleep(1);
  }
}

async function missingOrPartial(store: Store, acknowledged: ReadonlySet<number>) {
  const rows = await store.query<{ batch: number; rows: number }>(
    'SELECT batch, count() AS rows FROM batches GROUP BY batch',
  );
  const found = new Map(rows.map((row) => [row.batch, row.rows]));
  return {
    missing: [...acknowledged].filter((batch) => !found.has(batch)),
    partial: rows.filter((row) => row.rows !== BATCH_ROWS),
  };
}
