/**
 * Stored events, newest first. The page is found on narrow columns; only its rows then read the wide ones. The `events` view
 * is not used: its LIMIT BY would keep the filters from reaching the table.
 */

import { EVENT_LIMITS } from '../../ingest/event.ts';
import { OF_THE_LOG } from '../../ingest/log-ends.ts';
import { createCursor, type Page, toPage } from '../cursor.ts';
import type { StoredEventBody } from '../schemas/event.ts';
import type { TenantReader } from '../tenant-reader.ts';
import { formatTime } from '../time.ts';
import { conditions } from './conditions.ts';

export interface EventFilter {
  readonly agent?: string | undefined;
  readonly session?: string | undefined;
  readonly alert?: string | undefined;
  readonly minScore?: number | undefined;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

const FILTERS = {
  agent: 'agent = {agent:String}',
  session: 'session = {session:String}',
  alert: 'has(alert_ids, {alert:String})',
  minScore: 'score >= {minScore:Float64}',
  since: 'time >= fromUnixTimestamp64Milli({since:Int64})',
  // An event is refused when its time is further ahead of receipt than this, so older months need not be read.
  receivedSince: 'received >= fromUnixTimestamp64Milli({receivedSince:Int64})',
  until: 'time < fromUnixTimestamp64Milli({until:Int64})',
} as const;

const AFTER =
  'AND (time, id, agent) < (fromUnixTimestamp64Milli({after_ms:Int64}), {after_id:String}, {after_agent:String})';
const VISIBLE = `tenant = {tenant:String} AND kind = 'event' AND status NOT IN ('duplicate', 'conflict') AND ${OF_THE_LOG}`;
const cursors = createCursor('events', ['integer', 'text', 'text']);

interface EventRow {
  id: string;
  time_ms: number | string;
  received_ms: number | string;
  agent: string;
  agent_kind: string;
  session: string;
  status: string;
  flags: string[];
  knowledge: string;
  known_sessions: number;
  known_events: number;
  score: number;
  detectors: Record<string, number>;
  alert_ids: string[];
  record: string;
  content?: string;
}

function eventsSql(where: string, after: boolean, withContent: boolean): string {
  return `SELECT id, toUnixTimestamp64Milli(time) AS time_ms, toUnixTimestamp64Milli(received) AS received_ms, agent, agent_kind,
  session, status, flags, knowledge, known_sessions, known_events, score, detectors, alert_ids, record${withContent ? ', content' : ''}
FROM event_log FINAL
WHERE ${VISIBLE} AND (partition, position) IN (
  SELECT partition, position
  FROM event_log FINAL
  WHERE ${VISIBLE}
    ${where}
    ${after ? AFTER : ''}
  ORDER BY time DESC, id DESC, agent DESC
  LIMIT 1 BY id, agent
  LIMIT {rows:UInt32}
)
ORDER BY time DESC, id DESC, agent DESC`;
}

function toRecord(row: EventRow): Pick<StoredEventBody, 'event'> {
  if (row.record === '') return {};
  return { event: { ...(JSON.parse(row.record) as object), time: formatTime(row.time_ms) } };
}

function toEvent(row: EventRow): StoredEventBody {
  return {
    id: row.id,
    time: formatTime(row.time_ms),
    received: formatTime(row.received_ms),
    agent: row.agent,
    ...(row.agent_kind !== '' && { agent_kind: row.agent_kind }),
    session: row.session,
    status: row.status,
    flags: row.flags,
    ...(row.knowledge !== '' && {
      knowledge: row.knowledge,
      known: { sessions: Number(row.known_sessions), events: Number(row.known_events) },
    }),
    score: Number(row.score),
    detectors: row.detectors,
    alerts: row.alert_ids,
    ...toRecord(row),
    ...(row.content && { content: JSON.parse(row.content) as NonNullable<StoredEventBody['content']> }),
  };
}

export async function listEvents(
  tenant: TenantReader,
  filter: EventFilter,
  limit: number,
  cursor: string | undefined,
  withContent: boolean,
): Promise<Page<StoredEventBody>> {
  const receivedSince = filter.since === undefined ? undefined : filter.since - EVENT_LIMITS.timeAheadMsMax;
  const where = conditions(FILTERS, { ...filter, receivedSince });
  const after = cursor === undefined ? undefined : cursors.decode(cursor);
  const params = {
    ...where.params,
    rows: limit + 1,
    ...(after && { after_ms: after[0], after_id: after[1], after_agent: after[2] }),
  };
  const rows = await tenant.query<EventRow>(eventsSql(where.sql, after !== undefined, withContent), params);
  return toPage(rows, limit, toEvent, (row) => cursors.encode([Number(row.time_ms), row.id, row.agent]));
}
