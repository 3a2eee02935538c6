/** What follows from verdicts: the hits and changes to store, the dead letters to write, the alerts to tell playbooks of. */
import type { PlacedChange, PlacedHit } from '../alerts/hit-store.ts';
import type { AlertNotice } from '../alerts/notice.ts';
import type { JudgedRecord } from '../baselines/event-log-store.ts';
import { DEAD_LETTER_CODES, type DeadLetter, type DeadLetterCode } from '../ingest/dead-letter.ts';
import type { UnreadableEntry } from '../ingest/log.ts';
import { DEFAULT_TENANT } from './tenant.ts';

export function placedHits({ record, verdict }: JudgedRecord): PlacedHit[] {
  const { entry, partition, position } = record;
  if (entry.kind !== 'event' || verdict === undefined) return [];
  const backfill = verdict.flags.includes('backfill');
  return verdict.hits
    .filter(({ stored }) => stored)
    .map((hit) => ({ hit, entry, session: verdict.session, backfill, partition, position }));
}

export function placedChange({ record }: JudgedRecord): PlacedChange[] {
  const { entry, partition, position } = record;
  return entry.kind === 'disposition' ? [{ change: entry, partition, position }] : [];
}

export function noticesOf(judged: JudgedRecord): AlertNotice[] {
  return placedHits(judged)
    .filter(({ hit }) => hit.opened)
    .map(({ hit, entry, session, backfill }) => ({
      tenant: entry.tenant,
      alertId: hit.alertId,
      time: entry.event.time,
      receivedMs: entry.receivedMs,
      agent: entry.event.agent.id,
      agentKind: entry.event.agent.kind ?? '',
      session,
      detector: hit.detector,
      subject: hit.subject,
      severity: hit.severity,
      p: hit.p,
      score: hit.score,
      title: hit.title,
      why: hit.why,
      reason: hit.reason,
      tags: [...hit.tags],
      eventId: entry.event.id,
      backfill,
    }));
}

const LETTER_CODES: Partial<Record<string, DeadLetterCode>> = { conflict: 'id_conflict', rejected: 'store_rejected' };

/** Events that were accepted into the log and still cannot become a row. */
export function lettersOf(judged: readonly JudgedRecord[]): DeadLetter[] {
  return judged.flatMap(({ record: { entry, partition, position }, verdict }) => {
    if (entry.kind === 'unreadable') return [unreadable(entry, partition, position)];
    const code = LETTER_CODES[verdict?.status ?? ''];
    if (code === undefined || entry.kind !== 'event') return [];
    const raw = Buffer.from(JSON.stringify(entry.event));
    const field = code === 'id_conflict' ? 'id' : '';
    const { tenant, receivedMs } = entry;
    const place = { source: 'log', sourcePosition: `${partition}:${position}` };
    return [{ tenant, receivedMs, code, field, message: DEAD_LETTER_CODES[code], ...place, raw }];
  });
}

/** Whoever wrote it, no tenant can be believed: it goes to the one of whoever runs Picket. */
function unreadable({ receivedMs, raw }: UnreadableEntry, partition: number, position: number): DeadLetter {
  const code = 'log_unreadable';
  const place = { source: 'log', sourcePosition: `${partition}:${position}` };
  return { tenant: DEFAULT_TENANT, receivedMs, code, field: '', message: DEAD_LETTER_CODES[code], ...place, raw };
}
