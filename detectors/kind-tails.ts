import type { Loan } from '../baselines/kind-prior.ts';
import { remaining } from '../baselines/statistics/decay.ts';

/**
 * How near the benign sessions of the others of a kind came to alerts, by detector: where the tail of an agent begins that has shown few sessions,
 * or none.
 *
 * Model: the sessions of all others are one sample, but each member has one voice of at most `VOICE_MAX` sessions, so that a busy agent does
 * not speak for all. Means are the same whether or not members differ; that they do is why an agent's own peaks weigh against it as
 * against any prior.
 */
export interface KindTails {
  readonly sessions: number;
  readonly peaks: ReadonlyMap<string, TailSample>;
}

/** Days with a peak, the decades by which they exceeded the threshold, and the sessions that did; decayed. */
export interface TailSample {
  readonly days: number;
  readonly beyond: number;
  readonly sessions: number;
}

/** As JSON. */
interface LentTails {
  readonly sessions: number;
  readonly peaks: readonly (readonly [detector: string, days: number, beyond: number, sessions: number])[];
}

const VOICE_MAX = 50;

/** What an agent's correction knows of sessions, as of `atMs`. */
interface Known {
  readonly sessions: number;
  readonly atMs: number;
  readonly peaks: ReadonlyMap<string, TailSample>;
}

export function lendTails({ sessions, atMs, peaks }: Known, tMs: number, halfLifeMs: number): LentTails {
  const left = remaining(tMs - atMs, halfLifeMs);
  return {
    sessions: sessions * left,
    peaks: [...peaks].map(([detector, one]) => [detector, one.days * left, one.beyond * left, one.sessions * left]),
  };
}

export function poolTails(loans: readonly Loan[]): KindTails {
  const peaks = new Map<string, TailSample>();
  let sessions = 0;
  for (const { value } of loans) {
    const lent = value as LentTails;
    const voice = Math.min(1, VOICE_MAX / Math.max(1, lent.sessions));
    sessions += lent.sessions * voice;
    for (const [detector, days, beyond, peaked] of lent.peaks) {
      const sum = peaks.get(detector) ?? { days: 0, beyond: 0, sessions: 0 };
      peaks.set(detector, {
        days: sum.days + days * voice,
        beyond: sum.beyond + beyond * voice,
        sessions: sum.sessions + peaked * voice,
      });
    }
  }
  return { sessions, peaks };
}
