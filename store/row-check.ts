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

export interface CheckedColumn {
  readonly name: string;
  readonly check: ValueCheck | undefined;
  /** In the order of the rows; undefined where a row does not have the column, which then takes its default. */
  readonly values: unknown[];
}

export interface CheckedRows {
  /** Every key with a value in any row, in order of first sight. */
  readonly columns: readonly CheckedColumn[];
  readonly refusals: readonly RowRefusal[];
  /** Keys that are no column as far as is known. */
  readonly unknown: readonly string[];
}

export function checkRows(known: TableColumns, rows: readonly object[]): CheckedRows {
  const columns = createColumns(known, rows.length);
  const refusals: RowRefusal[] = [];
  for (let index = 0; index < rows.length; index += 1) {
    const refusal = checkRow(rows[index] as Readonly<Record<string, unknown>>, index, columns);
    if (refusal !== undefined) refusals.push(refusal);
  }
  const unknown = columns.list.filter(({ name }) => !known.has(name)).map(({ name }) => name);
  return { columns: columns.list, refusals, unknown };
}

interface Columns {
  readonly list: readonly CheckedColumn[];
  /** `at`: where the column stood in the row before; rows mostly have the same keys in the same order. */
  get(name: string, at: number): CheckedColumn;
}

function createColumns(known: TableColumns, rowCount: number): Columns {
  const list: CheckedColumn[] = [];
  const byName = new Map<string, CheckedColumn>();
  return {
    list,
    get(name, at) {
      const usual = list[at];
      if (usual?.name === name) return usual;
      const seen = byName.get(name);
      if (seen !== undefined) return seen;
      const column = { name, check: known.get(name)?.check, values: new Array<unknown>(rowCount) };
      list.push(column);
      byName.set(name, column);
      return column;
    },
  };
}

function checkRow(row: Readonly<Record<string, unknown>>, index: number, columns: Columns): RowRefusal | undefined {
  let refusal: RowRefusal | undefined;
  let at = 0;
  for (const name of Object.keys(row)) {
    const value = row[name];
    // JSON leaves such a key out: the column takes its default.
    if (value === undefined) continue;
    const column = columns.get(name, at);
    at += 1;
    column.values[index] = value;
    const problem = column.check?.(value);
    if (problem !== undefined) refusal ??= { row: index, column: name, problem };
  }
  return refusal;
}
