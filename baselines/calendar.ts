import { type Baseline, type BaselineSettings, learnDaySums, learnHourSums } from './baseline.ts';
import { addSums, emptySums, type Sums } from './measures.ts';
import { DAY_MS, HOUR_MS } from './periods.ts';

/**
 * Sums per hour and day that are not finished yet. `seen` counts every event at once: it is what scoring compares with the
 * baseline. `learned` counts what entered the baseline, and becomes part of it when the period is sealed.
 */
export interface Calendar {
  readonly hours: Map<number, Period>;
  readonly days: Map<number, Period>;
  /** Start of the first hour and day that are not sealed; 0 before the first event. */
  hourMs: number;
  dayMs: number;
}

interface Period {
  readonly seen: Sums;
  readonly learned: Sums;
}

/** Learning lags scoring by at most an hour, so two hours after its end a period has everything it will get. */
export const SEAL_DELAY_MS = 2 * HOUR_MS;
/** Of a longer silence only this much is counted as quiet hours; the rest is skipped, and forgetting does its work. */
const SILENCE_MS_MAX = 28 * DAY_MS;

export const emptyCalendar = (): Calendar => ({ hours: new Map(), days: new Map(), hourMs: 0, dayMs: 0 });

const startOf = (tMs: number, lengthMs: number) => Math.floor(tMs / lengthMs) * lengthMs;

/** Counts an event in its hour and day; events before the sealed border count nowhere. */
export function countSeen(calendar: Calendar, sums: Readonly<Sums>, tMs: number): void {
  if (calendar.hourMs === 0) {
    calendar.hourMs = startOf(tMs, HOUR_MS);
    calendar.dayMs = startOf(tMs, DAY_MS);
  }
  const hour = periodOf(calendar.hours, tMs, HOUR_MS, calendar.hourMs);
  if (hour !== undefined) addSums(hour.seen, sums);
  const day = periodOf(calendar.days, tMs, DAY_MS, calendar.dayMs);
  if (day !== undefined) addSums(day.seen, sums);
}

export function countLearned(calendar: Calendar, sums: Readonly<Sums>, tMs: number): void {
  const hour = periodOf(calendar.hours, tMs, HOUR_MS, calendar.hourMs);
  if (hour !== undefined) addSums(hour.learned, sums);
  const day = periodOf(calendar.days, tMs, DAY_MS, calendar.dayMs);
  if (day !== undefined) addSums(day.learned, sums);
}

function periodOf(periods: Map<number, Period>, tMs: number, lengthMs: number, borderMs: number): Period | undefined {
  const start = startOf(tMs, lengthMs);
  if (start < borderMs) return undefined;
  let period = periods.get(start);
  if (period === undefined) {
    period = { seen: emptySums(), learned: emptySums() };
    periods.set(start, period);
  }
  return period;
}

export const seenInHour = (calendar: Readonly<Calendar>, tMs: number): Sums | undefined =>
  calendar.hours.get(startOf(tMs, HOUR_MS))?.seen;

export const seenInDay = (calendar: Readonly<Calendar>, tMs: number): Sums | undefined =>
  calendar.days.get(startOf(tMs, DAY_MS))?.seen;

/** Moves every period that ended long enough ago into the baseline, quiet ones as zeros. */
export function sealPeriods(
  calendar: Calendar,
  baseline: Baseline,
  tenant: string,
  nowMs: number,
  settings: BaselineSettings,
): void {
  if (calendar.hourMs === 0) return;
  const border = nowMs - SEAL_DELAY_MS;
  calendar.hourMs = skipSilence(calendar.hourMs, border, HOUR_MS);
  while (calendar.hourMs + HOUR_MS <= border) {
    const { hourMs } = calendar;
    const offsetMs = settings.zoneOffset(tenant, hourMs);
    learnHourSums(baseline, take(calendar.hours, hourMs), hourMs, offsetMs, settings);
    calendar.hourMs += HOUR_MS;
  }
  calendar.dayMs = skipSilence(calendar.dayMs, border, DAY_MS);
  while (calendar.dayMs + DAY_MS <= border) {
    learnDaySums(baseline, take(calendar.days, calendar.dayMs), calendar.dayMs, settings);
    calendar.dayMs += DAY_MS;
  }
}

const skipSilence = (fromMs: number, border: number, lengthMs: number): number =>
  border - fromMs > SILENCE_MS_MAX ? startOf(border - SILENCE_MS_MAX, lengthMs) : fromMs;

function take(periods: Map<number, Period>, startMs: number): Sums {
  const learned = periods.get(startMs)?.learned ?? emptySums();
  periods.delete(startMs);
  // Periods before a skipped silence would stay for ever.
  for (const start of periods.keys()) if (start < startMs) periods.delete(start);
  return learned;
}
