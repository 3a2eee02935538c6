import { addDecayed, type Decayed, emptyDecayed, remaining, valueAt } from './decay.ts';
import { paretoTail } from './pareto-tail.ts';
import { emptyQuantileSketch, learnValue, type QuantileSketch, quantileOf } from './quantile-sketch.ts';
import { studentTail } from './student-tail.ts';

/**
 * Rolling model of an amount that is 0 or positive and heavy-tailed: rows, bytes, tokens, cost.
 *
 * Model: zero with some probability, else by two judges. (1) log(1 + x) is normal with unknown mean and variance, so that its tail is
 * Student's t: right from the first value on, and where a prior from others of its kind is given, before it. (2) What was seen, as
 * quantiles with a generalised Pareto tail beyond them: needs values, but knows of separate humps and of tails that are no log-normal's.
 * They are pooled as p1^(1-w) p2^w with w = n / (n + 50) (logarithmic pool, Genest and Zidek, Statistical Science 1986).
 *
 * The prior keeps the scale above 0, so that an agent that always reads exactly 10 rows alerts on 20 once it is known well; log space
 * and the bound on what one value teaches keep a huge one from hiding the next surge.
 *
 * Fails while few values are known and they come in humps: (1) is then too wide, and surges inside it are missed.
 */
export interface Amount {
  /** Decayed number of positive values, their sum of logs and sum of squared logs, and the number of zeros. */
  positive: Decayed;
  logSum: Decayed;
  logSquares: Decayed;
  zeros: Decayed;
  /** Null: judged by (1) alone. */
  readonly sketch: QuantileSketch | null;
}

/** Prior: this many observations' worth of belief that amounts spread by a factor e^0.5 around their median. */
const PRIOR_WEIGHT = 4;
const PRIOR_LOG_VARIANCE = 0.25;
/** Pseudo-count for "positive at all": an agent that never reads rows is surprised, but not infinitely. */
const POSITIVE_PRIOR = 0.5;
/** A mean that is borrowed counts as at most this many values of the agent's own. */
const BORROWED_MAX = 20;
const SKETCH_ERROR = 0.05;
const SKETCH_BUCKETS_MAX = 32;
/** Values after which both judges count alike. */
const EVEN_VOICES = 50;

/** Values after which one more is learned as at most this many scales above the mean: about the largest in a thousand. */
const BOUNDED_AFTER = 7;
const LEARNED_SCALES_MAX = 3;

/** What a value may count for in learning, as a log: one surge buys little room for the next, and a lasting level is learned in steps. */
function ceilingOf(amount: Readonly<Amount>, tMs: number, halfLifeMs: number): number {
  const { n, mean, scale } = fitLogs(amount, tMs, halfLifeMs, undefined);
  return n < BOUNDED_AFTER ? Number.POSITIVE_INFINITY : mean + LEARNED_SCALES_MAX * scale;
}

/** Sums and squares only: for the many amounts that are kept beside the few that matter most, and those with few values. */
export const emptyMoments = (): Amount => ({ ...emptyAmount(), sketch: null });

export const emptyAmount = (): Amount => ({
  positive: emptyDecayed(),
  logSum: emptyDecayed(),
  logSquares: emptyDecayed(),
  zeros: emptyDecayed(),
  sketch: emptyQuantileSketch(SKETCH_ERROR, SKETCH_BUCKETS_MAX),
});

export function learnAmount(amount: Amount, x: number, tMs: number, halfLifeMs: number): void {
  if (x <= 0) {
    addDecayed(amount.zeros, 1, tMs, halfLifeMs);
    return;
  }
  const log = Math.min(Math.log1p(x), ceilingOf(amount, tMs, halfLifeMs));
  addDecayed(amount.positive, 1, tMs, halfLifeMs);
  addDecayed(amount.logSum, log, tMs, halfLifeMs);
  addDecayed(amount.logSquares, log * log, tMs, halfLifeMs);
  if (amount.sketch !== null) learnValue(amount.sketch, Math.expm1(log), tMs, halfLifeMs);
}

/** What others need to know of an amount to begin where it is: see `kind-model.ts`. */
export interface LogMoments {
  /** Effective number of positive values. */
  readonly n: number;
  /** Mean and variance of log(1 + x). */
  readonly mean: number;
  readonly variance: number;
  readonly positiveShare: number;
}

export function logMoments(amount: Readonly<Amount>, tMs: number, halfLifeMs: number): LogMoments {
  const { n, mean, variance } = positiveMoments(amount, tMs, halfLifeMs);
  const positiveShare = n > 0 ? n / (n + valueAt(amount.zeros, tMs, halfLifeMs)) : 0;
  return { n, mean, variance, positiveShare };
}

/** The three sums are learned together: what is left of one is left of all, and is asked for once. */
function positiveMoments(
  { positive, logSum, logSquares }: Readonly<Amount>,
  tMs: number,
  halfLifeMs: number,
): Pick<LogMoments, 'n' | 'mean' | 'variance'> {
  const left = positive.value > 0 ? remaining(tMs - positive.atMs, halfLifeMs) : 0;
  const n = positive.value * left;
  const known = n > 0;
  const mean = known ? (logSum.value * left) / n : 0;
  MOMENTS.n = known ? n : 0;
  MOMENTS.mean = mean;
  MOMENTS.variance = known ? Math.max(0, (logSquares.value * left) / n - mean * mean) : 0;
  return MOMENTS;
}

/** The same objects each time, here and for fits: whoever asks takes out what they say at once. Every event asks a dozen times. */
const MOMENTS = { n: Number.NaN, mean: Number.NaN, variance: Number.NaN };
const FIT = { n: Number.NaN, mean: Number.NaN, scale: Number.NaN, positiveShare: Number.NaN };

/** Where an amount may begin that was never seen: what is known of its like. */
export interface AmountPrior {
  /** Mean of the means of log(1 + x), and their variance. */
  readonly mean: number;
  readonly between: number;
  /** Variance of log(1 + x) around its own mean. */
  readonly within: number;
  readonly positiveShare: number;
  /** How many it was made of. */
  readonly members: number;
}

interface LogFit {
  /** Effective number of positive observations. */
  readonly n: number;
  readonly mean: number;
  readonly scale: number;
  readonly positiveShare: number;
}

/**
 * Posterior predictive of the next log under a conjugate prior. A prior from others is worth within / between values: where the others
 * lie close together they say much.
 */
function fitLogs(amount: Readonly<Amount>, tMs: number, halfLifeMs: number, prior: AmountPrior | undefined): LogFit {
  const { n, mean: own, variance: ownVariance } = positiveMoments(amount, tMs, halfLifeMs);
  const zeros = valueAt(amount.zeros, tMs, halfLifeMs);
  const borrowed = prior === undefined ? 0 : Math.min(BORROWED_MAX, prior.within / prior.between);
  const weight = n + borrowed;
  const mean = weight > 0 ? (n * own + borrowed * (prior?.mean ?? 0)) / weight : 0;
  const apart = prior === undefined || weight === 0 ? 0 : ((n * borrowed) / weight) * (own - prior.mean) ** 2;
  const squares = PRIOR_WEIGHT * (prior?.within ?? PRIOR_LOG_VARIANCE) + n * ownVariance + apart;
  const variance = squares / (PRIOR_WEIGHT + n);
  const scale = Math.sqrt(variance * (1 + 1 / Math.max(weight, prior === undefined ? 1 : borrowed)));
  const believed = prior === undefined ? POSITIVE_PRIOR : 2 * POSITIVE_PRIOR * prior.positiveShare;
  FIT.n = n;
  FIT.mean = mean;
  FIT.scale = scale;
  FIT.positiveShare = (n + believed) / (n + zeros + 2 * POSITIVE_PRIOR);
  return FIT;
}

/**
 * Most degrees of freedom a tail is given, however much was seen: the fewer, the heavier. `smooth` sums of many like things (events,
 * tokens) may come close to normal; `humped` ones (rows, bytes) never do, since one rare tool moves more than a day of the others.
 */
export const TAILS = { smooth: 100, humped: 10 } as const;
export type Tail = keyof typeof TAILS;

/**
 * P(next value >= x); 1 when x is 0 or there is nothing to compare with: no positive value, and no prior.
 *
 * `enough`: the caller does not tell chances apart from here on. Where the chance certainly is at least that, the answer is `AT_LEAST_ENOUGH`:
 * nearly every value is a usual one, and what is left out for it is most of the work.
 */
export function amountTail(
  amount: Readonly<Amount>,
  x: number,
  tMs: number,
  halfLifeMs: number,
  tail: Tail,
  prior?: AmountPrior,
  enough = 1,
): number {
  if (x <= 0) return 1;
  const { n, mean, scale, positiveShare } = fitLogs(amount, tMs, halfLifeMs, prior);
  if (n === 0 && prior === undefined) return positiveShare;
  const deviation = (Math.log1p(x) - mean) / scale;
  if (positiveShare * tailAtLeast(deviation) >= enough) return AT_LEAST_ENOUGH;
  const freedom = Math.min(TAILS[tail], PRIOR_WEIGHT + n - 1 + (prior?.members ?? 0));
  const byLogs = studentTail(deviation, freedom);
  const voice = n / (n + EVEN_VOICES);
  // Not worth a look: nothing is odd about it, and most values are so.
  if (byLogs > USUAL_TAIL || voice < 0.1 || amount.sketch === null) return positiveShare * byLogs;
  return positiveShare * byLogs ** (1 - voice) * paretoTail(amount.sketch, x, tMs) ** voice;
}

/** Where the logs alone decide. */
const USUAL_TAIL = 0.1;
/** Below 1, which is kept for values that cannot be odd; above every `enough` it can stand for. */
export const AT_LEAST_ENOUGH = 0.9;

/**
 * A lower bound of Student's tail at t, whatever the degrees of freedom: the normal's, in steps and rounded down, and 0 from where it would
 * not decide. Also 0 where the tail is 1 for all that a number can tell.
 */
function tailAtLeast(t: number): number {
  if (!(t > -8 && t <= 1.25)) return 0;
  return t <= 0 ? 0.499 : (NORMAL_TAILS[Math.ceil(t * 4)] ?? 0);
}

/** At 0, 1/4, 1/2, ... All above `USUAL_TAIL`. */
const NORMAL_TAILS = [0.499, 0.401, 0.308, 0.226, 0.158, 0.105];

/** Median of the positive values, and the value below which about 99 % of them lie; 0 while nothing was seen. */
export function amountRange(
  amount: Readonly<Amount>,
  tMs: number,
  halfLifeMs: number,
  prior?: AmountPrior,
): { typical: number; bound99: number; n: number } {
  const { n, mean, scale } = fitLogs(amount, tMs, halfLifeMs, prior);
  if (n === 0 && prior === undefined) return { typical: 0, bound99: 0, n };
  // 2.33: the normal 99 % point; a person reads this number, no decision hangs on it.
  return { typical: Math.expm1(mean), bound99: Math.expm1(mean + 2.33 * scale), n };
}

/** The values below which 50, 95 and 99 % of the positive ones lie, within 5 %. */
export const amountQuantiles = ({ sketch }: Readonly<Amount>): readonly [number, number, number] | undefined =>
  sketch === null ? undefined : [quantileOf(sketch, 0.5), quantileOf(sketch, 0.95), quantileOf(sketch, 0.99)];
