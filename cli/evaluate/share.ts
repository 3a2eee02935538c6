import { binomialInterval } from '../simulate/binomial-interval.ts';
import { poissonInterval } from './poisson-interval.ts';
import { alerted, type SessionOutcome } from './session-outcome.ts';

/** How many of how many, with the 95 % score interval (Wilson) of the rate. All 0..1; `rate` is null for none of none. */
export interface Share {
  readonly count: number;
  readonly of: number;
  readonly rate: number | null;
  readonly low: number;
  readonly high: number;
}

export const shareOf = (count: number, of: number): Share => ({
  count,
  of,
  rate: of === 0 ? null : count / of,
  ...binomialInterval(count, of),
});

export const alertedShare = (sessions: readonly SessionOutcome[]): Share =>
  shareOf(sessions.filter(alerted).length, sessions.length);

/** Events per agent-day, with the exact 95 % interval (Poisson). */
export interface DailyRate {
  readonly count: number;
  readonly agent_days: number;
  readonly rate: number;
  readonly low: number;
  readonly high: number;
}

/** Null without days. */
export function dailyRate(count: number, agentDays: number): DailyRate | null {
  if (agentDays <= 0) return null;
  const { low, high } = poissonInterval(count);
  return { count, agent_days: agentDays, rate: count / agentDays, low: low / agentDays, high: high / agentDays };
}
