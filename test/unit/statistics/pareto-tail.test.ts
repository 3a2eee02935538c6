/** Goal: p beyond everything seen is about right for heavy and light tails, falls without a step, and constancy is not certainty. */
import { describe, expect, it } from 'vitest';
import { fitTail, paretoTail } from '../../../baselines/statistics/pareto-tail.ts';
import { emptyQuantileSketch, learnValue, type QuantileSketch } from '../../../baselines/statistics/quantile-sketch.ts';
import { createRandom, type Random } from '../../../cli/simulate/random.ts';

const HALF_LIFE_MS = 14 * 86_400_000;
const START_MS = Date.UTC(2026, 0, 5);

function sketchOf(values: readonly number[]): QuantileSketch {
  const sketch = emptyQuantileSketch();
  for (const value of values) learnValue(sketch, value, START_MS, HALF_LIFE_MS);
  return sketch;
}

const tail = (sketch: QuantileSketch, x: number): number => paretoTail(sketch, x, START_MS);

describe('Pareto tail', () => {
  it.each<[string, (random: Random) => number, (p: number) => number]>([
    ['exponential', (random) => -1000 * Math.log(1 - random.uniform()), (p) => -1000 * Math.log(p)],
    ['Pareto 1/xi = 4', (random) => 50 * (1 - random.uniform()) ** -0.25, (p) => 50 * p ** -0.25],
    ['Pareto 1/xi = 2', (random) => 50 * (1 - random.uniform()) ** -0.5, (p) => 50 * p ** -0.5],
  ])('claims p within a factor of three, at the value that 1 in 10,000 exceeds: %s', (name, draw, quantile) => {
    const claims = Array.from({ length: 25 }, (_, run) => {
      const random = createRandom(`${name} ${run}`);
      const sketch = sketchOf(Array.from({ length: 2000 }, () => draw(random)));
      return Math.log10(tail(sketch, quantile(1e-4)) / 1e-4);
    }).sort((a, b) => a - b);
    // The median of 25 agents with 2,000 values each: 200 exceedances, extrapolated by a factor of five beyond the data.
    expect(Math.abs(claims[12] ?? 9)).toBeLessThan(Math.log10(3));
  });

  it.each<[string, (random: Random) => number]>([
    ['exponential', (random) => -1000 * Math.log(1 - random.uniform())],
    ['log-normal, sigma 1', (random) => random.lognormal(1000, 1)],
    ['log-normal, sigma 1.5', (random) => random.lognormal(1000, 1.5)],
    ['Poisson', (random) => random.poisson(10)],
  ])('says p = 1e-3 of the next value at most 2.5 times as often as it may, after 500 values: %s', (name, draw) => {
    let met = 0;
    for (let run = 0; run < 30; run++) {
      const random = createRandom(`claims ${name} ${run}`);
      const sketch = sketchOf(Array.from({ length: 500 }, () => draw(random)));
      for (let i = 0; i < 1000; i++) if (tail(sketch, draw(random)) <= 1e-3) met += 1;
    }
    expect(met / 30_000).toBeLessThan(2.5e-3);
  });

  it('finds the shape of a heavy tail, and does not make a light one heavy', () => {
    const random = createRandom('shapes');
    const heavy = fitTail(sketchOf(Array.from({ length: 20_000 }, () => (1 - random.uniform()) ** -0.4)), START_MS);
    const light = fitTail(sketchOf(Array.from({ length: 20_000 }, () => 100 + random.uniform())), START_MS);
    expect(heavy?.shape).toBeCloseTo(0.4, 1);
    expect(light?.shape).toBeLessThan(0.05);
  });

  it('has no step at the threshold and falls everywhere', () => {
    const random = createRandom('steps');
    const sketch = sketchOf(Array.from({ length: 3000 }, () => random.lognormal(100, 1)));
    const { threshold } = fitTail(sketch, START_MS) ?? { threshold: 0 };
    expect(tail(sketch, threshold * (1 + 1e-9)) / tail(sketch, threshold * (1 - 1e-9))).toBeCloseTo(1, 6);
    let last = 1;
    for (let x = 1; x < 1e6; x *= 1.01) {
      const p = tail(sketch, x);
      expect(p).toBeLessThanOrEqual(last);
      last = p;
    }
    expect(last).toBeGreaterThan(0);
  });

  it('alerts on a change of an agent that never varied, and not on what it always does', () => {
    const sketch = sketchOf(Array.from({ length: 200 }, () => 10));
    expect(tail(sketch, 9.8)).toBeGreaterThan(0.9);
    expect(tail(sketch, 11)).toBeGreaterThan(0.2);
    expect(tail(sketch, 12)).toBeLessThan(0.3);
    expect(tail(sketch, 20)).toBeLessThan(1e-3);
    expect(tail(sketch, 500)).toBeLessThan(1e-9);
  });

  it('is cautious while it knows little, and silent while it knows nothing', () => {
    expect(tail(sketchOf([10, 10, 10]), 20)).toBeGreaterThan(0.02);
    expect([tail(emptyQuantileSketch(), 5), tail(sketchOf([0, 0]), 5), tail(sketchOf([5]), 0)]).toEqual([1, 1, 1]);
  });

  it('does not let one huge value among many hide the next surge', () => {
    const random = createRandom('huge');
    const values = Array.from({ length: 2000 }, () => random.lognormal(100, 0.5));
    const surged = sketchOf([...values.slice(0, 1000), 1e6, ...values.slice(1000)]);
    // Between the bulk, which ends near 600, and the huge value.
    expect(tail(surged, 20_000)).toBeLessThan(0.01);
    expect(tail(sketchOf(values), 20_000)).toBeLessThan(1e-5);
  });
});
