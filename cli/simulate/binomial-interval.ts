export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Normal quantile of a two-sided 95 % interval. */
const Z_95 = 1.959963984540054;

/**
 * 95 % score interval of a rate: E. B. Wilson, "Probable inference, the law of succession, and statistical inference" (1927).
 * Never leaves [0, 1] and does not collapse at 0 or all, unlike the normal approximation. No trials: [0, 1].
 * Throws RangeError unless 0 <= successes <= trials. Example: 8 of 10 gives 0.490 to 0.943.
 */
export function binomialInterval(successes: number, trials: number, z: number = Z_95): Interval {
  if (!(successes >= 0 && successes <= trials)) throw new RangeError('successes must lie between 0 and trials');
  if (trials === 0) return { low: 0, high: 1 };
  const rate = successes / trials;
  const weight = 1 + z ** 2 / trials;
  const centre = (rate + z ** 2 / (2 * trials)) / weight;
  const half = (z / weight) * Math.sqrt((rate * (1 - rate)) / trials + z ** 2 / (4 * trials ** 2));
  return { low: successes === 0 ? 0 : centre - half, high: successes === trials ? 1 : centre + half };
}
