/** How often benign sessions reach a p, against what that p claims: by detector and by age of the agent. */
import { binomialInterval, type Interval } from '../../cli/simulate/binomial-interval.ts';
import { createRandom } from '../../cli/simulate/random.ts';
import type { BenignSession, BenignWorld } from './benign-world.ts';

export const NOMINALS = [0.1, 0.03, 0.01, 3e-3, 1e-3] as const;

/** Groups of agents by age; an agent's session is in one of the first three, and in the last if it applies. */
export const AGES: Readonly<Record<string, (session: BenignSession) => boolean>> = {
  'first day': ({ age }) => age < 1,
  'day 2 to 7': ({ age }) => age >= 1 && age < 7,
  'day 8 to 30': ({ age }) => age >= 7 && age < 30,
  'after day 30': ({ age }) => age >= 30,
  'first day, kind known': ({ age, joinedLater }) => age < 1 && joinedLater,
};
/** All detectors together: the lowest p, times their number. */
export const ALL = 'all';

export interface CalibrationRow {
  readonly detector: string;
  readonly age: string;
  readonly sessions: number;
  readonly nominal: number;
  /** Sessions at or below the nominal p, by the p that decides on alerts; share, and 95 % interval of it. */
  readonly reached: number;
  readonly observed: number;
  readonly interval: Interval;
  /** The share by the detector's own claim, before the agent's history corrected it. */
  readonly claimed: number;
}

export interface FalseAlerts {
  readonly detector: string;
  readonly alerts: number;
  readonly perAgentDay: number;
  /** 95 %, by resampling agents: alerts of one agent come in groups. */
  readonly interval: Interval;
}

export function calibrationRows(worlds: readonly BenignWorld[], detectors: readonly string[]): CalibrationRow[] {
  const sessions = worlds.flatMap((world) => world.sessions);
  return [...detectors, ALL].flatMap((detector) =>
    Object.entries(AGES).flatMap(([age, isOf]) => rowsOf(detector, age, sessions.filter(isOf), detectors.length)),
  );
}

function rowsOf(
  detector: string,
  age: string,
  sessions: readonly BenignSession[],
  detectors: number,
): CalibrationRow[] {
  const lowest = (of: ReadonlyMap<string, number>) =>
    detector === ALL ? Math.min(1, detectors * Math.min(1, ...of.values())) : (of.get(detector) ?? 1);
  return NOMINALS.map((nominal) => {
    const atMost = (of: (one: BenignSession) => ReadonlyMap<string, number>) =>
      sessions.filter((one) => lowest(of(one)) <= nominal).length;
    const reached = atMost(({ corrected }) => corrected);
    return {
      detector,
      age,
      sessions: sessions.length,
      nominal,
      reached,
      observed: reached / Math.max(1, sessions.length),
      interval: binomialInterval(reached, sessions.length),
      claimed: atMost(({ claimed }) => claimed) / Math.max(1, sessions.length),
    };
  });
}

const RESAMPLES = 1000;

export function falseAlerts(worlds: readonly BenignWorld[], detectors: readonly string[]): FalseAlerts[] {
  const days = new Map(worlds.flatMap((world) => [...world.agentDays]));
  const sessions = worlds.flatMap((world) => world.sessions);
  return [...detectors, ALL].map((detector) => {
    const byAgent = new Map([...days.keys()].map((agent) => [agent, 0]));
    for (const { agent, alerts } of sessions) {
      const count =
        detector === ALL ? [...alerts.values()].reduce((sum, n) => sum + n, 0) : (alerts.get(detector) ?? 0);
      byAgent.set(agent, (byAgent.get(agent) ?? 0) + count);
    }
    const alerts = [...byAgent.values()].reduce((sum, n) => sum + n, 0);
    const agents = [...byAgent].map(([agent, count]) => ({ count, days: days.get(agent) ?? 0 }));
    return { detector, alerts, perAgentDay: rateOf(agents), interval: resampled(agents, detector) };
  });
}

type AgentCount = { readonly count: number; readonly days: number };

function rateOf(agents: readonly AgentCount[]): number {
  const days = agents.reduce((sum, one) => sum + one.days, 0);
  return agents.reduce((sum, one) => sum + one.count, 0) / Math.max(1, days);
}

/** Percentile bootstrap (Efron, 1979). None in any resample gives [0, 0]: then the rule of three is the better bound. */
function resampled(agents: readonly AgentCount[], seed: string): Interval {
  const random = createRandom(seed);
  const rates = Array.from({ length: RESAMPLES }, () => rateOf(agents.map(() => random.pick(agents))));
  rates.sort((a, b) => a - b);
  const high = rates[Math.floor(0.975 * RESAMPLES)] ?? 0;
  const days = agents.reduce((sum, one) => sum + one.days, 0);
  return { low: rates[Math.floor(0.025 * RESAMPLES)] ?? 0, high: high > 0 ? high : 3 / Math.max(1, days) };
}
