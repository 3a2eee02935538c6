import { DAY_MS, HOUR_MS } from '../../../baselines/periods.ts';
import {
  type DeviationTail,
  type DeviationTailSettings,
  deviationsLearned,
  deviationTail,
  emptyDeviationTail,
  learnDeviation,
  size99,
} from './deviation-tail.ts';
import { emptyRollingMean, learnMean, meanWith, type RollingMean, rollingMean } from './rolling-mean.ts';
import {
  emptyWeekProfile,
  learnProfile,
  usualRange,
  type WeekProfile,
  type WeekProfileSettings,
} from './week-profile.ts';

/**
 * A level over time (events per hour, bytes per minute): what is expected now, and how odd is what came?
 *
 * Four views of a value, two by two. What is judged: the value itself, or the run of values of about the last hour, in which small
 * oddities add up. What it is judged against: the level of recent hours, or what is usual at this time of the week. The distance in each
 * view is judged by how often this series was that far off in that view (`deviation-tail.ts`), so that no distribution is assumed:
 * constant series, bursts and heavy tails calibrate themselves. A lasting change alarms at first and stops as its distances become
 * common; a ramp that is slow beside the noise is followed; a nightly job is usual.
 *
 * p = e (p1 p2 ...)^(1 / views): the geometric mean, so that a value has to be odd in several views, and e, which makes it a p-value
 * whatever the dependence between the views (Vovk and Wang, "Combining p-values via averaging", Biometrika 2020). The two views
 * against the same level may also speak alone, if that is ten times rarer.
 *
 * Score first, learn after: `judgeLevel` reads, `learnLevel` changes. The first hours are judged by few observations, and p cannot be
 * smaller than about one over their number. Distances above and below share one tail: what says "far above" is `observed > expected`.
 *
 * p errs on the safe side: on independent normal, log-normal, Pareto, seasonal and mostly idle series it came to 0.015 or less in 0 to
 * 0.2 % of five-minute values and in 0.1 to 0.6 % of hourly ones.
 *
 * Fails on a change smaller than the series' own restlessness, on a size it already showed within its memory, and on what is odd only
 * in the order of its values. O(1) per value; about 40 kB per series.
 */
export interface LevelSeries {
  readonly recent: RollingMean;
  readonly run: RollingMean;
  /** Run of the signed distances from what is usual. */
  readonly runFromUsual: RollingMean;
  readonly usual: WeekProfile;
  readonly tails: Readonly<Record<View, DeviationTail>>;
  lastMs: number;
}

export const VIEWS = ['value-from-recent', 'run-from-recent', 'value-from-usual', 'run-from-usual'] as const;
export type View = (typeof VIEWS)[number];

export interface LevelSettings extends DeviationTailSettings, WeekProfileSettings {
  /** Half-life of the recent level, and of a run. */
  readonly recentMs: number;
  readonly runMs: number;
}

export const LEVEL_DEFAULTS: LevelSettings = {
  recentMs: 12 * HOUR_MS,
  runMs: HOUR_MS,
  memoryMs: 7 * DAY_MS,
  sameTimeMs: 2 * HOUR_MS,
  earlyLateMs: HOUR_MS,
  zoneOffsetMs: 0,
};

export interface JudgedView {
  readonly view: View;
  /** The value or the mean of the run, and the level it is compared with: of a usual range, the nearest level. */
  readonly observed: number;
  readonly expected: number;
  /** Distance that about one value in a hundred reaches: the band is `expected` +- this. */
  readonly band: number;
  /** P(at least this distance). */
  readonly p: number;
}

export interface JudgedLevel {
  /** P(a value at least this odd); 1 while nothing can be said. */
  readonly p: number;
  /** Most telling first. Empty for the very first value. */
  readonly views: readonly JudgedView[];
  /** Decayed number of values behind it. */
  readonly learned: number;
}

export const emptyLevelSeries = (): LevelSeries => ({
  recent: emptyRollingMean(),
  run: emptyRollingMean(),
  runFromUsual: emptyRollingMean(),
  usual: emptyWeekProfile(),
  tails: {
    'value-from-recent': emptyDeviationTail(),
    'run-from-recent': emptyDeviationTail(),
    'value-from-usual': emptyDeviationTail(),
    'run-from-usual': emptyDeviationTail(),
  },
  lastMs: Number.NEGATIVE_INFINITY,
});

interface Compared {
  readonly view: View;
  readonly observed: number;
  readonly expected: number;
}

/** The views that have something to compare with. */
function compare(series: Readonly<LevelSeries>, value: number, tMs: number, settings: LevelSettings): Compared[] {
  const recent = rollingMean(series.recent);
  if (recent === undefined) return [];
  const run = meanWith(series.run, value, tMs, settings.runMs);
  const fromRecent: Compared[] = [
    { view: 'value-from-recent', observed: value, expected: recent },
    { view: 'run-from-recent', observed: run, expected: recent },
  ];
  const usual = nearestUsual(series, value, tMs, settings);
  if (usual === undefined) return fromRecent;
  const runFromUsual = meanWith(series.runFromUsual, value - usual, tMs, settings.runMs);
  return [
    ...fromRecent,
    { view: 'value-from-usual', observed: value, expected: usual },
    { view: 'run-from-usual', observed: run, expected: run - runFromUsual },
  ];
}

function nearestUsual(
  series: Readonly<LevelSeries>,
  value: number,
  tMs: number,
  settings: LevelSettings,
): number | undefined {
  const range = usualRange(series.usual, tMs, settings);
  return range && Math.min(range.high, Math.max(range.low, value));
}

/** Rounding moves a mean of equal values by parts in 10^16: that is no distance, or a constant series would alarm on it. */
const ROUNDING = 1e-9;

function distance({ observed, expected }: Compared): number {
  const apart = Math.abs(observed - expected);
  return apart <= ROUNDING * Math.max(Math.abs(observed), Math.abs(expected)) ? 0 : apart;
}

/** What is odd against recent hours alone, or against usual levels alone: silence by day is as low as any night. */
const PAIRS: readonly ((judged: JudgedView) => boolean)[] = [
  ({ view }) => view.endsWith('recent'),
  ({ view }) => view.endsWith('usual'),
];
/** A pair alone has to be this many times rarer. With two pairs it makes p at most 1.2 times too small. */
const PAIR_PENALTY = 10;

/** How odd `value` would be at `tMs` (epoch ms). `value` is any finite number; see `learnLevel`. */
export function judgeLevel(
  series: Readonly<LevelSeries>,
  value: number,
  tMs: number,
  settings: LevelSettings,
): JudgedLevel {
  const views = compare(series, value, tMs, settings).map((compared): JudgedView => {
    const tail = series.tails[compared.view];
    return { ...compared, band: size99(tail), p: deviationTail(tail, distance(compared), tMs, settings) };
  });
  return {
    p: Math.min(1, combinedP(views), ...PAIRS.map((pair) => PAIR_PENALTY * combinedP(views.filter(pair)))),
    views: views.sort((a, b) => a.p - b.p),
    learned: deviationsLearned(series.tails['value-from-recent']),
  };
}

/** e times the geometric mean; 1 for none. */
function combinedP(views: readonly JudgedView[]): number {
  if (views.length === 0) return 1;
  const logs = views.reduce((sum, { p }) => sum + Math.log(p), 0);
  return Math.exp(1 + logs / views.length);
}

/**
 * Learns `value`, seen at `tMs`. A time before the last one is taken for the last one.
 * Throws RangeError for a value or time that is not finite: one such value would stay in every mean for ever.
 */
export function learnLevel(series: LevelSeries, value: number, atMs: number, settings: LevelSettings): void {
  if (!Number.isFinite(value) || !Number.isFinite(atMs)) {
    throw new RangeError(`A level and its time are finite numbers: ${value} at ${atMs}.`);
  }
  const tMs = Math.max(atMs, series.lastMs);
  for (const compared of compare(series, value, tMs, settings)) {
    learnDeviation(series.tails[compared.view], distance(compared), tMs, settings);
  }
  const usual = nearestUsual(series, value, tMs, settings);
  if (usual !== undefined) learnMean(series.runFromUsual, value - usual, tMs, settings.runMs);
  learnMean(series.recent, value, tMs, settings.recentMs);
  learnMean(series.run, value, tMs, settings.runMs);
  if (Number.isFinite(series.lastMs)) learnProfile(series.usual, value, tMs - series.lastMs, tMs, settings);
  series.lastMs = tMs;
}
