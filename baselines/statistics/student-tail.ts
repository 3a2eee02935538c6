import { incompleteBeta } from './incomplete-beta.ts';

/** P(T >= t) for Student's t with `freedom` > 0 degrees of freedom. */
export function studentTail(t: number, freedom: number): number {
  const oneSided = 0.5 * incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5);
  return t >= 0 ? oneSided : 1 - oneSided;
}
