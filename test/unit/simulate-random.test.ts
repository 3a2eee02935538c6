/** Goal: the simulation's numbers are those of the published generator, and its distributions have the moments they claim. */
import { describe, expect, it } from 'vitest';
import { createRandom, type Random, xoshiro128 } from '../../cli/simulate/random.ts';

describe('generator', () => {
  it('gives the outputs of the reference implementation for the state 1, 2, 3, 4', () => {
    const next = xoshiro128([1, 2, 3, 4]);
    const outputs = Array.from({ length: 10 }, next);
    expect(outputs).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  it('does not stay at zero for the state of zeroes', () => {
    const next = xoshiro128([0, 0, 0, 0]);
    expect(new Set(Array.from({ length: 20 }, next)).size).toBeGreaterThan(10);
  });
});

describe('fork', () => {
  it('depends on the key and the label, not on what was drawn before', () => {
    const fresh = createRandom('seed').fork('agent');
    const used = createRandom('seed');
    for (let count = 0; count < 100; count += 1) used.uniform();
    expect(draws(used.fork('agent'))).toEqual(draws(fresh));
  });

  it('gives other numbers for every label, however alike', () => {
    const labels = ['', 'a', 'b', 'aa', 'ab', 'ba', 'day/1', 'day/11', 'day/1/1'];
    const streams = labels.map((label) => draws(createRandom(1).fork(label)).join());
    expect(new Set(streams).size).toBe(labels.length);
  });
});

describe('distributions', () => {
  it.each<[string, (random: Random) => number, number, number]>([
    ['uniform', (random) => random.uniform(), 1 / 2, 1 / 12],
    ['int 1..6', (random) => random.int(1, 6), 3.5, 35 / 12],
    ['normal', (random) => random.normal(), 0, 1],
    ['gamma(3, 2)', (random) => random.gamma(3, 2), 6, 12],
    ['gamma(0.5, 2)', (random) => random.gamma(0.5, 2), 1, 2],
    ['poisson(4)', (random) => random.poisson(4), 4, 4],
    ['poisson(90)', (random) => random.poisson(90), 90, 90],
    ['negativeBinomial(5, 2)', (random) => random.negativeBinomial(5, 2), 5, 5 + 25 / 2],
    ['lognormal(1, 0.5)', (random) => random.lognormal(1, 0.5), Math.exp(0.125), Math.exp(0.25) * (Math.exp(0.25) - 1)],
  ])('%s has its mean and variance', (label, draw, mean, variance) => {
    const random = createRandom(label);
    const values = Array.from({ length: 40_000 }, () => draw(random));
    const observed = values.reduce((sum, value) => sum + value, 0) / values.length;
    const spread = values.reduce((sum, value) => sum + (value - observed) ** 2, 0) / values.length;
    // Five standard errors of the mean; the variance of heavy tails converges slowly.
    expect(Math.abs(observed - mean)).toBeLessThan(5 * Math.sqrt(variance / values.length));
    expect(spread / variance).toBeGreaterThan(0.9);
    expect(spread / variance).toBeLessThan(1.1);
  });

  it('weighted follows the weights and never takes a weight of 0', () => {
    const random = createRandom('weighted');
    const counts = { often: 0, seldom: 0, never: 0 };
    for (let count = 0; count < 10_000; count += 1) counts[random.weighted({ often: 3, seldom: 1, never: 0 })] += 1;
    expect(counts.never).toBe(0);
    expect(counts.often / counts.seldom).toBeGreaterThan(2.7);
    expect(counts.often / counts.seldom).toBeLessThan(3.3);
  });

  it('sample takes different items, and all of them when asked for more', () => {
    const sample = createRandom(5).sample(['a', 'b', 'c'], 9);
    expect([...sample].sort()).toEqual(['a', 'b', 'c']);
  });

  it.each([
    ['an empty list', () => createRandom(1).pick([])],
    ['weights of 0', () => createRandom(1).weighted({ a: 0 })],
  ])('refuses %s', (_name, draw) => {
    expect(draw).toThrow(RangeError);
  });
});

function draws(random: Random): number[] {
  return Array.from({ length: 8 }, () => random.uniform());
}
