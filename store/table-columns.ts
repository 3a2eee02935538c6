import { checkForType, type ValueCheck } from './column-kind.ts';
import { type NativeColumn, nativeColumn } from './native-column.ts';

export interface TableColumn {
  /** What the column takes; undefined: left to the engine. */
  readonly check: ValueCheck | undefined;
  /** How it is written in binary; undefined: as text only. */
  readonly native: NativeColumn | undefined;
  /** A row without it gets a value that only the engine knows. */
  readonly hasDefault: boolean;
}

export type TableColumns = ReadonlyMap<string, TableColumn>;

export type ReadColumns = (table: string) => Promise<readonly ColumnDescription[]>;

interface ColumnDescription {
  readonly name: string;
  readonly type: string;
  readonly default_kind: string;
}

export const COLUMNS_QUERY =
  'SELECT name, type, default_kind FROM system.columns WHERE database = currentDatabase() AND table = {table:String} ORDER BY position';

/** Tables are named by the program, never by data; the limit only keeps a mistake from growing without end. */
const TABLES_MAX = 256;

export interface TableColumnsCache {
  get(table: string): Promise<TableColumns>;
  /** Reads again: a migration may have added a column since. */
  refresh(table: string): Promise<TableColumns>;
}

/** What the columns of each table take, read from the engine once, so that there is no second schema to keep in step. */
export function createTableColumnsCache(read: ReadColumns): TableColumnsCache {
  const tables = new Map<string, Promise<TableColumns>>();
  const refresh = (table: string) => {
    if (tables.size >= TABLES_MAX) tables.clear();
    const columns = read(table).then((rows) => new Map(rows.map((row) => [row.name, columnOf(row)])));
    tables.set(table, columns);
    columns.catch(() => tables.delete(table));
    return columns;
  };
  return { get: (table) => tables.get(table) ?? refresh(table), refresh };
}

const columnOf = ({ type, default_kind }: ColumnDescription): TableColumn => ({
  check: checkForType(type),
  native: nativeColumn(type),
  hasDefault: default_kind !== '',
});
