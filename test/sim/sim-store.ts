/** The store of one process over the tables that all of them share: every call travels, and may go wrong on the way. */
import type { Random } from '../../cli/simulate/random.ts';
import type { Store } from '../../store/store.ts';
import { shortHash } from './history.ts';
import { runStatement } from './statements.ts';
import type { Row, Tables } from './tables.ts';
import type { SimProcess } from './world.ts';

/** Rows of a stream that come at once. */
const CHUNK_MAX = 12;

export function createSimStore(process: SimProcess, tables: Tables, random: Random): Store {
  const read = (sql: string, params: Readonly<Record<string, unknown>> | undefined): Promise<Row[]> =>
    process.call(`store:${nameOf(sql)}`, () => copyOf(runStatement(tables, sql, params)), digestOf(params));

  /** Nothing arrives in tables that came back from an earlier time while it travelled. */
  const unlessRestored = (write: () => void): (() => void) => {
    const { restores } = tables;
    return () => {
      if (tables.restores === restores) write();
    };
  };

  return {
    engine: 'server',
    place: 'memory',
    query: <R>(sql: string, params?: Readonly<Record<string, unknown>>) => read(sql, params) as Promise<R[]>,
    async *stream<R>(sql: string, params?: Readonly<Record<string, unknown>>) {
      const rows = (await read(sql, params)) as R[];
      while (rows.length > 0) {
        const chunk = rows.splice(0, random.int(1, CHUNK_MAX));
        yield await process.call('store:chunk', () => chunk);
      }
    },
    insert(table, rows) {
      if (rows.length === 0) return Promise.resolve();
      // The sender may change what it holds while the request travels.
      const sent = JSON.parse(JSON.stringify(rows)) as object[];
      const write = unlessRestored(() => tables.insert(table, sent));
      return process.call(`store:insert ${table}`, write, rowsDigest(table, sent));
    },
    command(sql, params) {
      const write = unlessRestored(() => void runStatement(tables, sql, params));
      return process.call(`store:${nameOf(sql)}`, write, digestOf(params));
    },
    ping: () => process.call('store:ping', () => {}),
    close: () => process.leave('store:close'),
  };
}

const copyOf = (rows: readonly Row[]): Row[] => JSON.parse(JSON.stringify(rows)) as Row[];

const digestOf = (params: unknown): string => shortHash(JSON.stringify(params ?? {}));

/** A sealed letter is never the same twice. */
function rowsDigest(table: string, rows: readonly object[]): string {
  const shown = table === 'dead_letters' ? rows.map((row) => ({ ...row, raw: '' })) : rows;
  return `${rows.length} ${shortHash(JSON.stringify(shown))}`;
}

/** For the history: the verb and the table. */
function nameOf(sql: string): string {
  const words = sql.trim().split(/\s+/);
  const from = words.indexOf('FROM');
  return `${words[0]?.toLowerCase()} ${words[from + 1]?.replace('(SELECT', 'of ') ?? ''}`.trim();
}
