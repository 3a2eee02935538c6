import { gammaln } from 'simple-statistics';

const ITERATIONS_MAX = 300;
const CONVERGED = 1e-14;
const TINY = 1e-300;

/**
 * Regularised incomplete beta function I_x(a, b), for a, b > 0 and x in [0, 1]; relative accuracy about 1e-10 where the result
 * is above 1e-290. Student's t and the negative binomial tail are both values of it.
 * Source: DLMF 8.17.22, continued fraction evaluated by the modified Lentz method.
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges quickly only on this side of the mean; the other side follows by symmetry.
  return x <= (a + 1) / (a + b + 2) ? lowerPart(x, a, b) : 1 - lowerPart(1 - x, b, a);
}

function lowerPart(x: number, a: number, b: number): number {
  const logFront = logBetaInverse(a, b) + a * Math.log(x) + b * Math.log1p(-x);
  return (Math.exp(logFront) / a) * continuedFraction(x, a, b);
}

/**
 * -ln B(a, b). The last answers are kept, one a slot: degrees of freedom have an upper limit, at which nearly all tails of an agent that is known
 * are asked for.
 */
function logBetaInverse(a: number, b: number): number {
  const slot = (a * 4 + b * 2) & (SLOTS - 1);
  if (AS[slot] === a && BS[slot] === b) return ANSWERS[slot] ?? 0;
  const answer = gammaln(a + b) - gammaln(a) - gammaln(b);
  AS[slot] = a;
  BS[slot] = b;
  ANSWERS[slot] = answer;
  return answer;
}

const SLOTS = 64;
const AS = new Float64Array(SLOTS);
const BS = new Float64Array(SLOTS);
const ANSWERS = new Float64Array(SLOTS);

function continuedFraction(x: number, a: number, b: number): number {
  const awayFromZero = (value: number) => (Math.abs(value) < TINY ? TINY : value);
  let c = 1;
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= ITERATIONS_MAX; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / awayFromZero(1 + even * d);
    c = awayFromZero(1 + even / c);
    fraction *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / awayFromZero(1 + odd * d);
    c = awayFromZero(1 + odd / c);
    fraction *= c * d;
    if (Math.abs(c * d - 1) < CONVERGED) break;
  }
  return fraction;
}
