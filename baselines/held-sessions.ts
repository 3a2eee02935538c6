import { DAY_MS } from './periods.ts';
import type { SessionState } from './session-state.ts';

/** A closed session that alerted. It teaches the baseline nothing until someone, or its own return, speaks for it. */
export interface HeldSession {
  readonly session: SessionState;
  /** Event time at which it ended. */
  readonly closedMs: number;
}

/** An analyst has this long; then a session may be learned for coming back, and after `KEEP_MS` it is dropped. */
export const HOLD_MS = 7 * DAY_MS;
export const KEEP_MS = 28 * DAY_MS;
/** A session nobody judged is learned when the same behaviour came back in this many sessions on as many days. */
const RETURNS_MIN = 3;
/** At the limit the oldest session is dropped without being learned. */
export const HELD_MAX = 64;

/**
 * Sessions that may be learned although nobody judged them: seven days are over, the same behaviour came back in at least 3
 * sessions on at least 3 days, and no sensitive data was moved out. They leave `held`, as do those that are given up.
 */
export function settleHeld(held: HeldSession[], nowMs: number): HeldSession[] {
  while (held.length > HELD_MAX) held.shift();
  const age = ({ closedMs }: HeldSession) => nowMs - closedMs;
  if (!held.some((one) => age(one) >= HOLD_MS)) return [];
  const released = held.filter((one) => age(one) >= HOLD_MS && !one.session.movedSensitive && cameBack(one, held));
  const kept = held.filter((one) => age(one) < KEEP_MS && !released.includes(one));
  held.splice(0, held.length, ...kept);
  return released;
}

/** Sessions count as the same behaviour when every kind of alert of the older one is among the newer one's. */
function cameBack(one: HeldSession, held: readonly HeldSession[]): boolean {
  const alike = held.filter(({ session }) => [...one.session.alerted].every((kind) => session.alerted.has(kind)));
  const days = new Set(alike.map(({ closedMs }) => Math.floor(closedMs / DAY_MS)));
  return alike.length >= RETURNS_MIN && days.size >= RETURNS_MIN;
}

/**
 * Takes an analyst's word on one alert. Benign: a session with no other alert left leaves `held` and is returned to be learned.
 * Confirmed: the session leaves `held` and is never learned.
 */
export function releaseHeld(held: HeldSession[], alertId: string, benign: boolean): HeldSession[] {
  const released: HeldSession[] = [];
  const kept = held.filter((one) => {
    if (!one.session.alertIds.has(alertId)) return true;
    if (!benign) return false;
    one.session.alertIds.delete(alertId);
    if (one.session.alertIds.size > 0) return true;
    released.push(one);
    return false;
  });
  held.splice(0, held.length, ...kept);
  return released;
}
