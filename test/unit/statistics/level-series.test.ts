/**
 * Goal: odd levels are seen in series of every temper, lasting changes and daily habits are not told for ever, and noise is left alone.
 * Method: series written down as functions of time, 28 days of five-minute values; alarms are counted as an operator would see them.
 */
import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../../../cli/simulate/random.ts';
import {
  emptyLevelSeries,
  judgeLevel,
  LEVEL_DEFAULTS,
  type LevelSeries,
  learnLevel,
} from '../../support/level-series/level-series.ts';
import { INCIDENT_DEFAULTS, noIncident, tell } from '../../support/level-series/open-incident.ts';

const HOUR_MS = 3_600_000;
const STEP_HOURS = 1 / 12;
const MONDAY_MS = Date.UTC(2026, 0, 5);
const DAYS = 28;
/** Alarms are counted from here on: before, too little is known. */
const WARM_HOURS = 3 * 24;

type Level = (hour: number, random: Random) => number;

/** Hours at which an incident was told. */
function alarms(level: Level): number[] {
  const random = createRandom('level series');
  const series = emptyLevelSeries();
  const incident = noIncident();
  const told: number[] = [];
  for (let i = 0; i * STEP_HOURS < DAYS * 24; i++) {
    const hour = i * STEP_HOURS;
    const tMs = MONDAY_MS + hour * HOUR_MS;
    const value = level(hour, random);
    const { p } = judgeLevel(series, value, tMs, LEVEL_DEFAULTS);
    if (tell(incident, p, tMs, INCIDENT_DEFAULTS) === 'news' && hour >= WARM_HOURS) told.push(hour);
    learnLevel(series, value, tMs, LEVEL_DEFAULTS);
  }
  return told;
}

const noisy = (level: number, random: Random) => random.lognormal(level, 0.1);
const officeHours = (hour: number) => (hour % 24 >= 9 && hour % 24 < 18 ? 100 : 10);
const within = (hour: number, from: number, hours: number) => hour >= from && hour < from + hours;
const EVENT = 20 * 24 + 13;

describe('what is odd is told', () => {
  it.each<[string, Level, number]>([
    ['the first movement of a constant series', (h) => (h >= EVENT ? 6 : 5), 0.1],
    ['a spike in noise', (h, random) => noisy(within(h, EVENT, 0.1) ? 300 : 100, random), 0.1],
    ['a spike in heavy tails', (h, random) => random.lognormal(10, 1) * (within(h, EVENT, 0.2) ? 1000 : 1), 0.2],
    ['a drop to nothing', (h, random) => noisy(within(h, EVENT, 3) ? 0 : 100, random), 0.5],
    ['a quiet working day', (h, random) => noisy(within(h, EVENT - 4, 9) ? 10 : officeHours(h), random), 0],
    ['office hours at night', (h, random) => noisy(within(h, EVENT + 12, 3) ? 100 : officeHours(h), random), 12.6],
    ['a level that is a little too high for hours', (h, random) => noisy(within(h, EVENT, 6) ? 125 : 100, random), 2],
    ['activity in a series that nearly always rests', (h) => (within(h, EVENT, 1) ? 20 : 0), 0.1],
    ['a lasting change', (h, random) => noisy(h >= EVENT ? 160 : 100, random), 0.5],
  ])('%s', (_, level, withinHours) => {
    const first = alarms(level).find((hour) => hour >= EVENT - 4);
    expect(first ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(EVENT + withinHours);
  });
});

describe('what is not odd is left alone', () => {
  it.each<[string, Level, number]>([
    ['a constant series whose value has no exact binary form', () => 0.1, 0],
    ['a daily habit', officeHours, 0],
    ['a daily habit in a zone whose hours are not ours', (h) => officeHours(h + 5.75), 0],
    ['noise', (_, random) => noisy(100, random), 4],
    ['wild noise', (_, random) => random.lognormal(10, 1), 12],
    ['a ramp of a tenth in a month', (h, random) => noisy(100 + h / 67, random), 6],
    ['a job every night that starts up to half an hour late', (h, random) => nightlyJob(h, random), 2],
  ])('%s', (_, level, alarmsMax) => {
    expect(alarms(level).length).toBeLessThanOrEqual(alarmsMax);
  });

  function nightlyJob(hour: number, random: Random): number {
    const startsAt = 3 + ((Math.floor(hour / 24) * 7) % 6) / 12;
    return noisy(within(hour % 24, startsAt, 0.3) ? 400 : 100, random);
  }

  it('a lasting change, once told, is soon the new normal', () => {
    const told = alarms((hour, random) => noisy(hour >= EVENT ? 160 : 100, random)).filter((hour) => hour >= EVENT);
    expect(told.length).toBeGreaterThan(0);
    expect(told.filter((hour) => hour > EVENT + 36)).toEqual([]);
  });

  it('an outage of the source says nothing about the level after it', () => {
    const random = createRandom('outage');
    const series = emptyLevelSeries();
    for (let i = 0; i < 7 * 288; i++) learnLevel(series, noisy(100, random), MONDAY_MS + i * 300_000, LEVEL_DEFAULTS);
    const afterMs = MONDAY_MS + 12 * 24 * HOUR_MS;
    expect(judgeLevel(series, 100, afterMs, LEVEL_DEFAULTS).p).toBeGreaterThan(0.1);
    expect(judgeLevel(series, 400, afterMs, LEVEL_DEFAULTS).p).toBeLessThan(INCIDENT_DEFAULTS.alarmP);
  });
});

describe('what is told can be explained', () => {
  const learned = (): LevelSeries => {
    const series = emptyLevelSeries();
    for (let hour = 0; hour < 14 * 24; hour++) {
      learnLevel(series, officeHours(hour), MONDAY_MS + hour * HOUR_MS, LEVEL_DEFAULTS);
    }
    return series;
  };
  const NIGHT_MS = MONDAY_MS + (14 * 24 + 3) * HOUR_MS;

  it('by what was expected at this time, what was observed and how far off is normal, most telling view first', () => {
    const { p, views } = judgeLevel(learned(), 100, NIGHT_MS, LEVEL_DEFAULTS);
    expect(p).toBeLessThan(0.1);
    expect(views[0]).toMatchObject({ view: 'value-from-usual', observed: 100, expected: 10, band: 0 });
    expect(views.map((view) => view.p)).toEqual(views.map((view) => view.p).sort((a, b) => a - b));
  });

  it('by how much is known: nothing at first, then the number of values', () => {
    expect(judgeLevel(emptyLevelSeries(), 1e9, MONDAY_MS, LEVEL_DEFAULTS)).toEqual({ p: 1, views: [], learned: 0 });
    const series = emptyLevelSeries();
    for (let i = 0; i < 13; i++) learnLevel(series, i, MONDAY_MS + i, LEVEL_DEFAULTS);
    expect(judgeLevel(series, 5, MONDAY_MS + 13, LEVEL_DEFAULTS).learned).toBeCloseTo(12, 6);
  });

  it('in the first day by recent values alone', () => {
    const series = emptyLevelSeries();
    for (let i = 0; i < 100; i++) learnLevel(series, 5, MONDAY_MS + i * 300_000, LEVEL_DEFAULTS);
    const { views } = judgeLevel(series, 6, MONDAY_MS + 100 * 300_000, LEVEL_DEFAULTS);
    expect(views.map(({ view }) => view).sort()).toEqual(['run-from-recent', 'value-from-recent']);
  });
});

describe('what cannot be learned', () => {
  it.each([
    [Number.NaN, MONDAY_MS],
    [Number.POSITIVE_INFINITY, MONDAY_MS],
    [1, Number.NaN],
  ])('%d at %d is refused and changes nothing', (value, tMs) => {
    const series = emptyLevelSeries();
    expect(() => learnLevel(series, value, tMs, LEVEL_DEFAULTS)).toThrow(RangeError);
    expect(series).toEqual(emptyLevelSeries());
  });

  it('a time before the last one counts as the last one', () => {
    const [late, same] = [emptyLevelSeries(), emptyLevelSeries()];
    for (const [series, tMs] of [
      [late, MONDAY_MS - HOUR_MS],
      [same, MONDAY_MS],
    ] as const) {
      learnLevel(series, 1, MONDAY_MS, LEVEL_DEFAULTS);
      learnLevel(series, 2, tMs, LEVEL_DEFAULTS);
    }
    expect(late).toEqual(same);
  });
});
