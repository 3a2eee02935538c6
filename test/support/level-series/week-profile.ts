import { HOUR_MS } from '../../../baselines/periods.ts';
import { remaining } from '../../../baselines/statistics/decay.ts';

/**
 * Where a level usually stands at this time of the week: decayed means per hour of the week, and per hour of the day on
 * all days. An hour of the week that was seen little borrows from the same hour on all days.
 *
 * What is usual is a range: what comes every day may come a little early or late, and where the level steps at that time both sides of
 * the step are usual. A value counts for the time it stood, so that the sampling rate does not matter. Nothing is said about an hour
 * of the day on the first day it is seen: a wrong guess would look like an odd value, and teach that those are common.
 *
 * Fails when the period is neither a day nor a week (month end), and across daylight saving unless the caller's offset follows it.
 * O(1); 600 numbers.
 */
export interface WeekProfile {
  /** 168 hours of the week, which begins on Thursday as time does, then 24 of the day: decayed value times hours stood, and hours stood, as of `atMs`. */
  readonly valueHours: Float64Array;
  readonly hours: Float64Array;
  readonly atMs: Float64Array;
  /** Per hour of the day, when it was first seen; 0 never. */
  readonly sinceMs: Float64Array;
}

export interface WeekProfileSettings {
  /** Age at which an hour counts half. */
  readonly memoryMs: number;
  /** What usually comes now may as well come this much earlier or later. */
  readonly earlyLateMs: number;
  readonly zoneOffsetMs: number;
}

const CELLS_PER_DAY = 24;
const CELLS_PER_WEEK = 7 * CELLS_PER_DAY;
const CELLS = CELLS_PER_WEEK + CELLS_PER_DAY;
/** An hour of the day is known from its second day on: its own first minutes say nothing about what is usual. */
const KNOWN_AFTER_MS = 12 * HOUR_MS;
/** Hours of belief in the hour of the day, when an hour of the week is estimated. */
const BORROWED_HOURS = 4;
/** A value counts for no longer than this: after a gap nobody knows how long it stood. */
const STOOD_HOURS_MAX = 1;

export const emptyWeekProfile = (): WeekProfile => ({
  valueHours: new Float64Array(CELLS),
  hours: new Float64Array(CELLS),
  atMs: new Float64Array(CELLS),
  sinceMs: new Float64Array(CELLS_PER_DAY),
});

interface Cells {
  readonly ofWeek: number;
  readonly ofDay: number;
}

function cellsAt(tMs: number, zoneOffsetMs: number): Cells {
  const cell = Math.floor((tMs + zoneOffsetMs) / HOUR_MS);
  const ofWeek = ((cell % CELLS_PER_WEEK) + CELLS_PER_WEEK) % CELLS_PER_WEEK;
  return { ofWeek, ofDay: CELLS_PER_WEEK + (ofWeek % CELLS_PER_DAY) };
}

/** Learns that the series stands at `value` since `stoodMs` before `tMs`. */
export function learnProfile(
  profile: WeekProfile,
  value: number,
  stoodMs: number,
  tMs: number,
  { memoryMs, zoneOffsetMs }: WeekProfileSettings,
): void {
  const stood = Math.min(STOOD_HOURS_MAX, Math.max(0, stoodMs / HOUR_MS));
  const { ofWeek, ofDay } = cellsAt(tMs, zoneOffsetMs);
  if (profile.sinceMs[ofDay - CELLS_PER_WEEK] === 0) profile.sinceMs[ofDay - CELLS_PER_WEEK] = tMs;
  for (const cell of [ofWeek, ofDay]) {
    const left = remaining(tMs - (profile.atMs[cell] ?? 0), memoryMs);
    profile.valueHours[cell] = (profile.valueHours[cell] ?? 0) * left + value * stood;
    profile.hours[cell] = (profile.hours[cell] ?? 0) * left + stood;
    profile.atMs[cell] = Math.max(tMs, profile.atMs[cell] ?? 0);
  }
}

export interface LevelRange {
  readonly low: number;
  readonly high: number;
}

/** Between which levels the series usually stands at `tMs`; undefined while this time of day is not known. */
export function usualRange(
  profile: Readonly<WeekProfile>,
  tMs: number,
  settings: WeekProfileSettings,
): LevelRange | undefined {
  const now = cellLevel(profile, tMs, settings);
  if (now === undefined) return undefined;
  const early = cellLevel(profile, tMs + settings.earlyLateMs, settings) ?? now;
  const late = cellLevel(profile, tMs - settings.earlyLateMs, settings) ?? now;
  return { low: Math.min(now, early, late), high: Math.max(now, early, late) };
}

function cellLevel(
  profile: Readonly<WeekProfile>,
  tMs: number,
  { memoryMs, zoneOffsetMs }: WeekProfileSettings,
): number | undefined {
  const { ofWeek, ofDay } = cellsAt(tMs, zoneOffsetMs);
  const hoursOfDay = profile.hours[ofDay] ?? 0;
  const sinceMs = profile.sinceMs[ofDay - CELLS_PER_WEEK] ?? 0;
  if (hoursOfDay <= 0 || tMs - sinceMs < KNOWN_AFTER_MS) return undefined;
  const daily = (profile.valueHours[ofDay] ?? 0) / hoursOfDay;
  const left = remaining(tMs - (profile.atMs[ofWeek] ?? 0), memoryMs);
  const weekly = (profile.valueHours[ofWeek] ?? 0) * left + BORROWED_HOURS * daily;
  return weekly / ((profile.hours[ofWeek] ?? 0) * left + BORROWED_HOURS);
}
