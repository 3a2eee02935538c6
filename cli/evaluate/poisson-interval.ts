import { lowerGamma } from '../../baselines/statistics/incomplete-gamma.ts';
import type { Interval } from '../simulate/binomial-interval.ts';

const TAIL = 0.025;
const STEPS = 100;

/**
 * Exact 95 % interval of the mean of a Poisson count: F. Garwood, "Fiducial limits for the Poisson distribution", Biometrika 28 (1936).
 * Covers at least 95 %, more for small counts. `count` is an integer from 0 to a million; throws RangeError otherwise.
 * Examples: 0 gives 0 to 3.69, 5 gives 1.62 to 11.67.
 */
export function poissonInterval(count: number): Interval {
  if (!Number.isInteger(count) || count < 0 || count > 1e6)
    throw new RangeError('a count is an integer from 0 to 10^6');
  return {
    low: count === 0 ? 0 : gammaQuantile(count, TAIL),
    high: gammaQuantile(count + 1, 1 - TAIL),
  };
}

/** P(shape, x) = `probability`, by bisection: 100 halvings leave nothing of the bracket that a double could show. */
function gammaQuantile(shape: number, probability: number): number {
  let low = 0;
  let high = shape + 10 * Math.sqrt(shape) + 10;
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    if (lowerGamma(shape, middle) < probability) low = middle;
    else high = middle;
  }
  return high;
}
