/**
 * Events per hour of watched time, both exponentially forgotten in event time: rate = (a + events) / (b + hours).
 *
 * Model: Poisson counts at a rate with a Gamma(a, b) prior, so the estimate is the posterior mean, with variance (a + events) /
 * (b + hours)^2. Watching is continuous: dt hours watched up to now, faded on the way, come to H / ln 2 (1 - 2^(-dt / H)). Time that
 * nobody watched (an outage, an agent switched off) is not exposure: it fades what is known and says nothing.
 * Source: Gelman et al., "Bayesian Data Analysis", 2.6; West and Harrison, "Bayesian Forecasting", on power discounting.
 *
 * O(1); three numbers. Fails for counts in bursts: the variance is then too small by their dispersion, see count-tail.ts.
 */
import { HOUR_MS } from '../periods.ts';
import { remaining } from './decay.ts';

export interface ForgottenRate {
  /** Decayed events, and decayed hours watched, as of `atMs`. */
  events: number;
  hours: number;
  atMs: number;
}

/** Belief before anything was seen: `events` in `hours`; both above 0. */
export interface RatePrior {
  readonly events: number;
  readonly hours: number;
}

export const emptyForgottenRate = (): ForgottenRate => ({ events: 0, hours: 0, atMs: 0 });

/** The time from the last call to `tMs` was watched. Earlier instants change nothing; the first call only starts the clock. */
export function watchUntil(rate: ForgottenRate, tMs: number, halfLifeMs: number): void {
  const fresh =
    rate.atMs === 0 ? 0 : ((halfLifeMs / Math.LN2) * (1 - remaining(tMs - rate.atMs, halfLifeMs))) / HOUR_MS;
  skipUntil(rate, tMs, halfLifeMs);
  rate.hours += fresh;
}

/** The time from the last call to `tMs` was not watched. */
export function skipUntil(rate: ForgottenRate, tMs: number, halfLifeMs: number): void {
  if (tMs <= rate.atMs) return;
  const kept = remaining(tMs - rate.atMs, halfLifeMs);
  rate.events *= kept;
  rate.hours *= kept;
  rate.atMs = tMs;
}

/** Counts `events` at `tMs`; watch or skip up to it first. A late event enters already faded. */
export function countEvents(rate: ForgottenRate, events: number, tMs: number, halfLifeMs: number): void {
  rate.events += events * remaining(rate.atMs - tMs, halfLifeMs);
}

/** Posterior mean in events per hour, and its standard error. */
export function rateAt(
  rate: Readonly<ForgottenRate>,
  prior: RatePrior,
  tMs: number,
  halfLifeMs: number,
): { perHour: number; error: number } {
  const kept = remaining(tMs - rate.atMs, halfLifeMs);
  const events = prior.events + rate.events * kept;
  const hours = prior.hours + rate.hours * kept;
  return { perHour: events / hours, error: Math.sqrt(events) / hours };
}
