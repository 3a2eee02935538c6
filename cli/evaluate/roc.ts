/**
 * Receiver operating characteristic of session scores: attacks (positives) against benign sessions (negatives).
 * T. Fawcett, "An introduction to ROC analysis", Pattern Recognition Letters 27 (2006).
 */

/** Shares of benign sessions and of attacks at or above some score. Both 0..1. */
export interface RocPoint {
  readonly fpr: number;
  readonly tpr: number;
}

/**
 * Area under the curve: the probability that an attack scores above a benign session, ties counting half (Mann, Whitney 1947).
 * Null without attacks or without benign sessions. Example: attacks 0.9, 0.4 against benign 0.4, 0.1 give 3.5 of 4 pairs: 0.875.
 */
export function areaUnderCurve(positives: readonly number[], negatives: readonly number[]): number | null {
  if (positives.length === 0 || negatives.length === 0) return null;
  const sorted = Float64Array.from(negatives).sort();
  let pairs = 0;
  for (const score of positives) pairs += (countBelow(sorted, score) + countUpTo(sorted, score)) / 2;
  return pairs / (positives.length * negatives.length);
}

/**
 * Share of attacks that score above the threshold which lets `fpr` of the benign sessions pass: the benign score of rank
 * floor(fpr n), counted down from 0. What ties with the threshold is not found. Null without either. `fpr` in [0, 1).
 */
export function tprAtFpr(positives: readonly number[], negatives: readonly number[], fpr: number): number | null {
  const threshold = thresholdAtFpr(negatives, fpr);
  if (threshold === null || positives.length === 0) return null;
  return positives.filter((score) => score > threshold).length / positives.length;
}

/** See `tprAtFpr`; null without benign sessions. */
export function thresholdAtFpr(negatives: readonly number[], fpr: number): number | null {
  const descending = Float64Array.from(negatives).sort().reverse();
  return descending[Math.floor(fpr * descending.length)] ?? null;
}

/** A page and a JSON object stay readable; beyond this many corners every k-th is kept. */
const POINTS_MAX = 1000;

/** From (0, 0) to (1, 1), only where the curve turns. Empty without attacks or without benign sessions. */
export function rocCurve(positives: readonly number[], negatives: readonly number[]): RocPoint[] {
  if (positives.length === 0 || negatives.length === 0) return [];
  const attacks = Float64Array.from(positives).sort();
  const benign = Float64Array.from(negatives).sort();
  const scores = [...new Set([...positives, ...negatives])].sort((one, other) => other - one);
  const points = scores.map((score) => ({
    fpr: (benign.length - countBelow(benign, score)) / benign.length,
    tpr: (attacks.length - countBelow(attacks, score)) / attacks.length,
  }));
  return thinned(corners([{ fpr: 0, tpr: 0 }, ...points]));
}

function corners(points: readonly RocPoint[]): RocPoint[] {
  return points.filter((point, i) => {
    const before = points[i - 1];
    const after = points[i + 1];
    if (before === undefined || after === undefined) return true;
    const straightUp = before.fpr === point.fpr && point.fpr === after.fpr;
    const straightOn = before.tpr === point.tpr && point.tpr === after.tpr;
    return !(straightUp || straightOn);
  });
}

function thinned(points: readonly RocPoint[]): RocPoint[] {
  const step = Math.ceil(points.length / POINTS_MAX);
  return points.filter((_, i) => i % step === 0 || i === points.length - 1);
}

const countBelow = (sorted: Float64Array, value: number): number => firstIndex(sorted, (one) => one >= value);
const countUpTo = (sorted: Float64Array, value: number): number => firstIndex(sorted, (one) => one > value);

/** First index at which `holds` is true, for a condition that stays true once it is; the length if nowhere. */
function firstIndex(sorted: Float64Array, holds: (value: number) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(sorted[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return low;
}
