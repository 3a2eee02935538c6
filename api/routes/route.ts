/** What every file of routes gets, and the type of the app it adds them to. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import { callerOf } from '../auth.ts';
import type { ApiMetrics } from '../metrics.ts';
import type { ApiDeps } from '../ports.ts';
import type { TenantReader } from '../tenant-reader.ts';
import { parseTime } from '../time.ts';

export type ApiApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

export interface RouteDeps extends ApiDeps {
  readonly metrics: ApiMetrics;
  readonly readerOf: (tenant: string) => TenantReader;
}

/** The store as the caller of this request may see it. */
export function readerFor(deps: RouteDeps, request: Pick<FastifyRequest, 'identity'>): TenantReader {
  return deps.readerOf(callerOf(request).tenant);
}

/** `since` and `until` of a query string in epoch ms. */
export function timeRange(query: { since?: string; until?: string }): {
  since: number | undefined;
  until: number | undefined;
} {
  return {
    since: query.since === undefined ? undefined : parseTime(query.since, 'since'),
    until: query.until === undefined ? undefined : parseTime(query.until, 'until'),
  };
}
