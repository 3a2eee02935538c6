/** One row of the `alerts` view, shared by the list and the single alert. */

import { severityName } from '../../baselines/severity.ts';
import type { AlertState, Disposition } from '../../ingest/log.ts';
import type { AlertBody } from '../schemas/alert.ts';
import { formatTime } from '../time.ts';

export const ALERT_COLUMNS = `alert_id, agent, agent_kind, detector, subject, hits, severity, score, p, title, why, tags,
  backfill, sessions, state, disposition, changed_by, note, toUnixTimestamp64Milli(first_seen) AS first_seen_ms,
  toUnixTimestamp64Milli(last_seen) AS last_seen_ms, toUnixTimestamp64Milli(changed) AS changed_ms`;

type Whole = number | string;

export interface AlertRow {
  alert_id: string;
  agent: string;
  agent_kind: string;
  detector: string;
  subject: string;
  hits: Whole;
  severity: Whole;
  score: number;
  p: number;
  title: string;
  why: string;
  tags: string[];
  backfill: Whole;
  sessions: Whole;
  state: AlertState;
  disposition: Disposition | '';
  changed_by: string;
  note: string;
  first_seen_ms: Whole;
  last_seen_ms: Whole;
  /** 0: no change was recorded. */
  changed_ms: Whole;
}

export function toAlert(row: AlertRow): AlertBody {
  const severity = Number(row.severity);
  return {
    id: row.alert_id,
    agent: row.agent,
    ...(row.agent_kind !== '' && { agent_kind: row.agent_kind }),
    detector: row.detector,
    subject: row.subject,
    severity: severityName(severity),
    severity_id: severity,
    state: row.state,
    ...(row.disposition !== '' && { disposition: row.disposition }),
    title: row.title,
    why: row.why,
    score: Number(row.score),
    p: Number(row.p),
    hit_count: Number(row.hits),
    session_count: Number(row.sessions),
    tags: row.tags,
    backfill: Number(row.backfill) !== 0,
    first_seen: formatTime(row.first_seen_ms),
    last_seen: formatTime(row.last_seen_ms),
    ...(Number(row.changed_ms) > 0 && { changed: formatTime(row.changed_ms), changed_by: row.changed_by }),
    ...(row.note !== '' && { note: row.note }),
  };
}
