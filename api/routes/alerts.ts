/** Alerts: the list, and one with everything behind it. */

import { Problem } from '../problems.ts';
import { alertChanges } from '../queries/alert-changes.ts';
import { alertDeliveries } from '../queries/alert-deliveries.ts';
import { alertHits } from '../queries/alert-hits.ts';
import { findAlert } from '../queries/find-alert.ts';
import { listAlerts } from '../queries/list-alerts.ts';
import { type AlertDetailBody, AlertDetailSchema, AlertSchema, AlertState } from '../schemas/alert.ts';
import {
  AgentId,
  group,
  Identifier,
  maybe,
  PAGE_LIMIT_DEFAULT,
  PageQuery,
  PROBLEM_RESPONSES,
  page,
  Severity,
  TimeFilter,
} from '../schemas/common.ts';
import { severityId } from '../severity.ts';
import type { TenantReader } from '../tenant-reader.ts';
import { type ApiApp, type RouteDeps, readerFor, timeRange } from './route.ts';

const listSchema = {
  operationId: 'listAlerts',
  tags: ['alerts'],
  summary: 'Alerts, newest first',
  querystring: group({
    agent: maybe(AgentId),
    detector: maybe(Identifier),
    severity: maybe(Severity),
    state: maybe(AlertState),
    since: maybe(TimeFilter),
    until: maybe(TimeFilter),
    ...PageQuery,
  }),
  response: { 200: page(AlertSchema), ...PROBLEM_RESPONSES },
};

const detailSchema = {
  operationId: 'getAlert',
  tags: ['alerts'],
  summary: 'One alert with its hits, changes and deliveries',
  params: group({ id: Identifier }),
  response: { 200: AlertDetailSchema, ...PROBLEM_RESPONSES },
};

/** One statement after the other: a reader must not take four places of the query limit. */
async function alertDetail(tenant: TenantReader, id: string): Promise<AlertDetailBody> {
  const alert = await findAlert(tenant, id);
  if (!alert) throw new Problem('not_found', 'There is no such alert.', { field: 'id' });
  const hits = await alertHits(tenant, id);
  const changes = await alertChanges(tenant, id);
  return { ...alert, hits, changes, deliveries: await alertDeliveries(tenant, id) };
}

export function alertRoutes(app: ApiApp, deps: RouteDeps): void {
  app.get('/v1/alerts', { config: { scope: 'read' }, schema: listSchema }, async (request) => {
    const { agent, detector, severity, state, limit = PAGE_LIMIT_DEFAULT, cursor } = request.query;
    const lowest = severity === undefined ? undefined : severityId(severity);
    const filter = { agent, detector, severity: lowest, state, ...timeRange(request.query) };
    return listAlerts(readerFor(deps, request), filter, limit, cursor);
  });

  app.get('/v1/alerts/:id', { config: { scope: 'read' }, schema: detailSchema }, (request) =>
    alertDetail(readerFor(deps, request), request.params.id),
  );
}
