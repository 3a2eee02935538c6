/** Goal: for any series, p is a probability, judging changes nothing, and neither the unit nor the sign nor the week of the values matters. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyLevelSeries, judgeLevel, LEVEL_DEFAULTS, learnLevel } from '../support/level-series/level-series.ts';

const MINUTE_MS = 60_000;
const WEEK_MS = 7 * 24 * 60 * MINUTE_MS;
const START_MS = Date.UTC(2026, 0, 5);

interface Sample {
  readonly value: number;
  /** Since the sample before. */
  readonly gapMs: number;
}

/** Steps that make days pass within a hundred samples, silences of years among them. */
const gapMs = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 0, max: 180 }).map((minutes) => minutes * MINUTE_MS) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 50 }).map((years) => years * 52 * WEEK_MS) },
);
const seriesOf = (value: fc.Arbitrary<number>) =>
  fc.array(fc.record<Sample>({ value, gapMs }), { minLength: 1, maxLength: 150 });
const anyValue = fc.oneof(fc.double({ min: -1e15, max: 1e15, noNaN: true }), fc.constant(0), fc.integer());
/** Whole numbers of moderate size: exact under the changes of unit below. */
const count = fc.integer({ min: 0, max: 100_000 });

/** The p of each sample, judged before it is learned. */
function judged(samples: readonly Sample[], { unit = 1, startMs = START_MS } = {}): number[] {
  const series = emptyLevelSeries();
  let tMs = startMs;
  return samples.map(({ value, gapMs }) => {
    tMs += gapMs;
    const { p } = judgeLevel(series, value * unit, tMs, LEVEL_DEFAULTS);
    learnLevel(series, value * unit, tMs, LEVEL_DEFAULTS);
    return p;
  });
}

describe('a level series', () => {
  it('judges by probabilities, whatever comes', () => {
    fc.assert(
      fc.property(seriesOf(anyValue), (samples) => {
        for (const p of judged(samples)) {
          expect(p).toBeGreaterThan(0);
          expect(p).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('is not changed by being judged', () => {
    fc.assert(
      fc.property(seriesOf(anyValue), anyValue, gapMs, (samples, value, laterMs) => {
        const series = emptyLevelSeries();
        let tMs = START_MS;
        for (const sample of samples) {
          tMs += sample.gapMs;
          learnLevel(series, sample.value, tMs, LEVEL_DEFAULTS);
        }
        const before = structuredClone(series);
        judgeLevel(series, value, tMs + laterMs, LEVEL_DEFAULTS);
        expect(series).toEqual(before);
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    ['another unit', { unit: 1024 }],
    ['the other sign', { unit: -1 }],
    ['another week', { startMs: START_MS + 31 * WEEK_MS }],
  ])('says the same in %s', (_, change) => {
    fc.assert(
      fc.property(seriesOf(count), (samples) => {
        // Up to the rounding of logarithms.
        expect(judged(samples, change)).toEqual(judged(samples).map((p) => expect.closeTo(p, 12)));
      }),
    );
  });

  it('keeps within its bounds of memory', () => {
    const series = emptyLevelSeries();
    const size = () => JSON.stringify(Object.values(series.tails).map(({ weights }) => weights.length));
    const before = size();
    for (let i = 0; i < 20_000; i++) learnLevel(series, (i * 7919) % 1e6, START_MS + i * MINUTE_MS, LEVEL_DEFAULTS);
    expect(size()).toBe(before);
    for (const { large } of Object.values(series.tails)) expect(large.length).toBeLessThanOrEqual(256);
  });
});
