/**
 * Goal: a ramp of 3 % a day is seen before the volume has doubled, and steady agents are left alone as often as claimed.
 * Method: simulated negative binomial hours (dispersion 4, office hours and quiet weekends), expected by the seasonal model itself.
 */
import { describe, expect, it } from 'vitest';
import { emptySeasonalCount, learnCount, predictCount } from '../../../baselines/statistics/seasonal-count.ts';
import {
  emptyRamp,
  learnRampHour,
  type Ramp,
  rampRatio,
  rampTail,
  restartRamp,
} from '../../../baselines/statistics/two-horizon.ts';
import { createRandom, type Random } from '../../../cli/simulate/random.ts';

const HOUR_MS = 3_600_000;
const HALF_LIFE_MS = 14 * 24 * HOUR_MS;
const START_MS = Date.UTC(2026, 0, 5);
const DISPERSION = 4;
const DOUBLED_DAYS = Math.log(2) / Math.log(1.03);

/** Share of a week's mean in each hour: ten busy hours, quiet nights, weekends at 30 %. Averages to 1. */
function seasonAt(hour: number): number {
  const [hourOfDay, day] = [hour % 24, Math.floor(hour / 24) % 7];
  const raw = (day >= 5 ? 0.3 : 1) * (hourOfDay >= 8 && hourOfDay < 18 ? 2 : 0.3);
  return raw / 0.806_667;
}

interface Agent {
  readonly random: Random;
  readonly perDay: number;
  readonly days: number;
  /** Day on which the ramp starts; growth per day, 0.03 = 3 %. */
  readonly rampDay: number;
  readonly growth: number;
}

/** Calls `atBlock` whenever a block of hours has been judged; day counts from the start of the ramp. */
function simulate({ random, perDay, days, rampDay, growth }: Agent, atBlock: (ramp: Ramp, day: number) => void): void {
  const model = emptySeasonalCount();
  const ramp = emptyRamp();
  for (let i = 0; i < days * 24; i++) {
    const day = i / 24 - rampDay;
    const mean = (perDay / 24) * seasonAt(i) * (day > 0 ? (1 + growth) ** day : 1);
    const count = random.negativeBinomial(mean, mean / (DISPERSION - 1));
    const hourMs = START_MS + i * HOUR_MS;
    const expected = predictCount(model, hourMs, 0);
    learnCount(model, count, hourMs, 0, HALF_LIFE_MS);
    if (i < 28 * 24) continue;
    learnRampHour(ramp, count, expected.mean, expected.dispersion, hourMs);
    if (ramp.hours === 0) atBlock(ramp, day);
  }
}

describe('ramp', () => {
  it.each([
    [24, 23.4],
    [100, 16],
    [400, 11],
  ])(
    'of 3 percent a day at %d events a day is seen after %d days, half of the time at least, at p = 1e-3',
    (perDay, within) => {
      const delays: number[] = [];
      for (let run = 0; run < 60; run++) {
        let seen = Number.POSITIVE_INFINITY;
        simulate(
          { random: createRandom(`ramp ${perDay} ${run}`), perDay, days: 84 + 40, rampDay: 84, growth: 0.03 },
          (ramp, day) => {
            // What a steady agent had gathered by chance must not help.
            if (day <= 0) restartRamp(ramp);
            else if (rampTail(ramp) <= 1e-3) seen = Math.min(seen, day);
          },
        );
        delays.push(seen);
      }
      const median = delays.sort((a, b) => a - b)[30] ?? Number.POSITIVE_INFINITY;
      expect(median).toBeLessThan(within);
      expect(median).toBeLessThan(DOUBLED_DAYS);
    },
  );

  it.each([24, 100])(
    'hardly ever cries at a steady agent: p = 1e-3 at most once in 1,000 blocks, %d events a day',
    (perDay) => {
      let blocks = 0;
      let alarms = 0;
      for (let run = 0; run < 12; run++)
        simulate(
          { random: createRandom(`steady ${perDay} ${run}`), perDay, days: 28 + 1000, rampDay: 0, growth: 0 },
          (ramp) => {
            blocks += 1;
            if (rampTail(ramp) > 1e-3) return;
            alarms += 1;
            restartRamp(ramp);
          },
        );
      expect(blocks).toBeGreaterThan(10_000);
      expect(alarms).toBeLessThanOrEqual(blocks / 1000);
    },
  );

  it('is not what one surge is, however large', () => {
    const ramp = emptyRamp();
    for (let i = 0; i < 24; i++) learnRampHour(ramp, i === 5 ? 1e9 : 10, 10, 4, START_MS + i * HOUR_MS);
    expect(ramp.excess).toBe(2.5);
    expect(rampTail(ramp)).toBeGreaterThan(1e-2);
  });

  it('tells since when and how far above, and forgets both when told so', () => {
    const ramp = emptyRamp();
    for (let i = 0; i < 10 * 24; i++) learnRampHour(ramp, i < 48 ? 10 : 14, 10, 1, START_MS + i * HOUR_MS);
    expect(ramp.sinceMs).toBe(START_MS + 48 * HOUR_MS);
    expect(rampRatio(ramp)).toBeCloseTo(1.4, 9);
    expect(rampTail(ramp)).toBeLessThan(1e-8);
    restartRamp(ramp);
    expect([rampTail(ramp), rampRatio(ramp)]).toEqual([1, 1]);
  });

  it('waits for enough to judge by, and judges an agent that hardly works once a week', () => {
    const ramp = emptyRamp();
    const sizes: number[] = [];
    for (let i = 0; i < 400; i++) {
      const before = ramp.hours;
      learnRampHour(ramp, 0, 0.01, 4, START_MS + i * HOUR_MS);
      if (ramp.hours === 0) sizes.push(before + 1);
    }
    expect(sizes).toEqual([168, 168]);
    expect(rampTail(emptyRamp())).toBe(1);
  });
});
