/** Goal: quantiles within the stated error whatever the data, bounded, forgetting, and the same whether merged or learned at once. */
import { describe, expect, it } from 'vitest';
import {
  emptyQuantileSketch,
  learnValue,
  mergeInto,
  type QuantileSketch,
  quantileOf,
  relativeErrorOf,
  shareAbove,
  sketchWeight,
} from '../../../baselines/statistics/quantile-sketch.ts';
import { createRandom } from '../../../cli/simulate/random.ts';

const DAY_MS = 86_400_000;
const HALF_LIFE_MS = 14 * DAY_MS;
const START_MS = Date.UTC(2026, 0, 5);

function sketchOf(values: Iterable<number>, sketch = emptyQuantileSketch()): QuantileSketch {
  for (const value of values) learnValue(sketch, value, START_MS, HALF_LIFE_MS);
  return sketch;
}

const draws = (name: string, draw: (random: ReturnType<typeof createRandom>) => number, count = 20_000): number[] => {
  const random = createRandom(name);
  return Array.from({ length: count }, () => draw(random));
};

describe('quantile sketch', () => {
  it.each([
    ['log-normal', draws('a', (random) => random.lognormal(1000, 1)), 0.081],
    ['Pareto', draws('b', (random) => (1 - random.uniform()) ** (-1 / 1.2)), 0.16],
    ['small whole numbers', draws('c', (random) => random.poisson(5) + 1), 0.0101],
    ['one outlier of 1e15', [...draws('d', (random) => random.lognormal(1000, 0.5)), 1e15], 0.041],
    ['fractions', draws('e', (random) => random.uniform() / 1000 + 1e-9), 0.16],
  ])('keeps its error in 64 buckets: %s', (_name, values, errorMax) => {
    const sketch = sketchOf(values);
    const sorted = values.toSorted((a, b) => a - b);
    const error = relativeErrorOf(sketch);
    expect(error).toBeLessThan(errorMax);
    expect(sketch.slab.size).toBeLessThanOrEqual(64);
    const wrong = [0, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 1].filter((q) => {
      const exact = sorted[Math.floor(q * (sorted.length - 1e-6))] ?? 0;
      return Math.abs(quantileOf(sketch, q) / exact - 1) > error * (1 + 1e-9);
    });
    expect(wrong).toEqual([]);
  });

  it('counts zeros, and knows nothing when empty', () => {
    const sketch = sketchOf([0, 0, 0, 10, -5]);
    expect([quantileOf(sketch, 0.5), shareAbove(sketch, 1), shareAbove(sketch, 0)]).toEqual([0, 0.2, 1]);
    expect(quantileOf(sketch, 0.9)).toBeCloseTo(10, 0);
    const empty = emptyQuantileSketch();
    expect([quantileOf(empty, 0.5), shareAbove(empty, 1), sketchWeight(empty, START_MS)]).toEqual([0, 0, 0]);
  });

  it('forgets: after ten half-lives of small values the large ones are beyond the 99th percentile', () => {
    const sketch = sketchOf(Array.from({ length: 1000 }, () => 1e6));
    for (let day = 1; day <= 140; day++)
      for (let i = 0; i < 10; i++) learnValue(sketch, 10, START_MS + day * DAY_MS, HALF_LIFE_MS);
    expect(quantileOf(sketch, 0.99)).toBeCloseTo(10, 0);
    expect(shareAbove(sketch, 1000)).toBeCloseTo((1000 * 2 ** -10) / sketchWeight(sketch, START_MS + 140 * DAY_MS), 9);
  });

  it('takes back its buckets from what it has forgotten, and keeps its precision', () => {
    const sketch = sketchOf(Array.from({ length: 64 }, (_, i) => 1.02 ** (i * 3)));
    const error = relativeErrorOf(sketch);
    for (let i = 0; i < 40; i++) learnValue(sketch, 1e6 * 1.05 ** i, START_MS + 400 * DAY_MS, HALF_LIFE_MS);
    expect(relativeErrorOf(sketch)).toBe(error);
    expect(sketch.slab.size).toBe(40);
  });

  it('adapts when the half-life is changed, without reinterpreting the past', () => {
    const sketch = sketchOf([10, 10, 10, 10]);
    learnValue(sketch, 10, START_MS + 14 * DAY_MS, DAY_MS);
    expect(sketchWeight(sketch, START_MS + 14 * DAY_MS)).toBeCloseTo(3, 9);
    expect(sketchWeight(sketch, START_MS + 15 * DAY_MS)).toBeCloseTo(1.5, 9);
  });

  it('refuses to merge what cannot be merged', () => {
    const sketch = sketchOf([1, 2, 3]);
    const other = emptyQuantileSketch();
    learnValue(other, 1, START_MS, DAY_MS);
    expect(() => mergeInto(sketch, other)).toThrow('half-life');
    expect(() => mergeInto(sketch, sketchOf([1], emptyQuantileSketch(0.03)))).toThrow('base');
    mergeInto(sketch, emptyQuantileSketch());
    expect(sketch).toEqual(sketchOf([1, 2, 3]));
  });
});
