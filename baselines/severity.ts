import type { Severity } from './verdict.ts';

/** Severities by name and OCSF number (severity_id of Detection Finding): informational is 1, critical is 5. */
export const SEVERITIES = ['informational', 'low', 'medium', 'high', 'critical'] as const;
export type SeverityName = (typeof SEVERITIES)[number];

/** What is taken wherever a severity is written, in playbooks, requests and on the command line; only names are shown. */
export const SEVERITY_WORDS = [...SEVERITIES, 'info'] as const;
export type SeverityWord = (typeof SEVERITY_WORDS)[number];

/** For people: what they may write. */
export const SEVERITY_CHOICE = `${SEVERITIES.join(', ')}; info is short for informational`;

export function severityId(word: SeverityWord): Severity {
  return (word === 'info' ? 1 : SEVERITIES.indexOf(word) + 1) as Severity;
}

/** Numbers outside 1..5 are shown as the nearest name. */
export function severityName(id: number): SeverityName {
  return SEVERITIES[Math.min(Math.max(Math.trunc(id), 1), SEVERITIES.length) - 1] ?? 'informational';
}
