import { emptyFamiliar, type Familiar, learnFamiliar } from './familiarity.ts';
import type { LearnedEvent } from './learned-event.ts';
import { MEASURE_NAMES, type Measure, ofMeasure, passedOn, type Sums } from './measures.ts';
import { DAY_MS } from './periods.ts';
import { learnRequest, type Requests } from './requests.ts';
import type { SessionState } from './session-state.ts';
import { type Amount, emptyAmount, emptyMoments, learnAmount, logMoments } from './statistics/amount.ts';
import { type DailyGrowth, emptyDailyGrowth, learnDay } from './statistics/daily-growth.ts';
import { addDecayed, type Decayed, emptyDecayed, valueAt } from './statistics/decay.ts';
import {
  countEvents,
  emptyForgottenRate,
  type ForgottenRate,
  rateAt,
  skipUntil,
  watchUntil,
} from './statistics/forgotten-rate.ts';
import { emptyRotatingFilter, type RotatingFilter, remember } from './statistics/rotating-filter.ts';
import { emptySeasonalCount, learnCount, predictCount, type SeasonalCount } from './statistics/seasonal-count.ts';
import { emptyTransitions, isKnownTransition, learnTransition, type Transitions } from './statistics/transitions.ts';
import { emptyRamp, learnRampHour, type Ramp } from './statistics/two-horizon.ts';
import type { Knowledge } from './verdict.ts';

export interface BaselineSettings {
  /** Age at which an observation counts half, in event time. */
  readonly halfLifeMs: number;
  /** Offset of a tenant's clock from UTC at an instant, ms; hours of the week follow it. */
  readonly zoneOffset: (tenant: string, tMs: number) => number;
}

export const DEFAULT_BASELINE_SETTINGS: BaselineSettings = { halfLifeMs: 14 * DAY_MS, zoneOffset: () => 0 };

/** Kinds of things an agent can be familiar with, and how many of each are remembered. */
export const FAMILIAR_MAX = { endpoints: 256, tools: 256, destinations: 512, hosts: 256, resources: 512 } as const;
export type FamiliarKind = keyof typeof FAMILIAR_MAX;
export const FAMILIAR_KINDS = Object.keys(FAMILIAR_MAX) as FamiliarKind[];

/** Bounds of the table of transitions; beyond them the least used leave. */
const TRANSITIONS_MAX = { pairsMax: 256, toolsMax: 128 };

/** What is normal for one agent. Changes only by learning; scoring reads it. */
export interface Baseline {
  readonly familiar: Record<FamiliarKind, Familiar>;
  readonly hourly: SeasonalCount;
  /** What it did in the last days against what the weeks before led to expect: events by hours, everything else by days. */
  readonly ramp: Ramp;
  readonly growth: Record<Exclude<Measure, 'events'>, DailyGrowth>;
  /** Amounts per session, per hour and per day. */
  readonly perSession: Record<Measure, Amount>;
  readonly perHour: Record<Measure, Amount>;
  readonly perDay: Record<Measure, Amount>;
  readonly resourcesPerSession: Amount;
  /** Bytes per session that were read and can have been passed on. */
  readonly passedOn: Amount;
  /** Which tool follows which within a session. */
  readonly transitions: Transitions;
  /** Which acts followed which requests. */
  requests: Requests;
  /** Tokens of what it has acted on. */
  readonly values: RotatingFilter;
  /** Learned sessions: the sample behind every judgement; and how many come in an hour. */
  readonly sessions: Decayed;
  readonly sessionRate: ForgottenRate;
  sessionsEver: number;
  eventsEver: number;
  /** Releases and models seen, oldest first, and when one joined others: novelty is expected for a while after that. */
  readonly releases: string[];
  readonly models: string[];
  releasedMs: number;
  firstMs: number;
  lastMs: number;
  /** Position of the newest record that went in: names this baseline in alerts. */
  position: number;
}

/** Measures whose slow growth is watched by the day. */
const DAILY = MEASURE_NAMES.filter((measure) => measure !== 'events');

const amounts = (empty: () => Amount): Record<Measure, Amount> =>
  Object.fromEntries(MEASURE_NAMES.map((measure) => [measure, empty()])) as Record<Measure, Amount>;

export const emptyBaseline = (): Baseline => ({
  familiar: Object.fromEntries(FAMILIAR_KINDS.map((kind) => [kind, emptyFamiliar()])) as Record<FamiliarKind, Familiar>,
  hourly: emptySeasonalCount(),
  ramp: emptyRamp(),
  growth: Object.fromEntries(DAILY.map((measure) => [measure, emptyDailyGrowth()])) as Baseline['growth'],
  perSession: amounts(emptyAmount),
  perHour: amounts(emptyAmount),
  perDay: amounts(emptyMoments),
  resourcesPerSession: emptyAmount(),
  passedOn: emptyAmount(),
  transitions: emptyTransitions(),
  requests: new Map(),
  values: emptyRotatingFilter(),
  sessions: emptyDecayed(),
  sessionRate: emptyForgottenRate(),
  sessionsEver: 0,
  eventsEver: 0,
  releases: [],
  models: [],
  releasedMs: 0,
  firstMs: 0,
  lastMs: 0,
  position: -1,
});

export function learnEvent(baseline: Baseline, event: LearnedEvent, settings: BaselineSettings): void {
  const { familiar } = baseline;
  const { halfLifeMs } = settings;
  const settled = baseline.sessionsEver >= WARMING_SESSIONS;
  const learn = (kind: FamiliarKind, key: string) =>
    learnFamiliar(familiar[kind], key, event.timeMs, { halfLifeMs, itemsMax: FAMILIAR_MAX[kind], settled });
  learn('endpoints', event.endpoint);
  learn('tools', event.tool);
  if (event.type !== 'model_call')
    learnTransition(baseline.transitions, nameOf(event.after), nameOf(event.tool), event.timeMs, {
      halfLifeMs,
      ...TRANSITIONS_MAX,
      settled,
    });
  for (const destination of event.destinations) learn('destinations', destination);
  for (const host of event.hosts) learn('hosts', host);
  for (const resource of event.resources) learn('resources', resource);
  for (const token of event.values) remember(baseline.values, token);
  if (baseline.eventsEver === 0) baseline.firstMs = event.timeMs;
  baseline.eventsEver += 1;
  baseline.lastMs = Math.max(baseline.lastMs, event.timeMs);
}

/** The agent has used `tool` right after `after`, as far as it remembers; names as a `LearnedEvent` has them. */
export const isKnownTurn = ({ transitions }: Readonly<Baseline>, after: string, tool: string): boolean =>
  isKnownTransition(transitions, nameOf(after), nameOf(tool));

/** NUL separates the names of a pair. */
const nameOf = (tool: string): string => (tool.includes('\u0000') ? tool.replaceAll('\u0000', '\ufffd') : tool);

/** Learns what only a whole session shows. Its events have been learned one by one before. */
export function learnSession(baseline: Baseline, session: Readonly<SessionState>, settings: BaselineSettings): void {
  const { lastMs } = session;
  for (const measure of MEASURE_NAMES) {
    learnAmount(ofMeasure(baseline.perSession, measure), ofMeasure(session.sums, measure), lastMs, settings.halfLifeMs);
  }
  learnAmount(baseline.passedOn, passedOn(session.sums), lastMs, settings.halfLifeMs);
  learnAmount(baseline.resourcesPerSession, session.resources.size, lastMs, settings.halfLifeMs);
  const { request } = session.provenance;
  baseline.requests = learnRequest(baseline.requests, request, session.acts, lastMs, settings.halfLifeMs);
  addDecayed(baseline.sessions, 1, lastMs, settings.halfLifeMs);
  // The clock starts with the first day in which a session ended; that day is watched as a whole.
  if (baseline.sessionRate.atMs === 0)
    watchUntil(baseline.sessionRate, lastMs - (lastMs % DAY_MS), settings.halfLifeMs);
  countEvents(baseline.sessionRate, 1, lastMs, settings.halfLifeMs);
  baseline.sessionsEver += 1;
  baseline.position = Math.max(baseline.position, session.lastPosition);
}

/** The long horizon must know the week before the short one is held against it. */
const RAMP_HOURS_MIN = 7 * 24 * 0.8;

/** Learns one finished hour; quiet hours come as zeros. `offsetMs`: of the tenant's clock, in that hour. */
export function learnHourSums(
  baseline: Baseline,
  sums: Readonly<Sums>,
  hourMs: number,
  offsetMs: number,
  settings: BaselineSettings,
): void {
  const { hourly, ramp } = baseline;
  const { mean, dispersion, hours } = predictCount(hourly, hourMs, offsetMs);
  if (hours >= RAMP_HOURS_MIN) learnRampHour(ramp, sums.events, mean, dispersion, hourMs);
  learnCount(hourly, sums.events, hourMs, offsetMs, settings.halfLifeMs);
  for (const measure of MEASURE_NAMES)
    learnAmount(ofMeasure(baseline.perHour, measure), ofMeasure(sums, measure), hourMs, settings.halfLifeMs);
}

/** Learns one finished day. */
export function learnDaySums(
  baseline: Baseline,
  sums: Readonly<Sums>,
  dayMs: number,
  settings: BaselineSettings,
): void {
  const { halfLifeMs } = settings;
  for (const measure of DAILY) {
    // Days without any of it say nothing: most amounts come on some days only.
    if (sums[measure] <= 0) continue;
    const { mean, n } = logMoments(baseline.perDay[measure], dayMs, halfLifeMs);
    learnDay(baseline.growth[measure], sums[measure], { meanLog: mean, days: n }, dayMs, halfLifeMs);
  }
  for (const measure of MEASURE_NAMES) learnAmount(baseline.perDay[measure], sums[measure], dayMs, halfLifeMs);
  // Days that were skipped were not watched.
  skipUntil(baseline.sessionRate, dayMs, halfLifeMs);
  watchUntil(baseline.sessionRate, dayMs + DAY_MS, halfLifeMs);
}

/** Slow growth of a measure: events are watched by the hour, everything else by the day. */
export const rampOf = (baseline: Readonly<Baseline>, measure: Measure): Ramp =>
  measure === 'events' ? baseline.ramp : growthOf(baseline, measure).ramp;

/** Written out, as `ofMeasure`. */
function growthOf({ growth }: Readonly<Baseline>, measure: Exclude<Measure, 'events'>): DailyGrowth {
  switch (measure) {
    case 'rows':
      return growth.rows;
    case 'bytes_received':
      return growth.bytes_received;
    case 'bytes_sent':
      return growth.bytes_sent;
    case 'tokens':
      return growth.tokens;
    case 'cost_micro_usd':
      return growth.cost_micro_usd;
  }
}

/** Learned sessions, decayed: the sample behind every judgement. */
export const sessionCount = (baseline: Readonly<Baseline>, nowMs: number, settings: BaselineSettings): number =>
  valueAt(baseline.sessions, nowMs, settings.halfLifeMs);

/** Sessions after which the baseline speaks with its full voice. */
export const READY_SESSIONS = 20;
export const WARMING_SESSIONS = 5;

/** Known well enough that its state is worth a place in memory before those of agents that have only begun. */
export const isEstablished = ({ sessionsEver }: Readonly<Baseline>): boolean => sessionsEver >= WARMING_SESSIONS;

export function knowledgeOf(baseline: Readonly<Baseline>, nowMs: number, settings: BaselineSettings): Knowledge {
  if (baseline.sessionsEver < WARMING_SESSIONS) return 'cold';
  if (nowMs - baseline.lastMs > settings.halfLifeMs) return 'stale';
  return baseline.sessionsEver < READY_SESSIONS ? 'warming' : 'ready';
}

/** Prior for the rate of sessions: one agent-day with this many. */
const PRIOR_SESSIONS_PER_DAY = 4;

export const sessionsPerDay = (
  { sessionRate }: Readonly<Baseline>,
  nowMs: number,
  { halfLifeMs }: BaselineSettings,
): number => 24 * rateAt(sessionRate, { events: PRIOR_SESSIONS_PER_DAY, hours: 24 }, nowMs, halfLifeMs).perHour;
