/**
 * Alerts, newest first by when they opened: that never moves while further hits fold in, so a walk through the pages
 * misses none. `since` and `until` keep alerts that were active in that time.
 */
import type { AlertState } from '../../ingest/log.ts';
import { createCursor, type Page, toPage } from '../cursor.ts';
import type { AlertBody } from '../schemas/alert.ts';
import type { TenantReader } from '../tenant-reader.ts';
import { ALERT_COLUMNS, type AlertRow, toAlert } from './alert-row.ts';
import { conditions } from './conditions.ts';

export interface AlertFilter {
  readonly agent?: string | undefined;
  readonly detector?: string | undefined;
  /** Lowest severity shown, 1..5. */
  readonly severity?: number | undefined;
  readonly state?: AlertState | undefined;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

const FILTERS = {
  agent: 'agent = {agent:String}',
  detector: 'detector = {detector:String}',
  severity: 'severity >= {severity:UInt8}',
  state: 'state = {state:String}',
  since: 'last_seen >= fromUnixTimestamp64Milli({since:Int64})',
  until: 'first_seen < fromUnixTimestamp64Milli({until:Int64})',
} as const;

const AFTER = 'AND (first_seen, alert_id) < (fromUnixTimestamp64Milli({after_ms:Int64}), {after_id:String})';
const cursors = createCursor('alerts', ['integer', 'text']);

export async function listAlerts(
  tenant: TenantReader,
  filter: AlertFilter,
  limit: number,
  cursor: string | undefined,
): Promise<Page<AlertBody>> {
  const where = conditions(FILTERS, filter);
  const after = cursor === undefined ? undefined : cursors.decode(cursor);
  const sql = `SELECT ${ALERT_COLUMNS}
FROM alerts
WHERE tenant = {tenant:String}
  ${where.sql}
  ${after ? AFTER : ''}
ORDER BY first_seen DESC, alert_id DESC
LIMIT {rows:UInt32}`;
  const params = { ...where.params, rows: limit + 1, ...(after && { after_ms: after[0], after_id: after[1] }) };
  const rows = await tenant.query<AlertRow>(sql, params);
  return toPage(rows, limit, toAlert, (row) => cursors.encode([Number(row.first_seen_ms), row.alert_id]));
}
