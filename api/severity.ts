/** Severities by name and OCSF number (severity_id of Detection Finding): informational is 1, critical is 5. */
export const SEVERITIES = ['informational', 'low', 'medium', 'high', 'critical'] as const;
export type SeverityName = (typeof SEVERITIES)[number];

export function severityId(name: SeverityName): number {
  return SEVERITIES.indexOf(name) + 1;
}

/** Numbers outside 1..5 are shown as the nearest name. */
export function severityName(id: number): SeverityName {
  return SEVERITIES[Math.min(Math.max(Math.trunc(id), 1), SEVERITIES.length) - 1] ?? 'informational';
}
