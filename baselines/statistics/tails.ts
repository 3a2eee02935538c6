/**
 * Upper tail probabilities: how likely is a value at least this large?
 */
import { incompleteBeta } from './incomplete-beta.ts';

/** P(T >= t) for Student's t with `freedom` > 0 degrees of freedom. */
export function studentTail(t: number, freedom: number): number {
  const oneSided = 0.5 * incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5);
  return t >= 0 ? oneSided : 1 - oneSided;
}

/**
 * P(X >= k) for a count with mean `mean` and variance `mean * dispersion`: negative binomial when dispersion > 1, close to
 * Poisson as it falls to 1. `k` is rounded up; P is 1 at k <= 0.
 * With r = mean / (dispersion - 1): P(X >= k) = I_{1 - 1/dispersion}(k, r).
 */
export function countTail(k: number, mean: number, dispersion: number): number {
  const atLeast = Math.ceil(k);
  if (atLeast <= 0) return 1;
  const over = Math.max(dispersion, 1.0001);
  return incompleteBeta(1 - 1 / over, atLeast, Math.max(mean, 1e-9) / (over - 1));
}
