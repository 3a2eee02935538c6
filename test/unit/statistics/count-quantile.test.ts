/** Goal: the quantile of a count is the smallest count whose tail reaches the share asked for, over and under Poisson. */
import { describe, expect, it } from 'vitest';
import { countQuantile } from '../../../baselines/statistics/count-quantile.ts';
import { lowerCountTail } from '../../../baselines/statistics/count-tail.ts';

const MODELS = [0.001, 0.5, 3, 40, 12_345].flatMap((mean) =>
  [0.25, 1, 4, 60].map((dispersion) => ({ mean, dispersion })),
);

describe('the quantile of a count', () => {
  it.each(MODELS)(
    'with mean $mean and dispersion $dispersion is the first to reach its share',
    ({ mean, dispersion }) => {
      for (const q of [0.025, 0.5, 0.975]) {
        const k = countQuantile(q, mean, dispersion);
        expect(lowerCountTail(k, mean, dispersion)).toBeGreaterThanOrEqual(q);
        expect(lowerCountTail(k - 1, mean, dispersion)).toBeLessThan(q);
      }
    },
  );

  it('of a Poisson count with mean 10 is as in the tables', () => {
    expect([0.025, 0.5, 0.975].map((q) => countQuantile(q, 10, 1))).toEqual([4, 10, 17]);
  });
});
