import { addDecayed, type Decayed, emptyDecayed, valueAt } from './decay.ts';
import { countTail } from './tails.ts';

export const HOUR_MS = 3_600_000;
export const HOURS_PER_WEEK = 168;

/**
 * Events per hour by hour of week, quiet hours counted as zeros.
 *
 * Model: counts are negative binomial with a mean per hour of week. A sparse cell borrows from the same hour on all days, and
 * that from the overall level. The spread is pooled: the decayed mean of (count - mean)^2 / mean over past hours.
 *
 * Fails when the week is not the period (month end) and right after a lasting change of level, until it is learned.
 */
export interface HourlyCount {
  /** Per hour of week: decayed sum of counts and decayed number of hours. */
  sums: Float64Array;
  hours: Float64Array;
  /** Instant to which both arrays are decayed. */
  atMs: number;
  /** Decayed sum of squared Pearson residuals, and their number. */
  residuals: Decayed;
  judged: Decayed;
}

/** Hours of belief in the wider level, when a cell is estimated. */
const SHRINK_HOURS = 4;
/** Spread before anything is known: agents work in bursts, so counts vary far more than Poisson. */
const PRIOR_DISPERSION = 4;
const PRIOR_HOURS = 12;
/** A residual of one hour counts at most this much, so that one surge does not buy room for the next. */
const RESIDUAL_MAX = 50;
/** A quiet hour expects this many events rather than none: one event there is odd, not impossible. */
const MEAN_MIN = 0.05;

export const emptyHourlyCount = (): HourlyCount => ({
  sums: new Float64Array(HOURS_PER_WEEK),
  hours: new Float64Array(HOURS_PER_WEEK),
  atMs: 0,
  residuals: emptyDecayed(),
  judged: emptyDecayed(),
});

/** 0 = Monday 00:00-00:59 in the given zone offset. */
export const hourOfWeek = (tMs: number, zoneOffsetMs: number): number => {
  // 1970-01-01 was a Thursday: shift by three days to start weeks on Monday.
  const hours = Math.floor((tMs + zoneOffsetMs) / HOUR_MS) + 3 * 24;
  return ((hours % HOURS_PER_WEEK) + HOURS_PER_WEEK) % HOURS_PER_WEEK;
};

/** Learns one finished hour that began at `hourMs`; call it for quiet hours too, with 0. */
export function learnHour(model: HourlyCount, count: number, hourMs: number, zoneMs: number, halfLifeMs: number): void {
  const { mean, hours } = expectedCount(model, hourMs, zoneMs);
  bringForward(model, hourMs, halfLifeMs);
  const cell = hourOfWeek(hourMs, zoneMs);
  model.sums[cell] = (model.sums[cell] ?? 0) + count;
  model.hours[cell] = (model.hours[cell] ?? 0) + 1;
  if (hours < 1) return;
  const residual = Math.min(RESIDUAL_MAX, (count - mean) ** 2 / Math.max(mean, MEAN_MIN));
  addDecayed(model.residuals, residual, hourMs, halfLifeMs);
  addDecayed(model.judged, 1, hourMs, halfLifeMs);
}

function bringForward(model: HourlyCount, tMs: number, halfLifeMs: number): void {
  if (tMs <= model.atMs) return;
  const factor = model.atMs === 0 ? 1 : 2 ** (-(tMs - model.atMs) / halfLifeMs);
  for (let cell = 0; cell < HOURS_PER_WEEK; cell++) {
    model.sums[cell] = (model.sums[cell] ?? 0) * factor;
    model.hours[cell] = (model.hours[cell] ?? 0) * factor;
  }
  model.atMs = tMs;
}

/** Mean expected in the hour of week of `tMs`, and the decayed number of hours behind it. */
export function expectedCount(
  model: Readonly<HourlyCount>,
  tMs: number,
  zoneMs: number,
): { mean: number; hours: number } {
  const cell = hourOfWeek(tMs, zoneMs);
  let sumAll = 0;
  let hoursAll = 0;
  let sumDaily = 0;
  let hoursDaily = 0;
  for (let c = 0; c < HOURS_PER_WEEK; c++) {
    sumAll += model.sums[c] ?? 0;
    hoursAll += model.hours[c] ?? 0;
    if (c % 24 === cell % 24) {
      sumDaily += model.sums[c] ?? 0;
      hoursDaily += model.hours[c] ?? 0;
    }
  }
  const overall = hoursAll > 0 ? sumAll / hoursAll : 0;
  const daily = (sumDaily + SHRINK_HOURS * overall) / (hoursDaily + SHRINK_HOURS);
  const mean = ((model.sums[cell] ?? 0) + SHRINK_HOURS * daily) / ((model.hours[cell] ?? 0) + SHRINK_HOURS);
  return { mean, hours: hoursAll };
}

/** Variance over mean of the counts; never below 1. */
export function dispersion(model: Readonly<HourlyCount>, tMs: number, halfLifeMs: number): number {
  const residuals = valueAt(model.residuals, tMs, halfLifeMs);
  const judged = valueAt(model.judged, tMs, halfLifeMs);
  return Math.max(1, (PRIOR_DISPERSION * PRIOR_HOURS + residuals) / (PRIOR_HOURS + judged));
}

/** P(at least `count` events in the hour of `tMs`). */
export function hourTail(
  model: Readonly<HourlyCount>,
  count: number,
  tMs: number,
  zoneMs: number,
  halfLifeMs: number,
): number {
  const { mean } = expectedCount(model, tMs, zoneMs);
  return countTail(count, Math.max(mean, MEAN_MIN), dispersion(model, tMs, halfLifeMs));
}
