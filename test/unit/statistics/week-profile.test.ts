/** Goal: what is usual at a time of the week is found whatever the sampling rate, and is not claimed before it is known. */
import { describe, expect, it } from 'vitest';
import { emptyWeekProfile, learnProfile, usualRange } from '../../support/level-series/week-profile.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A Monday, 00:00 UTC. */
const MONDAY_MS = Date.UTC(2026, 0, 5);
const SETTINGS = { memoryMs: 28 * DAY_MS, earlyLateMs: 0, zoneOffsetMs: 0 };

/** Equal up to the rounding of decayed sums. */
const range = (low: number, high = low) => ({ low: expect.closeTo(low, 9), high: expect.closeTo(high, 9) });

/** 10 at night, 100 from 9 to 18; half of that on weekends. */
function officeLevel(tMs: number): number {
  const hour = (tMs / HOUR_MS) % 24;
  const day = Math.floor((tMs - MONDAY_MS) / DAY_MS) % 7;
  return (hour >= 9 && hour < 18 ? 100 : 10) * (day >= 5 ? 0.5 : 1);
}

function learned({ days, stepMs }: { days: number; stepMs: number }) {
  const profile = emptyWeekProfile();
  for (let tMs = MONDAY_MS; tMs < MONDAY_MS + days * DAY_MS; tMs += stepMs) {
    learnProfile(profile, officeLevel(tMs), stepMs, tMs, SETTINGS);
  }
  return profile;
}

describe('the week profile', () => {
  it('says nothing about an hour of the day on its first day', () => {
    const profile = learned({ days: 0.5, stepMs: 5 * 60_000 });
    expect(usualRange(profile, MONDAY_MS + 11.9 * HOUR_MS, SETTINGS)).toBeUndefined();
    expect(usualRange(profile, MONDAY_MS + 15 * HOUR_MS, SETTINGS)).toBeUndefined();
    expect(usualRange(profile, MONDAY_MS + DAY_MS + 10 * HOUR_MS, SETTINGS)).toEqual(range(100));
  });

  it.each([5, 15, 60])('knows hours and weekends after eight weeks of values every %d minutes', (minutes) => {
    const profile = learned({ days: 56, stepMs: minutes * 60_000 });
    const usual = (day: number, hour: number) =>
      usualRange(profile, MONDAY_MS + (56 + day) * DAY_MS + hour * HOUR_MS, SETTINGS)?.low ?? Number.NaN;
    // Four hours of belief in the mean of all days, against some four remembered hours of that day.
    expect(usual(0, 12)).toBeGreaterThan(90);
    expect(usual(6, 12)).toBeLessThan(72);
    expect(usual(0, 3)).toBeLessThan(11);
  });

  it('takes both sides of a step for usual around it, and only there', () => {
    const profile = learned({ days: 5, stepMs: 5 * 60_000 });
    const settings = { ...SETTINGS, earlyLateMs: HOUR_MS };
    const at = (hour: number) => usualRange(profile, MONDAY_MS + 4 * DAY_MS + hour * HOUR_MS, settings);
    expect(at(8.5)).toEqual(range(10, 100));
    expect(at(9.5)).toEqual(range(10, 100));
    expect(at(7.5)).toEqual(range(10));
    expect(at(10.5)).toEqual(range(100));
  });

  it('follows the zone of the caller', () => {
    const profile = emptyWeekProfile();
    const tokyo = { ...SETTINGS, zoneOffsetMs: 9 * HOUR_MS };
    learnProfile(profile, 7, HOUR_MS, MONDAY_MS, tokyo);
    expect(usualRange(profile, MONDAY_MS + 7 * DAY_MS, tokyo)).toEqual(range(7));
    expect(usualRange(profile, MONDAY_MS + 7 * DAY_MS + 9 * HOUR_MS, SETTINGS)).toEqual(range(7));
    expect(usualRange(profile, MONDAY_MS + 7 * DAY_MS, SETTINGS)).toBeUndefined();
  });

  it('counts a value for the hour after which nobody knows how long it stood', () => {
    const profile = emptyWeekProfile();
    learnProfile(profile, 1000, 30 * DAY_MS, MONDAY_MS, SETTINGS);
    learnProfile(profile, 10, HOUR_MS, MONDAY_MS, SETTINGS);
    expect(usualRange(profile, MONDAY_MS + DAY_MS, SETTINGS)?.low).toBeCloseTo(505, 6);
  });
});
