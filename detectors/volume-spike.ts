import { changeWith } from '../baselines/agent-state.ts';
import { type Baseline, READY_SESSIONS, rampOf } from '../baselines/baseline.ts';
import { SEAL_DELAY_MS } from '../baselines/calendar.ts';
import { growthSubject } from '../baselines/growth.ts';
import { HORIZONS, type Horizon } from '../baselines/kind-model.ts';
import { MEASURE_NAMES, MEASURES, type Measure, ofMeasure, type Sums } from '../baselines/measures.ts';
import { DAY_MS, HOUR_MS } from '../baselines/periods.ts';
import { type Amount, amountRange, amountTail } from '../baselines/statistics/amount.ts';
import { upperCountTail } from '../baselines/statistics/count-tail.ts';
import { meanCount, predictCount } from '../baselines/statistics/seasonal-count.ts';
import { rampRatio, rampTail } from '../baselines/statistics/two-horizon.ts';
import type { AuditEvent } from '../ingest/event.ts';
import { countWords, grouped } from './amount-words.ts';
import { serviceDesk } from './canaries.ts';
import { type Detector, type Explanation, type Finding, link, type View, voiced } from './detector.ts';
import { TAGS } from './tags.ts';

const VOLUMES = ['events', 'tokens', 'bytes_sent', 'cost_micro_usd'] as const satisfies readonly Measure[];

/** Per hour, whoever the agent is; nothing is known of a new agent, but no agent is expected to do this. */
const HOURLY_CEILINGS: Readonly<Record<Measure, number | undefined>> = {
  events: 20_000,
  rows: undefined,
  bytes_received: undefined,
  tokens: 100_000_000,
  bytes_sent: 10 * 1024 ** 3,
  cost_micro_usd: 250_000_000,
};
const CEILING_P = 1e-7;

interface Excess {
  readonly measure: Measure;
  readonly horizon: Horizon;
  readonly observed: number;
  readonly p: number;
  readonly level: Finding['level'];
}

/**
 * Fires when events, tokens, bytes sent or cost of a session, an hour or a day are far above this agent's normal, and when its events have
 * been a little above it for days.
 *
 * Model: events per hour are negative binomial by hour of week, quiet hours counted, unless bursts explain them better; all other sums are
 * judged as amounts (`amount.ts`). The smallest p counts, multiplied by the number of sums looked at (Bonferroni). Slow growth is a
 * cumulative sum against the long horizon (`two-horizon.ts`), judged once when a block of hours has ended. A young agent is compared with
 * its kind, and without one it says little; ceilings hold from the first event.
 */
export const volumeSpike: Detector<NewestModel> = {
  name: 'volume-spike',
  tags: TAGS['volume-spike'],
  budgetShare: { told: 0.16, untold: 0.25, shaped: 0.15 },
  init: () => ({ name: '', joinedMs: 0 }),
  score(event, view, own) {
    const ramp = growth(view);
    const { worst, looked } = worstExcess(view, isNewlyPriced(event, view, own));
    if (worst === undefined) return ramp && growthFinding(event, view, ramp);
    const p = worst.level === 'ceiling' ? worst.p : voiced(worst.p * looked, view);
    return ramp !== undefined && ramp.p < p ? growthFinding(event, view, ramp) : findingOf(event, view, worst, p);
  },
  learn: () => {},
  observe(_, { state, timeMs }, own) {
    const newest = state.baseline.models.at(-1) ?? '';
    if (newest === own.name) return;
    // The first an agent is seen with joins none. Where the slot is new and the agent is not, nobody knows when it joined.
    if (own.name !== '') own.joinedMs = timeMs;
    own.name = newest;
  },
  encode: ({ name, joinedMs }) => (name === '' ? null : [name, joinedMs]),
  decode(json) {
    const [name, joinedMs] = (json ?? ['', 0]) as [string, number];
    return { name, joinedMs };
  },
  // A bounded name, escaped.
  maxBytes: 1000,
  canary: { history: serviceDesk.history, probe: serviceDesk.burst('probe', 600) },
};

/** The model that joined last, and when it joined others, epoch ms; 0: it was the first. */
interface NewestModel {
  name: string;
  joinedMs: number;
}

/**
 * A new model has a price of its own: cost is no measure of how much was done until sessions at that price are learned. A release that brings no
 * model has the price of the one before.
 */
const isNewlyPriced = (event: AuditEvent, { baseline, timeMs }: View, { joinedMs }: Readonly<NewestModel>): boolean =>
  (joinedMs > 0 && timeMs - joinedMs < DAY_MS) || changeWith(baseline, event) === 'model';

/** The least likely of the sums that this event adds to, and how many were looked at. No list of them: every event passes here. */
function worstExcess(
  view: View,
  newlyPriced: boolean,
): {
  readonly worst: Excess | undefined;
  readonly looked: number;
} {
  let added = 0;
  // Only what this event adds to can be this event's doing.
  for (const measure of VOLUMES)
    if (ofMeasure(view.sums, measure) > 0 && isComparable(measure, view, newlyPriced)) added += 1;
  // Times the number of sums looked at, it is 1.
  const enough = 1 / (HORIZONS.length * added);
  let looked = 0;
  let worst: Excess | undefined;
  for (const measure of VOLUMES) {
    if (!(ofMeasure(view.sums, measure) > 0)) continue;
    if (isComparable(measure, view, newlyPriced))
      for (const horizon of HORIZONS) {
        const observed = ofMeasure(sumsIn(view, horizon), measure);
        // Nor are chances told apart that are no less than the least so far.
        const p = chanceOf(view, measure, horizon, observed, Math.min(enough, worst?.p ?? 1));
        looked += 1;
        if (worst === undefined || p < worst.p)
          worst = { measure, horizon, observed, p, level: levelOf(view, measure, horizon) };
      }
    const inHour = ofMeasure(view.inHour, measure);
    if (inHour <= (ofMeasure(HOURLY_CEILINGS, measure) ?? Number.POSITIVE_INFINITY)) continue;
    looked += 1;
    const over = overCeiling(measure, inHour);
    if (worst === undefined || over.p < worst.p) worst = over;
  }
  return { worst, looked };
}

/** On the first day of a model the tokens say how much was done. */
const isComparable = (measure: Measure, { sums }: View, newlyPriced: boolean): boolean =>
  measure !== 'cost_micro_usd' || !newlyPriced || sums.tokens === 0;

const sumsIn = (view: View, horizon: Horizon): Sums =>
  horizon === 'session' ? view.inSession : horizon === 'hour' ? view.inHour : view.inDay;

function chanceOf(view: View, measure: Measure, horizon: Horizon, observed: number, enough: number): number {
  const { timeMs, settings } = view;
  const tail = measure === 'bytes_sent' ? 'humped' : 'smooth';
  const prior = view.prior && ofMeasure(view.prior.amounts[horizon], measure);
  const p = amountTail(modelOf(view, measure, horizon), observed, timeMs, settings.halfLifeMs, tail, prior, enough);
  return measure === 'events' && horizon === 'hour' && p < 1 ? withHourOfWeek(view, observed, p, enough) : p;
}

const levelOf = ({ prior, baseline }: View, measure: Measure, horizon: Horizon): Finding['level'] =>
  prior !== undefined &&
  ofMeasure(prior.amounts[horizon], measure) !== undefined &&
  baseline.sessionsEver < READY_SESSIONS
    ? 'kind'
    : 'agent';

/**
 * Two models. In its hours the milder word counts: in bursts an agent that rarely works is what the count model calls impossible. At hours in
 * which it hardly ever works, bursts are no excuse.
 */
function withHourOfWeek(view: View, observed: number, p: number, enough: number): number {
  const { mean, dispersion } = predictHour(view);
  const isQuiet = mean < QUIET_SHARE * meanCount(view.baseline.hourly);
  if (!isQuiet && p >= enough) return p;
  const byHour = upperCountTail(observed, mean, dispersion);
  return isQuiet ? Math.min(p, byHour) : Math.max(p, byHour);
}

/** An hour of the week with less than this part of the events of an hour on average is a quiet one. */
const QUIET_SHARE = 0.25;

function predictHour({ baseline, timeMs, settings, state }: View) {
  const hourMs = timeMs - (timeMs % HOUR_MS);
  return predictCount(baseline.hourly, hourMs, settings.zoneOffset(state.tenant, hourMs));
}

interface Growth {
  readonly measure: Measure;
  readonly ratio: number;
  readonly sinceMs: number;
  readonly p: number;
}

/** Only the first event after a block of hours has ended: what was judged is not judged again until the next has. */
function growth(view: View): Growth | undefined {
  const { baseline, state } = view;
  const seenBefore = state.clockMs - SEAL_DELAY_MS;
  let most: Growth | undefined;
  for (const measure of MEASURE_NAMES) {
    const ramp = rampOf(baseline, measure);
    if (!ramp.rose || ramp.blockMs <= 0 || ramp.blockMs + HOUR_MS <= seenBefore) continue;
    const p = voiced(rampTail(ramp) * rampsWatched(baseline), view);
    if (p < (most?.p ?? 1)) most = { measure, ratio: rampRatio(ramp), sinceMs: ramp.sinceMs, p };
  }
  return most;
}

const rampsWatched = (baseline: Readonly<Baseline>): number =>
  MEASURE_NAMES.filter((measure) => rampOf(baseline, measure).blockMs > 0).length;

const growthFinding = (event: AuditEvent, view: View, { measure, ratio, sinceMs, p }: Growth): Finding => ({
  subject: growthSubject(measure),
  p,
  level: 'agent',
  severity: 3,
  explain() {
    const days = Math.max(1, Math.round((view.timeMs - sinceMs) / DAY_MS));
    return {
      title: `Agent's ${MEASURES[measure]} grow steadily above its normal`,
      why: `For ${countWords(days, 'days')} it has had ${round(ratio * 100)} % of the ${MEASURES[measure]} that the weeks before led to expect.`,
      measure: `${MEASURES[measure]} over days, as a share of what was expected`,
      observed: round(ratio),
      expected: 1,
      bound: 1,
      chain: [link(event.id, 'latest event of the growth')],
    };
  },
});

function modelOf({ baseline }: View, measure: Measure, horizon: Horizon): Amount {
  if (horizon === 'session') return ofMeasure(baseline.perSession, measure);
  return ofMeasure(horizon === 'hour' ? baseline.perHour : baseline.perDay, measure);
}

const overCeiling = (measure: Measure, observed: number): Excess => ({
  measure,
  horizon: 'hour',
  observed,
  p: CEILING_P,
  level: 'ceiling',
});

const PERIODS: Record<Horizon, string> = { session: 'this session', hour: 'this hour', day: 'this day' };

const findingOf = (event: AuditEvent, view: View, excess: Excess, p: number): Finding => ({
  subject: subjectOf(excess),
  p,
  level: excess.level,
  severity: excess.measure === 'bytes_sent' ? 4 : 3,
  explain: () => explain(event, view, excess),
});

/** Made once: nearly every event has such a finding, and hardly any is shown to anybody. */
const SUBJECTS = Object.fromEntries(
  MEASURE_NAMES.map((measure) => [
    measure,
    { session: `${measure} per session`, hour: `${measure} per hour`, day: `${measure} per day` },
  ]),
) as Record<Measure, Readonly<Record<Horizon, string>>>;

const subjectOf = ({ measure, horizon }: Excess): string => ofMeasure(SUBJECTS, measure)[horizon];

function explain(event: AuditEvent, view: View, excess: Excess): Explanation {
  const { measure, horizon, observed, level } = excess;
  const { expected, bound } = normalOf(view, excess);
  const unit = MEASURES[measure];
  const whose = level === 'kind' ? 'the normal of its kind' : 'its normal';
  const normal =
    level === 'ceiling'
      ? `the absolute ceiling is ${grouped(round(bound))}`
      : `${whose} is about ${grouped(round(expected))}, rarely above ${grouped(round(bound))}`;
  const since = new Date(view.timeMs - (view.timeMs % HOUR_MS)).toISOString().slice(0, 13);
  return {
    title: `Agent's ${unit} per ${horizon} far above its normal`,
    why: `${countWords(round(observed), unit)} in ${PERIODS[horizon]} (hour ${since}Z); ${normal}.`,
    measure: `${unit} per ${horizon}`,
    observed: round(observed),
    expected: round(expected),
    bound: round(bound),
    chain: [link(event.id, 'latest event of the surge')],
  };
}

function normalOf(view: View, { measure, horizon, level }: Excess): { expected: number; bound: number } {
  if (level === 'ceiling') return { expected: 0, bound: ofMeasure(HOURLY_CEILINGS, measure) ?? 0 };
  const { timeMs, settings, prior } = view;
  const amount = modelOf(view, measure, horizon);
  const { typical, bound99 } = amountRange(amount, timeMs, settings.halfLifeMs, prior?.amounts[horizon][measure]);
  if (measure !== 'events' || horizon !== 'hour') return { expected: typical, bound: bound99 };
  return { expected: predictHour(view).mean, bound: bound99 };
}

/** Three significant digits: more would claim a precision the model does not have. */
const round = (x: number): number => (x < 1000 ? Number(x.toPrecision(3)) : Math.round(x));
