/** Reads what followed from verdicts, by key: hits, changes of alerts, dead letters. */
import type { PlacedChange, PlacedHit } from '../../alerts/hit-store.ts';
import type { Store } from '../../store/store.ts';

export interface StoredOutcomes {
  /** Of these hits, those that have no row, and those whose row says something else. */
  hitFaults(hits: readonly PlacedHit[]): Promise<{ missing: PlacedHit[]; altered: PlacedHit[] }>;
  missingChanges(changes: readonly PlacedChange[]): Promise<PlacedChange[]>;
  /** Source positions (`partition:position`) among these that have a dead letter of this tenant, received in a span of time. */
  lettersAt(tenant: string, sources: readonly string[], firstMs: number, lastMs: number): Promise<Set<string>>;
}

/** Keys of one query. */
const CHUNK = 500;

interface HitRow {
  readonly alertId: string;
  readonly eventId: string;
  readonly partition: number;
  readonly position: number;
  readonly timeMs: number;
  readonly agent: string;
  readonly session: string;
  readonly detector: string;
  readonly subject: string;
  readonly opened: number;
  readonly backfill: number;
  readonly severity: number;
  readonly p: number;
  readonly score: number;
}

export const createStoredOutcomes = (store: Pick<Store, 'query'>): StoredOutcomes => ({
  async hitFaults(hits) {
    const missing: PlacedHit[] = [];
    const altered: PlacedHit[] = [];
    for (const [tenant, chunk] of byTenant(hits, ({ entry }) => entry.tenant)) {
      const alerts = [...new Set(chunk.map(({ hit }) => hit.alertId))];
      const events = [...new Set(chunk.map(({ entry }) => entry.event.id))];
      const rows = await store.query<HitRow>(HITS, { tenant, alerts, events });
      const facts = new Map(rows.map((row) => [hitKey(row.alertId, row.eventId), factsOf(row)]));
      for (const one of chunk) {
        const stored = facts.get(hitKey(one.hit.alertId, one.entry.event.id));
        if (stored === undefined) missing.push(one);
        else if (stored !== factsOf(rowOf(one))) altered.push(one);
      }
    }
    return { missing, altered };
  },
  async missingChanges(changes) {
    const missing: PlacedChange[] = [];
    for (const [tenant, chunk] of byTenant(changes, ({ change }) => change.tenant)) {
      const alerts = [...new Set(chunk.map(({ change }) => change.alertId))];
      const rows = await store.query<{ key: string }>(CHANGES, { tenant, alerts });
      const there = new Set(rows.map(({ key }) => key));
      missing.push(...chunk.filter((one) => !there.has(`${one.change.alertId} ${one.partition}:${one.position}`)));
    }
    return missing;
  },
  async lettersAt(tenant, sources, firstMs, lastMs) {
    const found = new Set<string>();
    for (let i = 0; i < sources.length; i += CHUNK) {
      const params = { tenant, sources: sources.slice(i, i + CHUNK), firstMs, lastMs };
      for (const { place } of await store.query<{ place: string }>(LETTERS, params)) found.add(place);
    }
    return found;
  },
});

function* byTenant<T>(all: readonly T[], tenantOf: (one: T) => string): Generator<[string, T[]]> {
  const tenants = new Map<string, T[]>();
  for (const one of all) {
    const own = tenants.get(tenantOf(one));
    if (own === undefined) tenants.set(tenantOf(one), [one]);
    else own.push(one);
  }
  for (const [tenant, own] of tenants) {
    for (let i = 0; i < own.length; i += CHUNK) yield [tenant, own.slice(i, i + CHUNK)];
  }
}

const hitKey = (alert: string, event: string): string => `${alert} ${event}`;

/** What of a hit is compared: where it stands, what it is about, how bad it is. Texts follow from these. */
const rowOf = ({ hit, session, backfill, partition, position, entry }: PlacedHit): HitRow => ({
  alertId: hit.alertId,
  eventId: entry.event.id,
  partition,
  position,
  timeMs: entry.event.time,
  agent: entry.event.agent.id,
  session,
  detector: hit.detector,
  subject: hit.subject,
  opened: hit.opened ? 1 : 0,
  backfill: backfill ? 1 : 0,
  severity: hit.severity,
  p: hit.p,
  score: hit.score,
});

/** 64-bit numbers come as text from some engines. */
const factsOf = (row: HitRow): string =>
  JSON.stringify([
    ...[row.partition, row.position, row.timeMs, row.opened, row.backfill, row.severity, row.p, row.score].map(Number),
    ...[row.agent, row.session, row.detector, row.subject],
  ]);

const HITS = `
  SELECT alert_id AS alertId, event_id AS eventId, partition, position, toUnixTimestamp64Milli(time) AS timeMs, agent, session,
    detector, subject, opened, backfill, severity, p, score
  FROM alert_hits FINAL
  WHERE tenant = {tenant:String} AND alert_id IN {alerts:Array(String)} AND event_id IN {events:Array(String)}`;

const CHANGES = `
  SELECT concat(alert_id, ' ', toString(partition), ':', toString(position)) AS key FROM alert_changes FINAL
  WHERE tenant = {tenant:String} AND alert_id IN {alerts:Array(String)}`;

// Rows are ordered by tenant and receipt, so the span keeps this from reading all letters there are.
const LETTERS = `
  SELECT DISTINCT source_position AS place FROM dead_letters
  WHERE tenant = {tenant:String} AND received >= fromUnixTimestamp64Milli({firstMs:Int64})
    AND received <= fromUnixTimestamp64Milli({lastMs:Int64})
    AND source = 'log' AND source_position IN {sources:Array(String)}`;
