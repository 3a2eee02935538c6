/**
 * How odd is an amount beyond everything seen? Tail of a generalised Pareto distribution fitted to the exceedances over a high
 * quantile, by probability-weighted moments, read straight from a quantile sketch: its top buckets are the bounded, forgetting sample
 * of the largest values, so that no second reservoir has to be kept, aged and reconciled with the sketch.
 *
 * With u the threshold and y = x - u: a0 = E y, a1 = E y (1 - F(y)), shape xi = 2 - a0 / (a0 - 2 a1), scale = a0 (1 - xi);
 * P(X >= x) = P(X >= u) (1 + xi y / scale)^(-1 / xi). Source: Hosking and Wallis, "Parameter and quantile estimation for the
 * generalized Pareto distribution", Technometrics 1987. Consistent for xi < 1/2, biased towards less above it.
 *
 * xi is drawn towards 1/2 by 16 exceedances' worth of belief and kept in [0, 0.9]: no bounded tails (what was never seen is not
 * impossible) and a finite mean. The prior is on the heavy side because a p that claims too much costs an alert: measured with 500
 * values, p = 1e-3 comes true 0.4 times as often as claimed for exponential amounts, 1.3 and 1.7 times for log-normal ones of sigma
 * 1 and 1.5, 2.2 times for Pareto ones without a variance. The scale is drawn towards u / 2 by two exceedances' worth and is at least
 * u / 10, so that an agent that always reads 10 rows is surprised by 20, and by 11 is not. At u the tail equals the sketch's own
 * share, so p has no step there.
 *
 * Fails when the largest values come from another hump than the rest (a nightly export among small reads) and the hump holds less
 * than 1/10 of the weight but many values: then xi runs to its bound and p is too mild.
 */
import { bucketEdge, bucketValue, type LogBuckets } from './log-buckets.ts';
import { type QuantileSketch, shareAbove, sketchWeight } from './quantile-sketch.ts';

export interface ParetoTail {
  /** Threshold u, and the share of the weight at or above it. */
  readonly threshold: number;
  readonly share: number;
  readonly shape: number;
  readonly scale: number;
  /** Decayed number of exceedances behind the fit. */
  readonly exceedances: number;
}

const TAIL_SHARE = 0.1;
const PRIOR_SHAPE = 0.5;
const PRIOR_SHAPE_WEIGHT = 16;
const SHAPE_MAX = 0.9;
const PRIOR_SCALE_SHARE = 0.5;
const PRIOR_SCALE_WEIGHT = 2;
const SCALE_SHARE_MIN = 0.1;
/** Below this shape (1 + xi z)^(-1/xi) is computed as its limit exp(-z). */
const SHAPE_ZERO = 1e-6;
/** One value's worth of belief that the next is beyond everything seen. */
const UNSEEN_WEIGHT = 1;

/** Fits the tail of what the sketch knows at `tMs`; undefined while it has seen nothing above 0. */
export function fitTail(sketch: Readonly<QuantileSketch>, tMs: number): ParetoTail | undefined {
  const { slab } = sketch;
  const { size, buckets, weights, logBase } = slab;
  const total = slab.total + sketch.zeros;
  if (size === 0 || !(total > 0)) return undefined;
  // The lower edge of the first bucket that brings the tail to its share: then whole buckets are exceedances.
  let first = size - 1;
  let weight = weights[first] ?? 0;
  while (first > 0 && weight < TAIL_SHARE * total) {
    first -= 1;
    weight += weights[first] ?? 0;
  }
  const threshold = bucketEdge(buckets[first] ?? 0, logBase);
  const { mean, lowMean } = weightedMoments(slab, first, threshold, weight);
  const exceedances = (sketchWeight(sketch, tMs) * weight) / total;
  const shape = shapeOf(mean, lowMean, exceedances);
  return { threshold, share: weight / total, shape, scale: scaleOf(mean, shape, exceedances, threshold), exceedances };
}

/** a0 and a1 over the buckets from `first` on. Inside a bucket F is its middle, as for a plotting position. */
function weightedMoments(
  { buckets, weights, size, logBase }: Readonly<LogBuckets>,
  first: number,
  threshold: number,
  total: number,
): { mean: number; lowMean: number } {
  let mean = 0;
  let lowMean = 0;
  let below = 0;
  for (let i = first; i < size; i++) {
    const share = (weights[i] ?? 0) / total;
    const excess = bucketValue(buckets[i] ?? 0, logBase) - threshold;
    mean += share * excess;
    lowMean += share * excess * (1 - below - share / 2);
    below += share;
  }
  return { mean, lowMean };
}

function shapeOf(mean: number, lowMean: number, exceedances: number): number {
  const difference = mean - 2 * lowMean;
  // A single bucket: all exceedances alike, and nothing to be learned about the shape.
  const fitted = difference > 1e-9 * mean ? 2 - mean / difference : 0;
  const bounded = Math.min(SHAPE_MAX, Math.max(0, fitted));
  return (PRIOR_SHAPE_WEIGHT * PRIOR_SHAPE + exceedances * bounded) / (PRIOR_SHAPE_WEIGHT + Math.max(0, exceedances));
}

function scaleOf(mean: number, shape: number, exceedances: number, threshold: number): number {
  const prior = PRIOR_SCALE_SHARE * threshold;
  const fitted = mean * (1 - shape);
  const drawn = (PRIOR_SCALE_WEIGHT * prior + exceedances * fitted) / (PRIOR_SCALE_WEIGHT + exceedances);
  return Math.max(drawn, SCALE_SHARE_MIN * threshold);
}

/** P(next value >= x): the sketch's share up to the threshold, the fitted tail beyond; 1 where nothing can be compared. */
export function paretoTail(sketch: Readonly<QuantileSketch>, x: number, tMs: number): number {
  if (x <= 0) return 1;
  const fit = fitTail(sketch, tMs);
  if (fit === undefined) return 1;
  const known = sketchWeight(sketch, tMs);
  const unseen = (share: number) => (share * known + UNSEEN_WEIGHT) / (known + UNSEEN_WEIGHT);
  if (x <= fit.threshold) return unseen(shareAbove(sketch, x));
  return unseen(fit.share) * survival((x - fit.threshold) / fit.scale, fit.shape);
}

/** Survival function of the generalised Pareto distribution of scale 1. */
export const survival = (z: number, shape: number): number =>
  shape < SHAPE_ZERO ? Math.exp(-z) : Math.exp(-Math.log1p(shape * z) / shape);
