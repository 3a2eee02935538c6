/**
 * What decides how events are judged, in short: stands in the `build` of every checkpoint, so that a verdict that another build, other
 * detectors or other settings have taken is told from one that is wrong.
 */
import { createHash } from 'node:crypto';
import { DETECTORS } from '../../detectors/registry.ts';
import { sanitise } from '../../ingest/untrusted-text.ts';
import type { JudgingConfig } from '../backtest/judging-settings.ts';
import { BUILD } from '../build.ts';

/** `0.1.0+detectors.1a2b3c4d.half-life.14.budget.0.02.zones.5e6f7a8b`: metadata of a build, as Semantic Versioning has it. */
export function judgingMark(build: string, config: JudgingConfig, detectors: readonly string[]): string {
  const { halfLifeDays, alertBudget, timeZone, tenantTimeZones } = config;
  const zones = [timeZone, ...Object.entries(tenantTimeZones).sort(([a], [b]) => (a < b ? -1 : 1))];
  const parts = [
    ['detectors', hashOf(detectors)],
    ['half-life', halfLifeDays],
    ['budget', alertBudget],
    ['zones', hashOf(zones)],
  ];
  return `${build}+${parts.flat().join('.')}`;
}

export const markOf = (config: JudgingConfig): string =>
  judgingMark(
    BUILD,
    config,
    DETECTORS.map(({ name }) => name),
  );

const hashOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 8);

/** In which parts two marks differ, in words. */
export function markDifference(stored: string, own: string): string {
  const [there, here] = [readMark(stored), readMark(own)];
  if (there.detectors === undefined) return `by build ${there.build}, which did not say with what settings`;
  const said = [
    there.build === here.build ? '' : `by build ${there.build} instead of ${here.build}`,
    there.detectors === here.detectors ? '' : 'other detectors',
    there.halfLife === here.halfLife ? '' : `baseline.half_life_days ${there.halfLife} instead of ${here.halfLife}`,
    there.budget === here.budget ? '' : `detection.alert_budget ${there.budget} instead of ${here.budget}`,
    there.zones === here.zones ? '' : 'other time zones',
  ];
  return said.filter(Boolean).join(', ');
}

const SETTINGS =
  /^detectors\.(?<detectors>\w+)\.half-life\.(?<halfLife>[\d.e+-]+)\.budget\.(?<budget>[\d.e+-]+)\.zones\.(?<zones>\w+)$/;

/** Of a build from before it had marks, or of none of ours, only the build is known. */
function readMark(mark: string) {
  const cut = mark.indexOf('+');
  const build = sanitise(cut < 0 ? mark : mark.slice(0, cut), 100);
  const { detectors, halfLife, budget, zones } = SETTINGS.exec(cut < 0 ? '' : mark.slice(cut + 1))?.groups ?? {};
  return { build, detectors, halfLife, budget, zones };
}
