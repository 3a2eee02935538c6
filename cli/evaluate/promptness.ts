/** When an attack is seen: before, with or after the first act that does the attacker's work. */
import { groupBy } from './group-by.ts';
import type { SessionOutcome } from './session-outcome.ts';

const TIMINGS = [
  'before the exposure',
  'before the first act',
  'with the first act',
  '1 event after',
  '2 to 3 events after',
  '4 and more events after',
  'acts not labelled',
  'never',
] as const;
type Timing = (typeof TIMINGS)[number];

export interface Promptness {
  /** Attacks by when their session first alerted, in order of time; all classes. */
  readonly timing: readonly { readonly when: Timing; readonly attacks: number }[];
  /** Events from the first act to the first alert, over attacks that alerted and whose acts are labelled; 0: with the act. */
  readonly median_events: number | null;
  /** Counted as found, though no event after the exposure alerted: luck. */
  readonly only_before_exposure: number;
}

export function promptnessOf(attacks: readonly SessionOutcome[]): Promptness {
  const groups = groupBy(attacks, timingOf);
  const lags = attacks.flatMap((one) => lagOf(one) ?? []).sort((one, other) => one - other);
  return {
    timing: TIMINGS.map((when) => ({ when, attacks: groups.get(when)?.length ?? 0 })),
    median_events: lags[Math.floor((lags.length - 1) / 2)] ?? null,
    only_before_exposure: attacks.filter(onlyBeforeExposure).length,
  };
}

type Places = Pick<SessionOutcome, 'firstAlertAt' | 'lastAlertAt' | 'exposureAt' | 'coreAt'>;

export function timingOf(places: Places): Timing {
  const { firstAlertAt, exposureAt } = places;
  if (firstAlertAt === undefined) return 'never';
  if (exposureAt !== undefined && firstAlertAt < exposureAt) return 'before the exposure';
  const lag = lagOf(places);
  if (lag === undefined) return 'acts not labelled';
  if (lag < 0) return 'before the first act';
  if (lag === 0) return 'with the first act';
  if (lag === 1) return '1 event after';
  return lag <= 3 ? '2 to 3 events after' : '4 and more events after';
}

const lagOf = ({ firstAlertAt, coreAt }: Places): number | undefined =>
  firstAlertAt === undefined || coreAt === undefined ? undefined : firstAlertAt - coreAt;

const onlyBeforeExposure = ({ lastAlertAt, exposureAt }: Places): boolean =>
  lastAlertAt !== undefined && exposureAt !== undefined && lastAlertAt < exposureAt;
