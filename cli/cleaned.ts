import { sanitise } from '../ingest/untrusted-text.ts';

/** More of one text is cut: the longest that Picket stores, notes of 2000 characters and sentences, are shorter. */
const TEXT_CHARS_MAX = 8_000;

/**
 * What the API or the store answered, as it may be laid out for people: every text in it sanitised, down to ids. Ids of events and agents
 * are free text, so a whole answer is cleaned at once and nothing of it can be forgotten. Keys are ours and stay.
 */
export function cleaned<T>(answer: T): T {
  return clean(answer) as T;
}

function clean(value: unknown): unknown {
  if (typeof value === 'string') return sanitise(value, TEXT_CHARS_MAX);
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, clean(one)]));
}
