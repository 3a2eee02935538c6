import { type Store, StoreRejected } from './store.ts';

/**
 * A group holds at most this many rows; what does not fit waits for the next one. Larger groups would save nothing, and all partitions
 * would wait for the same insert while nobody judges.
 */
const GROUP_ROWS_MAX = 4_000;

interface Waiting {
  readonly rows: readonly object[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The same store, where inserts into `table` that come while one is under way share the next one (group commit): a durable insert costs
 * the engine about as much for a hundred rows as for one, and a worker has many partitions. Nobody waits for company.
 *
 * An insert is settled as if it had been alone: when a group is refused, each of its members is tried by itself. Memory is bounded by
 * the callers, who wait.
 */
export function groupInserts(store: Store, table: string): Store {
  const queue: Waiting[] = [];
  let busy = false;

  async function work(): Promise<void> {
    busy = true;
    while (queue.length > 0) await commit(takeGroup(queue));
    busy = false;
  }

  async function commit(group: readonly Waiting[]): Promise<void> {
    try {
      await store.insert(
        table,
        group.flatMap(({ rows }) => rows),
      );
      for (const { resolve } of group) resolve();
    } catch (error) {
      if (group.length > 1 && error instanceof StoreRejected) for (const one of group) await commit([one]);
      else for (const { reject } of group) reject(error);
    }
  }

  return {
    ...store,
    insert(into, rows) {
      if (into !== table) return store.insert(into, rows);
      return new Promise<void>((resolve, reject) => {
        queue.push({ rows, resolve, reject });
        if (!busy) void work();
      });
    },
  };
}

function takeGroup(queue: Waiting[]): Waiting[] {
  let rows = 0;
  let count = 0;
  for (const next of queue) {
    rows += next.rows.length;
    if (count > 0 && rows > GROUP_ROWS_MAX) break;
    count += 1;
  }
  return queue.splice(0, count);
}
