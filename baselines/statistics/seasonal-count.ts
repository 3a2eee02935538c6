/**
 * Events per hour by hour of the week in the tenant's time zone, quiet hours counted as zeros.
 *
 * Model: a count in cell c has mean m_c and variance D m_c. Means are drawn level by level: overall -> weekdays or weekend -> hour of
 * such a day -> hour of week. Each level's estimate is a credibility mean of its own counts and the level above (credibility.ts), so
 * that it borrows as much as its own noise deserves: a busy cell soon speaks for itself, a sparse one never does. Counts enter
 * `winsorised` (count-tail.ts), so that one surge does not raise what the next is compared with.
 *
 * Cost: learning touches one cell, predicting at most five. 336 cells and a dozen numbers. Hours are UTC hours: where the offset is
 * not whole hours, a cell begins at the half. Fails when the week is not the period (month end), and in the days after a lasting
 * change of level.
 */
import { type CountSpread, dispersionOf, emptySpread, learnSpread, winsorised } from './count-tail.ts';
import { credible, emptyVariation, learnVariation, type Variation, variationOf } from './credibility.ts';
import { advance, type DecayScale, emptyScale, fadeAt, weightAt } from './forward-decay.ts';
import { HOURS_PER_WEEK, hourOfWeek } from './hour-of-week.ts';

/** Decayed sum of counts and number of hours of a group of cells. */
export interface Level {
  sum: number;
  hours: number;
}

export interface SeasonalCount {
  /** Per hour of week, from Monday 00:00 local: decayed sum of counts, and decayed number of hours watched. */
  readonly sums: Float64Array;
  readonly hours: Float64Array;
  readonly weekdays: Level;
  readonly weekend: Level;
  readonly byHour: Variation;
  readonly byCell: Variation;
  readonly spread: CountSpread;
  readonly scale: DecayScale;
}

export interface CountPrediction {
  /** Expected events in the hour. */
  readonly mean: number;
  /** Variance over mean of the next count, ignorance of the mean included; for `upperCountTail` and `lowerCountTail`. */
  readonly dispersion: number;
  /** Share of that dispersion which is ignorance: 1 when the mean is known, larger for sparse cells. */
  readonly inflation: number;
  /** Decayed hours watched, over all cells. */
  readonly hours: number;
}

/** Before anything is known: half an event an hour, worth two hours. */
const PRIOR_RATE = 0.5;
const PRIOR_RATE_HOURS = 2;
/** Relative variance of weekdays and weekend around the overall mean; either is watched long enough to need no better. */
const DAY_VARIATION = 0.5;
/** Relative variances before anything is known (agents keep hours; weekdays resemble each other), see `variationOf`. */
const PRIOR_HOUR_VARIATION = 1;
const PRIOR_CELL_VARIATION = 0.1;

export const emptySeasonalCount = (): SeasonalCount => ({
  sums: new Float64Array(HOURS_PER_WEEK),
  hours: new Float64Array(HOURS_PER_WEEK),
  weekdays: { sum: 0, hours: 0 },
  weekend: { sum: 0, hours: 0 },
  byHour: emptyVariation(),
  byCell: emptyVariation(),
  spread: emptySpread(),
  scale: emptyScale(),
});

/** The count expected in the hour that begins at `hourMs`; `offsetMs` is the zone's offset then (`zoneOffsetAt`). */
export function predictCount(model: Readonly<SeasonalCount>, hourMs: number, offsetMs: number): CountPrediction {
  const latest = LATEST.get(model);
  if (latest?.hourMs === hourMs && latest.offsetMs === offsetMs) return latest.prediction;
  const prediction = predicted(model, hourMs, offsetMs);
  LATEST.set(model, { hourMs, offsetMs, prediction });
  return prediction;
}

/** What was last asked for: all events of an hour ask the same. Whoever changes a model takes its entry out. */
const LATEST = new WeakMap<
  Readonly<SeasonalCount>,
  { readonly hourMs: number; readonly offsetMs: number; readonly prediction: CountPrediction }
>();

function predicted(model: Readonly<SeasonalCount>, hourMs: number, offsetMs: number): CountPrediction {
  const fade = fadeAt(model.scale, hourMs);
  const spread = dispersionOf(model.spread, hourMs);
  const cell = hourOfWeek(hourMs, offsetMs);
  const hours = fade * (model.weekdays.hours + model.weekend.hours);
  const overall = overallMean(model, fade);
  const all = { mean: overall, variance: (spread * overall) / (hours + PRIOR_RATE_HOURS) };
  const kind = credible(kindOf(model, cell).sum * fade, kindOf(model, cell).hours * fade, all, spread, DAY_VARIATION);
  const hourly = variationOf(model.byHour, fade, overall, PRIOR_HOUR_VARIATION);
  const daily = credible(poolSum(model.sums, cell) * fade, poolSum(model.hours, cell) * fade, kind, spread, hourly);
  const weekly = variationOf(model.byCell, fade, overall, PRIOR_CELL_VARIATION);
  const own = credible((model.sums[cell] ?? 0) * fade, (model.hours[cell] ?? 0) * fade, daily, spread, weekly);
  const inflation = 1 + own.variance / (spread * own.mean);
  return { mean: own.mean, dispersion: spread * inflation, inflation, hours };
}

/** Events of an hour on average, over all hours of the week. */
export function meanCount({ weekdays, weekend }: Readonly<SeasonalCount>): number {
  const hours = weekdays.hours + weekend.hours;
  return hours > 0 ? (weekdays.sum + weekend.sum) / hours : 0;
}

/** Takes `ratio` times as much as before for normal, at every hour. */
export function scaleCounts(model: SeasonalCount, ratio: number): void {
  LATEST.delete(model);
  for (let cell = 0; cell < HOURS_PER_WEEK; cell++) model.sums[cell] = (model.sums[cell] ?? 0) * ratio;
  model.weekdays.sum *= ratio;
  model.weekend.sum *= ratio;
}

/** Learns one finished hour that began at `hourMs`; call it for quiet hours too, with 0. */
export function learnCount(
  model: SeasonalCount,
  count: number,
  hourMs: number,
  offsetMs: number,
  halfLifeMs: number,
): void {
  const { mean, inflation, hours } = predictCount(model, hourMs, offsetMs);
  LATEST.delete(model);
  // On its first day nothing is known that a count could be far from.
  const bounded = hours < 24 ? count : winsorised(count, mean, dispersionOf(model.spread, hourMs));
  learnSpread(model.spread, count, mean, inflation, hourMs, halfLifeMs);
  const factor = advance(model.scale, hourMs, halfLifeMs);
  if (factor !== 1) rescale(model, factor);
  const cell = hourOfWeek(hourMs, offsetMs);
  const weight = weightAt(model.scale, hourMs);
  learnVariations(model, bounded, cell, weight);
  model.sums[cell] = (model.sums[cell] ?? 0) + weight * bounded;
  model.hours[cell] = (model.hours[cell] ?? 0) + weight;
  const kind = kindOf(model, cell);
  kind.sum += weight * bounded;
  kind.hours += weight;
}

function learnVariations(model: SeasonalCount, count: number, cell: number, weight: number): void {
  const daysWatched = poolSum(model.hours, cell);
  if (daysWatched === 0) return;
  const kind = kindOf(model, cell);
  const daily = poolSum(model.sums, cell) / daysWatched;
  learnVariation(model.byHour, weight, count, daily, kind.sum / kind.hours, 1 - daysWatched / kind.hours);
  const hours = model.hours[cell] ?? 0;
  if (hours > 0)
    learnVariation(model.byCell, weight, count, (model.sums[cell] ?? 0) / hours, daily, 1 - hours / daysWatched);
}

const overallMean = (model: Readonly<SeasonalCount>, fade: number): number =>
  (fade * (model.weekdays.sum + model.weekend.sum) + PRIOR_RATE * PRIOR_RATE_HOURS) /
  (fade * (model.weekdays.hours + model.weekend.hours) + PRIOR_RATE_HOURS);

const SATURDAY = 5;
const isWeekend = (cell: number): boolean => cell >= SATURDAY * 24;

const kindOf = ({ weekdays, weekend }: Readonly<SeasonalCount>, cell: number): Level =>
  isWeekend(cell) ? weekend : weekdays;

/** Sum over the cells of the same hour of day, on weekdays or on the weekend. */
function poolSum(cells: Float64Array, cell: number): number {
  const first = isWeekend(cell) ? SATURDAY : 0;
  const last = isWeekend(cell) ? 6 : SATURDAY - 1;
  let sum = 0;
  for (let day = first; day <= last; day++) sum += cells[day * 24 + (cell % 24)] ?? 0;
  return sum;
}

function rescale(model: SeasonalCount, factor: number): void {
  for (let cell = 0; cell < HOURS_PER_WEEK; cell++) {
    model.sums[cell] = (model.sums[cell] ?? 0) * factor;
    model.hours[cell] = (model.hours[cell] ?? 0) * factor;
  }
  for (const level of [model.weekdays, model.weekend]) {
    level.sum *= factor;
    level.hours *= factor;
  }
  for (const variation of [model.byHour, model.byCell]) {
    variation.product *= factor;
    variation.level *= factor;
  }
}
