/**
 * Goal: no query can forget the tenant. Every query file is read as text: each takes the tenant's reader first and filters each
 * table it reads; and the reader itself refuses a statement that does not.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createTenantReaders } from '../../api/tenant-reader.ts';

const FOLDER = new URL('../../api/queries/', import.meta.url);
const TABLES =
  /\b(?:FROM|JOIN)\s+(event_log|events|alert_hits|alert_changes|alerts|deliveries|dead_letters|agent_state|api_keys)\b/g;
const files = readdirSync(FOLDER).map((name) => ({ name, text: readFileSync(new URL(name, FOLDER), 'utf8') }));
const withSql = files.filter(({ text }) => /\bSELECT\b/.test(text));
const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0;

describe('query files', () => {
  it('are found', () => {
    expect(withSql.map(({ name }) => name)).toEqual([
      'alert-changes.ts',
      'alert-deliveries.ts',
      'alert-hits.ts',
      'alert-received.ts',
      'baseline-changes.ts',
      'find-alert.ts',
      'find-own-key.ts',
      'hourly-sums.ts',
      'list-agents.ts',
      'list-alerts.ts',
      'list-dead-letters.ts',
      'list-events.ts',
      'list-keys.ts',
      'open-alert-counts.ts',
      'stored-baselines.ts',
      'working-keys.ts',
    ]);
  });

  it.each(withSql)('$name filters every table by the tenant', ({ text }) => {
    // A filter that stands once in a constant counts wherever the constant is used.
    const filters = count(text, /tenant = \{tenant:String\}/g) + Math.max(0, count(text, /\$\{VISIBLE\}/g) - 1);
    expect(count(text, TABLES)).toBeGreaterThan(0);
    expect(filters).toBeGreaterThanOrEqual(count(text, TABLES));
  });

  it.each(withSql)('$name takes the tenant first', ({ text }) => {
    const exported = text.match(/export async function \w+\(\s*(\w+: \w+)/g) ?? [];
    expect(exported.length).toBeGreaterThan(0);
    for (const head of exported) expect(head).toMatch(/\(\s*tenant: TenantReader$/);
  });

  it.each(withSql)('$name never reaches the store by another way', ({ text }) => {
    expect(text).not.toMatch(/store\.query|store\/store/);
  });
});

describe('the reader of a tenant', () => {
  function recorded(queriesInFlightMax = 10) {
    const calls: { sql: string; params: unknown }[] = [];
    const query = async <Row>(sql: string, params?: unknown): Promise<Row[]> => {
      calls.push({ sql, params });
      return [];
    };
    return { calls, readerOf: createTenantReaders({ query }, queriesInFlightMax) };
  }

  it('binds the tenant, whatever the parameters say', async () => {
    const { calls, readerOf } = recorded();
    const sql = 'SELECT 1 FROM alerts WHERE tenant = {tenant:String}';
    await readerOf('acme').query(sql, { tenant: 'globex', x: 1 });
    expect(calls).toEqual([{ sql, params: { tenant: 'acme', x: 1 } }]);
  });

  it('needs no filter on the ends of the log, which are of no tenant', async () => {
    const { calls, readerOf } = recorded();
    await readerOf('acme').query(
      'SELECT 1 FROM alerts WHERE tenant = {tenant:String} AND 1 IN (SELECT ends FROM log_ends)',
    );
    expect(calls.length).toBe(1);
  });

  it.each([
    ['no filter', 'SELECT 1 FROM alerts'],
    ['no table', 'SELECT 1'],
    ['one of two filtered', 'SELECT 1 FROM alerts JOIN event_log USING id WHERE tenant = {tenant:String}'],
    [
      'a subquery unfiltered',
      'SELECT 1 FROM alerts WHERE tenant = {tenant:String} AND id IN (SELECT id from event_log)',
    ],
    ['another comparison', 'SELECT 1 FROM alerts WHERE tenant != {tenant:String}'],
  ])('refuses a statement with %s', async (_what, sql) => {
    const { calls, readerOf } = recorded();
    await expect(readerOf('acme').query(sql)).rejects.toThrow('without tenant');
    expect(calls).toEqual([]);
  });

  it('answers busy above its limit, over all tenants, and recovers', async () => {
    const release: (() => void)[] = [];
    const query = <Row>(): Promise<Row[]> => new Promise((resolve) => release.push(() => resolve([])));
    const readerOf = createTenantReaders({ query }, 1);
    const sql = 'SELECT 1 FROM alerts WHERE tenant = {tenant:String}';
    const first = readerOf('acme').query(sql);
    await expect(readerOf('globex').query(sql)).rejects.toMatchObject({ code: 'busy' });
    release[0]?.();
    await first;
    const second = readerOf('globex').query(sql);
    release[1]?.();
    expect(await second).toEqual([]);
  });
});
