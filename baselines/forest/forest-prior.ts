import { FEATURE_NAMES, type FeatureName, raised, type Vector } from './features.ts';
import { type FlatForest, meanPath, pathOfScore, scoreOfPath } from './isolation-score.ts';
import { fitTail, type ScoreTail, scoreAt, tailOf } from './score-tail.ts';
import { flatForest, type StoredForest } from './stored-forest.ts';

/** A kind's forest as one agent is judged by it: only trees and scores that know nothing of the agent. */
export interface ForestPrior {
  readonly usual: Vector;
  /** Sessions of others that stand behind it. */
  readonly sessions: number;
  /** Undefined for what is not odd: hardly less rare than `USUAL_P`. */
  judge(vector: Vector): Isolation | undefined;
  /** The chance by itself, for what is usual too; 1 at most. Asks all trees. */
  chanceOf(vector: Vector): number;
  /** What makes a vector odd: features whose usual value would lengthen its path, most telling first. */
  contributions(vector: Vector): Contribution[];
  /** The score that one session in `1 / p` of others reaches. */
  scoreAt(p: number): number;
}

export interface Isolation {
  /** 0.5 and below is usual, towards 1 is odd. */
  readonly score: number;
  /** Chance that a session of another member scores as high. */
  readonly p: number;
}

export interface Contribution {
  readonly feature: FeatureName;
  /** Levels of the session and of the usual one. */
  readonly observed: number;
  readonly usual: number;
  /** By how much the mean path grows when the feature is set to its usual value, as a part of the usual path. */
  readonly gain: number;
}

/** Fewer trees without an agent say too little of it. */
const TREES_MIN = 16;

/** Above this p there is nothing to say. */
const USUAL_P = 0.2;
/**
 * Most events are judged by this many trees: what they find clearly longer paths for than the bound is usual. The margin is about two
 * deviations of their mean: with it and without it the same sessions were found.
 */
const FIRST_TREES = 16;
const FIRST_MARGIN = 0.1;

/** Makes the priors of a kind's agents; the trees are laid out once. */
export function createForestPriors(
  stored: StoredForest | undefined,
  members: readonly { readonly agent: string }[],
): (agent: string) => ForestPrior | undefined {
  const flat = flatForest(stored);
  if (stored === undefined || flat === undefined) return () => undefined;
  return (agent) => {
    const self = members.findIndex((member) => member.agent === agent);
    const trees = stored.trees.flatMap(({ without }, i) => (self < 0 || without.includes(self) ? [i] : []));
    const tail = fitTail(
      stored.scores.filter((_, i) => i !== self).flatMap((scores) => scores.map((one) => one / 1000)),
    );
    if (tail === undefined || trees.length < TREES_MIN) return undefined;
    return priorOver(flat, Uint32Array.from(trees), stored.usual, tail);
  };
}

function priorOver(flat: FlatForest, trees: Uint32Array, usual: Vector, tail: ScoreTail): ForestPrior {
  const first = trees.subarray(0, FIRST_TREES);
  const pathMax = pathOfScore(scoreAt(tail, USUAL_P));
  return {
    usual,
    sessions: tail.scores.length,
    judge(vector) {
      const whole = raised(vector, usual);
      if (meanPath(flat, first, whole) > pathMax + FIRST_MARGIN) return undefined;
      const score = scoreOfPath(meanPath(flat, trees, whole));
      const p = tailOf(tail, score);
      return p > USUAL_P ? undefined : { score, p };
    },
    chanceOf: (vector) => Math.min(1, tailOf(tail, scoreOfPath(meanPath(flat, trees, raised(vector, usual))))),
    contributions(vector) {
      const whole = raised(vector, usual);
      const path = meanPath(flat, trees, whole);
      return FEATURE_NAMES.flatMap((feature, i) => {
        const observed = whole[i] ?? 0;
        const mark = usual[i] ?? 0;
        if (observed <= mark) return [];
        return [{ feature, observed, usual: mark, gain: meanPath(flat, trees, whole.with(i, mark)) - path }];
      }).sort((a, b) => b.gain - a.gain);
    },
    scoreAt: (p) => scoreAt(tail, p),
  };
}
