/** The settings that decide how events are judged: what a backtest may change. */
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { type Config, ConfigError, ConfigSchema, isTimeZone } from '../config.ts';

export type JudgingConfig = Pick<Config, 'halfLifeDays' | 'alertBudget' | 'timeZone' | 'tenantTimeZones'>;

/** Keys of `picket.yaml`; `NAME` stands for a tenant. */
export const JUDGING_KEYS = [
  'baseline.half_life_days',
  'baseline.time_zone',
  'detection.alert_budget',
  'tenants.NAME.time_zone',
] as const;

const JudgingSchema = Type.Pick(ConfigSchema, ['baseline', 'detection', 'tenants']);
const validator = Compile(JudgingSchema);

const TENANT_KEY = /^tenants\.(.+)\.time_zone$/;

/**
 * @param assignments `KEY=VALUE`, later ones win
 * @throws ConfigError when a key does not influence judging, or a value is not one of its kind
 */
export const withAssignments = (config: JudgingConfig, assignments: readonly string[]): JudgingConfig =>
  assignments.reduce(withAssignment, config);

function withAssignment(config: JudgingConfig, assignment: string): JudgingConfig {
  const cut = assignment.indexOf('=');
  if (cut < 1) throw new ConfigError(`--set ${assignment}: write KEY=VALUE, such as detection.alert_budget=0.05.`);
  const path = pathOf(assignment.slice(0, cut));
  const { baseline, detection, tenants = {} } = validated(assignment, path, assignment.slice(cut + 1));
  const zones = Object.entries(tenants).map(([name, settings]) => [name, settings?.time_zone ?? '']);
  return {
    halfLifeDays: baseline?.half_life_days ?? config.halfLifeDays,
    timeZone: baseline?.time_zone ?? config.timeZone,
    alertBudget: detection?.alert_budget ?? config.alertBudget,
    tenantTimeZones: { ...config.tenantTimeZones, ...Object.fromEntries(zones) },
  };
}

/** A tenant's name may have dots in it. */
function pathOf(key: string): string[] {
  const tenant = TENANT_KEY.exec(key)?.[1];
  if (tenant !== undefined) return ['tenants', tenant, 'time_zone'];
  if ((JUDGING_KEYS as readonly string[]).includes(key)) return key.split('.');
  throw new ConfigError(
    `--set ${key}: does not influence how events are judged, so there is nothing to compare. These do: ${JUDGING_KEYS.join(', ')}.`,
  );
}

function validated(assignment: string, path: readonly string[], text: string): Static<typeof JudgingSchema> {
  const isZone = path.at(-1) === 'time_zone';
  const value: unknown = isZone || text.trim() === '' ? text : Number(text);
  const nested: unknown = path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
  if (!validator.Check(nested)) {
    const [error] = validator.Errors(nested);
    throw new ConfigError(`--set ${assignment}: the value ${error?.message ?? 'is not a valid one'}.`);
  }
  if (isZone && !isTimeZone(text))
    throw new ConfigError(`--set ${assignment}: no time zone; use an IANA name, such as Europe/Berlin.`);
  return nested;
}

/** One setting in which two configurations differ. */
export interface SettingChange {
  readonly key: string;
  readonly now: number | string;
  readonly tried: number | string;
}

export function settingChanges(now: JudgingConfig, tried: JudgingConfig): SettingChange[] {
  const before = flat(now);
  const after = flat(tried);
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys
    .map((key) => ({ key, now: before[key] ?? now.timeZone, tried: after[key] ?? tried.timeZone }))
    .filter((one) => one.now !== one.tried);
}

const flat = (config: JudgingConfig): Record<string, number | string> => ({
  'baseline.half_life_days': config.halfLifeDays,
  'baseline.time_zone': config.timeZone,
  'detection.alert_budget': config.alertBudget,
  ...Object.fromEntries(
    Object.entries(config.tenantTimeZones).map(([tenant, zone]) => [`tenants.${tenant}.time_zone`, zone]),
  ),
});
