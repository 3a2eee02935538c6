import { type Baseline, rampOf } from './baseline.ts';
import { MEASURE_NAMES, type Measure } from './measures.ts';
import { scaleCounts } from './statistics/seasonal-count.ts';
import { rampRatio, restartRamp } from './statistics/two-horizon.ts';

/** What an alert on slow growth is about. */
export const growthSubject = (measure: Measure): string => `${measure} over days`;

/**
 * Somebody called the growth benign: the new level is the normal one from now on. Events by the hour are scaled to it; sums of days follow
 * by themselves, since every day is one value of few.
 */
export function acceptGrowth(baseline: Baseline, subject: string): void {
  for (const measure of MEASURE_NAMES) {
    const ramp = rampOf(baseline, measure);
    if (subject !== growthSubject(measure)) continue;
    if (measure === 'events') scaleCounts(baseline.hourly, rampRatio(ramp));
    restartRamp(ramp);
  }
}
