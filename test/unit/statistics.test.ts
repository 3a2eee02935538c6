/** Goal: tail probabilities are right where alerts are decided, far out, and no baseline can be blinded by constancy or by bulk. */

import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../baselines/periods.ts';
import { type Amount, amountRange, amountTail, emptyAmount, learnAmount } from '../../baselines/statistics/amount.ts';
import { incompleteBeta } from '../../baselines/statistics/incomplete-beta.ts';
import { studentTail } from '../../baselines/statistics/student-tail.ts';

const DAY_MS = 24 * HOUR_MS;
const HALF_LIFE_MS = 14 * DAY_MS;
/** A Monday, 00:00 UTC. */
const MONDAY_MS = Date.UTC(2026, 0, 5);

/** Fails unless the values agree in relative terms: absolute closeness says nothing at 1e-200. */
function expectRatio(actual: number, expected: number, tolerance = 1e-8): void {
  expect(Math.abs(actual / expected - 1), `${actual} against ${expected}`).toBeLessThan(tolerance);
}

/** P(at least k of n) for a fair or unfair coin, summed term by term. */
function binomialTail(k: number, n: number, p: number): number {
  let sum = 0;
  for (let i = k; i <= n; i++) {
    let term = p ** i * (1 - p) ** (n - i);
    for (let j = 1; j <= i; j++) term *= (n - i + j) / j;
    sum += term;
  }
  return sum;
}

/** P(X >= k) of the negative binomial with this mean and variance / mean, summed term by term from k on. */
function _negativeBinomialTail(k: number, mean: number, spread: number): number {
  const r = mean / (spread - 1);
  const p = 1 - 1 / spread;
  let logTerm = k * Math.log(p) - r * Math.log(spread);
  for (let i = 0; i < k; i++) logTerm += Math.log((r + i) / (i + 1));
  let ratio = 1;
  let sum = 1;
  for (let i = k; i < k + 100_000 && ratio > 1e-18 * sum; i++) {
    ratio *= ((r + i) / (i + 1)) * p;
    sum += ratio;
  }
  return Math.exp(logTerm) * sum;
}

function _poissonTail(k: number, mean: number): number {
  let logTerm = k * Math.log(mean) - mean;
  for (let i = 2; i <= k; i++) logTerm -= Math.log(i);
  let ratio = 1;
  let sum = 1;
  for (let i = k + 1; ratio > 1e-18 * sum; i++) {
    ratio *= mean / i;
    sum += ratio;
  }
  return Math.exp(logTerm) * sum;
}

describe('incompleteBeta', () => {
  it.each([
    [1e-200, 2],
    [1e-10, 3],
    [0.3, 50],
    [0.5, 1],
    [0.999, 0.5],
  ])('I_%d(1, b=%d) = 1 - (1 - x)^b', (x, b) => {
    expectRatio(incompleteBeta(x, 1, b), -Math.expm1(b * Math.log1p(-x)));
  });

  it.each([
    [1e-100, 2],
    [1e-10, 3],
    [0.3, 50],
    [0.5, 600],
    [0.999, 7],
    [0.2, 0.5],
  ])('I_%d(a=%d, 1) = x^a, also below 1e-180', (x, a) => {
    expectRatio(incompleteBeta(x, a, 1), x ** a);
  });

  it.each([0.5, 1, 3, 10, 1000, 100_000])('is a half in the middle of a symmetric beta, a = b = %d', (a) => {
    expectRatio(incompleteBeta(0.5, a, a), 0.5);
  });

  it.each([
    [3, 10, 0.2],
    [10, 10, 0.5],
    [40, 60, 0.1],
    [1, 60, 0.01],
    [30, 60, 0.9],
  ])('is the tail of the binomial: at least %d of %d at p = %d', (k, n, p) => {
    expectRatio(incompleteBeta(p, k, n - k + 1), binomialTail(k, n, p));
  });

  it('is 0 and 1 at and beyond the ends', () => {
    expect([-1, 0, 1, 2].map((x) => incompleteBeta(x, 2, 3))).toEqual([0, 0, 1, 1]);
  });
});

describe('studentTail', () => {
  const ts = [0, 0.1, 1, 5, 1e3, 1e50, 1e100];

  it.each(ts)('is Cauchy with one degree of freedom, t = %d', (t) => {
    expectRatio(studentTail(t, 1), Math.atan2(1, t) / Math.PI);
    expectRatio(studentTail(-t, 1), 1 - Math.atan2(1, t) / Math.PI);
  });

  it.each(ts)('has its closed form with two degrees of freedom, t = %d', (t) => {
    const root = Math.sqrt(2 + t * t);
    expectRatio(studentTail(t, 2), 1 / (root * (root + t)));
  });

  it('is nearly normal with many degrees of freedom', () => {
    expectRatio(studentTail(1.959963985, 1e6), 0.025, 1e-4);
    expectRatio(studentTail(6, 1e7), 9.8659e-10, 1e-3);
  });
});

function amountOf(values: readonly number[], stepMs = HOUR_MS): { amount: Amount; nowMs: number } {
  const amount = emptyAmount();
  values.forEach((value, i) => {
    learnAmount(amount, value, MONDAY_MS + i * stepMs, HALF_LIFE_MS);
  });
  return { amount, nowMs: MONDAY_MS + values.length * stepMs };
}

const repeat = <T>(value: T, times: number): T[] => Array.from({ length: times }, () => value);

describe('amount', () => {
  it('alerts on 50 times the value of an agent that never varied, and not on the value itself', () => {
    const { amount, nowMs } = amountOf(repeat(10, 60));
    expect(amountTail(amount, 500, nowMs, HALF_LIFE_MS, 'smooth')).toBeLessThan(1e-6);
    expect(amountTail(amount, 10, nowMs, HALF_LIFE_MS, 'smooth')).toBeGreaterThan(0.2);
    expect(amountTail(amount, 11, nowMs, HALF_LIFE_MS, 'smooth')).toBeGreaterThan(0.05);
  });

  it('does so for every constant, as no rounding makes the spread negative', () => {
    for (const value of [1, 3, 7, 0.1, 12_345_678, Number.MAX_SAFE_INTEGER / 100]) {
      const { amount, nowMs } = amountOf(repeat(value, 200));
      expect(amountTail(amount, value, nowMs, HALF_LIFE_MS, 'smooth'), `${value} again`).toBeGreaterThan(0.2);
      expect(amountTail(amount, value * 50 + 50, nowMs, HALF_LIFE_MS, 'smooth'), `${value} times 50`).toBeLessThan(
        1e-4,
      );
    }
  });

  it('does not let one huge value hide the next surge', () => {
    const usual = amountOf(repeat(10, 200));
    const surged = amountOf([...repeat(10, 100), 10_000, ...repeat(10, 99)]);
    expect(amountTail(surged.amount, 1000, surged.nowMs, HALF_LIFE_MS, 'smooth')).toBeLessThan(1e-4);
    expect(amountTail(surged.amount, 1000, surged.nowMs, HALF_LIFE_MS, 'smooth')).toBeGreaterThan(
      amountTail(usual.amount, 1000, usual.nowMs, HALF_LIFE_MS, 'smooth'),
    );
  });

  it('sees a surge of 26 times in a heavy tail, whose mean is far above its median', () => {
    const heavy = Array.from({ length: 200 }, (_, i) =>
      Math.round(10 * Math.exp(0.8 * Math.sin(i * 2.4) + (i % 7) / 7)),
    );
    const { amount, nowMs } = amountOf(heavy);
    const { typical, bound99 } = amountRange(amount, nowMs, HALF_LIFE_MS);
    expect(amountTail(amount, typical * 26, nowMs, HALF_LIFE_MS, 'smooth')).toBeLessThan(1e-3);
    expect(amountTail(amount, Math.max(...heavy), nowMs, HALF_LIFE_MS, 'smooth')).toBeGreaterThan(1e-3);
    expect(bound99).toBeGreaterThan(typical);
  });

  it('is the more surprised by anything, the more often there was nothing', () => {
    const often = amountOf(Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 10 : 0)));
    const seldom = amountOf(Array.from({ length: 100 }, (_, i) => (i % 20 === 0 ? 10 : 0)));
    const p = ({ amount, nowMs }: { amount: Amount; nowMs: number }) =>
      amountTail(amount, 10, nowMs, HALF_LIFE_MS, 'smooth');
    expect(p(seldom)).toBeLessThan(p(often) / 3);
    expect(p(amountOf(repeat(0, 100)))).toBeLessThan(0.01);
  });

  it('says nothing against nothing, and little where nothing was ever learned', () => {
    const { amount, nowMs } = amountOf(repeat(10, 60));
    expect(amountTail(amount, 0, nowMs, HALF_LIFE_MS, 'smooth')).toBe(1);
    expect(amountTail(emptyAmount(), 1e9, nowMs, HALF_LIFE_MS, 'smooth')).toBe(0.5);
    expect(amountRange(emptyAmount(), nowMs, HALF_LIFE_MS)).toEqual({ typical: 0, bound99: 0, n: 0 });
  });

  it('gives a humped amount a heavier tail than a smooth one, once much is known', () => {
    const { amount, nowMs } = amountOf(Array.from({ length: 200 }, (_, i) => 10 + (i % 7)));
    const smooth = amountTail(amount, 60, nowMs, HALF_LIFE_MS, 'smooth');
    const humped = amountTail(amount, 60, nowMs, HALF_LIFE_MS, 'humped');
    expect(humped).toBeGreaterThan(smooth * 10);
    expect(humped).toBeLessThan(0.01);
  });
});
