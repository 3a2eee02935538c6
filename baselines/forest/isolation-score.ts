/**
 * The isolation score of Liu, Ting and Zhou, "Isolation Forest" (ICDM 2008), over trees in flat arrays.
 *
 * s = 2^(-E(h) / c(psi)): h is the number of cuts that set a vector apart in one tree, plus c(n) where a leaf still holds n training
 * vectors; psi is how many the tree was grown from. c(n) = 2 H(n - 1) - 2 (n - 1) / n, with H(i) = ln(i) + 0.5772156649 and c(2) = 1, is
 * the mean length of an unsuccessful search in a binary search tree. ml-isolation-forest leaves Euler's constant undoubled, so its c
 * is smaller by 0.577 for n > 2 and its scores are lower; only the order of scores would be the same, were it not added to leaves too.
 *
 * O(trees x depth): some hundred comparisons of whole numbers.
 */
import type { Vector } from './features.ts';

const EULER = 0.577_215_664_9;

export function averagePath(n: number): number {
  if (n < 2) return 0;
  return n === 2 ? 1 : 2 * (Math.log(n - 1) + EULER) - (2 * (n - 1)) / n;
}

/** All trees one after the other, each in preorder: the left child of node i is i + 1. */
export interface FlatForest {
  readonly roots: Uint32Array;
  /** Feature a node cuts by; `LEAF` for a leaf. */
  readonly feature: Uint8Array;
  /** Left if below. */
  readonly cut: Uint16Array;
  readonly right: Uint32Array;
  /** Of a leaf: depth + c(vectors in it), as a part of its tree's c(psi). */
  readonly path: Float64Array;
}

export const LEAF = 255;

/** Mean of the paths in some of the trees, each as a part of what its size leads to expect: about 1 is usual, towards 0 is odd. */
export function meanPath(forest: FlatForest, trees: Uint32Array, vector: Vector): number {
  const { feature, cut, right, path, roots } = forest;
  let sum = 0;
  for (let t = 0; t < trees.length; t++) {
    let node = roots[trees[t] as number] as number;
    for (let by = feature[node] as number; by !== LEAF; by = feature[node] as number) {
      node = (vector[by] as number) < (cut[node] as number) ? node + 1 : (right[node] as number);
    }
    sum += path[node] as number;
  }
  return sum / trees.length;
}

/** 0.5 and below is usual, towards 1 is odd. */
export const scoreOfPath = (mean: number): number => 2 ** -mean;
export const pathOfScore = (score: number): number => -Math.log2(score);
