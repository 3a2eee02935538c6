/**
 * The one way from a route to the store. A reader belongs to one tenant, taken from the credential, and refuses every
 * statement in which some table is not filtered by it: a forgotten filter is an error on the first call, not a leak.
 */
import type { Store } from '../store/store.ts';
import { Problem } from './problems.ts';

export interface TenantReader {
  readonly tenant: string;
  query<Row>(sql: string, params?: Readonly<Record<string, unknown>>): Promise<Row[]>;
}

/** `log_ends` is of the log as a whole, and says nothing of anybody. */
const TABLE_READ = /\b(?:FROM|JOIN)\s+(?!log_ends\b)[a-z_]/gi;
const TENANT_FILTER = /\btenant = \{tenant:String\}/g;

function assertFiltered(sql: string): void {
  const reads = sql.match(TABLE_READ)?.length ?? 0;
  const filters = sql.match(TENANT_FILTER)?.length ?? 0;
  if (reads === 0 || filters < reads) throw new Error('A statement reads a table without tenant = {tenant:String}.');
}

/** Readers share one limit on statements in flight; above it they reject with the problem `busy`. */
export function createTenantReaders(
  store: Pick<Store, 'query'>,
  queriesInFlightMax: number,
): (tenant: string) => TenantReader {
  let inFlight = 0;

  async function run<Row>(sql: string, params: Readonly<Record<string, unknown>>): Promise<Row[]> {
    if (inFlight >= queriesInFlightMax)
      throw new Problem('busy', 'Too many queries are running.', { retryAfterSeconds: 1 });
    inFlight += 1;
    try {
      return await store.query<Row>(sql, params);
    } finally {
      inFlight -= 1;
    }
  }

  return (tenant) => ({
    tenant,
    async query<Row>(sql: string, params: Readonly<Record<string, unknown>> = {}): Promise<Row[]> {
      assertFiltered(sql);
      return run<Row>(sql, { ...params, tenant });
    },
  });
}
