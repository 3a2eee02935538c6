import { HOUR_MS } from '../periods.ts';

/**
 * Slow ramps: a short horizon against a long one, as a cumulative sum (CUSUM) of how far each block of hours lies above what the
 * long horizon expects. An attacker who adds 3 % a day is never odd in any hour, but always a little above; the sum sees that weeks
 * before the hours do.
 *
 * A block is at least 24 watched hours, and up to a week while too little is expected to say anything. Its score z is the
 * Wilson-Hilferty cube root of observed / expected, near normal for skewed counts, at most 3: one surge is no ramp, and is another
 * judge's business. S = max(0, S + z - 1/2) (Page, "Continuous inspection schemes", 1954).
 *
 * `rampTail` is one over the average number of blocks until a steady agent first comes that high, by Siegmund's approximation
 * (exp(2kh) - 2kh - 1) / 2k^2 with h = S + 1.166 ("Sequential Analysis", 1985). It errs on the safe side, because the long horizon
 * follows and pulls the sum back: on steady negative binomial hours (dispersion 4, weekly season, half-life 14 days) p = 1e-3 came once
 * in 2,600 to 4,900 blocks. Of ramps of 3 % a day, which double in 23.4 days, half were seen at that p within 20 days at 24 events a
 * day, 12 days at 100, 9 days at 400. Slower ramps in quiet agents take longer than they need to double.
 *
 * Fails on lawful growth: a team that doubles in a month looks the same. The caller decides what a benign change resets (`restartRamp`).
 */
export interface Ramp {
  /** The block under way. */
  hours: number;
  observed: number;
  expected: number;
  variance: number;
  /** Start of the last hour of the newest finished block; 0 before the first. */
  blockMs: number;
  /** The newest block has brought S to a step it had not reached since it was last 0: worth telling again. */
  rose: boolean;
  /** Highest step since S was last 0; -1 for none. */
  reached: number;
  /** S of the finished blocks. */
  excess: number;
  /** Since S was last 0: the best guess of when the ramp began, and what was seen and expected since. */
  sinceMs: number;
  observedSince: number;
  expectedSince: number;
}

const BLOCK_HOURS_MIN = 24;
const BLOCK_HOURS_MAX = 168;
/** Events expected per unit of dispersion before a block is judged: a relative noise of at most one half. */
const BLOCK_MEAN_PER_DISPERSION = 4;
const ALLOWANCE = 0.5;
const SCORE_MAX = 3;
/** Expected overshoot of a normal sum over a border, Siegmund 1985. */
const OVERSHOOT = 1.166;
/** Beyond this S nothing is added: p is below 1e-25, and a way back remains when the new level has become normal. */
const EXCESS_MAX = 60;

export const emptyRamp = (): Ramp => ({
  hours: 0,
  observed: 0,
  expected: 0,
  variance: 0,
  blockMs: 0,
  rose: false,
  reached: -1,
  excess: 0,
  sinceMs: 0,
  observedSince: 0,
  expectedSince: 0,
});

/** Learns one finished hour with what the long horizon expected of it before; `dispersion` = variance / mean. */
export function learnRampHour(ramp: Ramp, count: number, mean: number, dispersion: number, hourMs: number): void {
  ramp.hours += 1;
  ramp.observed += count;
  ramp.expected += mean;
  ramp.variance += mean * dispersion;
  if (!isBlockFull(ramp)) return;
  const score = Math.min(SCORE_MAX, blockScore(ramp));
  addScore(ramp, score, hourMs - (ramp.hours - 1) * HOUR_MS);
  ramp.blockMs = hourMs;
  ramp.hours = 0;
  ramp.observed = 0;
  ramp.expected = 0;
  ramp.variance = 0;
}

const isBlockFull = ({ hours, expected, variance }: Readonly<Ramp>): boolean =>
  hours >= BLOCK_HOURS_MAX || (hours >= BLOCK_HOURS_MIN && expected * expected >= BLOCK_MEAN_PER_DISPERSION * variance);

/** About standard normal for a steady agent. Source: Wilson and Hilferty, "The distribution of chi-square", PNAS 1931. */
function blockScore({ observed, expected, variance }: Readonly<Ramp>): number {
  if (!(expected > 0)) return 0;
  const ninth = Math.max(1, variance / expected) / (9 * expected);
  return (Math.cbrt(observed / expected) - 1 + ninth) / Math.sqrt(ninth);
}

function addScore(ramp: Ramp, score: number, startMs: number): void {
  if (ramp.excess === 0) {
    ramp.sinceMs = startMs;
    ramp.reached = -1;
    ramp.observedSince = 0;
    ramp.expectedSince = 0;
  }
  ramp.excess = Math.min(EXCESS_MAX, Math.max(0, ramp.excess + score - ALLOWANCE));
  ramp.observedSince += ramp.observed;
  ramp.expectedSince += ramp.expected;
  const step = stepOf(ramp.excess);
  ramp.rose = step > ramp.reached;
  ramp.reached = Math.max(step, ramp.reached);
}

/** Learns a finished block that was judged elsewhere: `score` is about standard normal for a steady agent. */
export function learnRampScore(
  ramp: Ramp,
  score: number,
  observed: number,
  expected: number,
  block: { readonly startMs: number; readonly lastHourMs: number },
): void {
  ramp.observed = observed;
  ramp.expected = expected;
  addScore(ramp, Math.min(SCORE_MAX, score), block.startMs);
  ramp.observed = 0;
  ramp.expected = 0;
  ramp.blockMs = block.lastHourMs;
}

/** Steps of S, each 1.4 times the one before: a new level is told of a few times, not every day. The first is at p = 6e-4. */
const stepOf = (excess: number): number => Math.max(-1, Math.floor(2 * Math.log2(Math.max(excess, 1e-9) / FIRST_STEP)));
const FIRST_STEP = 5.5;

/** Chance per block that a steady agent first comes this high; 1 at S = 0. Judge it when a block ends, not at every event. */
export function rampTail(ramp: Readonly<Ramp>): number {
  if (ramp.excess <= 0) return 1;
  const height = 2 * ALLOWANCE * (ramp.excess + OVERSHOOT);
  return Math.min(1, (2 * ALLOWANCE * ALLOWANCE) / (Math.exp(height) - height - 1));
}

/** How far the agent was above what was expected since the sum left 0: 1.4 means 40 % above. 1 while it is at 0. */
export const rampRatio = ({ excess, observedSince, expectedSince }: Readonly<Ramp>): number =>
  excess > 0 && expectedSince > 0 ? observedSince / expectedSince : 1;

/** An analyst called the change benign, or a release explains it: forget the sum, keep the block under way. */
export function restartRamp(ramp: Ramp): void {
  ramp.excess = 0;
  ramp.reached = -1;
  ramp.rose = false;
  ramp.observedSince = 0;
  ramp.expectedSince = 0;
}
