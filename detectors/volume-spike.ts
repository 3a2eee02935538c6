import { MEASURES, type Measure, type Sums } from '../baselines/measures.ts';
import { amountRange, amountTail } from '../baselines/statistics/amount.ts';
import { expectedCount, HOUR_MS, hourTail } from '../baselines/statistics/hourly-count.ts';
import type { AuditEvent } from '../ingest/event.ts';
import { serviceDesk } from './canaries.ts';
import { type Detector, type Explanation, type Finding, link, noSlot, type View, voiced } from './detector.ts';

type Horizon = 'session' | 'hour' | 'day';
const VOLUMES = ['events', 'tokens', 'bytes_sent', 'cost_micro_usd'] as const satisfies readonly Measure[];
const HORIZONS = ['session', 'hour', 'day'] as const;

/** Per hour, whoever the agent is; nothing is known of a new agent, but no agent is expected to do this. */
const HOURLY_CEILINGS: Partial<Record<Measure, number>> = {
  events: 20_000,
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
  readonly ceiling: boolean;
}

/**
 * Fires when events, tokens, bytes sent or cost of a session, an hour or a day are far above this agent's normal.
 *
 * Model: events per hour are negative binomial by hour of week, quiet hours counted, unless log-normal bursts explain them better;
 * all other sums are log-normal with a Student t tail. The smallest p counts, multiplied by the number of sums looked at (Bonferroni). Says little while an agent is
 * young; ceilings hold from the first event.
 */
export const volumeSpike: Detector<null> = {
  name: 'volume-spike',
  tags: ['AML.T0034', 'T1496', 'ASI08', 'ASI10'],
  ...noSlot,
  score(event, view) {
    const looked = excesses(view);
    const worst = looked.sort((a, b) => a.p - b.p)[0];
    if (worst === undefined) return undefined;
    return findingOf(event, view, { ...worst, p: worst.ceiling ? worst.p : voiced(worst.p * looked.length, view) });
  },
  canary: { history: serviceDesk.history, probe: serviceDesk.burst('probe', 600) },
};

function excesses(view: View): Excess[] {
  const found: Excess[] = [];
  const sums: Record<Horizon, Sums> = { session: view.inSession, hour: view.inHour, day: view.inDay };
  for (const measure of VOLUMES) {
    // Only what this event adds to can be this event's doing.
    if (view.sums[measure] <= 0) continue;
    for (const horizon of HORIZONS) found.push(judge(view, measure, horizon, sums[horizon][measure]));
    const ceiling = HOURLY_CEILINGS[measure];
    if (ceiling !== undefined && view.inHour[measure] > ceiling) found.push(overCeiling(measure, view.inHour[measure]));
  }
  return found;
}

function judge(view: View, measure: Measure, horizon: Horizon, observed: number): Excess {
  const { baseline, timeMs, settings } = view;
  const tail = measure === 'bytes_sent' ? 'humped' : 'smooth';
  let p = amountTail(modelOf(view, measure, horizon), observed, timeMs, settings.halfLifeMs, tail);
  if (measure === 'events' && horizon === 'hour' && p < 1) {
    // Two models, and the milder word counts: an agent that rarely works is in bursts what the count model calls impossible.
    p = Math.max(p, hourTail(baseline.hourly, observed, timeMs, settings.zoneOffsetMs, settings.halfLifeMs));
  }
  return { measure, horizon, observed, p, ceiling: false };
}

const modelOf = (view: View, measure: Measure, horizon: Horizon) =>
  ({ session: view.baseline.perSession, hour: view.baseline.perHour, day: view.baseline.perDay })[horizon][measure];

const overCeiling = (measure: Measure, observed: number): Excess => ({
  measure,
  horizon: 'hour',
  observed,
  p: CEILING_P,
  ceiling: true,
});

const PERIODS: Record<Horizon, string> = { session: 'this session', hour: 'this hour', day: 'this day' };

const findingOf = (event: AuditEvent, view: View, excess: Excess): Finding => ({
  subject: `${excess.measure} per ${excess.horizon}`,
  p: excess.p,
  level: excess.ceiling ? 'ceiling' : 'agent',
  severity: excess.measure === 'bytes_sent' ? 4 : 3,
  explain: () => explain(event, view, excess),
});

function explain(event: AuditEvent, view: View, excess: Excess): Explanation {
  const { measure, horizon, observed, ceiling } = excess;
  const { expected, bound } = normalOf(view, excess);
  const unit = MEASURES[measure];
  const normal = ceiling
    ? `the absolute ceiling is ${round(bound)}`
    : `its normal is about ${round(expected)}, rarely above ${round(bound)}`;
  const since = new Date(view.timeMs - (view.timeMs % HOUR_MS)).toISOString().slice(0, 13);
  return {
    title: `Agent's ${unit} per ${horizon} far above its normal`,
    why: `${round(observed)} ${unit} in ${PERIODS[horizon]} (hour ${since}Z); ${normal}.`,
    measure: `${unit} per ${horizon}`,
    observed: round(observed),
    expected: round(expected),
    bound: round(bound),
    chain: [link(event.id, 'latest event of the surge')],
  };
}

function normalOf(view: View, { measure, horizon, ceiling }: Excess): { expected: number; bound: number } {
  if (ceiling) return { expected: 0, bound: HOURLY_CEILINGS[measure] ?? 0 };
  const { baseline, timeMs, settings } = view;
  const { typical, bound99 } = amountRange(modelOf(view, measure, horizon), timeMs, settings.halfLifeMs);
  if (measure !== 'events' || horizon !== 'hour') return { expected: typical, bound: bound99 };
  return { expected: expectedCount(baseline.hourly, timeMs, settings.zoneOffsetMs).mean, bound: bound99 };
}

/** Three significant digits: more would claim a precision the model does not have. */
const round = (x: number): number => (x < 1000 ? Number(x.toPrecision(3)) : Math.round(x));
