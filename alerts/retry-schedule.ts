/** When a delivery is tried again. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Waits after the first, second, ... failed attempt; with the jitter about 22 hours in all. */
const SCHEDULE_MS = [
  5_000,
  30_000,
  2 * MINUTE_MS,
  10 * MINUTE_MS,
  HOUR_MS,
  3 * HOUR_MS,
  6 * HOUR_MS,
  12 * HOUR_MS,
] as const;

/** The first attempt and one after each wait. */
export const ATTEMPTS_MAX = SCHEDULE_MS.length + 1;

const JITTER = 0.2;
const RETRY_AFTER_MS_MAX = 24 * HOUR_MS;

/** Wait after `tries` failed attempts (1 or more), spread by ±20 %. `random` gives numbers in [0, 1). */
export function retryDelayMs(tries: number, random: () => number): number {
  const wait = SCHEDULE_MS[Math.min(tries, SCHEDULE_MS.length) - 1] ?? SCHEDULE_MS[0];
  return Math.round(wait * (1 + JITTER * (2 * random() - 1)));
}

/**
 * Milliseconds that a `Retry-After` header asks for: seconds or an HTTP date (RFC 9110, section 10.2.3), at most 24 hours;
 * 0 when it is absent, malformed or in the past.
 */
export function retryAfterMs(header: string | undefined, nowMs: number): number {
  if (header === undefined) return 0;
  const asked = /^\d{1,10}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - nowMs;
  return Number.isFinite(asked) ? Math.min(Math.max(0, asked), RETRY_AFTER_MS_MAX) : 0;
}
