import { addDecayed, type Decayed, emptyDecayed, valueAt } from './decay.ts';
import { studentTail } from './tails.ts';

/**
 * Rolling model of an amount that is 0 or positive and heavy-tailed: rows, bytes, tokens, cost.
 *
 * Model: zero with some probability, else log(1 + x) is normal with unknown mean and variance. The tail of the next value is
 * Student's t in log space (the posterior predictive under a conjugate prior on the variance), times the share of positive
 * values. The prior keeps the scale above 0, so that an agent that always reads exactly 10 rows alerts on 20 once it is known
 * well, and log space keeps one huge value from hiding the next surge.
 *
 * Fails when the amount has several separate humps: the fit is then too wide, and surges inside it are missed.
 */
export interface Amount {
  /** Decayed number of positive values, their sum of logs and sum of squared logs, and the number of zeros. */
  positive: Decayed;
  logSum: Decayed;
  logSquares: Decayed;
  zeros: Decayed;
}

/** Prior: this many observations' worth of belief that amounts spread by a factor e^0.5 around their median. */
const PRIOR_WEIGHT = 4;
const PRIOR_LOG_VARIANCE = 0.25;
/** Pseudo-count for "positive at all": an agent that never reads rows is surprised, but not infinitely. */
const POSITIVE_PRIOR = 0.5;

export const emptyAmount = (): Amount => ({
  positive: emptyDecayed(),
  logSum: emptyDecayed(),
  logSquares: emptyDecayed(),
  zeros: emptyDecayed(),
});

export function learnAmount(amount: Amount, x: number, tMs: number, halfLifeMs: number): void {
  if (x <= 0) {
    addDecayed(amount.zeros, 1, tMs, halfLifeMs);
    return;
  }
  const log = Math.log1p(x);
  addDecayed(amount.positive, 1, tMs, halfLifeMs);
  addDecayed(amount.logSum, log, tMs, halfLifeMs);
  addDecayed(amount.logSquares, log * log, tMs, halfLifeMs);
}

interface LogFit {
  /** Effective number of positive observations. */
  readonly n: number;
  readonly mean: number;
  readonly scale: number;
  readonly positiveShare: number;
}

function fitLogs(amount: Readonly<Amount>, tMs: number, halfLifeMs: number): LogFit {
  const n = valueAt(amount.positive, tMs, halfLifeMs);
  const zeros = valueAt(amount.zeros, tMs, halfLifeMs);
  const mean = n > 0 ? valueAt(amount.logSum, tMs, halfLifeMs) / n : 0;
  const squares = Math.max(0, valueAt(amount.logSquares, tMs, halfLifeMs) - n * mean * mean);
  const variance = (PRIOR_WEIGHT * PRIOR_LOG_VARIANCE + squares) / (PRIOR_WEIGHT + n);
  const scale = Math.sqrt(variance * (1 + 1 / Math.max(n, 1)));
  return { n, mean, scale, positiveShare: (n + POSITIVE_PRIOR) / (n + zeros + 2 * POSITIVE_PRIOR) };
}

/**
 * Most degrees of freedom a tail is given, however much was seen: the fewer, the heavier. `smooth` sums of many like things (events,
 * tokens) may come close to normal; `humped` ones (rows, bytes) never do, since one rare tool moves more than a day of the others.
 */
export const TAILS = { smooth: 100, humped: 10 } as const;
export type Tail = keyof typeof TAILS;

/** P(next value >= x); 1 when x is 0 or nothing positive was ever seen (nothing to compare with). */
export function amountTail(amount: Readonly<Amount>, x: number, tMs: number, halfLifeMs: number, tail: Tail): number {
  if (x <= 0) return 1;
  const { n, mean, scale, positiveShare } = fitLogs(amount, tMs, halfLifeMs);
  if (n === 0) return positiveShare;
  const freedom = Math.min(TAILS[tail], PRIOR_WEIGHT + n - 1);
  return positiveShare * studentTail((Math.log1p(x) - mean) / scale, freedom);
}

/** Median of the positive values, and the value below which about 99 % of them lie; 0 while nothing was seen. */
export function amountRange(
  amount: Readonly<Amount>,
  tMs: number,
  halfLifeMs: number,
): { typical: number; bound99: number; n: number } {
  const { n, mean, scale } = fitLogs(amount, tMs, halfLifeMs);
  if (n === 0) return { typical: 0, bound99: 0, n };
  // 2.33: the normal 99 % point; a person reads this number, no decision hangs on it.
  return { typical: Math.expm1(mean), bound99: Math.expm1(mean + 2.33 * scale), n };
}
