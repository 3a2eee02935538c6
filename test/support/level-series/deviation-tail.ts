import { DAY_MS } from '../../../baselines/periods.ts';

/**
 * How rare is a deviation this large for this series? The decayed tail of sizes >= 0, with an eye on the time of day.
 *
 * A histogram over log size gives the share of past sizes at least this large, whatever their distribution. Beyond the largest 1 % the
 * sizes are taken to fall like a power (Hill's estimator), since a histogram knows nothing past its record. Where both speak the
 * milder counts: a size seen once a day is never rarer than that. The largest 5 % are also remembered with their time, and a size that
 * keeps coming at about this time of day (a nightly job) is as likely as half its share of that time.
 *
 * Sizes of 0 are common in series that rest, and are kept apart: a first size above 0 is as rare as one over all observations.
 *
 * Fails when the same large size comes on a schedule that is not daily: it stays as rare as it is. A size cannot be called much rarer
 * than one over the number of observations before the power law has something to go by.
 *
 * Cost: at worst O(bins + remembered), 528 and 256; about 8 kB.
 * Source: Hill, "A simple general approach to inference about the tail of a distribution", Annals of Statistics 1975.
 */
export interface DeviationTail {
  /** Weights by log size; of sizes that are 0; of all. In units of 1 / `scale`. */
  readonly weights: Float64Array;
  zeros: number;
  total: number;
  /** What an observation made at `atMs` weighs. It grows, instead of all others shrinking. */
  scale: number;
  atMs: number;
  /** No weight lies above this bin. */
  topBin: number;
  /** The newest of the large sizes, oldest first. */
  readonly large: LargeSize[];
}

export interface LargeSize {
  readonly size: number;
  readonly atMs: number;
}

export interface DeviationTailSettings {
  /** Age at which an observation counts half. */
  readonly memoryMs: number;
  /** Times of day this far apart are still the same time of day. */
  readonly sameTimeMs: number;
}

const BINS_PER_OCTAVE = 6;
/** Sizes from 2^-32 to 2^56 are told apart; those outside count as the nearest. */
const OCTAVE_MIN = -32;
const OCTAVE_MAX = 56;
const BINS = (OCTAVE_MAX - OCTAVE_MIN) * BINS_PER_OCTAVE;
const LN_BIN = Math.LN2 / BINS_PER_OCTAVE;
/** Share of the sizes to which the power law is fitted, and share that is remembered with its time. */
const POWER_SHARE = 0.01;
const LARGE_SHARE = 0.05;
const LARGE_MAX = 256;
/** Prior: five sizes' worth of belief that a size beyond the threshold exceeds it by a factor e^0.2 on average. */
const PRIOR_SIZES = 5;
const PRIOR_LOG_EXCESS = 0.2;
/** A past size that is smaller by at most this share counts as just as large. */
const ALIKE_WITHIN = 0.1;
/** Far below the largest number: weights are brought back to scale 1 before they overflow. */
const SCALE_MAX = 1e100;

export const emptyDeviationTail = (): DeviationTail => ({
  weights: new Float64Array(BINS),
  zeros: 0,
  total: 0,
  scale: 1,
  atMs: 0,
  topBin: 0,
  large: [],
});

const binOf = (size: number): number =>
  Math.min(BINS - 1, Math.max(0, Math.floor((Math.log2(size) - OCTAVE_MIN) * BINS_PER_OCTAVE)));

const lowerEdge = (bin: number): number => 2 ** (OCTAVE_MIN + bin / BINS_PER_OCTAVE);

/** Decayed number of sizes learned, as of the last of them. */
export const deviationsLearned = (tail: Readonly<DeviationTail>): number => tail.total / tail.scale;

/** An observation older than the last one counts as much as that. */
export function learnDeviation(tail: DeviationTail, size: number, tMs: number, settings: DeviationTailSettings): void {
  bringForward(tail, tMs, settings.memoryMs);
  if (size > 0) {
    if (overallTail(tail, size) <= LARGE_SHARE) remember(tail, { size, atMs: tMs });
    const bin = binOf(size);
    tail.weights[bin] = (tail.weights[bin] ?? 0) + tail.scale;
    tail.topBin = Math.max(tail.topBin, bin);
  } else {
    tail.zeros += tail.scale;
  }
  tail.total += tail.scale;
}

function bringForward(tail: DeviationTail, tMs: number, memoryMs: number): void {
  if (tMs <= tail.atMs) return;
  const growth = tail.total === 0 ? 1 : 2 ** ((tMs - tail.atMs) / memoryMs);
  tail.atMs = tMs;
  // Growth is infinite after a silence of a thousand half-lives: then 1 / (scale * growth) is 0, and all before is forgotten.
  if (tail.scale * growth > SCALE_MAX) rescale(tail, 1 / (tail.scale * growth));
  else tail.scale *= growth;
}

function rescale(tail: DeviationTail, factor: number): void {
  for (let bin = 0; bin <= tail.topBin; bin++) tail.weights[bin] = (tail.weights[bin] ?? 0) * factor;
  tail.zeros *= factor;
  tail.total *= factor;
  tail.scale = 1;
}

function remember(tail: DeviationTail, size: LargeSize): void {
  tail.large.push(size);
  if (tail.large.length > LARGE_MAX) tail.large.shift();
}

/** P(a deviation at `tMs` is at least `size`), in (0, 1]; 1 for a size of 0 and while nothing was learned. */
export function deviationTail(
  tail: Readonly<DeviationTail>,
  size: number,
  tMs: number,
  settings: DeviationTailSettings,
): number {
  const overall = overallTail(tail, size);
  if (overall > LARGE_SHARE) return overall;
  const expectedAtThisTime = deviationsLearned(tail) * ((2 * settings.sameTimeMs) / DAY_MS);
  const atThisTime = alikeAtThisTime(tail, size, tMs, settings) / expectedAtThisTime;
  return Math.min(1, Math.max(overall, (overall + atThisTime) / 2));
}

function alikeAtThisTime(
  tail: Readonly<DeviationTail>,
  size: number,
  tMs: number,
  { memoryMs, sameTimeMs }: DeviationTailSettings,
): number {
  let weight = 0;
  for (const past of tail.large) {
    const age = Math.max(0, tMs - past.atMs);
    const apart = age % DAY_MS;
    const alike = past.size >= (1 - ALIKE_WITHIN) * size && Math.min(apart, DAY_MS - apart) <= sameTimeMs;
    if (alike) weight += 2 ** (-age / memoryMs);
  }
  return weight;
}

function overallTail(tail: Readonly<DeviationTail>, size: number): number {
  const learned = deviationsLearned(tail);
  if (size <= 0 || learned <= 0) return 1;
  const { bin, weight } = edgeOf(tail, POWER_SHARE);
  if (weight <= 0) return 0.5 / (learned + 1);
  const above = weightFrom(tail, binOf(size));
  const threshold = lowerEdge(bin);
  if (size <= threshold) return Math.min(1, (above + 0.5) / (learned + 1));
  const logExcess = (logExcessFrom(tail, bin) + PRIOR_SIZES * PRIOR_LOG_EXCESS) / (weight + PRIOR_SIZES);
  const power = (weight + 0.5) * (size / threshold) ** (-1 / logExcess);
  return Math.min(1, Math.max(power, above) / (learned + 1));
}

/**
 * The bin from which upwards lies this share of all sizes, or half of those above 0 if that is less: in a series that nearly always
 * rests the tail is the tail of its movements.
 */
function edgeOf(tail: Readonly<DeviationTail>, share: number): { bin: number; weight: number } {
  const wanted = Math.min(share * tail.total, 0.5 * (tail.total - tail.zeros));
  let weight = 0;
  let bin = tail.topBin + 1;
  while (bin > 0 && (weight <= 0 || weight < wanted)) weight += tail.weights[--bin] ?? 0;
  return { bin, weight: weight / tail.scale };
}

function weightFrom(tail: Readonly<DeviationTail>, from: number): number {
  let weight = 0;
  for (let bin = from; bin <= tail.topBin; bin++) weight += tail.weights[bin] ?? 0;
  return weight / tail.scale;
}

/** Sum of log(size / threshold) over the sizes beyond the threshold, each taken at the middle of its bin. */
function logExcessFrom(tail: Readonly<DeviationTail>, threshold: number): number {
  let sum = 0;
  for (let bin = threshold; bin <= tail.topBin; bin++) {
    sum += (tail.weights[bin] ?? 0) * (bin - threshold + 0.5) * LN_BIN;
  }
  return sum / tail.scale;
}

/** Size that about one deviation in a hundred reaches, to within 12 %; 0 while none above 0 was learned. For people: no decision hangs on it. */
export function size99(tail: Readonly<DeviationTail>): number {
  const { bin, weight } = edgeOf(tail, POWER_SHARE);
  return weight > 0 ? lowerEdge(bin) : 0;
}
