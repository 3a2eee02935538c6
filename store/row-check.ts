import type { ValueCheck } from './column-kind.ts';
import { StoreRejected } from './store.ts';
import type { TableColumns } from './table-columns.ts';

export interface RowRefusal {
  /** Index in the rows that were given. */
  readonly row: number;
  readonly column: string;
  /** What is wrong, without the value itself. */
  readonly problem: string;
}

/**
 * Rows that the engine would refuse, or corrupt in silence, found before anything was sent.
 * Names one refusal for every bad row (its first bad column), in order.
 */
export class RowsRefused extends StoreRejected {
  readonly table: string;
  readonly refusals: readonly RowRefusal[];

  constructor(table: string, refusals: readonly RowRefusal[]) {
    const first = refusals[0];
    const more = refusals.length > 1 ? ` and ${refusals.length - 1} more` : '';
    // 117 INCORRECT_DATA is what the engine itself says of such rows, where it says anything.
    super(`Row ${first?.row} for ${table}: ${first?.column} ${first?.problem}${more}.`, '117');
    this.table = table;
    this.refusals = refusals;
  }
}

export interface CheckedRows {
  /** Every key with a value in any row, in order of first sight. A row without one of them takes the column's default. */
  readonly columns: readonly string[];
  readonly refusals: readonly RowRefusal[];
  /** Keys that are no column as far as is known. */
  readonly unknown: readonly string[];
}

export function checkRows(known: TableColumns, rows: readonly object[]): CheckedRows {
  const columns = new Map<string, ValueCheck | undefined>();
  const refusals: RowRefusal[] = [];
  rows.forEach((row, index) => {
    const refusal = checkRow(row as Readonly<Record<string, unknown>>, index, known, columns);
    if (refusal !== undefined) refusals.push(refusal);
  });
  const names = [...columns.keys()];
  return { columns: names, refusals, unknown: names.filter((name) => !known.has(name)) };
}

function checkRow(
  row: Readonly<Record<string, unknown>>,
  index: number,
  known: TableColumns,
  columns: Map<string, ValueCheck | undefined>,
): RowRefusal | undefined {
  let refusal: RowRefusal | undefined;
  for (const column of Object.keys(row)) {
    const value = row[column];
    // JSON leaves such a key out: the column takes its default.
    if (value === undefined) continue;
    if (!columns.has(column)) columns.set(column, known.get(column)?.check);
    const problem = columns.get(column)?.(value);
    if (problem !== undefined) refusal ??= { row: index, column, problem };
  }
  return refusal;
}
