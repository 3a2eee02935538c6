/** What is normal for an agent and what is unusual now, from its live state. */

import { alertBookOf } from '../alerts/alert-book.ts';
import type { AgentState } from '../baselines/agent-state.ts';
import { type BaselineSettings, type FamiliarKind, knowledgeOf } from '../baselines/baseline.ts';
import { seenInHour } from '../baselines/calendar.ts';
import { mostUsed } from '../baselines/familiarity.ts';
import { emptySums, MEASURE_NAMES, MEASURES, type Measure } from '../baselines/measures.ts';
import { HOUR_MS } from '../baselines/periods.ts';
import { type Amount, amountRange } from '../baselines/statistics/amount.ts';

import { HOURS_PER_WEEK, hourOfWeek } from '../baselines/statistics/hour-of-week.ts';
import { predictCount } from '../baselines/statistics/seasonal-count.ts';
import type { AgentDescription } from './ports.ts';

const LISTED_MAX = 50;

/** `nowMs`: the agent's own clock is used when it is behind, so that an agent fed from a file is described as of that file. */
export function describeAgent(state: AgentState, nowMs: number, settings: BaselineSettings): AgentDescription {
  const { baseline } = state;
  const asOfMs = Math.min(nowMs, state.clockMs);
  return {
    agent: state.agent,
    ...(state.kind === '' ? {} : { kind: state.kind }),
    knowledge: knowledgeOf(baseline, asOfMs, settings),
    sessions: baseline.sessionsEver,
    events: baseline.eventsEver,
    first_seen: isoTime(baseline.firstMs === 0 ? state.clockMs : baseline.firstMs),
    last_seen: isoTime(state.clockMs),
    normal: {
      endpoints: familiar(state, 'endpoints', asOfMs),
      tools: familiar(state, 'tools', asOfMs),
      destinations: familiar(state, 'destinations', asOfMs),
      resources: familiar(state, 'resources', asOfMs),
      hours: describeHours(state, asOfMs, settings),
      amounts: describeAmounts(state, asOfMs, settings),
    },
    unusual_now: {
      open_alerts: [...alertBookOf(state).values()].map(({ id }) => id).slice(0, LISTED_MAX),
      held_sessions: state.held.length,
      this_hour: describeThisHour(state, asOfMs, settings),
    },
  };
}

export const isoTime = (tMs: number): string => new Date(tMs).toISOString();

export const familiar = (state: AgentState, kind: FamiliarKind, asOfMs: number) =>
  mostUsed(state.baseline.familiar[kind], asOfMs, LISTED_MAX).map(({ key, count, share, firstMs, lastMs }) => ({
    value: key,
    count: rounded(count),
    share: Math.min(1, rounded(share)),
    first_seen: isoTime(firstMs),
    last_seen: isoTime(lastMs),
  }));

export function describeHours(state: AgentState, asOfMs: number, { zoneOffset }: BaselineSettings) {
  const offsetMs = zoneOffset(state.tenant, asOfMs);
  const means = Array.from(
    { length: HOURS_PER_WEEK },
    (_, hour) => predictCount(state.baseline.hourly, hourInWeekOf(asOfMs, offsetMs, hour), offsetMs).mean,
  );
  const busiest = means.indexOf(Math.max(...means));
  const typical = means.reduce((sum, mean) => sum + mean, 0) / HOURS_PER_WEEK;
  return { typical_events: rounded(typical), busiest_hour: busiest, busiest_events: rounded(means[busiest] ?? 0) };
}

/** The instant of an hour of the local week that holds `tMs`. */
export const hourInWeekOf = (tMs: number, offsetMs: number, hour: number): number =>
  tMs - (tMs % HOUR_MS) + (hour - hourOfWeek(tMs, offsetMs)) * HOUR_MS;

function describeAmounts(state: AgentState, asOfMs: number, { halfLifeMs }: BaselineSettings) {
  const { perSession, perHour, perDay } = state.baseline;
  const horizons: [string, Record<Measure, Amount>][] = [
    ['session', perSession],
    ['hour', perHour],
    ['day', perDay],
  ];
  return horizons.flatMap(([horizon, amounts]) =>
    MEASURE_NAMES.flatMap((measure) => {
      const { typical, bound99, n } = amountRange(amounts[measure], asOfMs, halfLifeMs);
      if (n === 0) return [];
      const unit = MEASURES[measure];
      return [
        { measure: `${unit} per active ${horizon}`, unit, typical: rounded(typical), bound_99: rounded(bound99) },
      ];
    }),
  );
}

function describeThisHour(state: AgentState, asOfMs: number, { halfLifeMs }: BaselineSettings) {
  const sums = seenInHour(state.calendar, asOfMs) ?? emptySums();
  return MEASURE_NAMES.flatMap((measure) => {
    const observed = sums[measure];
    const { typical, bound99 } = amountRange(state.baseline.perHour[measure], asOfMs, halfLifeMs);
    if (observed <= bound99) return [];
    return [
      { measure: `${MEASURES[measure]} per hour`, observed, expected: rounded(typical), bound: rounded(bound99) },
    ];
  });
}

export const rounded = (x: number): number => Number(x.toPrecision(4));
