/** The baseline of one agent in numbers a person can read, from its state. */
import type { AgentState } from '../baselines/agent-state.ts';
import {
  type Baseline,
  type BaselineSettings,
  type FamiliarKind,
  knowledgeOf,
  rampOf,
  sessionCount,
  sessionsPerDay,
} from '../baselines/baseline.ts';
import { thingsKnown } from '../baselines/familiarity.ts';
import { type HeldSession, HOLD_MS, KEEP_MS } from '../baselines/held-sessions.ts';
import { MEASURE_NAMES, MEASURES, type Measure } from '../baselines/measures.ts';
import { DAY_MS } from '../baselines/periods.ts';
import { hasAlerted, type SessionState } from '../baselines/session-state.ts';
import { type Amount, amountQuantiles, logMoments } from '../baselines/statistics/amount.ts';
import { valueAt } from '../baselines/statistics/decay.ts';
import { rampRatio, rampTail } from '../baselines/statistics/two-horizon.ts';
import { describeHours, familiar, isoTime, rounded } from './describe-agent.ts';
import type { LiveBaseline } from './schemas/baseline.ts';

const SESSIONS_MAX = 64;

/** `nowMs`: the agent's own clock is used when it is behind, as in `describeAgent`. */
export function describeBaseline(state: Readonly<AgentState>, nowMs: number, settings: BaselineSettings): LiveBaseline {
  const { baseline } = state;
  const asOfMs = Math.min(nowMs, state.clockMs);
  const things = (kind: FamiliarKind) => ({
    known: thingsKnown(baseline.familiar[kind]),
    top: familiar(state, kind, asOfMs),
  });
  return {
    agent: state.agent,
    ...(state.kind === '' ? {} : { kind: state.kind }),
    id: baseline.position,
    as_of: isoTime(asOfMs),
    knowledge: describeKnowledge(baseline, asOfMs, settings),
    hours: describeHours(state, asOfMs, settings),
    endpoints: things('endpoints'),
    tools: things('tools'),
    destinations: things('destinations'),
    resources: things('resources'),
    amounts: describeAmounts(baseline, asOfMs, settings),
    ...describeChange(baseline),
    growth: describeGrowth(baseline),
    held: state.held.slice(-SESSIONS_MAX).map(describeHeld),
    alerted: [...state.sessions.values()].filter(hasAlerted).slice(-SESSIONS_MAX).map(describeOpen),
  };
}

function describeKnowledge(baseline: Baseline, asOfMs: number, settings: BaselineSettings): LiveBaseline['knowledge'] {
  const { sessionsEver, eventsEver, sessionRate, firstMs, lastMs } = baseline;
  return {
    level: knowledgeOf(baseline, asOfMs, settings),
    sessions: sessionsEver,
    events: eventsEver,
    weighted_sessions: rounded(sessionCount(baseline, asOfMs, settings)),
    weighted_days: rounded(
      valueAt({ value: sessionRate.hours / 24, atMs: sessionRate.atMs }, asOfMs, settings.halfLifeMs),
    ),
    sessions_per_day: rounded(sessionsPerDay(baseline, asOfMs, settings)),
    half_life_days: settings.halfLifeMs / DAY_MS,
    ...(eventsEver === 0 ? {} : { first: isoTime(firstMs), last: isoTime(lastMs) }),
  };
}

function describeAmounts(
  { perSession, perHour }: Baseline,
  asOfMs: number,
  settings: BaselineSettings,
): LiveBaseline['amounts'] {
  const of = (per: 'session' | 'hour', amounts: Readonly<Record<Measure, Amount>>) =>
    MEASURE_NAMES.flatMap((measure) => {
      const { n, positiveShare } = logMoments(amounts[measure], asOfMs, settings.halfLifeMs);
      const quantiles = amountQuantiles(amounts[measure]);
      if (n === 0 || quantiles === undefined) return [];
      const [p50, p95, p99] = quantiles;
      return {
        measure,
        unit: MEASURES[measure],
        per,
        active_share: Math.min(1, rounded(positiveShare)),
        p50: rounded(p50),
        p95: rounded(p95),
        p99: rounded(p99),
      };
    });
  return [...of('session', perSession), ...of('hour', perHour)];
}

function describeChange({ releasedMs, releases, models }: Baseline): Pick<LiveBaseline, 'last_change'> {
  if (releasedMs === 0) return {};
  const release = releases.at(-1);
  const model = models.at(-1);
  return {
    last_change: {
      time: isoTime(releasedMs),
      ...(release === undefined ? {} : { release }),
      ...(model === undefined ? {} : { model }),
    },
  };
}

const describeGrowth = (baseline: Baseline): LiveBaseline['growth'] =>
  MEASURE_NAMES.flatMap((measure) => {
    const ramp = rampOf(baseline, measure);
    if (ramp.excess <= 0) return [];
    const since = isoTime(ramp.sinceMs);
    return { measure, unit: MEASURES[measure], ratio: rounded(rampRatio(ramp)), since, p: rampTail(ramp) };
  }).sort((a, b) => a.p - b.p);

const describeAlerted = ({ key, alertIds, alerted, movedSensitive }: SessionState) => ({
  session: key,
  alerts: [...alertIds],
  kinds: [...alerted],
  moved_sensitive: movedSensitive,
});

const describeHeld = ({ session, closedMs }: HeldSession): LiveBaseline['held'][number] => ({
  ...describeAlerted(session),
  ended: isoTime(closedMs),
  decide_by: isoTime(closedMs + HOLD_MS),
  dropped: isoTime(closedMs + KEEP_MS),
});

const describeOpen = (session: SessionState): LiveBaseline['alerted'][number] => ({
  ...describeAlerted(session),
  opened: isoTime(session.openedMs),
  last: isoTime(session.lastMs),
});
