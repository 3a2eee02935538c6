/**
 * The agents of a tenant, in the order of their ids: that order does not change while the agents act. Reads narrow columns of
 * the whole log of the tenant; `sessions` is an estimate (HyperLogLog-like, within about 1 %).
 */

import type { Knowledge } from '../../baselines/verdict.ts';
import { OF_THE_LOG } from '../../ingest/log-ends.ts';
import { createCursor, type Page, toPage } from '../cursor.ts';
import type { AgentBody } from '../schemas/agent.ts';
import type { TenantReader } from '../tenant-reader.ts';
import { formatTime } from '../time.ts';
import { conditions } from './conditions.ts';
import { openAlertCounts } from './open-alert-counts.ts';

export interface AgentFilter {
  readonly kind?: string | undefined;
}

interface AgentRow {
  agent: string;
  peer_group: string;
  known: Knowledge | '';
  events: number | string;
  sessions: number | string;
  first_ms: number | string;
  last_ms: number | string;
}

const cursors = createCursor('agents', ['text']);

function toAgent(row: AgentRow, openAlerts: number): AgentBody {
  return {
    id: row.agent,
    ...(row.peer_group !== '' && { kind: row.peer_group }),
    events: Number(row.events),
    sessions: Number(row.sessions),
    first_seen: formatTime(row.first_ms),
    last_seen: formatTime(row.last_ms),
    ...(row.known !== '' && { knowledge: row.known }),
    open_alerts: openAlerts,
  };
}

export async function listAgents(
  tenant: TenantReader,
  filter: AgentFilter,
  limit: number,
  cursor: string | undefined,
): Promise<Page<AgentBody>> {
  const after = cursor === undefined ? undefined : cursors.decode(cursor);
  const where = conditions({ after: 'agent > {after:String}' }, { after: after?.[0] });
  const having = conditions({ kind: 'peer_group = {kind:String}' }, filter);
  const sql = `SELECT agent, argMax(agent_kind, (partition, position)) AS peer_group, argMax(knowledge, (partition, position)) AS known, count() AS events,
  uniq(session) AS sessions, toUnixTimestamp64Milli(min(time)) AS first_ms, toUnixTimestamp64Milli(max(time)) AS last_ms
FROM event_log FINAL
WHERE tenant = {tenant:String} AND kind = 'event' AND status NOT IN ('duplicate', 'conflict') AND ${OF_THE_LOG}
  ${where.sql}
GROUP BY agent
HAVING 1 ${having.sql}
ORDER BY agent
LIMIT {rows:UInt32}`;
  const rows = await tenant.query<AgentRow>(sql, { ...where.params, ...having.params, rows: limit + 1 });
  const open = await openAlertCounts(
    tenant,
    rows.map((row) => row.agent),
  );
  const toItem = (row: AgentRow) => toAgent(row, open.get(row.agent) ?? 0);
  return toPage(rows, limit, toItem, (row) => cursors.encode([row.agent]));
}
