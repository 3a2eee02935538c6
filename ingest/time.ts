/**
 * Event times: RFC 3339 (section 5.6) strings or epoch milliseconds, within sane bounds.
 */
import type { Rejection } from './dead-letter.ts';
import { EVENT_LIMITS } from './event.ts';

export type ReadTime =
  | { readonly ok: true; readonly timeMs: number }
  | { readonly ok: false; readonly rejection: Rejection };

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** Fractions finer than a millisecond are cut off. A leap second counts as the second after it. */
export function readTime(time: string | number, receivedMs: number): ReadTime {
  const timeMs = typeof time === 'number' ? time : parseRfc3339(time);
  if (timeMs === undefined) {
    const message =
      'time must be an RFC 3339 string with a zone, such as 2026-01-31T08:30:00.000Z, or epoch milliseconds.';
    return refuse('invalid_field', message);
  }
  if (isInRange(timeMs, receivedMs)) return { ok: true, timeMs };
  const hint = typeof time === 'number' ? unitHint(time, receivedMs) : '';
  return refuse('time_range', `The time is before 2000 or more than 24 hours ahead of receipt.${hint}`);
}

function isInRange(timeMs: number, receivedMs: number): boolean {
  return timeMs >= EVENT_LIMITS.timeMin && timeMs <= receivedMs + EVENT_LIMITS.timeAheadMsMax;
}

const OTHER_UNITS: readonly (readonly [name: string, perMs: number])[] = [
  ['seconds', 1e-3],
  ['microseconds', 1e3],
  ['nanoseconds', 1e6],
];

function unitHint(time: number, receivedMs: number): string {
  const unit = OTHER_UNITS.find(([, perMs]) => isInRange(time / perMs, receivedMs));
  return unit === undefined ? '' : ` It looks like ${unit[0]}; send milliseconds.`;
}

function parseRfc3339(text: string): number | undefined {
  if (!RFC_3339.test(text)) return undefined;
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  const hour = digits(text, 11, 2);
  const minute = digits(text, 14, 2);
  const second = digits(text, 17, 2);
  const zoneMs = zoneOffset(text);
  if (hour > 23 || minute > 59 || second > 60 || zoneMs === undefined) return undefined;
  const midnight = new Date(Date.UTC(digits(text, 0, 4), month - 1, day));
  // Date.UTC rolls 31 April over to 1 May, and month 13 to January.
  if (midnight.getUTCDate() !== day || midnight.getUTCMonth() !== month - 1) return undefined;
  return midnight.getTime() + (hour * 3600 + minute * 60 + second) * 1000 + milliseconds(text) - zoneMs;
}

/** `Z`, or hours and minutes ahead of UTC in the last six characters. */
function zoneOffset(text: string): number | undefined {
  const sign = text.at(-6);
  if (sign !== '+' && sign !== '-') return 0;
  const hours = digits(text, text.length - 5, 2);
  const minutes = digits(text, text.length - 2, 2);
  if (hours > 23 || minutes > 59) return undefined;
  return (sign === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/** The first three digits of a fraction that may have one to nine. */
function milliseconds(text: string): number {
  if (text[19] !== '.') return 0;
  let scale = 100;
  let ms = 0;
  for (let at = 20; at < 23 && isDigit(text.charCodeAt(at)); at += 1) {
    ms += digits(text, at, 1) * scale;
    scale /= 10;
  }
  return ms;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** `count` ASCII digits from `start` on, as a number. */
function digits(text: string, start: number, count: number): number {
  let number = 0;
  for (let at = start; at < start + count; at += 1) number = number * 10 + text.charCodeAt(at) - 0x30;
  return number;
}

function refuse(code: Rejection['code'], message: string): ReadTime {
  return { ok: false, rejection: { code, field: 'time', message } };
}
