/** Goal: rolling statistics equal what a formula over the whole history gives, whatever the order of small steps, and stay finite. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../baselines/periods.ts';
import { amountTail, emptyAmount, learnAmount } from '../../baselines/statistics/amount.ts';
import { addDecayed, emptyDecayed, valueAt } from '../../baselines/statistics/decay.ts';
import { incompleteBeta } from '../../baselines/statistics/incomplete-beta.ts';
import { studentTail } from '../../baselines/statistics/student-tail.ts';

const DAY_MS = 24 * HOUR_MS;
const HALF_LIFE_MS = 14 * DAY_MS;
const START_MS = Date.UTC(2026, 0, 5);
const FIFTY_YEARS_MS = 50 * 365.25 * DAY_MS;

const observation = fc.record({
  atMs: fc.integer({ min: START_MS, max: START_MS + 200 * DAY_MS }),
  amount: fc.double({ min: 0, max: 1e9, noNaN: true }),
});

/** The definition: every observation weighs 2^(-age / half-life). */
const batch = (seen: readonly { atMs: number; amount: number }[], nowMs: number): number =>
  seen.reduce((sum, { atMs, amount }) => sum + amount * 2 ** (-(nowMs - atMs) / HALF_LIFE_MS), 0);

const close = (actual: number, expected: number): boolean =>
  Math.abs(actual - expected) <= 1e-9 * Math.max(Math.abs(expected), 1e-9);

describe('decayed sums', () => {
  it('equal the batch formula in any order of arrival, late observations included', () => {
    fc.assert(
      fc.property(fc.array(observation, { minLength: 1, maxLength: 60 }), fc.nat(100 * DAY_MS), (seen, laterMs) => {
        const sum = emptyDecayed();
        for (const { atMs, amount } of seen) addDecayed(sum, amount, atMs, HALF_LIFE_MS);
        const newestMs = Math.max(...seen.map(({ atMs }) => atMs));
        const nowMs = newestMs + laterMs;
        return sum.atMs === newestMs && close(valueAt(sum, nowMs, HALF_LIFE_MS), batch(seen, nowMs));
      }),
    );
  });

  it('do not care how often they are looked at', () => {
    fc.assert(
      fc.property(fc.array(observation, { maxLength: 20 }), fc.array(fc.nat(400 * DAY_MS)), (seen, looks) => {
        const sum = emptyDecayed();
        for (const { atMs, amount } of seen) addDecayed(sum, amount, atMs, HALF_LIFE_MS);
        const before = { ...sum };
        for (const look of looks) valueAt(sum, START_MS + look, HALF_LIFE_MS);
        expect(sum).toEqual(before);
      }),
    );
  });

  it('stay finite, and forget, over 50 years', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: FIFTY_YEARS_MS }),
        fc.double({ min: 0, max: 2 ** 53, noNaN: true }),
        (gapMs, x) => {
          const sum = { value: 2 ** 53, atMs: START_MS };
          addDecayed(sum, x, START_MS + gapMs, HALF_LIFE_MS);
          const value = valueAt(sum, START_MS + FIFTY_YEARS_MS, HALF_LIFE_MS);
          return Number.isFinite(sum.value) && value >= 0 && value <= sum.value;
        },
      ),
    );
    const old = { value: 2 ** 53, atMs: START_MS };
    expect(valueAt(old, START_MS + FIFTY_YEARS_MS, HALF_LIFE_MS)).toBeLessThan(1e-200);
  });
});

describe('tails', () => {
  /** In steps of 2^-20: then 1 - x is exact, and a difference is the function's doing. */
  const x = fc.nat(2 ** 20).map((steps) => steps / 2 ** 20);
  const shape = fc.double({ min: 0.05, max: 2000, noNaN: true });

  it('of the beta lie in [0, 1], grow with x, and mirror', () => {
    fc.assert(
      fc.property(x, x, shape, shape, (one, other, a, b) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        const [below, above] = [incompleteBeta(low, a, b), incompleteBeta(high, a, b)];
        expect(below).toBeGreaterThanOrEqual(0);
        expect(above).toBeLessThanOrEqual(1 + 1e-9);
        expect(above).toBeGreaterThanOrEqual(below - 1e-9);
        expect(Math.abs(above + incompleteBeta(1 - high, b, a) - 1)).toBeLessThan(1e-7);
      }),
    );
  });

  it('of Student fall as t grows and mirror around 0', () => {
    const t = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(t, t, fc.double({ min: 1, max: 1e4, noNaN: true }), (one, other, freedom) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        expect(studentTail(high, freedom)).toBeLessThanOrEqual(studentTail(low, freedom) * (1 + 1e-9));
        expect(Math.abs(studentTail(low, freedom) + studentTail(-low, freedom) - 1)).toBeLessThan(1e-9);
      }),
    );
  });
});

describe('amounts', () => {
  const size = fc.oneof(
    fc.constant(0),
    fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    fc.double({ min: 0, max: 1e6, noNaN: true }),
  );

  it('make larger values rarer, for any history, also 50 years later', () => {
    fc.assert(
      fc.property(
        fc.array(size, { maxLength: 40 }),
        size,
        size,
        fc.constantFrom(0, DAY_MS, 365 * DAY_MS, FIFTY_YEARS_MS),
        (history, one, other, laterMs) => {
          const amount = emptyAmount();
          history.forEach((value, i) => {
            learnAmount(amount, value, START_MS + i * HOUR_MS, HALF_LIFE_MS);
          });
          const nowMs = START_MS + history.length * HOUR_MS + laterMs;
          const low = amountTail(amount, Math.min(one, other), nowMs, HALF_LIFE_MS, 'smooth');
          const high = amountTail(amount, Math.max(one, other), nowMs, HALF_LIFE_MS, 'smooth');
          expect(high).toBeLessThanOrEqual(low * (1 + 1e-9));
          expect(high).toBeGreaterThanOrEqual(0);
          expect(low).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});
