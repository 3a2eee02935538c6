import type { LearnedEvent } from './learned-event.ts';
import { MEASURE_NAMES, type Measure, type Sums } from './measures.ts';
import type { SessionState } from './session-state.ts';
import { type Amount, emptyAmount, learnAmount } from './statistics/amount.ts';
import { addDecayed, type Decayed, emptyDecayed, remaining, valueAt } from './statistics/decay.ts';
import { emptyFamiliarSet, type FamiliarSet, learnFamiliar } from './statistics/familiar-set.ts';
import { emptyHourlyCount, HOUR_MS, type HourlyCount, learnHour } from './statistics/hourly-count.ts';
import type { Knowledge } from './verdict.ts';

export const DAY_MS = 24 * HOUR_MS;

export interface BaselineSettings {
  /** Age at which an observation counts half, in event time. */
  readonly halfLifeMs: number;
  /** Offset of the tenant's clock from UTC; hours of the week follow it. */
  readonly zoneOffsetMs: number;
}

export const DEFAULT_BASELINE_SETTINGS: BaselineSettings = { halfLifeMs: 14 * DAY_MS, zoneOffsetMs: 0 };

/** Kinds of things an agent can be familiar with, and how many of each are remembered. */
export const FAMILIAR_MAX = { endpoints: 256, tools: 256, destinations: 512, hosts: 256, resources: 512 } as const;
export type FamiliarKind = keyof typeof FAMILIAR_MAX;
export const FAMILIAR_KINDS = Object.keys(FAMILIAR_MAX) as FamiliarKind[];

/** What is normal for one agent. Changes only by learning; scoring reads it. */
export interface Baseline {
  readonly familiar: Record<FamiliarKind, FamiliarSet>;
  readonly hourly: HourlyCount;
  /** Amounts per session, per hour and per day. */
  readonly perSession: Record<Measure, Amount>;
  readonly perHour: Record<Measure, Amount>;
  readonly perDay: Record<Measure, Amount>;
  readonly resourcesPerSession: Amount;
  /** Learned sessions, and days watched: their ratio is the rate of sessions. */
  readonly sessions: Decayed;
  readonly days: Decayed;
  sessionsEver: number;
  eventsEver: number;
  /** Releases seen, oldest first, and when one joined others: novelty is expected for a while after that. */
  readonly releases: string[];
  releasedMs: number;
  firstMs: number;
  lastMs: number;
  /** Position of the newest record that went in: names this baseline in alerts. */
  position: number;
}

const amounts = (): Record<Measure, Amount> =>
  Object.fromEntries(MEASURE_NAMES.map((measure) => [measure, emptyAmount()])) as Record<Measure, Amount>;

export const emptyBaseline = (): Baseline => ({
  familiar: Object.fromEntries(FAMILIAR_KINDS.map((kind) => [kind, emptyFamiliarSet()])) as Record<
    FamiliarKind,
    FamiliarSet
  >,
  hourly: emptyHourlyCount(),
  perSession: amounts(),
  perHour: amounts(),
  perDay: amounts(),
  resourcesPerSession: emptyAmount(),
  sessions: emptyDecayed(),
  days: emptyDecayed(),
  sessionsEver: 0,
  eventsEver: 0,
  releases: [],
  releasedMs: 0,
  firstMs: 0,
  lastMs: 0,
  position: -1,
});

export function learnEvent(baseline: Baseline, event: LearnedEvent, settings: BaselineSettings): void {
  const { familiar } = baseline;
  const { halfLifeMs } = settings;
  const discovering = baseline.sessionsEver >= WARMING_SESSIONS;
  const learn = (kind: FamiliarKind, key: string) =>
    learnFamiliar(familiar[kind], key, event.timeMs, { halfLifeMs, itemsMax: FAMILIAR_MAX[kind], discovering });
  learn('endpoints', event.endpoint);
  learn('tools', event.tool);
  for (const destination of event.destinations) learn('destinations', destination);
  for (const host of event.hosts) learn('hosts', host);
  for (const resource of event.resources) learn('resources', resource);
  if (baseline.eventsEver === 0) baseline.firstMs = event.timeMs;
  baseline.eventsEver += 1;
  baseline.lastMs = Math.max(baseline.lastMs, event.timeMs);
}

/** Learns what only a whole session shows. Its events have been learned one by one before. */
export function learnSession(baseline: Baseline, session: Readonly<SessionState>, settings: BaselineSettings): void {
  const { lastMs } = session;
  for (const measure of MEASURE_NAMES) {
    learnAmount(baseline.perSession[measure], session.sums[measure], lastMs, settings.halfLifeMs);
  }
  learnAmount(baseline.resourcesPerSession, session.resources.size, lastMs, settings.halfLifeMs);
  addDecayed(baseline.sessions, 1, lastMs, settings.halfLifeMs);
  baseline.sessionsEver += 1;
  baseline.position = Math.max(baseline.position, session.lastPosition);
}

/** Learns one finished hour; quiet hours come as zeros. */
export function learnHourSums(
  baseline: Baseline,
  sums: Readonly<Sums>,
  hourMs: number,
  settings: BaselineSettings,
): void {
  learnHour(baseline.hourly, sums.events, hourMs, settings.zoneOffsetMs, settings.halfLifeMs);
  for (const measure of MEASURE_NAMES)
    learnAmount(baseline.perHour[measure], sums[measure], hourMs, settings.halfLifeMs);
}

/** Learns one finished day. */
export function learnDaySums(
  baseline: Baseline,
  sums: Readonly<Sums>,
  dayMs: number,
  settings: BaselineSettings,
): void {
  for (const measure of MEASURE_NAMES) learnAmount(baseline.perDay[measure], sums[measure], dayMs, settings.halfLifeMs);
  addDecayed(baseline.days, 1, dayMs, settings.halfLifeMs);
}

/** Learned sessions, decayed: the sample behind every judgement. */
export const sessionCount = (baseline: Readonly<Baseline>, nowMs: number, settings: BaselineSettings): number =>
  valueAt(baseline.sessions, nowMs, settings.halfLifeMs);

/** Sessions after which the baseline speaks with its full voice. */
export const READY_SESSIONS = 20;
const WARMING_SESSIONS = 5;

export function knowledgeOf(baseline: Readonly<Baseline>, nowMs: number, settings: BaselineSettings): Knowledge {
  if (baseline.sessionsEver < WARMING_SESSIONS) return 'cold';
  if (nowMs - baseline.lastMs > settings.halfLifeMs) return 'stale';
  return baseline.sessionsEver < READY_SESSIONS ? 'warming' : 'ready';
}

/** Prior for the rate of sessions: one agent-day with this many. */
const PRIOR_SESSIONS_PER_DAY = 4;

export function sessionsPerDay(baseline: Readonly<Baseline>, nowMs: number, settings: BaselineSettings): number {
  // Both counts shrink alike with age, so only the prior day needs to be weighed against them.
  // Never quite 0: an agent without a past has nothing but the prior, and 0 / 0 would let it pass every limit.
  const fade = Math.max(Number.MIN_VALUE, remaining(nowMs - baseline.lastMs, settings.halfLifeMs));
  const sessions = valueAt(baseline.sessions, nowMs, settings.halfLifeMs);
  const days = valueAt(baseline.days, nowMs, settings.halfLifeMs);
  return (sessions + PRIOR_SESSIONS_PER_DAY * fade) / (days + fade);
}
