/** Goal: hours of the week follow the tenant's wall clock through both changes of a year, at the price of one question a week. */

import { describe, expect, it, vi } from 'vitest';
import { HOUR_MS } from '../../../baselines/periods.ts';
import { hourOfWeek } from '../../../baselines/statistics/hour-of-week.ts';
import { zoneOffsetAt } from '../../../baselines/statistics/time-zone.ts';

const hoursOf = (zone: string, iso: string): number => zoneOffsetAt(zone)(Date.parse(iso)) / HOUR_MS;

describe('zoneOffsetAt', () => {
  it.each([
    ['Europe/Berlin', '2026-03-29T00:59:59.999Z', 1],
    ['Europe/Berlin', '2026-03-29T01:00:00.000Z', 2],
    ['Europe/Berlin', '2026-10-25T00:59:59.999Z', 2],
    ['Europe/Berlin', '2026-10-25T01:00:00.000Z', 1],
    ['Asia/Kolkata', '2026-07-01T00:00:00Z', 5.5],
    ['Australia/Lord_Howe', '2026-01-15T00:00:00Z', 11],
    ['Australia/Lord_Howe', '2026-07-15T00:00:00Z', 10.5],
    ['America/St_Johns', '2026-01-15T00:00:00Z', -3.5],
    ['Africa/Casablanca', '2026-02-01T00:00:00Z', 1],
    ['Africa/Casablanca', '2026-03-01T00:00:00Z', 0],
    ['Africa/Casablanca', '2026-04-01T00:00:00Z', 1],
    ['UTC', '1970-01-01T00:00:00Z', 0],
    ['UTC', '2100-01-01T00:00:00Z', 0],
  ])('%s at %s is %d hours ahead', (zone, iso, hours) => {
    expect(hoursOf(zone, iso)).toBe(hours);
  });

  it('gives the spring day 23 local hours and the autumn day 25, each in the cell of its wall clock', () => {
    const offsetAt = zoneOffsetAt('Europe/Berlin');
    const cellsOf = (fromIso: string, hours: number) =>
      Array.from({ length: hours }, (_, i) => {
        const tMs = Date.parse(fromIso) + i * HOUR_MS;
        return hourOfWeek(tMs, offsetAt(tMs)) - 6 * 24;
      });
    const all = Array.from({ length: 24 }, (_, hour) => hour);
    expect(cellsOf('2026-03-28T23:00:00Z', 23)).toEqual(all.filter((hour) => hour !== 2));
    expect(cellsOf('2026-10-24T22:00:00Z', 25)).toEqual([0, 1, 2, ...all.slice(2)]);
  });

  it('agrees with Intl at every hour of two years, in and out of order', () => {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: 'America/New_York',
      hourCycle: 'h23',
      hour: 'numeric',
    });
    const offsetAt = zoneOffsetAt('America/New_York');
    const wrong: string[] = [];
    for (let i = 0; i < 2 * 8766; i++) {
      // A stride that is coprime to the number of hours visits all of them, in leaps.
      const tMs = Date.UTC(2025, 0, 1) + ((i * 5003) % (2 * 8766)) * HOUR_MS;
      const local = new Date(tMs + offsetAt(tMs)).getUTCHours();
      if (local !== Number(format.format(tMs))) wrong.push(new Date(tMs).toISOString());
    }
    expect(wrong).toEqual([]);
  });

  it('asks Intl a few times a week, not at every event', () => {
    const asked = vi.spyOn(Intl.DateTimeFormat.prototype, 'formatToParts');
    const offsetAt = zoneOffsetAt('Europe/Berlin');
    asked.mockClear();
    for (let i = 0; i < 53 * 7 * 24 * 4; i++) offsetAt(Date.UTC(2026, 0, 1) + (i * HOUR_MS) / 4);
    expect(asked.mock.calls.length).toBeLessThan(53 * 2 + 2 * 14 + 4);
    asked.mockClear();
    // Events of two weeks that come interleaved, as late ones do.
    for (let i = 0; i < 1000; i++) offsetAt(Date.UTC(2026, 5, 1) + (i % 2) * 10 * 24 * HOUR_MS);
    expect(asked.mock.calls.length).toBe(0);
    asked.mockRestore();
  });

  it('refuses a zone nobody knows', () => {
    expect(() => zoneOffsetAt('Europe/Atlantis')).toThrow(RangeError);
  });
});
