/** The hits of one alert in log order. */

import { severityName } from '../../baselines/severity.ts';
import type { Reason } from '../../baselines/verdict.ts';
import { OF_THE_LOG } from '../../ingest/log-ends.ts';
import type { HitBody } from '../schemas/alert.ts';
import type { TenantReader } from '../tenant-reader.ts';
import { formatTime } from '../time.ts';

export const HITS_MAX = 200;

const SQL = `SELECT event_id, session, opened, severity, score, p, title, why, reason, tags,
  toUnixTimestamp64Milli(time) AS time_ms
FROM alert_hits FINAL
WHERE tenant = {tenant:String} AND alert_id = {alert:String} AND ${OF_THE_LOG}
ORDER BY partition, position, event_id
LIMIT ${HITS_MAX}`;

interface HitRow {
  event_id: string;
  session: string;
  opened: number | string;
  severity: number | string;
  score: number;
  p: number;
  title: string;
  why: string;
  reason: string;
  tags: string[];
  time_ms: number | string;
}

function toReason(json: string): Pick<HitBody, 'reason'> {
  if (json === '') return {};
  const { chain, ...rest } = JSON.parse(json) as Reason;
  return { reason: { ...rest, chain: chain.map(({ event, role }) => ({ event, role })) } };
}

function toHit(row: HitRow): HitBody {
  const severity = Number(row.severity);
  return {
    event: row.event_id,
    time: formatTime(row.time_ms),
    session: row.session,
    opened: Number(row.opened) !== 0,
    severity: severityName(severity),
    severity_id: severity,
    score: Number(row.score),
    p: Number(row.p),
    title: row.title,
    why: row.why,
    ...toReason(row.reason),
    tags: row.tags,
  };
}

export async function alertHits(tenant: TenantReader, alert: string): Promise<HitBody[]> {
  return (await tenant.query<HitRow>(SQL, { alert })).map(toHit);
}
