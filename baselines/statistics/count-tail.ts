/**
 * How odd is a count, given its expected mean? Counts vary more than Poisson (agents work in bursts) or less (a cron job), so the
 * dispersion D = variance / mean is estimated from forgotten residuals.
 *
 * Tails: for D > 1 negative binomial, which is the Gamma-Poisson posterior predictive; for D <= 1 the gamma-count distribution, the
 * counts of a renewal process whose gaps vary by sqrt(D) (Winkelmann, "Duration dependence and dispersion in count-data models",
 * JBES 1995). Both are Poisson at D = 1.
 *
 * D = (12 hours of belief in 4 + sum of v (count - mean)^2 / mean) / (12 + sum of v), v = mean / (mean + 3): a residual of a quiet
 * hour is wild and weighs little. One count enters as at most `winsorised`, so no surge widens D by more than a bounded step. D never
 * falls below 1/4: an agent that did exactly 10 an hour for weeks alerts on 20.
 *
 * Fails when the variance grows faster than the mean from hour to hour: busy hours are then judged too strictly.
 */
import { advance, type DecayScale, emptyScale, fadeAt, weightAt } from './forward-decay.ts';
import { incompleteBeta } from './incomplete-beta.ts';
import { lowerGamma, upperGamma } from './incomplete-gamma.ts';

/** Decayed weighted squares, and what they would come to at D = 1. */
export interface CountSpread {
  squares: number;
  unit: number;
  readonly scale: DecayScale;
}

const PRIOR_DISPERSION = 4;
const PRIOR_HOURS = 12;
const DISPERSION_MIN = 0.25;
/** Above this mean a residual counts as more than half of what it can. */
const HALF_WEIGHT_MEAN = 3;
/** Deviations beyond this many spreads tell that something happened, not how counts usually vary. */
const SPREADS_MAX = 5;
/** From here down the negative binomial is numerically Poisson. */
const NEARLY_POISSON = 1.001;
const MEAN_MIN = 1e-6;

export const emptySpread = (): CountSpread => ({ squares: 0, unit: 0, scale: emptyScale() });

/** Variance over mean of counts around their true mean, at least 1/4. */
export function dispersionOf(spread: Readonly<CountSpread>, tMs: number): number {
  const fade = fadeAt(spread.scale, tMs);
  const estimate = (PRIOR_HOURS * PRIOR_DISPERSION + fade * spread.squares) / (PRIOR_HOURS + fade * spread.unit);
  return Math.max(DISPERSION_MIN, estimate);
}

/**
 * The count, or the most it may count for in learning: mean + 5 (sqrt(D mean) + D), which a stationary count exceeds about once in
 * ten thousand hours. A lasting new level is still accepted, within about a day, since D follows it; D then stays wide until that is
 * forgotten.
 */
export function winsorised(count: number, mean: number, dispersion: number): number {
  return Math.min(count, mean + SPREADS_MAX * (Math.sqrt(dispersion * mean) + dispersion));
}

/** Learns one count that was expected to be `mean`; `inflation` >= 1 is the share of the variance that is ignorance of the mean. */
export function learnSpread(
  spread: CountSpread,
  count: number,
  mean: number,
  inflation: number,
  tMs: number,
  halfLifeMs: number,
): void {
  const bounded = winsorised(count, mean, dispersionOf(spread, tMs));
  const factor = advance(spread.scale, tMs, halfLifeMs);
  const weight = weightAt(spread.scale, tMs) / (mean + HALF_WEIGHT_MEAN);
  spread.squares = spread.squares * factor + weight * (bounded - mean) ** 2;
  spread.unit = spread.unit * factor + weight * mean * inflation;
}

/** P(X >= k) for a count of this mean and variance `mean * dispersion`; k is rounded up; 1 at k <= 0, otherwise never 0 before 1e-300. */
export function upperCountTail(k: number, mean: number, dispersion: number): number {
  const atLeast = Math.ceil(k);
  if (atLeast <= 0) return 1;
  const m = Math.max(mean, MEAN_MIN);
  if (dispersion < NEARLY_POISSON) return lowerGamma(gammaCount(atLeast, dispersion), m / Math.min(1, dispersion));
  return Math.min(1, incompleteBeta(1 - 1 / dispersion, atLeast, m / (dispersion - 1)));
}

/** P(X <= k), for silence: how odd is so little? k is rounded down; 0 below 0. */
export function lowerCountTail(k: number, mean: number, dispersion: number): number {
  const atMost = Math.floor(k);
  if (atMost < 0) return 0;
  const m = Math.max(mean, MEAN_MIN);
  if (dispersion < NEARLY_POISSON) return upperGamma(gammaCount(atMost + 1, dispersion), m / Math.min(1, dispersion));
  return Math.min(1, incompleteBeta(1 / dispersion, m / (dispersion - 1), atMost + 1));
}

/** Shape of the waiting time for `k` events. The half step keeps the mean: counting starts at a random moment, not at an event. */
function gammaCount(k: number, dispersion: number): number {
  const regular = Math.min(1, dispersion);
  return (k - (1 - regular) / 2) / regular;
}
