/** What is left out for usual values changes nothing that a caller can see: compared with the chance in full, over random histories. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AT_LEAST_ENOUGH, amountTail, emptyAmount, learnAmount } from '../../baselines/statistics/amount.ts';

const HALF_LIFE_MS = 14 * 86_400_000;
const amount = fc.oneof(
  fc.constant(0),
  fc.double({ min: 0.1, max: 1e7, noNaN: true }),
  fc.integer({ min: 1, max: 50 }),
);
const prior = fc.option(
  fc.record({
    mean: fc.double({ min: 0, max: 12, noNaN: true }),
    between: fc.double({ min: 0.05, max: 4, noNaN: true }),
    within: fc.double({ min: 0.05, max: 4, noNaN: true }),
    positiveShare: fc.double({ min: 0, max: 1, noNaN: true }),
    members: fc.integer({ min: 2, max: 100 }),
  }),
  { nil: undefined },
);

describe('amountTail with `enough`', () => {
  it('is the chance itself, or stands for one that is at least enough and below 1', () => {
    let shortened = 0;
    fc.assert(
      fc.property(
        fc.array(amount, { maxLength: 120 }),
        amount,
        prior,
        fc.integer({ min: 1, max: 16 }),
        fc.constantFrom('smooth' as const, 'humped' as const),
        (history, x, from, looked, tail) => {
          const known = emptyAmount();
          for (const [i, one] of history.entries()) learnAmount(known, one, i * 3_600_000, HALF_LIFE_MS);
          const nowMs = history.length * 3_600_000;
          const whole = amountTail(known, x, nowMs, HALF_LIFE_MS, tail, from);
          const short = amountTail(known, x, nowMs, HALF_LIFE_MS, tail, from, 1 / looked);
          if (short === whole) return;
          shortened += 1;
          expect(short).toBe(AT_LEAST_ENOUGH);
          expect(whole).toBeGreaterThanOrEqual(1 / looked);
          expect(whole).toBeLessThan(1);
          // Times the number of sums looked at, neither is told from 1.
          expect(Math.min(1, short * looked)).toBe(1);
        },
      ),
      { numRuns: 2000 },
    );
    expect(shortened).toBeGreaterThan(100);
  });
});
