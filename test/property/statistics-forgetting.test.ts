/** Goal: whatever the stream, out of order, over years, the cheap running forms equal the plain formula over the whole history. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../baselines/periods.ts';
import { emptySpread, learnSpread, lowerCountTail, upperCountTail } from '../../baselines/statistics/count-tail.ts';
import {
  countOf,
  decodeHeap,
  emptyDecayedHeap,
  encodeHeap,
  touchKey,
} from '../../baselines/statistics/decayed-heap.ts';
import { countEvents, emptyForgottenRate, skipUntil, watchUntil } from '../../baselines/statistics/forgotten-rate.ts';
import { advance, emptyScale, fadeAt, weightAt } from '../../baselines/statistics/forward-decay.ts';
import { HOURS_PER_WEEK, hourOfWeek } from '../../baselines/statistics/hour-of-week.ts';
import {
  emptyNovelty,
  learnNovelty,
  probabilityOfNew,
  probabilityOfNews,
} from '../../baselines/statistics/new-item.ts';
import { paretoTail } from '../../baselines/statistics/pareto-tail.ts';
import {
  emptyQuantileSketch,
  learnValue,
  mergeInto,
  type QuantileSketch,
  quantileOf,
  relativeErrorOf,
  sketchWeight,
} from '../../baselines/statistics/quantile-sketch.ts';
import { emptyRotatingFilter, remember, remembers } from '../../baselines/statistics/rotating-filter.ts';
import { emptySeasonalCount, learnCount, predictCount } from '../../baselines/statistics/seasonal-count.ts';
import { emptyTransitions, learnTransition, transitionProbability } from '../../baselines/statistics/transitions.ts';
import { emptyRamp, learnRampHour, rampTail } from '../../baselines/statistics/two-horizon.ts';

const DAY_MS = 24 * HOUR_MS;
const HALF_LIFE_MS = 14 * DAY_MS;
const START_MS = Date.UTC(2026, 0, 5);

/** The definition of forgetting. */
const aged = (atMs: number, nowMs: number): number => 2 ** (-(nowMs - atMs) / HALF_LIFE_MS);
const close = (actual: number, expected: number, tolerance = 1e-9): boolean =>
  Math.abs(actual - expected) <= tolerance * Math.max(Math.abs(expected), 1e-9);

/** Instants within four years: several times the span after which weights are brought back. */
const instant = fc.integer({ min: START_MS, max: START_MS + 1500 * DAY_MS });
const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', '__proto__');

describe('forward decay', () => {
  it('equals the definition in any order, and stays finite', () => {
    fc.assert(
      fc.property(fc.array(instant, { minLength: 1, maxLength: 50 }), (times) => {
        const scale = emptyScale();
        let sum = 0;
        for (const tMs of times) {
          sum *= advance(scale, tMs, HALF_LIFE_MS);
          sum += weightAt(scale, tMs);
        }
        const nowMs = Math.max(...times);
        expect(weightAt(scale, nowMs)).toBeLessThan(2 ** 33);
        return close(
          sum * fadeAt(scale, nowMs),
          times.reduce((total, tMs) => total + aged(tMs, nowMs), 0),
        );
      }),
    );
  });
});

const hourCount = fc.record({ hour: fc.nat(60 * 7 * 24), count: fc.oneof(fc.constant(0), fc.nat(20), fc.nat(5000)) });

describe('seasonal counts', () => {
  it('keep in each cell what was counted and watched there, aged; give a finite mean within what was seen and believed', () => {
    fc.assert(
      fc.property(
        fc.array(hourCount, { minLength: 1, maxLength: 200 }),
        fc.integer({ min: -14, max: 14 }),
        (seen, zone) => {
          const model = emptySeasonalCount();
          const offsetMs = zone * HOUR_MS;
          for (const { hour, count } of seen)
            learnCount(model, count, START_MS + hour * HOUR_MS, offsetMs, HALF_LIFE_MS);
          const nowMs = START_MS + Math.max(...seen.map(({ hour }) => hour)) * HOUR_MS;
          const fade = fadeAt(model.scale, nowMs);
          const hours = new Float64Array(HOURS_PER_WEEK);
          for (const { hour } of seen) {
            const cell = hourOfWeek(START_MS + hour * HOUR_MS, offsetMs);
            hours[cell] = (hours[cell] ?? 0) + aged(START_MS + hour * HOUR_MS, nowMs);
          }
          hours.forEach((expected, cell) => {
            expect(close((model.hours[cell] ?? 0) * fade, expected), `cell ${cell}`).toBe(true);
          });
          const most = Math.max(0.5, ...seen.map(({ count }) => count));
          for (let h = 0; h < HOURS_PER_WEEK; h += 5) {
            const { mean, dispersion, inflation } = predictCount(model, nowMs + h * HOUR_MS, offsetMs);
            expect(mean).toBeGreaterThan(0);
            expect(mean).toBeLessThanOrEqual(most * (1 + 1e-9));
            expect(inflation).toBeGreaterThanOrEqual(1);
            expect(Number.isFinite(dispersion)).toBe(true);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('sum to the plain weighted sum while no count is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { minLength: 1, maxLength: 600 }), (counts) => {
        const model = emptySeasonalCount();
        counts.forEach((count, i) => {
          learnCount(model, count, START_MS + i * HOUR_MS, 0, HALF_LIFE_MS);
        });
        const nowMs = START_MS + (counts.length - 1) * HOUR_MS;
        const expected = counts.reduce((sum, count, i) => sum + count * aged(START_MS + i * HOUR_MS, nowMs), 0);
        const sum = (model.weekdays.sum + model.weekend.sum) * fadeAt(model.scale, nowMs);
        // A count is never cut below mean + 5 (sqrt(D mean) + D) > 3 here, as D starts at 4 and falls to 1/4 at the least.
        expect(sum).toBeLessThanOrEqual(expected * (1 + 1e-9));
        expect(sum).toBeGreaterThan(expected * 0.8 - 1e-9);
      }),
      { numRuns: 60 },
    );
  });

  it('of one agent do not depend on when they are looked at', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { maxLength: 60 }), fc.array(fc.nat(400)), (counts, looks) => {
        const model = emptySeasonalCount();
        counts.forEach((count, i) => {
          learnCount(model, count, START_MS + i * HOUR_MS, 0, HALF_LIFE_MS);
        });
        const before = structuredClone(model);
        for (const look of looks) predictCount(model, START_MS + look * HOUR_MS, 0);
        expect(model).toEqual(before);
      }),
      { numRuns: 30 },
    );
  });
});

describe('count tails', () => {
  const mean = fc.double({ min: 0.001, max: 2000, noNaN: true });
  const dispersion = fc.double({ min: 0.25, max: 60, noNaN: true });

  it('fall above, grow below, and make a whole, for any mean and dispersion', () => {
    fc.assert(
      fc.property(mean, dispersion, fc.nat(4000), (m, d, k) => {
        const [above, further] = [upperCountTail(k, m, d), upperCountTail(k + 1, m, d)];
        expect(further).toBeLessThanOrEqual(above * (1 + 1e-6));
        expect(above).toBeLessThanOrEqual(1);
        expect(further).toBeGreaterThanOrEqual(0);
        expect(Math.abs(further + lowerCountTail(k, m, d) - 1)).toBeLessThan(1e-6);
      }),
    );
  });

  it('keep a spread that one count of any size changes by a bounded step', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100), { maxLength: 50 }), mean, fc.nat(2 ** 31), (counts, m, huge) => {
        const spread = emptySpread();
        counts.forEach((count, i) => {
          learnSpread(spread, count, m, 1, START_MS + i * HOUR_MS, HALF_LIFE_MS);
        });
        const before = structuredClone(spread);
        const tMs = START_MS + counts.length * HOUR_MS;
        learnSpread(spread, huge, m, 1, tMs, HALF_LIFE_MS);
        const fade = fadeAt(spread.scale, tMs);
        const d = (48 + fadeAt(before.scale, tMs) * before.squares) / (12 + fadeAt(before.scale, tMs) * before.unit);
        const step = Math.max((25 * (Math.sqrt(d * m) + d) ** 2) / (m + 3), (m * m) / (m + 3));
        expect((spread.squares - before.squares) * fade).toBeLessThanOrEqual(step * (1 + 1e-6) + 1e-6);
      }),
    );
  });
});

describe('ramps', () => {
  it('stay bounded and finite for any hours', () => {
    const hour = fc.record({
      count: fc.oneof(fc.constant(0), fc.nat(100), fc.nat(2 ** 31)),
      mean: fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
      dispersion: fc.double({ min: 0.25, max: 100, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(hour, { maxLength: 500 }), (hours) => {
        const ramp = emptyRamp();
        hours.forEach(({ count, mean, dispersion }, i) => {
          learnRampHour(ramp, count, mean, dispersion, START_MS + i * HOUR_MS);
          expect(ramp.excess).toBeGreaterThanOrEqual(0);
          expect(ramp.excess).toBeLessThanOrEqual(60);
          expect(rampTail(ramp)).toBeGreaterThan(0);
          expect(rampTail(ramp)).toBeLessThanOrEqual(1);
        });
      }),
      { numRuns: 40 },
    );
  });
});

const value = fc.oneof(fc.constant(0), fc.nat(100), fc.double({ min: 1e-9, max: 2 ** 53, noNaN: true }));
const observation = fc.record({ value, tMs: instant });

const sketchOf = (seen: readonly { value: number; tMs: number }[]): QuantileSketch => {
  const sketch = emptyQuantileSketch(0.01, 32);
  for (const one of seen) learnValue(sketch, one.value, one.tMs, HALF_LIFE_MS);
  return sketch;
};

/** The least value at which the aged weight up to and including it exceeds `q` of the whole. */
function exactQuantile(seen: readonly { value: number; tMs: number }[], q: number, nowMs: number): number {
  const sorted = seen.toSorted((a, b) => a.value - b.value);
  const total = sorted.reduce((sum, { tMs }) => sum + aged(tMs, nowMs), 0);
  let below = 0;
  for (const one of sorted) {
    below += aged(one.tMs, nowMs);
    if (below > q * total) return one.value;
  }
  return sorted.at(-1)?.value ?? 0;
}

describe('quantile sketches', () => {
  const seen = fc.array(observation, { minLength: 1, maxLength: 120 });
  // A rank is exact up to rounding and to forgotten buckets (1e-6 each): the answer may be that of a rank a hair away.
  const hair = 1e-4;

  it('answer within the stated error of the aged quantile, in 32 buckets, whatever the values', () => {
    fc.assert(
      fc.property(seen, fc.double({ min: 0, max: 0.999, noNaN: true }), (observations, q) => {
        const sketch = sketchOf(observations);
        const nowMs = Math.max(...observations.map(({ tMs }) => tMs));
        const error = relativeErrorOf(sketch) * (1 + 1e-9);
        const low = exactQuantile(observations, Math.max(0, q - hair), nowMs) * (1 - error);
        const high = exactQuantile(observations, q + hair, nowMs) * (1 + error);
        const answer = quantileOf(sketch, q);
        expect(answer).toBeGreaterThanOrEqual(low);
        expect(answer).toBeLessThanOrEqual(high);
        expect(sketch.slab.size).toBeLessThanOrEqual(32);
        expect(
          [...sketch.slab.buckets.subarray(0, sketch.slab.size)].every(
            (bucket, i, all) => i === 0 || bucket > (all[i - 1] ?? 0),
          ),
        ).toBe(true);
      }),
    );
  });

  it('merge to the weight of both, and to quantiles within the error of the result, in either order', () => {
    fc.assert(
      fc.property(seen, seen, fc.double({ min: 0, max: 0.999, noNaN: true }), (some, others, q) => {
        const nowMs = Math.max(...[...some, ...others].map(({ tMs }) => tMs));
        for (const [first, second] of [
          [some, others],
          [others, some],
        ] as const) {
          const merged = sketchOf(first);
          const from = sketchOf(second);
          const before = structuredClone(from);
          mergeInto(merged, from);
          expect(from).toEqual(before);
          const expected = [...some, ...others].reduce((sum, { tMs }) => sum + aged(tMs, nowMs), 0);
          expect(close(sketchWeight(merged, nowMs), expected, 1e-3)).toBe(true);
          const error = relativeErrorOf(merged) * (1 + 1e-9);
          const all = [...some, ...others];
          expect(quantileOf(merged, q)).toBeGreaterThanOrEqual(
            exactQuantile(all, Math.max(0, q - hair), nowMs) * (1 - error),
          );
          expect(quantileOf(merged, q)).toBeLessThanOrEqual(exactQuantile(all, q + hair, nowMs) * (1 + error));
        }
      }),
    );
  });

  it('give a tail that falls as the value grows, between 0 and 1', () => {
    fc.assert(
      fc.property(seen, value, value, (observations, one, other) => {
        const sketch = sketchOf(observations);
        const nowMs = Math.max(...observations.map(({ tMs }) => tMs));
        const low = paretoTail(sketch, Math.min(one, other), nowMs);
        const high = paretoTail(sketch, Math.max(one, other), nowMs);
        expect(high).toBeLessThanOrEqual(low * (1 + 1e-9));
        expect(high).toBeGreaterThanOrEqual(0);
        expect(low).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('heaps', () => {
  const use = fc.record({ key, tMs: instant });

  it('hold the aged count of every key while there is room, in heap order, and restore from JSON', () => {
    fc.assert(
      fc.property(fc.array(use, { minLength: 1, maxLength: 100 }), (uses) => {
        const table = emptyDecayedHeap();
        for (const { key: name, tMs } of uses) touchKey(table, name, tMs, HALF_LIFE_MS, 8);
        const nowMs = Math.max(...uses.map(({ tMs }) => tMs));
        for (const name of new Set(uses.map((one) => one.key))) {
          const expected = uses.filter((one) => one.key === name).reduce((sum, { tMs }) => sum + aged(tMs, nowMs), 0);
          expect(close(countOf(table, name, nowMs), expected), name).toBe(true);
        }
        expect(decodeHeap(JSON.parse(JSON.stringify(encodeHeap(table))))).toEqual(decodeHeap(encodeHeap(table)));
      }),
    );
  });

  it('always displace the least counted, as a search would', () => {
    fc.assert(
      fc.property(fc.array(use, { minLength: 1, maxLength: 120 }), fc.integer({ min: 1, max: 6 }), (uses, itemsMax) => {
        const table = emptyDecayedHeap();
        for (const { key: name, tMs } of uses) {
          const before = table.heap.map((item) => item.count);
          const displaced = touchKey(table, name, tMs, HALF_LIFE_MS, itemsMax);
          // Bringing weights back scales all counts alike: the least stays the least, but not its number.
          if (displaced !== undefined) expect(before.indexOf(Math.min(...before))).toBe(0);
          expect(table.heap.length).toBeLessThanOrEqual(itemsMax);
          expect(table.items.size).toBe(table.heap.length);
          table.heap.forEach((item, i) => {
            expect(item.place).toBe(i);
            expect(table.heap[(i - 1) >> 1]?.count ?? 0).toBeLessThanOrEqual(item.count);
          });
        }
      }),
    );
  });
});

describe('rotating filters', () => {
  it('never deny a key among the last 700', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 6 }), { minLength: 1, maxLength: 300 }), (keys) => {
        const filter = emptyRotatingFilter();
        for (const one of keys) remember(filter, one);
        return keys.every((one) => remembers(filter, one));
      }),
    );
  });
});

describe('chances of something new', () => {
  it('lie between 0 and 1 and fall with the number of new things, whatever was learned', () => {
    const use = fc.record({ key, tMs: instant });
    const prior = fc.record({
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      uses: fc.double({ min: 0.1, max: 50, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(use, { maxLength: 60 }), prior, fc.integer({ min: 1, max: 40 }), (uses, belief, session) => {
        const novelty = emptyNovelty();
        const table = emptyDecayedHeap();
        for (const { key: name, tMs } of uses) {
          learnNovelty(novelty, table.items.get(name) ?? 'new', tMs, HALF_LIFE_MS, belief);
          touchKey(table, name, tMs, HALF_LIFE_MS, 100);
        }
        const nowMs = Math.max(START_MS, ...uses.map(({ tMs }) => tMs));
        const p = probabilityOfNew(novelty, nowMs, belief);
        expect(p).toBeGreaterThan(0);
        expect(p).toBeLessThan(1);
        let last = 1;
        for (let k = 1; k <= session; k++) {
          const chance = probabilityOfNews(novelty, session, k, nowMs, belief);
          expect(chance).toBeLessThanOrEqual(last + 1e-12);
          expect(chance).toBeGreaterThanOrEqual(0);
          last = chance;
        }
      }),
    );
  });
});

describe('transitions', () => {
  const step = fc.record({ from: fc.constantFrom('', 'a', 'b', 'c'), to: key, tMs: instant });

  it('give chances that sum to 1 over all known tools and a stranger, also after displacing some', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 1, max: 12 }), (steps, pairsMax) => {
        const model = emptyTransitions();
        for (const { from, to, tMs } of steps)
          learnTransition(model, from, to, tMs, { halfLifeMs: HALF_LIFE_MS, pairsMax, toolsMax: 8 });
        const nowMs = Math.max(START_MS, ...steps.map(({ tMs }) => tMs));
        const known = [...model.tools.items.keys(), 'a stranger'];
        for (const from of ['', 'a', 'never seen']) {
          const sum = known.reduce((total, to) => total + transitionProbability(model, from, to, nowMs), 0);
          expect(Math.abs(sum - 1)).toBeLessThan(1e-6);
        }
      }),
    );
  });
});

describe('forgotten rates', () => {
  it('equal the aged events and the aged integral of watched time', () => {
    const move = fc.record({
      gapMs: fc.integer({ min: 0, max: 60 * DAY_MS }),
      watched: fc.boolean(),
      events: fc.nat(20),
      lateMs: fc.nat(2 * DAY_MS),
    });
    fc.assert(
      fc.property(fc.array(move, { minLength: 1, maxLength: 40 }), (moves) => {
        const rate = emptyForgottenRate();
        watchUntil(rate, START_MS, HALF_LIFE_MS);
        let tMs = START_MS;
        const seen: { fromMs: number; toMs: number; watched: boolean; events: number; eventMs: number }[] = [];
        for (const { gapMs, watched, events, lateMs } of moves) {
          (watched ? watchUntil : skipUntil)(rate, tMs + gapMs, HALF_LIFE_MS);
          countEvents(rate, events, tMs + gapMs - lateMs, HALF_LIFE_MS);
          seen.push({ fromMs: tMs, toMs: tMs + gapMs, watched, events, eventMs: tMs + gapMs - lateMs });
          tMs += gapMs;
        }
        const perHour = HALF_LIFE_MS / Math.LN2 / HOUR_MS;
        const hours = seen.reduce(
          (sum, one) => sum + (one.watched ? perHour * (aged(one.toMs, tMs) - aged(one.fromMs, tMs)) : 0),
          0,
        );
        const events = seen.reduce((sum, one) => sum + one.events * aged(one.eventMs, tMs), 0);
        return close(rate.hours, hours, 1e-6) && close(rate.events, events);
      }),
    );
  });
});
