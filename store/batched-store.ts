import { type BatchWriter, createBatchWriter, type Timers } from './batch-writer.ts';
import type { Store } from './store.ts';

/** A durable insert costs the same for one row as for a hundred; callers that come within this time share one. */
const LINGER_MS = 5;
const BATCH = { rowsMax: 1000, bytesMax: 8 * 1024 * 1024, lingerMs: LINGER_MS, queueBytesMax: 32 * 1024 * 1024 };

/**
 * The same store, with inserts into the named append-only tables gathered over all callers, in bounded memory. An insert still
 * resolves when its rows are durable, and rejects when the store refuses one of them; the others of its batch are stored all the same.
 */
export function createBatchedStore(store: Store, tables: readonly string[], timers: Timers): Store {
  const writers = new Map(tables.map((table) => [table, writerFor(store, table, timers)]));
  return {
    ...store,
    async insert(table, rows) {
      const writer = writers.get(table);
      if (writer === undefined) return store.insert(table, rows);
      await Promise.all(rows.map((row) => writer.write(row)));
    },
    async close() {
      await Promise.all([...writers.values()].map((writer) => writer.close()));
      await store.close();
    },
  };
}

const writerFor = (store: Store, table: string, timers: Timers): BatchWriter<object> =>
  createBatchWriter<object>({
    store,
    table,
    ...BATCH,
    timers,
    onRejected: (_row, error) => {
      throw error;
    },
  });
