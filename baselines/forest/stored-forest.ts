import { FEATURE_NAMES, LEVEL_MAX, type Vector } from './features.ts';
import { averagePath, type FlatForest, LEAF } from './isolation-score.ts';

/**
 * A trained forest as part of a kind's model: JSON, and all that scoring reads. About 60 kB for a kind of 15 members; at the very most
 * `TREES` x 1023 nodes of 6 characters and 3200 scores of 5: 650 kB, of the 8 MiB that a content of the log may have.
 */
export interface StoredForest {
  /** What the numbers of a vector mean; a build that counts other things ignores the forest. */
  readonly features: readonly string[];
  /** Median of the training vectors, by feature. */
  readonly usual: Vector;
  readonly trees: readonly StoredTree[];
  /** Scores of each member's training vectors in trees that did not know the member, times 1000, highest first. */
  readonly scores: readonly (readonly number[])[];
}

export interface StoredTree {
  /** Vectors it was grown from. */
  readonly size: number;
  /** Indexes of the members none of whose vectors it was grown from. */
  readonly without: readonly number[];
  /** Preorder. A cut is cut x features + feature (left if below); a leaf with n vectors is -1 - n. */
  readonly nodes: readonly number[];
}

/**
 * Of the published algorithm. 64 vectors in each measured clearly worse; 50 or 200 trees, or 128 vectors, differed by no more than other seeds
 * do.
 */
export const TREES = 100;
export const SUBSAMPLE = 256;
/** ceil(log2(256)), and the one more that the package grows. */
const DEPTH_MAX = 9;

/** Trees of a tree learner, as far as they are read here. */
export interface GrownNode {
  readonly left?: GrownNode;
  readonly right?: GrownNode;
  readonly splitColumn?: number;
  readonly splitValue?: number;
  readonly trainingSet?: readonly unknown[];
}

/**
 * Vectors are whole numbers, so x < cut is the same as x < ceil(cut).
 * @param columns the features that the tree was grown on, by its own numbering of them
 */
export function nodesOf(node: GrownNode, columns: readonly number[]): number[] {
  const { left, right, splitColumn = 0, splitValue = 0, trainingSet = [] } = node;
  if (left === undefined || right === undefined) return [-1 - trainingSet.length];
  const code = Math.ceil(splitValue) * FEATURE_NAMES.length + (columns[splitColumn] ?? 0);
  return [code, ...nodesOf(left, columns), ...nodesOf(right, columns)];
}

/** Undefined where there is none, or one of another build: then nothing is said. */
export function flatForest(stored: StoredForest | undefined): FlatForest | undefined {
  if (stored === undefined || stored.features.join() !== FEATURE_NAMES.join()) return undefined;
  const count = stored.trees.reduce((sum, { nodes }) => sum + nodes.length, 0);
  const flat = {
    roots: new Uint32Array(stored.trees.length),
    feature: new Uint8Array(count).fill(LEAF),
    cut: new Uint16Array(count),
    right: new Uint32Array(count),
    path: new Float64Array(count),
  };
  let next = 0;
  for (const [index, { nodes, size }] of stored.trees.entries()) {
    flat.roots[index] = next;
    const end = layTree(flat, nodes, next, averagePath(size));
    if (end !== next + nodes.length) return undefined;
    next = end;
  }
  return next === 0 ? undefined : flat;
}

/** Returns where the next tree begins; NaN for nodes that are no tree. */
function layTree(flat: FlatForest, nodes: readonly number[], first: number, usualPath: number): number {
  const lay = (at: number, depth: number): number => {
    const code = nodes[at - first];
    if (code === undefined || depth > DEPTH_MAX) return Number.NaN;
    if (code < 0) {
      flat.path[at] = (depth + averagePath(-1 - code)) / usualPath;
      return at + 1;
    }
    flat.feature[at] = code % FEATURE_NAMES.length;
    flat.cut[at] = Math.min(LEVEL_MAX + 1, Math.floor(code / FEATURE_NAMES.length));
    const right = lay(at + 1, depth + 1);
    if (Number.isNaN(right)) return right;
    flat.right[at] = right;
    return lay(right, depth + 1);
  };
  return lay(first, 0);
}
