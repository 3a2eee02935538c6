/**
 * Weights in logarithmic buckets, sorted, in two short slabs: bucket i holds the values in (g^(i-1), g^i] and answers 2 g^i / (g + 1),
 * which is off by at most a = (g - 1) / (g + 1).
 *
 * Bounded: when the slabs are full, buckets whose weight has been forgotten go; if none has, all are merged in pairs, so that g
 * becomes g^2 and a about doubles (UDDSketch). Unlike DDSketch's collapse of the lowest buckets, one huge outlier cannot push ordinary
 * values into a single bucket. Sources: Masson, Rim, Lee, "DDSketch", VLDB 2019; Epicoco et al., "UDDSketch", IEEE Access 2020.
 */
export interface LogBuckets {
  /** ln g. */
  logBase: number;
  /** Limit of buckets, at least 2. */
  readonly bucketsMax: number;
  size: number;
  /** Weight of all buckets. */
  total: number;
  /** Bucket numbers, ascending, and their weights; only the first `size` count. */
  buckets: Float64Array;
  weights: Float64Array;
}

const BUCKETS_START = 8;
/** A bucket below this share of all weight is forgotten when room is needed. */
const FORGOTTEN_SHARE = 1e-6;

/** Most amounts of most agents are never seen. */
const NONE = new Float64Array(0);

/** `relativeError` in (0, 1): what a is until the buckets run out. */
export const emptyLogBuckets = (relativeError: number, bucketsMax: number): LogBuckets => ({
  logBase: Math.log((1 + relativeError) / (1 - relativeError)),
  bucketsMax,
  size: 0,
  total: 0,
  buckets: NONE,
  weights: NONE,
});

/** a as it stands now. */
export const bucketError = (logBase: number): number => Math.tanh(logBase / 2);

/** Number of the bucket that holds `value` > 0. */
export const bucketOf = (value: number, logBase: number): number => Math.ceil(Math.log(value) / logBase) + 0;

/** 2 g^i / (g + 1): within the relative error of everything in the bucket. */
export const bucketValue = (bucket: number, logBase: number): number =>
  (2 * Math.exp(bucket * logBase)) / (Math.exp(logBase) + 1);

/** The bucket's lower edge. */
export const bucketEdge = (bucket: number, logBase: number): number => Math.exp((bucket - 1) * logBase);

/** Number of the bucket after `times` mergers in pairs. Adding 0 turns -0 into 0: they are equal, but not the same bits. */
export const mergedBucket = (bucket: number, times = 1): number => Math.ceil(bucket / 2 ** times) + 0;

/** Adds weight to a bucket. Costs a binary search; allocates only when the slabs double. */
export function addToBucket(slab: LogBuckets, bucket: number, weight: number): void {
  const at = placeOf(slab, bucket);
  if (at < slab.size && slab.buckets[at] === bucket) {
    slab.weights[at] = (slab.weights[at] ?? 0) + weight;
    slab.total += weight;
  } else if (slab.size < slab.bucketsMax) insertAt(slab, at, bucket, weight);
  else if (dropForgotten(slab, slab.total + weight)) addToBucket(slab, bucket, weight);
  else {
    mergePairs(slab);
    addToBucket(slab, mergedBucket(bucket), weight);
  }
}

/** Index of the first bucket that is not below `bucket`. */
function placeOf({ buckets, size }: Readonly<LogBuckets>, bucket: number): number {
  // Where most values lie hardly a bucket is missing, so counting from the middle one nearly always hits, and saves the search.
  const middle = size >>> 1;
  const guess = middle + bucket - (buckets[middle] ?? 0);
  if (guess >= 0 && guess < size && buckets[guess] === bucket) return guess;
  return search(buckets, size, bucket);
}

function search(buckets: Float64Array, size: number, bucket: number): number {
  let low = 0;
  let high = size;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((buckets[middle] ?? 0) < bucket) low = middle + 1;
    else high = middle;
  }
  return low;
}

function insertAt(slab: LogBuckets, at: number, bucket: number, weight: number): void {
  if (slab.size === slab.buckets.length) {
    slab.buckets = grown(slab.buckets, slab.bucketsMax);
    slab.weights = grown(slab.weights, slab.bucketsMax);
  }
  slab.buckets.copyWithin(at + 1, at, slab.size);
  slab.weights.copyWithin(at + 1, at, slab.size);
  slab.buckets[at] = bucket;
  slab.weights[at] = weight;
  slab.size += 1;
  slab.total += weight;
}

function grown(slab: Float64Array, max: number): Float64Array {
  const larger = new Float64Array(Math.min(max, Math.max(BUCKETS_START, slab.length * 2)));
  larger.set(slab);
  return larger;
}

/** `total`: weight of all buckets with what is about to come. */
function dropForgotten(slab: LogBuckets, total: number): boolean {
  const before = slab.size;
  const least = total * FORGOTTEN_SHARE;
  rebuild(
    slab,
    (bucket) => bucket,
    (weight) => weight >= least,
  );
  return slab.size < before;
}

/** Squares g: one bucket for each two. */
export function mergePairs(slab: LogBuckets): void {
  slab.logBase *= 2;
  rebuild(
    slab,
    (bucket) => mergedBucket(bucket),
    () => true,
  );
}

/** Renumbers buckets in place (the order must stay), joins equal ones and leaves out what is not kept. */
function rebuild(slab: LogBuckets, renumber: (bucket: number) => number, keep: (weight: number) => boolean): void {
  const { buckets, weights, size } = slab;
  let kept = 0;
  for (let i = 0; i < size; i++) {
    const bucket = renumber(buckets[i] ?? 0);
    const weight = weights[i] ?? 0;
    if (!keep(weight)) slab.total -= weight;
    else if (kept > 0 && buckets[kept - 1] === bucket) weights[kept - 1] = (weights[kept - 1] ?? 0) + weight;
    else {
      buckets[kept] = bucket;
      weights[kept] = weight;
      kept += 1;
    }
  }
  buckets.fill(0, kept, size);
  weights.fill(0, kept, size);
  slab.size = kept;
}

export function scaleBuckets(slab: LogBuckets, factor: number): void {
  for (let i = 0; i < slab.size; i++) slab.weights[i] = (slab.weights[i] ?? 0) * factor;
  slab.total *= factor;
}

/** Weight at values >= `value` > 0, spread evenly in the logarithm within a bucket. */
export function weightAbove({ buckets, weights, size, logBase }: Readonly<LogBuckets>, value: number): number {
  const position = Math.log(value) / logBase;
  let above = 0;
  for (let i = size - 1; i >= 0; i--) {
    const inside = (buckets[i] ?? 0) - position;
    if (inside <= 0) break;
    above += (weights[i] ?? 0) * Math.min(1, inside);
  }
  return above;
}
