/** How figures are written, in the terminal and on the page. */
import { READY_SESSIONS } from '../../baselines/baseline.ts';
import type { BREAKDOWNS } from './breakdown.ts';
import type { DailyRate, Share } from './share.ts';

/** `84.3 %`; `-` for none of none. */
export const percent = (rate: number | null, digits = 1): string =>
  rate === null ? '-' : `${(100 * rate).toFixed(digits)} %`;

/** `3 of 40`. */
export const ofAll = ({ count, of }: Share): string => `${count} of ${of}`;

/** `1.2 to 8.9 %`. */
export const range = ({ low, high, of }: Share): string =>
  of === 0 ? '-' : `${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)} %`;

export const decimal = (value: number | null, digits = 3): string => (value === null ? '-' : value.toFixed(digits));

/** `0.180 (0.136 to 0.234), 54 in 300 agent-days`. */
export const daily = (one: DailyRate | null): string =>
  one === null
    ? '-'
    : `${one.rate.toFixed(3)} (${one.low.toFixed(3)} to ${one.high.toFixed(3)}), ${one.count} in ${one.agent_days} agent-days`;

interface BreakdownWords {
  readonly heading: string;
  /** Of the first column. */
  readonly column: string;
  /** What the classes are, where their names do not say it. */
  readonly note: string;
}

export const BREAKDOWN_WORDS: Readonly<Record<(typeof BREAKDOWNS)[number], BreakdownWords>> = {
  category: { heading: 'By category of attack', column: 'category', note: '' },
  knowledge: {
    heading: 'By what the baseline knew of the agent',
    column: 'knowledge',
    note: `When the session began. Ready from ${READY_SESSIONS} learned sessions on; stale when nothing was learned for a half-life.`,
  },
  age: {
    heading: 'By age of the agent',
    column: 'first event to session',
    note: "From the agent's first event in the events file.",
  },
  pace: {
    heading: 'By pace of the attack',
    column: 'pace',
    note: 'Slow: over 10 minutes from the exposure to the first act, or from the first act to the last. Otherwise single or burst, by whether there is one act or several.',
  },
  acts: { heading: 'By number of acts of the attacker', column: 'acts', note: '' },
  delay: { heading: 'By time from exposure to the first act', column: 'time', note: '' },
};
