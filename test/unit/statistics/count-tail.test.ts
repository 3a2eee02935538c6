/** Goal: count tails are right far out on both sides, the spread is learned, and no single count buys room for the next. */
import { describe, expect, it } from 'vitest';
import {
  dispersionOf,
  emptySpread,
  learnSpread,
  lowerCountTail,
  upperCountTail,
  winsorised,
} from '../../../baselines/statistics/count-tail.ts';
import { lowerGamma, upperGamma } from '../../../baselines/statistics/incomplete-gamma.ts';
import { createRandom } from '../../../cli/simulate/random.ts';

const HOUR_MS = 3_600_000;
const HALF_LIFE_MS = 14 * 24 * HOUR_MS;
const START_MS = Date.UTC(2026, 0, 5);

function expectRatio(actual: number, expected: number, tolerance = 1e-8): void {
  expect(Math.abs(actual / expected - 1), `${actual} against ${expected}`).toBeLessThan(tolerance);
}

/** P(X = k) of the negative binomial with this mean and variance / mean, and of Poisson at 1. */
function mass(k: number, mean: number, dispersion: number): number {
  const r = mean / (dispersion - 1);
  let log = dispersion === 1 ? -mean : -r * Math.log(dispersion);
  for (let i = 0; i < k; i++)
    log += dispersion === 1 ? Math.log(mean / (i + 1)) : Math.log(((r + i) / (i + 1)) * (1 - 1 / dispersion));
  return Math.exp(log);
}

const sumOf = (from: number, to: number, mean: number, dispersion: number): number => {
  let sum = 0;
  for (let k = from; k <= to; k++) sum += mass(k, mean, dispersion);
  return sum;
};

describe('incomplete gamma', () => {
  it.each([
    [1, 0.5],
    [1, 40],
    [1, 700],
  ])('is exponential at shape %d, x = %d', (a, x) => {
    expectRatio(upperGamma(a, x), Math.exp(-x), 1e-9);
    expectRatio(lowerGamma(a, x), -Math.expm1(-x), 1e-12);
  });

  it.each([
    [5, 0.1],
    [20, 5],
    [20, 60],
    [3, 100],
  ])('is a Poisson sum at whole shapes, a = %d, x = %d', (a, x) => {
    expectRatio(upperGamma(a, x), sumOf(0, a - 1, x, 1), 1e-9);
    expectRatio(lowerGamma(a, x), sumOf(a, a + 400, x, 1), 1e-9);
  });

  it('is near a half in the middle, up to shapes of a million, and whole at the ends', () => {
    expect(
      [1e2, 1e4, 1e6].map((a) => Math.round(1e4 * (upperGamma(a, a) - 0.5) * 3 * Math.sqrt(2 * Math.PI * a)) / 1e4),
    ).toEqual([-1, -1, -1].map((sign) => expect.closeTo(sign, 2)));
    expect([lowerGamma(3, 0), upperGamma(3, 0), lowerGamma(3, -1)]).toEqual([0, 1, 0]);
  });
});

describe('count tails', () => {
  it.each([
    [5, 1, 4],
    [60, 5, 4],
    [300, 100, 2],
    [20, 10, 1],
    [3, 0.05, 20],
  ])('are the summed distribution: %d at mean %d, dispersion %d', (k, mean, dispersion) => {
    expectRatio(upperCountTail(k, mean, dispersion), sumOf(k, k + 3000, mean, dispersion), 1e-7);
    expectRatio(lowerCountTail(k - 1, mean, dispersion), sumOf(0, k - 1, mean, dispersion), 1e-7);
  });

  it.each([0.25, 0.5, 0.9, 1, 1.01, 3, 30])('above and below make a whole, dispersion %d', (dispersion) => {
    for (const k of [1, 4, 10, 25])
      expect(upperCountTail(k, 10, dispersion) + lowerCountTail(k - 1, 10, dispersion)).toBeCloseTo(1, 8);
  });

  it.each([0.25, 0.5, 0.8])('below dispersion 1 keep mean and variance, dispersion %d', (dispersion) => {
    let mean = 0;
    let squares = 0;
    for (let k = 1; k < 200; k++) {
      mean += upperCountTail(k, 30, dispersion);
      squares += (2 * k - 1) * upperCountTail(k, 30, dispersion);
    }
    expect(mean).toBeCloseTo(30, 1);
    expect((squares - mean * mean) / mean).toBeCloseTo(dispersion, 1);
  });

  it('do not jump where one distribution takes over from the other', () => {
    expectRatio(upperCountTail(40, 10, 1.0011), upperCountTail(40, 10, 0.9999), 0.1);
    expectRatio(lowerCountTail(1, 10, 1.0011), lowerCountTail(1, 10, 0.9999), 0.01);
  });

  it('are whole at the edges, and numbers for a mean of nothing', () => {
    expect([upperCountTail(0, 5, 2), upperCountTail(-1, 5, 2), lowerCountTail(-1, 5, 2)]).toEqual([1, 1, 0]);
    expect(lowerCountTail(0, 0, 4)).toBeCloseTo(1, 5);
    expect(lowerCountTail(0, 0, 4)).toBeLessThanOrEqual(1);
    expect(upperCountTail(1, 0, 4)).toBeGreaterThan(0);
  });
});

function spreadOf(counts: readonly number[], mean: number) {
  const spread = emptySpread();
  counts.forEach((count, i) => {
    learnSpread(spread, count, mean, 1, START_MS + i * HOUR_MS, HALF_LIFE_MS);
  });
  return { spread, at: START_MS + counts.length * HOUR_MS };
}

describe('spread', () => {
  it.each([
    [4, 0.5],
    [4, 5],
    [4, 100],
    [10, 5],
    [1, 20],
  ])('finds dispersion %d at mean %d', (dispersion, mean) => {
    const random = createRandom(`spread ${dispersion} ${mean}`);
    const draw = () =>
      dispersion === 1 ? random.poisson(mean) : random.negativeBinomial(mean, mean / (dispersion - 1));
    const { spread, at } = spreadOf(Array.from({ length: 5000 }, draw), mean);
    // About 485 hours are remembered: a standard error near 10 %, more where counts are rare.
    expectRatio(dispersionOf(spread, at), dispersion, mean < 1 ? 0.5 : 0.3);
  });

  it('falls to a quarter, never to 0, for an agent that never varies, which then alerts on a change', () => {
    const { spread, at } = spreadOf(
      Array.from({ length: 2000 }, () => 10),
      10,
    );
    expect(dispersionOf(spread, at)).toBe(0.25);
    expect(upperCountTail(20, 10, 0.25)).toBeLessThan(1e-6);
    expect(upperCountTail(11, 10, 0.25)).toBeGreaterThan(0.1);
    expect(lowerCountTail(2, 10, 0.25)).toBeLessThan(1e-5);
  });

  it.each([1_000, 1_000_000_000])('is hardly widened by one surge of %d', (surge) => {
    const counts = Array.from({ length: 500 }, (_, i) => (i === 400 ? surge : 10));
    const { spread, at } = spreadOf(counts, 10);
    const steady = spreadOf(counts.with(400, 10), 10);
    expect(dispersionOf(spread, at) - dispersionOf(steady.spread, at)).toBeLessThan(0.3);
    expect(upperCountTail(100, 10, dispersionOf(spread, at))).toBeLessThan(1e-12);
  });

  it('puts down to ignorance of the mean what is due to it', () => {
    const [sure, unsure] = [emptySpread(), emptySpread()];
    for (let i = 0; i < 2000; i++)
      for (const [spread, inflation] of [
        [sure, 1],
        [unsure, 2],
      ] as const)
        learnSpread(spread, i % 2 === 0 ? 5 : 25, 15, inflation, START_MS + i * HOUR_MS, HALF_LIFE_MS);
    const at = START_MS + 2000 * HOUR_MS;
    expectRatio(dispersionOf(sure, at), 100 / 15, 0.03);
    expectRatio(dispersionOf(unsure, at), 50 / 15, 0.03);
  });

  it('lets a stationary count through untouched nearly always', () => {
    const random = createRandom('winsorised');
    let cut = 0;
    for (let i = 0; i < 100_000; i++) {
      const count = random.negativeBinomial(5, 5 / 3);
      if (winsorised(count, 5, 4) < count) cut += 1;
    }
    expect(cut).toBeLessThan(30);
  });
});
