import { NativeWriter } from './native-writer.ts';
import type { TableColumn, TableColumns } from './table-columns.ts';

/**
 * Rows as one block of ClickHouse's format Native (https://clickhouse.com/docs/interfaces/formats/Native): the engine reads it several
 * times faster than text, and the same values come out. Rows must have passed `checkRows`.
 *
 * Undefined where text has to do: a type that is not known here, or a row without a value that only the engine can give it.
 */
export function nativeBlock(
  known: TableColumns,
  names: readonly string[],
  rows: readonly object[],
): Buffer | undefined {
  const writer = new NativeWriter();
  writer.size(names.length);
  writer.size(rows.length);
  for (const name of names) {
    const column = known.get(name);
    const values = column && valuesOf(column, name, rows as readonly Readonly<Record<string, unknown>>[]);
    if (values === undefined || column?.native === undefined) return undefined;
    writer.text(name);
    writer.text(column.native.type);
    column.native.write(values, writer);
  }
  return writer.bytes();
}

function valuesOf(
  { native, hasDefault }: TableColumn,
  name: string,
  rows: readonly Readonly<Record<string, unknown>>[],
): unknown[] | undefined {
  if (native === undefined) return undefined;
  const values: unknown[] = new Array(rows.length);
  for (let index = 0; index < rows.length; index += 1) {
    const value = rows[index]?.[name];
    if (value === undefined && (hasDefault || native.empty === undefined)) return undefined;
    values[index] = value === undefined ? native.empty : value;
  }
  return values;
}
