import { RowsRefused } from './row-check.ts';
import { type Store, StoreRejected } from './store.ts';

/** Takes a row that the store refuses. What it throws ends the insert; rows before it may be stored by then. */
export type OnRejected<Row> = (row: Row, error: StoreRejected) => void;

export interface InsertOutcome {
  readonly inserted: number;
  readonly rejected: number;
}

/**
 * Inserts rows in order, so that one bad row never stops the good ones: refused rows are handed to `onRejected` one by one.
 *
 * Rows refused by the row check cost nothing but their own removal. For a row that only the engine refuses the batch is cut in
 * halves: about 2 log2(n) inserts for one, at most 2n for n of them.
 *
 * Rejects with StoreUnavailable, with nothing lost, when the store cannot be reached: the caller repeats the whole. Rows of the first
 * attempt collapse with those of the second by key, and `onRejected` sees the refused ones again.
 */
export async function insertBisecting<Row extends object>(
  store: Store,
  table: string,
  rows: readonly Row[],
  onRejected: OnRejected<Row>,
): Promise<InsertOutcome> {
  if (rows.length === 0) return { inserted: 0, rejected: 0 };
  try {
    await store.insert(table, rows);
    return { inserted: rows.length, rejected: 0 };
  } catch (error) {
    if (!(error instanceof StoreRejected)) throw error;
    if (error instanceof RowsRefused) return insertOthers(store, error, rows, onRejected);
    if (rows.length > 1) return insertHalves(store, table, rows, onRejected);
    for (const row of rows) onRejected(row, error);
    return { inserted: 0, rejected: 1 };
  }
}

async function insertOthers<Row extends object>(
  store: Store,
  error: RowsRefused,
  rows: readonly Row[],
  onRejected: OnRejected<Row>,
): Promise<InsertOutcome> {
  const refused = new Map(error.refusals.map((refusal) => [refusal.row, refusal]));
  const others = rows.filter((_, index) => !refused.has(index));
  const outcome = await insertBisecting(store, error.table, others, onRejected);
  for (const [index, refusal] of refused) {
    const row = rows[index];
    if (row !== undefined) onRejected(row, new RowsRefused(error.table, [refusal]));
  }
  return { ...outcome, rejected: outcome.rejected + refused.size };
}

async function insertHalves<Row extends object>(
  store: Store,
  table: string,
  rows: readonly Row[],
  onRejected: OnRejected<Row>,
): Promise<InsertOutcome> {
  const middle = Math.ceil(rows.length / 2);
  const first = await insertBisecting(store, table, rows.slice(0, middle), onRejected);
  const second = await insertBisecting(store, table, rows.slice(middle), onRejected);
  return { inserted: first.inserted + second.inserted, rejected: first.rejected + second.rejected };
}
