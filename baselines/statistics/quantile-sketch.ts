/**
 * Quantiles of amounts (rows, bytes, tokens) with a stated relative error, exponential forgetting and merging.
 *
 * Model: decayed weights in logarithmic buckets (log-buckets.ts): every answer is within `relativeErrorOf` of a value at the asked
 * rank. It starts at what was asked for, and about doubles each time the buckets run out: 64 buckets at 1 % span a factor of 3.6, at
 * 8 % one of 30,000.
 *
 * Own slab rather than @datadog/sketches-js 2.1.1, measured side by side on 10^6 log-normal values (sigma 1): its insert is
 * faster (24 against 30 to 75 ns, half of which is the forgetting), but its default store is unbounded and took 4 KiB, where this one takes
 * 1 KiB at an error of 8 %; bounded to the same 64 buckets it collapses the lowest and answered a median 37 times too high, and one
 * outlier of 10^15 made every quantile wrong. Its state is made of class instances.
 *
 * Cost: one logarithm and a binary search a value; at most 16 bytes a bucket. Values at or below 0 count as zeros. Fails when values
 * span so many orders that the error outgrows the question: ask `relativeErrorOf`.
 */
import { advance, type DecayScale, emptyScale, fadeAt, weightAt } from './forward-decay.ts';
import {
  addToBucket,
  bucketError,
  bucketOf,
  bucketValue,
  emptyLogBuckets,
  type LogBuckets,
  mergedBucket,
  mergePairs,
  scaleBuckets,
  weightAbove,
} from './log-buckets.ts';

export interface QuantileSketch {
  readonly slab: LogBuckets;
  /** Decayed weight of values at or below 0. */
  zeros: number;
  readonly scale: DecayScale;
}

/** `relativeError` in (0, 1). */
export const emptyQuantileSketch = (relativeError = 0.01, bucketsMax = 64): QuantileSketch => ({
  slab: emptyLogBuckets(relativeError, bucketsMax),
  zeros: 0,
  scale: emptyScale(),
});

export const relativeErrorOf = ({ slab }: Readonly<QuantileSketch>): number => bucketError(slab.logBase);

/** Decayed number of values, zeros included. */
export const sketchWeight = ({ slab, zeros, scale }: Readonly<QuantileSketch>, tMs: number): number =>
  (slab.total + zeros) * fadeAt(scale, tMs);

export function learnValue(sketch: QuantileSketch, value: number, tMs: number, halfLifeMs: number): void {
  bringForward(sketch, tMs, halfLifeMs);
  const weight = weightAt(sketch.scale, tMs);
  if (value > 0) addToBucket(sketch.slab, bucketOf(value, sketch.slab.logBase), weight);
  else sketch.zeros += weight;
}

function bringForward(sketch: QuantileSketch, tMs: number, halfLifeMs: number): void {
  const factor = advance(sketch.scale, tMs, halfLifeMs);
  if (factor === 1) return;
  scaleBuckets(sketch.slab, factor);
  sketch.zeros *= factor;
}

/**
 * Adds everything `from` has seen; `from` stays as it is. RangeError unless both began with the same relative error and forget alike.
 * The coarser of the two decides the error of the result.
 */
export function mergeInto(sketch: QuantileSketch, from: Readonly<QuantileSketch>): void {
  if (from.slab.total + from.zeros === 0) return;
  const { slab } = sketch;
  if (!Number.isInteger(Math.log2(slab.logBase / from.slab.logBase))) throw new RangeError('sketches differ in base');
  const { landmarkMs, halfLifeMs } = from.scale;
  if (slab.total + sketch.zeros > 0 && sketch.scale.halfLifeMs !== halfLifeMs)
    throw new RangeError('sketches differ in half-life');
  bringForward(sketch, landmarkMs, halfLifeMs);
  const ratio = weightAt(sketch.scale, landmarkMs);
  while (slab.logBase < from.slab.logBase) mergePairs(slab);
  sketch.zeros += from.zeros * ratio;
  for (let i = 0; i < from.slab.size; i++) {
    // Asked anew each time: adding a bucket may have merged the others.
    const times = Math.log2(slab.logBase / from.slab.logBase);
    addToBucket(slab, mergedBucket(from.slab.buckets[i] ?? 0, times), (from.slab.weights[i] ?? 0) * ratio);
  }
}

/** The value below which a share `q` of the weight lies, within the relative error; 0 for zeros and while nothing was seen. */
export function quantileOf({ slab, zeros }: Readonly<QuantileSketch>, q: number): number {
  const { buckets, weights, size, logBase, total } = slab;
  let above = q * (total + zeros) - zeros;
  if (above < 0 || size === 0) return 0;
  let i = 0;
  while (i < size - 1 && above >= (weights[i] ?? 0)) {
    above -= weights[i] ?? 0;
    i += 1;
  }
  return bucketValue(buckets[i] ?? 0, logBase);
}

/** Share of the weight at values >= `value`; 0 while nothing was seen. */
export function shareAbove({ slab, zeros }: Readonly<QuantileSketch>, value: number): number {
  const total = slab.total + zeros;
  if (!(total > 0)) return 0;
  return value <= 0 ? 1 : Math.min(1, weightAbove(slab, value) / total);
}
