/** Alerts: the list, and one with everything behind it. */

import type { WaitingDelivery } from '../../alerts/delivery.ts';
import { severityId } from '../../baselines/severity.ts';
import { DETECTORS } from '../../detectors/registry.ts';
import { callerOf } from '../auth.ts';
import { Problem } from '../problems.ts';
import { alertChanges } from '../queries/alert-changes.ts';
import { alertDeliveries } from '../queries/alert-deliveries.ts';
import { alertHits } from '../queries/alert-hits.ts';
import { findAlert } from '../queries/find-alert.ts';
import { listAlerts } from '../queries/list-alerts.ts';
import {
  type AlertDetailBody,
  AlertDetailSchema,
  AlertSchema,
  AlertState,
  type WaitingBody,
} from '../schemas/alert.ts';
import {
  AgentId,
  group,
  Identifier,
  maybe,
  oneOf,
  PAGE_LIMIT_DEFAULT,
  PageQuery,
  PROBLEM_RESPONSES,
  page,
  SeverityFilter,
  TimeFilter,
} from '../schemas/common.ts';
import type { TenantReader } from '../tenant-reader.ts';
import { formatTime } from '../time.ts';
import { type ApiApp, type RouteDeps, readerFor, timeRange } from './route.ts';

/** A name that no detector has would list nothing, and look like good news. */
const DetectorName = oneOf(
  DETECTORS.map(({ name }) => name),
  'Name of a detector',
);

const listSchema = {
  operationId: 'listAlerts',
  tags: ['alerts'],
  summary: 'Alerts, newest first',
  querystring: group({
    agent: maybe(AgentId),
    detector: maybe(DetectorName),
    severity: maybe(SeverityFilter),
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
async function alertDetail(
  tenant: TenantReader,
  id: string,
  waiting: WaitingDelivery[] | undefined,
): Promise<AlertDetailBody> {
  const alert = await findAlert(tenant, id);
  if (!alert) throw new Problem('not_found', 'There is no such alert.', { field: 'id' });
  const hits = await alertHits(tenant, id);
  const changes = await alertChanges(tenant, id);
  const deliveries = await alertDeliveries(tenant, id);
  return { ...alert, hits, changes, deliveries, ...(waiting !== undefined && { waiting: waiting.map(toWaiting) }) };
}

const toWaiting = ({ playbook, target, notBeforeMs }: WaitingDelivery): WaitingBody => ({
  playbook,
  target,
  ...(notBeforeMs !== undefined && { not_before: formatTime(notBeforeMs) }),
});

export function alertRoutes(app: ApiApp, deps: RouteDeps): void {
  app.get('/v1/alerts', { config: { scope: 'read' }, schema: listSchema }, async (request) => {
    const { agent, detector, severity, state, limit = PAGE_LIMIT_DEFAULT, cursor } = request.query;
    const lowest = severity === undefined ? undefined : severityId(severity);
    const filter = { agent, detector, severity: lowest, state, ...timeRange(request.query) };
    return listAlerts(readerFor(deps, request), filter, limit, cursor);
  });

  app.get('/v1/alerts/:id', { config: { scope: 'read' }, schema: detailSchema }, (request) => {
    const { id } = request.params;
    return alertDetail(readerFor(deps, request), id, deps.waiting?.(callerOf(request).tenant, id));
  });
}
