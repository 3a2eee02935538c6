/** The first place in which two values of JSON differ, in the order in which the first one names its fields. */
import { sanitise } from '../../ingest/untrusted-text.ts';

export interface FieldDifference {
  /** Dotted; empty: the values themselves. */
  readonly field: string;
  /** JSON for people, cut: it may hold text of events. */
  readonly stored: string;
  readonly recomputed: string;
}

/** Numbers are equal when their shortest texts are, which is when their bits are (0 and -0 apart, which no store tells apart). */
export function firstDifference(stored: unknown, recomputed: unknown, path = ''): FieldDifference | undefined {
  if (!isNested(stored) || !isNested(recomputed) || Array.isArray(stored) !== Array.isArray(recomputed)) {
    return JSON.stringify(stored) === JSON.stringify(recomputed)
      ? undefined
      : { field: path, stored: shown(stored), recomputed: shown(recomputed) };
  }
  for (const name of new Set([...Object.keys(stored), ...Object.keys(recomputed)])) {
    const found = firstDifference(stored[name], recomputed[name], path === '' ? name : `${path}.${name}`);
    if (found !== undefined) return { ...found, field: sanitise(found.field, FIELD_MAX) };
  }
  return undefined;
}

const SHOWN_MAX = 200;
const FIELD_MAX = 200;

const isNested = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const shown = (value: unknown): string => sanitise(JSON.stringify(value) ?? 'nothing', SHOWN_MAX);
