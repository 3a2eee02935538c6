import { DAY_MS, HOUR_MS } from '../periods.ts';
import { addDecayed, type Decayed, emptyDecayed, valueAt } from './decay.ts';
import { emptyRamp, learnRampScore, type Ramp } from './two-horizon.ts';

/**
 * Slow ramps of sums that come by the day (rows, bytes, tokens, cost): how far the log of each day lies above the mean of the long
 * horizon, summed up as in `two-horizon.ts`.
 *
 * The noise of a day is taken from successive differences, sigma^2 = E (x_t - x_(t-1))^2 / 2 (von Neumann, "Distribution of the ratio of
 * the mean square successive difference to the variance", 1941): unlike the variance it does not grow with the ramp itself, which would
 * hide in it. Drawn towards 0.25 by four days' worth of belief.
 *
 * Fails where days alternate (weekdays and weekends): the differences are then mostly the week, and a ramp is seen later.
 */
export interface DailyGrowth {
  readonly ramp: Ramp;
  /** log(1 + x) of the newest day; NaN is not kept, 0 stands for none. */
  lastLog: number;
  readonly squares: Decayed;
  readonly steps: Decayed;
}

const PRIOR_VARIANCE = 0.25;
const PRIOR_DAYS = 4;
/** Days before the long horizon is known well enough to hold a day against it. */
const DAYS_MIN = 7;

export const emptyDailyGrowth = (): DailyGrowth => ({
  ramp: emptyRamp(),
  lastLog: 0,
  squares: emptyDecayed(),
  steps: emptyDecayed(),
});

/** Learns a finished day whose sum is above 0; `meanLog` of the long horizon before it, over `days` decayed days. */
export function learnDay(
  growth: DailyGrowth,
  sum: number,
  { meanLog, days }: { readonly meanLog: number; readonly days: number },
  dayMs: number,
  halfLifeMs: number,
): void {
  const log = Math.log1p(sum);
  if (days >= DAYS_MIN) {
    const block = { startMs: dayMs, lastHourMs: dayMs + DAY_MS - HOUR_MS };
    const score = (log - meanLog) / noiseOf(growth, dayMs, halfLifeMs);
    learnRampScore(growth.ramp, score, sum, Math.expm1(meanLog), block);
  }
  if (growth.lastLog > 0) {
    addDecayed(growth.squares, (log - growth.lastLog) ** 2 / 2, dayMs, halfLifeMs);
    addDecayed(growth.steps, 1, dayMs, halfLifeMs);
  }
  growth.lastLog = log;
}

function noiseOf({ squares, steps }: Readonly<DailyGrowth>, tMs: number, halfLifeMs: number): number {
  const believed = PRIOR_DAYS * PRIOR_VARIANCE + valueAt(squares, tMs, halfLifeMs);
  return Math.sqrt(believed / (PRIOR_DAYS + valueAt(steps, tMs, halfLifeMs)));
}
