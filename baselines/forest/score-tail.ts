/**
 * How rarely a kind's sessions score as high as one does.
 *
 * Within the known scores: (exceeding + 1) / (n + 1). Above the highest tenth, where counting says little, an exponential tail through it
 * (the scores' own tail is bounded by 1, so it is not heavier): p = share x exp(-(s - u) / mean excess). Never below 1 / (10 (n + 1)): a
 * sample of n sessions does not speak of one in a hundred times n.
 */

export interface ScoreTail {
  /** Highest first. */
  readonly scores: readonly number[];
  /** Where the fitted tail begins, its share, and the mean excess over it. */
  readonly from: number;
  readonly share: number;
  readonly excess: number;
  readonly floor: number;
}

/** Fewer scores say nothing. */
export const SCORES_MIN = 50;
const TAIL_SHARE = 0.1;
const EXTRAPOLATION = 10;
/** A tail of equal scores is still a tail. */
const EXCESS_MIN = 0.002;

export function fitTail(unsorted: readonly number[]): ScoreTail | undefined {
  const n = unsorted.length;
  if (n < SCORES_MIN) return undefined;
  const scores = [...unsorted].sort((a, b) => b - a);
  const count = Math.ceil(n * TAIL_SHARE);
  const from = scores[count] as number;
  const excess = scores.slice(0, count).reduce((sum, score) => sum + score - from, 0) / count;
  return {
    scores,
    from,
    share: (count + 1) / (n + 1),
    excess: Math.max(EXCESS_MIN, excess),
    floor: 1 / (EXTRAPOLATION * (n + 1)),
  };
}

export function tailOf(tail: ScoreTail, score: number): number {
  if (score > tail.from) return Math.max(tail.floor, tail.share * Math.exp(-(score - tail.from) / tail.excess));
  return (countAtLeast(tail.scores, score) + 1) / (tail.scores.length + 1);
}

/** The score that one session in `1 / p` reaches. */
export function scoreAt(tail: ScoreTail, p: number): number {
  if (p < tail.share) return tail.from + tail.excess * Math.log(tail.share / p);
  return tail.scores[Math.min(tail.scores.length - 1, Math.floor(p * tail.scores.length))] as number;
}

function countAtLeast(descending: readonly number[], score: number): number {
  let low = 0;
  let high = descending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((descending[middle] as number) >= score) low = middle + 1;
    else high = middle;
  }
  return low;
}
