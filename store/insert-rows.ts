import type { ClickHouseClient } from '@clickhouse/client';
import { classified } from './operations.ts';
import { type CheckedRows, checkRows, RowsRefused } from './row-check.ts';
import { quoteName } from './session-settings.ts';
import { createTableColumnsCache, type ReadColumns } from './table-columns.ts';

/** An insert is one part, and so atomic, only below the engine's block size of 1,048,449 rows. */
export const INSERT_ROWS_MAX = 1_000_000;

export type InsertRows = (table: string, rows: readonly object[]) => Promise<void>;

/**
 * Checks rows against the table's columns, then sends them as JSONEachRow with an explicit list of columns.
 * More than `INSERT_ROWS_MAX` rows are a RangeError.
 */
export function createInsertRows(readColumns: ReadColumns, client: ClickHouseClient, place: string): InsertRows {
  const columnsOf = createTableColumnsCache(readColumns);

  async function check(table: string, rows: readonly object[]): Promise<CheckedRows> {
    const checked = checkRows(await columnsOf.get(table), rows);
    // What is still unknown after a second look goes to the engine, which names the column it does not have.
    return checked.unknown.length === 0 ? checked : checkRows(await columnsOf.refresh(table), rows);
  }

  return async function insertRows(table, rows) {
    if (rows.length === 0) return;
    if (rows.length > INSERT_ROWS_MAX) throw new RangeError(`An insert takes at most ${INSERT_ROWS_MAX} rows.`);
    const target = quoteName(table);
    const { columns, refusals } = await check(table, rows);
    if (refusals.length > 0) throw new RowsRefused(table, refusals);
    await classified({ kind: 'insert', subject: table, place }, () =>
      client.insert({ table: target, ...columnList(columns), values: rows, format: 'JSONEachRow' }),
    );
  };
}

function columnList(names: readonly string[]): { columns?: [string, ...string[]] } {
  const [first, ...rest] = names.map(quoteName);
  return first === undefined ? {} : { columns: [first, ...rest] };
}
