/**
 * Grows the forest of one kind. Each tree leaves out about half of the members, in turn, so that for every agent there are trees that
 * know nothing of it: with its own sessions in them, an attacker's past would excuse its present.
 */
import { FEATURE_NAMES, raised, type Vector } from './features.ts';
import { type FlatForest, meanPath, scoreOfPath } from './isolation-score.ts';
import { shuffled } from './seeded-random.ts';
import {
  flatForest,
  type GrownNode,
  nodesOf,
  type StoredForest,
  type StoredTree,
  SUBSAMPLE,
  TREES,
} from './stored-forest.ts';

export interface ForestJob {
  /** The same seed and vectors give the same forest. */
  readonly seed: string;
  /** By member. */
  readonly vectors: readonly (readonly Vector[])[];
}

/** Grows one tree from all vectors it is given; draws from `random` only. */
export type GrowTree = (vectors: readonly Vector[]) => GrownNode;

/** With fewer sessions, or members that have any, no forest is grown. */
export const ROWS_MIN = 90;
const MEMBERS_MIN = 3;

export const isEnough = (vectors: ForestJob['vectors']): boolean =>
  vectors.filter((own) => own.length > 0).length >= MEMBERS_MIN &&
  vectors.reduce((sum, own) => sum + own.length, 0) >= ROWS_MIN;

export function growForest(job: ForestJob, grow: GrowTree, random: () => number): StoredForest {
  const usual = mediansOf(job.vectors.flat());
  const vectors = job.vectors.map((own) => own.map((vector) => raised(vector, usual)));
  const trees = growTrees(vectors, grow, random);
  const forest = { features: FEATURE_NAMES, usual, trees, scores: [] };
  const flat = flatForest(forest);
  if (flat === undefined) throw new Error('what was grown is no forest');
  return { ...forest, scores: vectors.map((own, member) => scoresOf(flat, treesWithout(trees, member), own)) };
}

function growTrees(vectors: readonly (readonly Vector[])[], grow: GrowTree, random: () => number): StoredTree[] {
  const members = vectors.flatMap((own, index) => (own.length > 0 ? [index] : []));
  const out = Math.floor(members.length / 2);
  let ring: number[] = [];
  return Array.from({ length: TREES }, () => {
    // Whoever was not left out since the last shuffle stays first in line.
    if (ring.length < out) {
      const others = members.filter((one) => !ring.includes(one));
      ring = [...ring, ...shuffled(others, random)];
    }
    const without = ring.slice(0, out).sort((a, b) => a - b);
    ring = ring.slice(out);
    const rows = members.filter((member) => !without.includes(member)).flatMap((member) => vectors[member] ?? []);
    const sample = shuffled(rows, random).slice(0, SUBSAMPLE);
    return { size: sample.length, without, nodes: growOn(sample, grow) };
  });
}

/** Only features in which the sample differs: the learner would spend cuts on the others that part nothing. */
function growOn(sample: readonly Vector[], grow: GrowTree): number[] {
  const [one = []] = sample;
  const varying = FEATURE_NAMES.flatMap((_, i) => (sample.some((vector) => vector[i] !== one[i]) ? [i] : []));
  if (varying.length === 0) return [-1 - sample.length];
  return nodesOf(grow(sample.map((vector) => varying.map((i) => vector[i] ?? 0))), varying);
}

const treesWithout = (trees: readonly StoredTree[], member: number): Uint32Array =>
  Uint32Array.from(trees.flatMap(({ without }, i) => (without.includes(member) ? [i] : [])));

/** Of a member's own vectors, by trees that do not know it. */
const scoresOf = (flat: FlatForest, trees: Uint32Array, own: readonly Vector[]): number[] =>
  own.map((vector) => Math.round(1000 * scoreOfPath(meanPath(flat, trees, vector)))).sort((a, b) => b - a);

const mediansOf = (vectors: readonly Vector[]): number[] =>
  FEATURE_NAMES.map((_, i) => {
    const levels = vectors.map((vector) => vector[i] ?? 0).sort((a, b) => a - b);
    return levels[levels.length >> 1] ?? 0;
  });
