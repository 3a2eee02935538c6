/**
 * States of format 1, as builds up to 0.1.0 wrote them, lifted into the present form. What that form knows and the old one did not begins
 * empty: quantiles, growth, and how things come back.
 */
import type { AgentState } from './agent-state.ts';
import { FAMILIAR_KINDS, type FamiliarKind } from './baseline.ts';
import { emptyFamiliar, type Familiar } from './familiarity.ts';
import { KeptResults, type ResultSource } from './kept-results.ts';
import type { LearnedEvent } from './learned-event.ts';
import { MEASURE_NAMES, type Measure } from './measures.ts';
import { emptyProvenance, type Provenance } from './provenance.ts';
import type { ResultLog } from './result-log.ts';
import type { SessionState } from './session-state.ts';
import { type Amount, emptyAmount, emptyMoments } from './statistics/amount.ts';
import { type Decayed, valueAt } from './statistics/decay.ts';
import { decodeHeap } from './statistics/decayed-heap.ts';
import type { ForgottenRate } from './statistics/forgotten-rate.ts';
import { emptySeasonalCount, type SeasonalCount } from './statistics/seasonal-count.ts';
import { WaitingEvents } from './waiting-events.ts';

interface OldFamiliar {
  readonly items: ReadonlyMap<string, { readonly count: Decayed; readonly firstMs: number; readonly lastMs: number }>;
  readonly uses: Decayed;
  readonly discoveries: Decayed;
}

interface OldHourly {
  readonly sums: Float64Array;
  readonly hours: Float64Array;
  readonly atMs: number;
  readonly residuals: Decayed;
  readonly judged: Decayed;
}

type OldAmount = Omit<Amount, 'sketch'>;
type OldAmounts = Readonly<Record<Measure, OldAmount>>;

interface OldBaseline {
  readonly familiar: Readonly<Record<FamiliarKind, OldFamiliar>>;
  readonly hourly: OldHourly;
  readonly perSession: OldAmounts;
  readonly perHour: OldAmounts;
  readonly perDay: OldAmounts;
  readonly resourcesPerSession: OldAmount;
  readonly sessions: Decayed;
  readonly days: Decayed;
}

/** Builds of format 1 forgot at this pace unless told otherwise; what is learned from now on follows the setting. */
const HALF_LIFE_MS = 14 * 86_400_000;

interface OldProvenance extends Omit<Provenance, 'addresses' | 'request' | 'results'> {
  /** Token to index in `sources`. */
  readonly results: ReadonlyMap<number, number>;
  readonly sources: readonly ResultSource[];
}

/** @param old the state as its text has it, containers read */
export function liftFormat1<State extends Pick<AgentState, 'baseline' | 'sessions' | 'held'>>(old: State): State {
  const baseline = old.baseline as unknown as OldBaseline;
  const familiar = FAMILIAR_KINDS.map((kind) => [kind, liftFamiliar(baseline.familiar[kind])]);
  return {
    ...old,
    sessions: new Map([...old.sessions].map(([key, session]) => [key, liftSession(session)])),
    held: old.held.map((one) => ({ ...one, session: liftSession(one.session) })),
    baseline: {
      ...old.baseline,
      familiar: Object.fromEntries(familiar) as Record<FamiliarKind, Familiar>,
      hourly: liftHourly(baseline.hourly),
      perSession: liftAmounts(baseline.perSession, emptyAmount),
      perHour: liftAmounts(baseline.perHour, emptyAmount),
      perDay: liftAmounts(baseline.perDay, emptyMoments),
      resourcesPerSession: { ...emptyAmount(), ...baseline.resourcesPerSession },
      sessionRate: liftRate(baseline),
    },
  };
}

/** What was said around the values of an open session is not known. */
function liftSession(session: SessionState): SessionState {
  const { user, context, results, sources, promptSeen } = session.provenance as unknown as OldProvenance;
  return {
    ...session,
    acts: new Set(),
    dismissed: false,
    pending: new WaitingEvents(liftPending(session.pending)),
    provenance: {
      user,
      addresses: emptyProvenance().addresses,
      request: new Set(),
      context,
      promptSeen,
      results: liftResults(results, sources),
    },
  };
}

/** The tool before each, as far as the session still holds it. */
function liftPending(old: Iterable<Omit<LearnedEvent, 'after' | 'values'>>): LearnedEvent[] {
  let after = '';
  return Array.from(old, (event) => {
    const lifted = { ...event, after, values: [] };
    if (event.type !== 'model_call') after = event.tool;
    return lifted;
  });
}

function liftResults(tokens: ReadonlyMap<number, number>, sources: readonly ResultSource[]): ResultLog {
  const inOrder = [...tokens].sort(([, a], [, b]) => a - b).map(([token]) => token);
  const counts = sources.map((_, index) => [...tokens.values()].filter((one) => one === index).length);
  return {
    tokens: Int32Array.from(inOrder),
    wordCounts: new Uint8Array(inOrder.length),
    words: new Uint16Array(0),
    results: new KeptResults(sources.map((source, index) => ({ source, tokens: counts[index] ?? 0, words: 0 }))),
  };
}

function liftRate({ sessions, days }: OldBaseline): ForgottenRate {
  const atMs = Math.max(sessions.atMs, days.atMs);
  return { events: valueAt(sessions, atMs, HALF_LIFE_MS), hours: 24 * valueAt(days, atMs, HALF_LIFE_MS), atMs };
}

const liftAmounts = (old: OldAmounts, empty: () => Amount): Record<Measure, Amount> =>
  Object.fromEntries(MEASURE_NAMES.map((measure) => [measure, { ...empty(), ...old[measure] }])) as Record<
    Measure,
    Amount
  >;

/** Counts of all things as of one instant; a table in the order of its counts is a heap. What was evicted counts as new. */
function liftFamiliar({ items, uses, discoveries }: OldFamiliar): Familiar {
  const landmarkMs = Math.max(0, uses.atMs, ...[...items.values()].map(({ count }) => count.atMs));
  const asOf = ({ value, atMs }: Decayed) => value * 2 ** ((atMs - landmarkMs) / HALF_LIFE_MS);
  const things = [...items].map(([key, { count, firstMs, lastMs }]) => ({ key, count: asOf(count), firstMs, lastMs }));
  things.sort((a, b) => a.count - b.count || (a.key < b.key ? -1 : 1));
  const heap = things.map(({ key, count, firstMs, lastMs }) => [
    key,
    count,
    Math.max(1, Math.round(count)),
    firstMs,
    lastMs,
  ]);
  const empty = emptyFamiliar();
  if (heap.length === 0) return empty;
  return {
    things: { ...empty.things, table: decodeHeap({ scale: [landmarkMs, HALF_LIFE_MS], heap }) },
    novelty: {
      ...empty.novelty,
      uses: asOf(uses),
      distinct: things.reduce((sum, { lastMs }) => sum + 2 ** ((lastMs - landmarkMs) / HALF_LIFE_MS), 0),
      singletons: things.filter(({ count }) => count <= 1).reduce((sum, { count }) => sum + count, 0),
      discoveries: asOf(discoveries),
      scale: { landmarkMs, halfLifeMs: HALF_LIFE_MS },
    },
  };
}

const WEEKDAY_CELLS = 5 * 24;

function liftHourly({ sums, hours, atMs, residuals, judged }: OldHourly): SeasonalCount {
  const empty = emptySeasonalCount();
  if (atMs === 0) return empty;
  const level = (from: number, to: number) => ({
    sum: sums.subarray(from, to).reduce((sum, one) => sum + one, 0),
    hours: hours.subarray(from, to).reduce((sum, one) => sum + one, 0),
  });
  const scale = { landmarkMs: atMs, halfLifeMs: HALF_LIFE_MS };
  return {
    ...empty,
    sums,
    hours,
    weekdays: level(0, WEEKDAY_CELLS),
    weekend: level(WEEKDAY_CELLS, sums.length),
    spread: { ...empty.spread, squares: residuals.value, unit: judged.value, scale: { ...scale } },
    scale,
  };
}
