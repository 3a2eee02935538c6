/**
 * What was decided about one event. Recorded beside it in the log: a restart replays verdicts instead of judging again.
 */

/** How much is known about an agent. `stale`: ready once, but silent for longer than the half-life. */
export type Knowledge = 'cold' | 'warming' | 'ready' | 'stale';

export interface Known {
  readonly sessions: number;
  readonly events: number;
}

/**
 * `learn`: enters the baseline when its session closes, unless the session alerts first. `hold`: its session has alerted.
 * `late`: scored, never learned. `duplicate`, `conflict`: its id was there before, with the same or with other content.
 * `rejected`: the store refused the row; a dead letter. The last three change no state.
 */
export type VerdictStatus = 'learn' | 'hold' | 'late' | 'duplicate' | 'conflict' | 'rejected';

/** `skewed`: time ahead of receipt. `late`: see above. `backfill`: a day or more old on arrival; triggers no playbook. */
export type EventFlag = 'skewed' | 'late' | 'backfill';

/** OCSF severity_id: 1 informational, 2 low, 3 medium, 4 high, 5 critical. */
export type Severity = 1 | 2 | 3 | 4 | 5;

/** An event that belongs to the story an alert tells, and its part in it. */
export interface ChainLink {
  readonly event: string;
  readonly role: string;
}

/** Why a detector fired: everything an analyst needs to check the claim. */
export interface Reason {
  /** What was measured, in words, with unit: `rows in one session`. */
  readonly measure: string;
  readonly observed: number | string;
  /** The usual value; a number in the measure's unit, or words. */
  readonly expected: number | string;
  /** What would still have passed. */
  readonly bound: number | string;
  /** Sessions of this agent that stand behind the judgement. */
  readonly sessions: number;
  /** Whose history decided: the agent's own, that of its kind, or a fixed prior for lack of both. */
  readonly level: 'agent' | 'kind' | 'prior' | 'ceiling';
  /** The detector's own p, where near misses made the claim milder; and whose they were. */
  readonly claimed?: number;
  readonly corrected?: 'agent' | 'kind';
  readonly knowledge: Knowledge;
  /** Within a day of a change of release, tools, prompt or model: the baseline is of the time before. */
  readonly changed?: true;
  /** Names the baseline that judged: position of the last record in it. */
  readonly baseline: string;
  readonly chain: readonly ChainLink[];
}

/** One detector's alert on one event. */
export interface Hit {
  readonly alertId: string;
  /** This hit opened the alert. */
  readonly opened: boolean;
  /** False when the alert has so many hits that further ones are only judged. */
  readonly stored: boolean;
  readonly detector: string;
  readonly subject: string;
  readonly severity: Severity;
  /** Probability that a session of this agent looks this odd by chance, before correction for several detectors. */
  readonly p: number;
  readonly score: number;
  /** Fixed words; never text from an event. */
  readonly title: string;
  /** One sentence. Text from events is quoted, capped, and free of control characters. */
  readonly why: string;
  readonly reason: Reason;
  readonly tags: readonly string[];
}

export interface Verdict {
  readonly status: VerdictStatus;
  readonly flags: readonly EventFlag[];
  /** The session the event belongs to: its own, or the derived one. */
  readonly session: string;
  readonly knowledge: Knowledge;
  /** What stands behind it: sessions and events the baseline had learned. */
  readonly known: Known;
  /** Highest score of a finding, 0..1: min(1, -log10 p / 8). */
  readonly score: number;
  /** Score by detector, for what this session shows by itself; only those above 0. What earlier sessions add is in `score` only. */
  readonly detectors: Readonly<Record<string, number>>;
  /** -log10 of each detector's own p, before the agent's history corrected it; what calibration learns from. */
  readonly surprise: Readonly<Record<string, number>>;
  readonly hits: readonly Hit[];
}
