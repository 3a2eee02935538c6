/** What of the configuration decides how events are scored. */
import { DAY_MS } from '../baselines/periods.ts';
import { zoneOffsetAt } from '../baselines/statistics/time-zone.ts';
import { DETECTORS } from '../detectors/registry.ts';
import type { Config } from './config.ts';

export const settingsOf = (
  config: Pick<Config, 'halfLifeDays' | 'alertBudget'> & Partial<Pick<Config, 'timeZone' | 'tenantTimeZones'>>,
) => ({
  baseline: {
    halfLifeMs: config.halfLifeDays * DAY_MS,
    zoneOffset: zoneOffsets(config.timeZone, config.tenantTimeZones),
  },
  alertBudget: config.alertBudget,
  detectors: DETECTORS.length,
});

function zoneOffsets(timeZone = 'UTC', tenantTimeZones: Readonly<Record<string, string>> = {}) {
  const usual = zoneOffsetAt(timeZone);
  const own = new Map(Object.entries(tenantTimeZones).map(([tenant, zone]) => [tenant, zoneOffsetAt(zone)]));
  return (tenant: string, tMs: number): number => (own.get(tenant) ?? usual)(tMs);
}
