/** Goal: the rate is that of the watched time, old time fades, and time nobody watched says nothing. */
import { describe, expect, it } from 'vitest';
import {
  countEvents,
  emptyForgottenRate,
  rateAt,
  skipUntil,
  watchUntil,
} from '../../../baselines/statistics/forgotten-rate.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const HALF_LIFE_MS = 14 * DAY_MS;
const START_MS = Date.UTC(2026, 0, 5);
const PRIOR = { events: 0.5, hours: 1 };

function watchDays(rate: ReturnType<typeof emptyForgottenRate>, fromDay: number, toDay: number, perHour: number): void {
  for (let hour = fromDay * 24; hour < toDay * 24; hour++) {
    watchUntil(rate, START_MS + (hour + 1) * HOUR_MS, HALF_LIFE_MS);
    countEvents(rate, perHour, START_MS + (hour + 1) * HOUR_MS, HALF_LIFE_MS);
  }
}

const started = () => {
  const rate = emptyForgottenRate();
  watchUntil(rate, START_MS, HALF_LIFE_MS);
  return rate;
};

describe('forgotten rate', () => {
  it('is the prior before anything was watched', () => {
    expect(rateAt(emptyForgottenRate(), PRIOR, START_MS, HALF_LIFE_MS)).toEqual({ perHour: 0.5, error: Math.SQRT1_2 });
  });

  it('finds a steady rate, with the error its sample allows', () => {
    const rate = started();
    watchDays(rate, 0, 100, 3);
    const { perHour, error } = rateAt(rate, PRIOR, START_MS + 100 * DAY_MS, HALF_LIFE_MS);
    expect(perHour).toBeCloseTo(3, 1);
    expect(rate.hours).toBeCloseTo((14 * 24) / Math.LN2, -1);
    expect(error).toBeCloseTo(Math.sqrt(3 / rate.hours), 3);
  });

  it('does not care in how many steps a time was watched', () => {
    const [once, often] = [started(), started()];
    watchUntil(once, START_MS + 30 * DAY_MS, HALF_LIFE_MS);
    for (let i = 1; i <= 997; i++) watchUntil(often, START_MS + (i / 997) * 30 * DAY_MS, HALF_LIFE_MS);
    expect(often.hours).toBeCloseTo(once.hours, 8);
  });

  it('follows a change with its half-life', () => {
    const rate = started();
    watchDays(rate, 0, 140, 2);
    watchDays(rate, 140, 154, 4);
    expect(rateAt(rate, PRIOR, START_MS + 154 * DAY_MS, HALF_LIFE_MS).perHour).toBeCloseTo(3, 1);
  });

  it('takes an outage for ignorance, and watched silence for silence', () => {
    const [blind, silent] = [started(), started()];
    for (const rate of [blind, silent]) watchDays(rate, 0, 100, 3);
    skipUntil(blind, START_MS + 128 * DAY_MS, HALF_LIFE_MS);
    watchUntil(silent, START_MS + 128 * DAY_MS, HALF_LIFE_MS);
    const at = START_MS + 128 * DAY_MS;
    expect(rateAt(blind, PRIOR, at, HALF_LIFE_MS).perHour).toBeCloseTo(3, 1);
    expect(rateAt(silent, PRIOR, at, HALF_LIFE_MS).perHour).toBeCloseTo(0.75, 1);
  });

  it('lets a late event in, faded, and never turns the clock back', () => {
    const rate = started();
    watchUntil(rate, START_MS + 14 * DAY_MS, HALF_LIFE_MS);
    const { hours } = rate;
    watchUntil(rate, START_MS, HALF_LIFE_MS);
    countEvents(rate, 8, START_MS, HALF_LIFE_MS);
    expect(rate).toEqual({ events: 4, hours, atMs: START_MS + 14 * DAY_MS });
  });
});
