/** What the baseline expects of each hour, as far as it knows now. */
import type { AgentState } from '../baselines/agent-state.ts';
import type { BaselineSettings } from '../baselines/baseline.ts';
import type { Measure } from '../baselines/measures.ts';
import { amountQuantiles } from '../baselines/statistics/amount.ts';
import { countQuantile } from '../baselines/statistics/count-quantile.ts';
import { hourOfWeek } from '../baselines/statistics/hour-of-week.ts';
import { predictCount } from '../baselines/statistics/seasonal-count.ts';
import { hourInWeekOf, rounded } from './describe-agent.ts';
import type { ExpectedHour } from './ports.ts';

export const BAND = 0.95;

/** `asOfMs`: events are predicted for the week around it, so that older hours are held against what is known today. */
export function expectedHours(
  state: Readonly<AgentState>,
  measure: Measure,
  hours: readonly number[],
  asOfMs: number,
  settings: BaselineSettings,
): ExpectedHour[] {
  if (measure !== 'events') {
    const [expected, upper] = amountQuantiles(state.baseline.perHour[measure]) ?? [0, 0];
    return hours.map(() => ({ expected: rounded(expected), lower: 0, upper: rounded(upper) }));
  }
  const offsetMs = settings.zoneOffset(state.tenant, asOfMs);
  const cells = new Map<number, ExpectedHour>();
  return hours.map((hourMs) => {
    const cell = hourOfWeek(hourMs, settings.zoneOffset(state.tenant, hourMs));
    const known = cells.get(cell) ?? expectedCell(state, hourInWeekOf(asOfMs, offsetMs, cell), offsetMs);
    cells.set(cell, known);
    return known;
  });
}

function expectedCell({ baseline }: Readonly<AgentState>, hourMs: number, offsetMs: number): ExpectedHour {
  const { mean, dispersion } = predictCount(baseline.hourly, hourMs, offsetMs);
  const outside = (1 - BAND) / 2;
  return {
    expected: rounded(mean),
    lower: countQuantile(outside, mean, dispersion),
    upper: countQuantile(1 - outside, mean, dispersion),
  };
}
