/**
 * Tables in memory that behave as ReplacingMergeTree: an inserted row is durable at once, rows of one key stay side by side until a
 * merge, a read with FINAL sees the newest of them, a read without sees any or all.
 */
import type { Random } from '../../cli/simulate/random.ts';
import { checkRows, RowsRefused } from '../../store/row-check.ts';
import { StoreRejected } from '../../store/store.ts';
import type { TableSchema } from './schema.ts';

export type Row = Readonly<Record<string, unknown>>;

export interface Tables {
  /** @param rows are kept as they are: nobody else may hold them */
  insert(table: string, rows: readonly object[]): void;
  /** Every stored row, as it happens to lie there. */
  all(table: string): Row[];
  /** One row of each key: the newest. */
  final(table: string): Row[];
  delete(table: string, gone: (row: Row) => boolean): void;
  /** How often they came back as they were at an earlier time: what was on its way to them then is lost. */
  restores: number;
  /** By partition: what is older than this has been deleted, as far as nothing newer needs it. */
  readonly pruned: Map<number, number>;
  /** Told of every row that is stored, before anybody can read it. */
  readonly onInsert: ((table: string, row: Row) => void)[];
}

/** @param refuses what only the engine finds wrong with a row */
export function createTables(
  schemas: ReadonlyMap<string, TableSchema>,
  random: Random,
  refuses: (table: string, row: Row) => boolean,
): Tables {
  const stored = new Map<string, Map<string, Row[]>>();
  const onInsert: Tables['onInsert'] = [];

  function schemaOf(table: string): TableSchema {
    const schema = schemas.get(table);
    if (schema === undefined) throw new Error(`No table ${table}.`);
    return schema;
  }

  function place(table: string, schema: TableSchema, row: Row): void {
    const byKey = stored.get(table) ?? new Map<string, Row[]>();
    stored.set(table, byKey);
    const key = JSON.stringify(schema.key.map((column) => row[column]));
    const versions = byKey.get(key);
    for (const told of onInsert) told(table, row);
    if (versions === undefined) byKey.set(key, [row]);
    // A merge in the background, sooner or later.
    else if (random.chance(0.3)) byKey.set(key, [newestOf([...versions, row], schema)]);
    else versions.push(row);
  }

  return {
    onInsert,
    restores: 0,
    pruned: new Map(),
    insert(table, rows) {
      const schema = schemaOf(table);
      const { refusals, unknown } = checkRows(schema.checks, rows);
      if (unknown.length > 0) throw new Error(`Table ${table} has no column ${unknown.join(', ')}.`);
      if (refusals.length > 0) throw new RowsRefused(table, refusals);
      const whole = rows.map((row) => ({ ...schema.defaults, ...row }) as Row);
      if (whole.some((row) => refuses(table, row))) throw new StoreRejected('A row is not accepted.', '117');
      if (schema.key.length > 0) for (const row of whole) place(table, schema, row);
    },
    all: (table) => shuffledTies([...(stored.get(table)?.values() ?? [])], random),
    final: (table) => [...(stored.get(table)?.values() ?? [])].map((versions) => newestOf(versions, schemaOf(table))),
    delete(table, gone) {
      const byKey = stored.get(table) ?? new Map<string, Row[]>();
      for (const [key, versions] of byKey) {
        const left = versions.filter((row) => !gone(row));
        if (left.length === 0) byKey.delete(key);
        else byKey.set(key, left);
      }
    },
  };
}

/** Of equal versions the last. */
const newestOf = (versions: readonly Row[], { version }: TableSchema): Row =>
  versions.reduce((a, b) => (version === undefined || Number(b[version]) >= Number(a[version]) ? b : a));

/** Rows of one key in any order: what reads without FINAL must not depend on it. */
function shuffledTies(groups: readonly (readonly Row[])[], random: Random): Row[] {
  return groups.flatMap((versions) => (versions.length < 2 ? versions : random.sample(versions, versions.length)));
}
