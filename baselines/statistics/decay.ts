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

/** Share of a weight that is left after `elapsedMs`; 1 for negative spans. */
export const remaining = (elapsedMs: number, halfLifeMs: number): number =>
  elapsedMs <= 0 ? 1 : 2 ** (-elapsedMs / halfLifeMs);

/** The sum as seen at `tMs`; an instant before its last update sees it undecayed. */
export const valueAt = (sum: Readonly<Decayed>, tMs: number, halfLifeMs: number): number =>
  sum.value * remaining(tMs - sum.atMs, halfLifeMs);

/** Adds `amount` observed at `tMs`. An observation older than the last update enters already decayed. */
export function addDecayed(sum: Decayed, amount: number, tMs: number, halfLifeMs: number): void {
  if (tMs >= sum.atMs) {
    sum.value = sum.value * remaining(tMs - sum.atMs, halfLifeMs) + amount;
    sum.atMs = tMs;
  } else {
    sum.value += amount * remaining(sum.atMs - tMs, halfLifeMs);
  }
}
