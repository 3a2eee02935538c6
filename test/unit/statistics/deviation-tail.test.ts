/** Goal: a size is as rare as it was in the past, beyond the record too, and a size that comes daily is not called rare. */
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../cli/simulate/random.ts';
import {
  type DeviationTail,
  deviationsLearned,
  deviationTail,
  emptyDeviationTail,
  learnDeviation,
  size99,
} from '../../support/level-series/deviation-tail.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const START_MS = Date.UTC(2026, 0, 5);
/** So long that nothing is forgotten, unless a test is about forgetting. */
const SETTINGS = { memoryMs: 1000 * DAY_MS, sameTimeMs: 2 * HOUR_MS };

/** Learns one size every five minutes from `START_MS` on. */
function learned(sizes: readonly number[], settings = SETTINGS): DeviationTail {
  const tail = emptyDeviationTail();
  sizes.forEach((size, i) => {
    learnDeviation(tail, size, START_MS + i * 5 * MINUTE_MS, settings);
  });
  return tail;
}

/** Two days of noise around 1, as many sizes at each time of day. */
const NOISE = (() => {
  const random = createRandom('noise');
  return Array.from({ length: 576 }, () => random.lognormal(1, 0.3));
})();
const AFTER_MS = START_MS + 2 * DAY_MS;

describe('the tail of deviations', () => {
  it('says nothing before it has seen anything, and nothing about a distance of 0', () => {
    expect(deviationTail(emptyDeviationTail(), 5, START_MS, SETTINGS)).toBe(1);
    expect(deviationTail(learned([1, 2, 3]), 0, AFTER_MS, SETTINGS)).toBe(1);
  });

  it('gives the share of past sizes at least as large, to within a bin of 12 percent', () => {
    const tail = learned(Array.from({ length: 1000 }, (_, i) => i + 1));
    for (const size of [100, 300, 500, 800]) {
      const p = deviationTail(tail, size, AFTER_MS, SETTINGS);
      expect(p).toBeGreaterThanOrEqual((1001 - size) / 1001);
      expect(p).toBeLessThanOrEqual((1001 - 0.88 * size) / 1001 + 0.001);
    }
  });

  it('never increases with size, past the record either, and never reaches 0', () => {
    const tail = learned(NOISE);
    const ps = Array.from({ length: 400 }, (_, i) => deviationTail(tail, 1.05 ** (i - 100), AFTER_MS, SETTINGS));
    for (let i = 1; i < ps.length; i++) expect(ps[i]).toBeLessThanOrEqual(ps[i - 1] ?? 1);
    expect(ps.at(-1)).toBeGreaterThan(0);
    expect(ps.at(-1)).toBeLessThan(1e-9);
  });

  it('takes heavy tails for what they are: 10 times the record is rarer after quiet noise than after wild noise', () => {
    const random = createRandom('heavy');
    const wild = Array.from({ length: 576 }, () => (1 - random.uniform()) ** (-1 / 1.5));
    const p = (sizes: number[]) => deviationTail(learned(sizes), 10 * Math.max(...sizes), AFTER_MS, SETTINGS);
    expect(p(NOISE)).toBeLessThan(p(wild) / 100);
  });

  it('calls the first movement of a constant series as rare as one over its length', () => {
    expect(deviationTail(learned(new Array(575).fill(0)), 1e-6, AFTER_MS, SETTINGS)).toBeCloseTo(0.5 / 576, 5);
  });

  it('does not call a size rare that came ten times, however far above the rest it lies', () => {
    const sizes = NOISE.map((size, i) => (i % 57 === 0 ? 1000 : size));
    const p = deviationTail(learned(sizes), 1000, AFTER_MS, { ...SETTINGS, sameTimeMs: 1 });
    expect(p).toBeGreaterThanOrEqual(10 / 577);
  });

  it('expects a nightly job at night, give or take the tolerance, and not at noon', () => {
    const tail = emptyDeviationTail();
    const nightly = 3 * 12;
    for (let i = 0; i < 14 * 288; i++) {
      // The job starts up to 20 minutes late, as jobs do.
      const late = Math.floor(i / 288) % 5;
      learnDeviation(
        tail,
        i % 288 === nightly + late ? 50 : (NOISE[i % 576] ?? 1),
        START_MS + i * 5 * MINUTE_MS,
        SETTINGS,
      );
    }
    const at = (hour: number) => deviationTail(tail, 50, START_MS + 14 * DAY_MS + hour * HOUR_MS, SETTINGS);
    expect(at(12)).toBeCloseTo(1 / 288, 3);
    expect(at(3)).toBeGreaterThan(3 * at(12));
    expect(at(4.9)).toBeCloseTo(at(3), 5);
    expect(at(6)).toBeCloseTo(at(12), 5);
  });

  it('forgets by half in one half-life, and all of it over years of silence', () => {
    const settings = { ...SETTINGS, memoryMs: DAY_MS };
    const tail = emptyDeviationTail();
    for (let i = 0; i < 100; i++) learnDeviation(tail, 1, START_MS, settings);
    learnDeviation(tail, 1, START_MS + DAY_MS, settings);
    expect(deviationsLearned(tail)).toBeCloseTo(51, 9);
    learnDeviation(tail, 2, START_MS + 5000 * DAY_MS, settings);
    expect(deviationsLearned(tail)).toBe(1);
    expect(tail.weights.every(Number.isFinite)).toBe(true);
  });

  it('keeps its precision when its weights are brought back from the edge of overflow', () => {
    const settings = { ...SETTINGS, memoryMs: HOUR_MS };
    const tail = emptyDeviationTail();
    // 500 half-lives: the scale passes 1e100 once.
    for (let i = 0; i <= 500; i++) learnDeviation(tail, 1, START_MS + i * HOUR_MS, settings);
    expect(tail.scale).toBeLessThan(1e100);
    expect(deviationsLearned(tail)).toBeCloseTo(2, 9);
  });

  it('remembers at most 256 large sizes, the newest', () => {
    const tail = emptyDeviationTail();
    // Each is a record.
    for (let i = 0; i < 2000; i++) learnDeviation(tail, 1.02 ** i, START_MS + i, SETTINGS);
    expect(tail.large.map(({ atMs }) => atMs - START_MS)).toEqual(Array.from({ length: 256 }, (_, i) => 1744 + i));
  });

  it.each([
    ['of noise, the size that one in a hundred reaches', NOISE, 1.7, 2.5],
    ['of a series that moved once, the size of that movement', [...new Array(200).fill(0), 8], 7, 8],
    ['of a constant series, 0', new Array(200).fill(0), 0, 0],
  ])('tells people the band: %s', (_, sizes, low, high) => {
    expect(size99(learned(sizes))).toBeGreaterThanOrEqual(low);
    expect(size99(learned(sizes))).toBeLessThanOrEqual(high);
  });
});
