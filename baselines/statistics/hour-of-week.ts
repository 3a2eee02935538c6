import { HOUR_MS } from '../periods.ts';

export const HOURS_PER_WEEK = 168;

/** 0 = Monday 00:00-00:59 on a clock that is `zoneOffsetMs` ahead of UTC. */
export const hourOfWeek = (tMs: number, zoneOffsetMs: number): number => {
  // 1970-01-01 was a Thursday: shift by three days to start weeks on Monday.
  const hours = Math.floor((tMs + zoneOffsetMs) / HOUR_MS) + 3 * 24;
  return ((hours % HOURS_PER_WEEK) + HOURS_PER_WEEK) % HOURS_PER_WEEK;
};
