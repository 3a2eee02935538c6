/** Holds the alerts of two runs against each other. */
import type { AlertLedger, SeenAlert } from './alert-ledger.ts';

/** Event times, epoch ms: from, and before. */
export interface TimeWindow {
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface AlertPair {
  readonly before: SeenAlert;
  readonly after: SeenAlert;
}

/** Of alerts that opened in the window, on either side. */
export interface Comparison {
  readonly disappeared: readonly SeenAlert[];
  readonly appeared: readonly SeenAlert[];
  /** On both sides, of these with another severity, and of these opened by another event. */
  readonly kept: readonly AlertPair[];
  readonly severityChanged: readonly AlertPair[];
  readonly moved: readonly AlertPair[];
}

export function compareAlerts(before: AlertLedger, after: AlertLedger, window: TimeWindow): Comparison {
  const matches = matchAlerts(before, after);
  const matched = new Set(matches.values());
  const opensIn = ({ openedMs }: SeenAlert) => openedMs >= window.fromMs && openedMs < window.untilMs;
  const kept = [...matches].map((pair) => ({ before: pair[0], after: pair[1] }));
  const inWindow = kept.filter((pair) => opensIn(pair.before) || opensIn(pair.after));
  return {
    disappeared: before.all().filter((alert) => opensIn(alert) && !matches.has(alert)),
    appeared: after.all().filter((alert) => opensIn(alert) && !matched.has(alert)),
    kept: inWindow,
    severityChanged: inWindow.filter((pair) => pair.before.severity !== pair.after.severity),
    moved: inWindow.filter((pair) => pair.before.id !== pair.after.id),
  };
}

/**
 * Which alert of one run is which of the other, one to one: the same id first; then, in order of time, the same agent, detector and
 * subject with a session in common; then with a day in common (what is measured by the hour or day may alert in another session). Of two
 * alerts that were one on the other side, the second has no counterpart.
 */
export function matchAlerts(left: AlertLedger, right: AlertLedger): Map<SeenAlert, SeenAlert> {
  const matches = new Map<SeenAlert, SeenAlert>();
  const taken = new Set<SeenAlert>();
  for (const candidates of WAYS) {
    for (const alert of left.all()) {
      if (matches.has(alert)) continue;
      const other = candidates(alert, right).find((one) => !taken.has(one));
      if (other === undefined) continue;
      matches.set(alert, other);
      taken.add(other);
    }
  }
  return matches;
}

/** The alerts of a run that one of another run is: more than one where it is split there. */
export function counterparts(alert: SeenAlert, run: AlertLedger): readonly SeenAlert[] {
  for (const candidates of WAYS) {
    const found = candidates(alert, run);
    if (found.length > 0) return found;
  }
  return [];
}

type Way = (alert: SeenAlert, run: AlertLedger) => readonly SeenAlert[];

const WAYS: readonly Way[] = [
  ({ id }, run) => [run.get(id)].filter((one) => one !== undefined),
  (alert, run) => run.sharing(alert, 'sessions'),
  (alert, run) => run.sharing(alert, 'days'),
];
