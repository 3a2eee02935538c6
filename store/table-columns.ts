import { checkForType } from './column-kind.ts';
import type { TableColumns } from './row-check.ts';

export type ReadColumns = (table: string) => Promise<readonly { name: string; type: string }[]>;

export const COLUMNS_QUERY =
  'SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {table:String} ORDER BY position';

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
    const columns = read(table).then((rows) => new Map(rows.map(({ name, type }) => [name, checkForType(type)])));
    tables.set(table, columns);
    columns.catch(() => tables.delete(table));
    return columns;
  };
  return { get: (table) => tables.get(table) ?? refresh(table), refresh };
}
