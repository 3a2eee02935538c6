import type { WriteLane } from './engine.ts';
import { nativeBlock } from './native-block.ts';
import { classified } from './operations.ts';
import { type CheckedRows, checkRows, RowsRefused } from './row-check.ts';
import { quoteName } from './session-settings.ts';
import { createTableColumnsCache, type ReadColumns, type TableColumns } from './table-columns.ts';

/** An insert is one part, and so atomic, only below the engine's block size of 1,048,449 rows. */
export const INSERT_ROWS_MAX = 1_000_000;

export type InsertRows = (table: string, rows: readonly object[]) => Promise<void>;

interface Checked extends CheckedRows {
  readonly known: TableColumns;
}

/**
 * Checks rows against the table's columns, then sends them with an explicit list of columns: as one block of the format Native, or as
 * JSONEachRow where a column has a type or a default that only the engine can fill in. More than `INSERT_ROWS_MAX` rows are a RangeError.
 */
export function createInsertRows(
  readColumns: ReadColumns,
  { writes, insertNative }: WriteLane,
  place: string,
): InsertRows {
  const columnsOf = createTableColumnsCache(readColumns);

  async function check(table: string, rows: readonly object[]): Promise<Checked> {
    const known = await columnsOf.get(table);
    const checked = checkRows(known, rows);
    if (checked.unknown.length === 0) return { ...checked, known };
    // What is still unknown after a second look goes to the engine, which names the column it does not have.
    const fresh = await columnsOf.refresh(table);
    return { ...checkRows(fresh, rows), known: fresh };
  }

  return async function insertRows(table, rows) {
    if (rows.length === 0) return;
    if (rows.length > INSERT_ROWS_MAX) throw new RangeError(`An insert takes at most ${INSERT_ROWS_MAX} rows.`);
    const target = quoteName(table);
    const { columns, refusals, known } = await check(table, rows);
    if (refusals.length > 0) throw new RowsRefused(table, refusals);
    const [first, ...rest] = columns.map(({ name }) => quoteName(name));
    const block = nativeBlock(known, columns, rows.length);
    await classified({ kind: 'insert', subject: table, place }, async () => {
      if (first === undefined) await writes.insert({ table: target, values: rows, format: 'JSONEachRow' });
      else if (block === undefined)
        await writes.insert({ table: target, columns: [first, ...rest], values: rows, format: 'JSONEachRow' });
      else await insertNative(`${target} (${[first, ...rest].join(', ')})`, block);
    });
  };
}
