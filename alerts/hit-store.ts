import type { Hit } from '../baselines/verdict.ts';
import type { AlertChangeEntry, EventEntry } from '../ingest/log.ts';
import type { Store } from '../store/store.ts';

/** A stored hit with where it stands in the log. */
export interface PlacedHit {
  readonly hit: Hit;
  readonly entry: EventEntry;
  readonly session: string;
  readonly backfill: boolean;
  readonly partition: number;
  readonly position: number;
}

export interface PlacedChange {
  readonly change: AlertChangeEntry;
  readonly partition: number;
  readonly position: number;
}

/** Hits and changes of alerts, append-only; writing one again changes nothing. */
export interface HitStore {
  writeHits(hits: readonly PlacedHit[]): Promise<void>;
  writeChanges(changes: readonly PlacedChange[]): Promise<void>;
}

export const createHitStore = (store: Store): HitStore => ({
  writeHits: (hits) => store.insert('alert_hits', hits.map(hitRow)),
  writeChanges: (changes) => store.insert('alert_changes', changes.map(changeRow)),
});

const hitRow = ({ hit, entry, session, backfill, partition, position }: PlacedHit) => ({
  tenant: entry.tenant,
  alert_id: hit.alertId,
  event_id: entry.event.id,
  partition,
  position,
  time: entry.event.time,
  received: entry.receivedMs,
  agent: entry.event.agent.id,
  agent_kind: entry.event.agent.kind ?? '',
  session,
  detector: hit.detector,
  subject: hit.subject,
  opened: hit.opened ? 1 : 0,
  backfill: backfill ? 1 : 0,
  severity: hit.severity,
  p: hit.p,
  score: hit.score,
  title: hit.title,
  why: hit.why,
  reason: JSON.stringify(hit.reason),
  tags: hit.tags,
});

const changeRow = ({ change, partition, position }: PlacedChange) => ({
  tenant: change.tenant,
  alert_id: change.alertId,
  partition,
  position,
  time: change.receivedMs,
  state: change.state,
  disposition: change.disposition ?? '',
  by: change.by,
  note: change.note ?? '',
});
