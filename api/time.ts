/** Times at the edge of the API: RFC 3339 or epoch milliseconds come in, RFC 3339 in UTC goes out. */
import { invalidField } from './problems.ts';

const RFC_3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;
/** Before 2000 no event is stored, and a number that small is almost always seconds. DateTime64 ends in 2299. */
const MIN_MS = Date.UTC(2000, 0, 1);
const MAX_MS = Date.UTC(2200, 0, 1);

function dayExists(year: number, month: number, day: number): boolean {
  // Date.parse turns 30 February into 2 March instead of refusing it.
  return new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day;
}

function toMs(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const match = RFC_3339.exec(text);
  if (!match || !dayExists(Number(match[1]), Number(match[2]), Number(match[3]))) return Number.NaN;
  return Date.parse(text.toUpperCase().replace(' ', 'T'));
}

/** Epoch milliseconds, 2000 to 2200. Throws `invalid_request` naming `field`. */
export function parseTime(text: string, field: string): number {
  const ms = toMs(text);
  if (Number.isNaN(ms)) throw invalidField(field, 'Not a time: use RFC 3339 with an offset, or epoch milliseconds.');
  if (ms < MIN_MS || ms >= MAX_MS) {
    throw invalidField(field, 'The time lies before 2000 or after 2199; numbers are milliseconds, not seconds.');
  }
  return ms;
}

export function formatTime(ms: number | string): string {
  return new Date(Number(ms)).toISOString();
}
