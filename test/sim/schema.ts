/** The tables as the migrations make them: columns with their checks and defaults, and the key by which rows collapse. */

import { checkForType } from '../../store/column-kind.ts';
import { MIGRATIONS_DIRECTORY, readMigrations } from '../../store/migration-files.ts';
import type { TableColumns } from '../../store/table-columns.ts';

export interface TableSchema {
  readonly name: string;
  readonly checks: TableColumns;
  readonly defaults: Readonly<Record<string, unknown>>;
  /** Of ReplacingMergeTree; empty: the table keeps nothing. */
  readonly key: readonly string[];
  /** The column that says which row of a key is the newest; undefined: the last one inserted. */
  readonly version: string | undefined;
}

const CREATE =
  /^CREATE TABLE (?:IF NOT EXISTS )?(\w+)\s*\(([\s\S]*)\)\s*ENGINE = ReplacingMergeTree(?:\((\w+)\))?[\s\S]*?ORDER BY \(?([\w, ]+)\)?/;
const RENAME = /^RENAME TABLE ([\s\S]*)$/;
const CREATE_LIKE = /^CREATE TABLE (\w+) AS (\w+) ENGINE = Null/;
const ALTER = /^ALTER TABLE (\w+)\s+([\s\S]*)$/;
const ORDER = /\bMODIFY ORDER BY \(([\w, ]+)\)/;
const COLUMN =
  /^(?:(?:ADD|MODIFY) COLUMN (?:IF NOT EXISTS )?)?(\w+)\s+([\s\S]+?)(?:\s+(?:CODEC|DEFAULT|AFTER)\b[\s\S]*)?$/;

/** Tables whose engine is not known here are left out: nothing that is simulated reads them. */
export async function readSchemas(): Promise<Map<string, TableSchema>> {
  const types: Types = new Map();
  for (const { statements } of await readMigrations(MIGRATIONS_DIRECTORY)) {
    for (const { sql } of statements) readStatement(withoutComments(sql), types);
  }
  return new Map([...types].map(([name, table]) => [name, schemaOf(name, table)]));
}

interface Table {
  readonly columns: Map<string, string>;
  key: readonly string[];
  readonly version: string | undefined;
}

type Types = Map<string, Table>;

function readStatement(sql: string, types: Types): void {
  const [, created = '', body = '', version, order = ''] = CREATE.exec(sql) ?? [];
  if (created !== '') types.set(created, { columns: columnsOf(body), key: listed(order), version });
  const [, copy = '', original = ''] = CREATE_LIKE.exec(sql) ?? [];
  if (copy !== '') types.set(copy, { columns: new Map(types.get(original)?.columns), key: [], version: undefined });
  for (const renamed of listed(RENAME.exec(sql)?.[1] ?? '')) rename(types, renamed);
  const [, altered = '', changes = ''] = ALTER.exec(sql) ?? [];
  const table = types.get(altered);
  for (const [column, type] of columnsOf(changes)) table?.columns.set(column, type);
  const [, reordered = ''] = ORDER.exec(changes) ?? [];
  if (table !== undefined && reordered !== '') table.key = listed(reordered);
}

const listed = (list: string): string[] =>
  list
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');

function rename(types: Types, renamed: string): void {
  const [from = '', to = ''] = renamed.split(/\s+TO\s+/);
  const table = types.get(from);
  types.delete(from);
  if (table !== undefined) types.set(to, table);
}

function columnsOf(body: string): Map<string, string> {
  const columns = new Map<string, string>();
  for (const part of topLevelParts(body)) {
    // What follows are further settings.
    if (/^MODIFY SETTING\b/.test(part)) break;
    if (/^(INDEX|CONSTRAINT|PROJECTION|MODIFY ORDER BY)\b/.test(part)) continue;
    const [, name = '', type = ''] = COLUMN.exec(part) ?? [];
    if (name !== '') columns.set(name, type.trim());
  }
  return columns;
}

const withoutComments = (sql: string): string => sql.replaceAll(/^\s*--.*$/gm, '').trim();

function topLevelParts(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    if (text[at] === '(') depth++;
    if (text[at] === ')') depth--;
    if (at < text.length && (text[at] !== ',' || depth > 0)) continue;
    parts.push(text.slice(start, at).trim());
    start = at + 1;
  }
  return parts;
}

function schemaOf(name: string, { columns, key, version }: Table): TableSchema {
  const entries = [...columns];
  return {
    name,
    key,
    version,
    checks: new Map(
      entries.map(([column, type]) => [column, { check: checkForType(type), native: undefined, hasDefault: false }]),
    ),
    defaults: Object.fromEntries(entries.map(([column, type]) => [column, defaultOf(type)])),
  };
}

function defaultOf(type: string): unknown {
  if (type.startsWith('LowCardinality(')) return defaultOf(type.slice('LowCardinality('.length));
  if (type.startsWith('String')) return '';
  if (type.startsWith('Array')) return [];
  if (type.startsWith('Map')) return {};
  if (type.startsWith('Enum')) return /'([^']*)'/.exec(type)?.[1];
  return 0;
}
