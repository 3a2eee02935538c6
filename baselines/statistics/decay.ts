/**
 * Exponential forgetting in event time: an observation of age a counts 2^(-a / half-life).
 *
 * A sum is kept as its value at one instant and brought forward only when it is touched: O(1) per update, and safe in floating
 * point over any span, because the factor is always at most 1.
 */

/** A decayed sum: `value` as of `atMs` (epoch ms). */
export interface Decayed {
  value: number;
  atMs: number;
}

export const emptyDecayed = (): Decayed => ({ value: 0, atMs: 0 });

/**
 * Share of a weight that is left after `elapsedMs`; 1 for negative spans.
 *
 * One event asks dozens of times for the same few spans, since sums of a session, an hour or a day are learned at one instant: the answers to
 * the last questions are kept, one a slot. They are the same numbers, only a power was most of what a sum cost.
 */
export function remaining(elapsedMs: number, halfLifeMs: number): number {
  if (elapsedMs <= 0) return 1;
  const slot = (elapsedMs ^ (elapsedMs >>> 6)) & (SLOTS - 1);
  if (SPANS[slot] === elapsedMs && HALF_LIVES[slot] === halfLifeMs) return SHARES[slot] ?? 0;
  const share = 2 ** (-elapsedMs / halfLifeMs);
  SPANS[slot] = elapsedMs;
  HALF_LIVES[slot] = halfLifeMs;
  SHARES[slot] = share;
  return share;
}

const SLOTS = 64;
const SPANS = new Float64Array(SLOTS);
const HALF_LIVES = new Float64Array(SLOTS);
const SHARES = new Float64Array(SLOTS);

/**
 * The sum as seen at `tMs`; an instant before its last update sees it undecayed. Nothing of a sum that is 0 is left, at whatever time: a power
 * is the dearest step of scoring, and many sums never were above 0.
 */
export const valueAt = (sum: Readonly<Decayed>, tMs: number, halfLifeMs: number): number =>
  sum.value === 0 ? 0 : sum.value * remaining(tMs - sum.atMs, halfLifeMs);

/** Adds `amount` observed at `tMs`. An observation older than the last update enters already decayed. */
export function addDecayed(sum: Decayed, amount: number, tMs: number, halfLifeMs: number): void {
  if (tMs >= sum.atMs) {
    sum.value = sum.value * remaining(tMs - sum.atMs, halfLifeMs) + amount;
    sum.atMs = tMs;
  } else {
    sum.value += amount * remaining(sum.atMs - tMs, halfLifeMs);
  }
}
