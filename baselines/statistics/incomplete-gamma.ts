import { gammaln } from 'simple-statistics';

/** Both expansions need about 6 sqrt(shape) steps near the mean: enough for shapes of a million. */
const ITERATIONS_MAX = 10_000;
const CONVERGED = 1e-15;
const TINY = 1e-300;

/**
 * Regularised lower incomplete gamma function P(a, x), for a > 0: the probability that a gamma variable of shape a and scale 1 is
 * at most x. Relative accuracy about 1e-10 for shapes up to 10^4, 1e-7 at 10^6. Source: DLMF 8.11.4 (series) below the mean.
 */
export function lowerGamma(a: number, x: number): number {
  if (x <= 0) return 0;
  return x < a + 1 ? front(a, x) * series(a, x) : 1 - front(a, x) * continuedFraction(a, x);
}

/** Q(a, x) = 1 - P(a, x), precise where it is small. Source: DLMF 8.9.2 (continued fraction, modified Lentz) above the mean. */
export function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  return x < a + 1 ? 1 - front(a, x) * series(a, x) : front(a, x) * continuedFraction(a, x);
}

const front = (a: number, x: number): number => Math.exp(a * Math.log(x) - x - gammaln(a));

function series(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n <= ITERATIONS_MAX; n++) {
    term *= x / (a + n);
    sum += term;
    if (term < sum * CONVERGED) break;
  }
  return sum;
}

function continuedFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / (Math.abs(b) < TINY ? TINY : b);
  let fraction = d;
  for (let n = 1; n <= ITERATIONS_MAX; n++) {
    const numerator = -n * (n - a);
    b += 2;
    const denominator = numerator * d + b;
    d = 1 / (Math.abs(denominator) < TINY ? TINY : denominator);
    c = b + numerator / c;
    if (Math.abs(c) < TINY) c = TINY;
    fraction *= c * d;
    if (Math.abs(c * d - 1) < CONVERGED) break;
  }
  return fraction;
}
