import { MEASURES, type Measure, type Sums } from '../baselines/measures.ts';
import { amountRange, amountTail } from '../baselines/statistics/amount.ts';
import { expectedCount, HOUR_MS, hourTail } from '../baselines/statistics/hourly-count.ts';
import type { AuditEvent } from '../ingest/event.ts';
import { serviceDesk } from './canaries.ts';
import { type Detector, type Finding, link, noSlot, type View, voiced } from './detector.ts';

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
  readonly expected: number;
  readonly bound: number;
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
    return explain(event, view, { ...worst, p: worst.ceiling ? worst.p : voiced(worst.p * looked.length, view) });
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
    if (ceiling !== undefined && view.inHour[measure] > ceiling)
      found.push(overCeiling(measure, view.inHour[measure], ceiling));
  }
  return found;
}

function judge(view: View, measure: Measure, horizon: Horizon, observed: number): Excess {
  const { baseline, timeMs, settings } = view;
  if (measure === 'events' && horizon === 'hour') {
    const { mean } = expectedCount(baseline.hourly, timeMs, settings.zoneOffsetMs);
    // Two models, and the milder word counts: an agent that rarely works is in bursts what the count model calls impossible.
    const steady = hourTail(baseline.hourly, observed, timeMs, settings.zoneOffsetMs, settings.halfLifeMs);
    const bursts = amountTail(baseline.perHour.events, observed, timeMs, settings.halfLifeMs);
    const p = Math.max(steady, bursts);
    return { measure, horizon, observed, expected: mean, bound: boundOf(view, measure, horizon), p, ceiling: false };
  }
  const amount = modelOf(view, measure, horizon);
  const { typical, bound99 } = amountRange(amount, timeMs, settings.halfLifeMs);
  const p = amountTail(amount, observed, timeMs, settings.halfLifeMs);
  return { measure, horizon, observed, expected: typical, bound: bound99, p, ceiling: false };
}

const modelOf = (view: View, measure: Measure, horizon: Horizon) =>
  ({ session: view.baseline.perSession, hour: view.baseline.perHour, day: view.baseline.perDay })[horizon][measure];

const boundOf = (view: View, measure: Measure, horizon: Horizon): number =>
  amountRange(modelOf(view, measure, horizon), view.timeMs, view.settings.halfLifeMs).bound99;

const overCeiling = (measure: Measure, observed: number, ceiling: number): Excess => ({
  measure,
  horizon: 'hour',
  observed,
  expected: 0,
  bound: ceiling,
  p: CEILING_P,
  ceiling: true,
});

const PERIODS: Record<Horizon, string> = { session: 'this session', hour: 'this hour', day: 'this day' };

function explain(event: AuditEvent, view: View, excess: Excess): Finding {
  const { measure, horizon, observed, expected, bound, ceiling } = excess;
  const unit = MEASURES[measure];
  const normal = ceiling
    ? `the absolute ceiling is ${round(bound)}`
    : `its normal is about ${round(expected)}, rarely above ${round(bound)}`;
  const since = new Date(view.timeMs - (view.timeMs % HOUR_MS)).toISOString().slice(0, 13);
  return {
    subject: `${measure} per ${horizon}`,
    title: `Agent's ${unit} per ${horizon} far above its normal`,
    why: `${round(observed)} ${unit} in ${PERIODS[horizon]} (hour ${since}Z); ${normal}.`,
    p: excess.p,
    severity: measure === 'bytes_sent' ? 4 : 3,
    reason: {
      measure: `${unit} per ${horizon}`,
      observed: round(observed),
      expected: round(expected),
      bound: round(bound),
      level: ceiling ? 'ceiling' : 'agent',
      chain: [link(event.id, 'latest event of the surge')],
    },
  };
}

/** Three significant digits: more would claim a precision the model does not have. */
const round = (x: number): number => (x < 1000 ? Number(x.toPrecision(3)) : Math.round(x));
