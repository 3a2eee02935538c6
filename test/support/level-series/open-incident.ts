import { HOUR_MS } from '../../../baselines/periods.ts';

/**
 * One incident, one alarm: after an alarm the same trouble is not told again, unless it becomes much less likely still.
 *
 * O(1), two numbers. It takes probabilities from any source, in order of time.
 */
export interface OpenIncident {
  /** When it was last told, and with which p; never told: -Infinity and 1. */
  toldMs: number;
  p: number;
}

export interface IncidentSettings {
  /** Alarms at this p or below, in (0, 1). */
  readonly alarmP: number;
  /** After this time the same trouble is news again. */
  readonly lastsMs: number;
  /** Within an incident only a p this many times smaller is news; at least 1. */
  readonly worseBy: number;
}

/** alarmP in terms of `level-series.ts`, whose p is on the safe side: one to four alarms a month in an hourly series without incidents. */
export const INCIDENT_DEFAULTS: IncidentSettings = { alarmP: 0.015, lastsMs: 12 * HOUR_MS, worseBy: 10 };

export const noIncident = (): OpenIncident => ({ toldMs: Number.NEGATIVE_INFINITY, p: 1 });

/** `usual`: no alarm. `news`: an alarm, which is remembered. `told`: part of an incident that was told already. */
export type Told = 'usual' | 'news' | 'told';

export function tell(
  incident: OpenIncident,
  p: number,
  tMs: number,
  { alarmP, lastsMs, worseBy }: IncidentSettings,
): Told {
  if (p > alarmP) return 'usual';
  if (tMs - incident.toldMs < lastsMs && p * worseBy >= incident.p) return 'told';
  incident.toldMs = tMs;
  incident.p = p;
  return 'news';
}
