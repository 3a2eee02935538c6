import { remaining } from '../../../baselines/statistics/decay.ts';

/** A decayed mean: an observation of age a counts 2^(-a / half-life). */
export interface RollingMean {
  sum: number;
  weight: number;
  atMs: number;
}

export const emptyRollingMean = (): RollingMean => ({ sum: 0, weight: 0, atMs: 0 });

/** undefined while nothing was learned. */
export const rollingMean = (mean: Readonly<RollingMean>): number | undefined =>
  mean.weight > 0 ? mean.sum / mean.weight : undefined;

/** The mean if `value` were learned at `tMs`. */
export function meanWith(mean: Readonly<RollingMean>, value: number, tMs: number, halfLifeMs: number): number {
  const left = remaining(tMs - mean.atMs, halfLifeMs);
  return (mean.sum * left + value) / (mean.weight * left + 1);
}

/** An observation older than the last one counts as much as that. */
export function learnMean(mean: RollingMean, value: number, tMs: number, halfLifeMs: number): void {
  const left = remaining(tMs - mean.atMs, halfLifeMs);
  mean.sum = mean.sum * left + value;
  mean.weight = mean.weight * left + 1;
  mean.atMs = Math.max(tMs, mean.atMs);
}
