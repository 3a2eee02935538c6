import { lowerCountTail } from './count-tail.ts';

/** Counts are not searched beyond this: nobody draws a band that high. */
const COUNT_MAX = 2 ** 40;

/**
 * The smallest count k with P(X <= k) >= q, for a count of this mean and variance `mean * dispersion`; q in (0, 1). By doubling and
 * bisection: some 2 log2(k) tails.
 */
export function countQuantile(q: number, mean: number, dispersion: number): number {
  const reaches = (k: number) => lowerCountTail(k, mean, dispersion) >= q;
  if (reaches(0)) return 0;
  let high = Math.max(1, Math.ceil(mean));
  while (!reaches(high) && high < COUNT_MAX) high *= 2;
  let low = 0;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (reaches(middle)) high = middle;
    else low = middle;
  }
  return high;
}
