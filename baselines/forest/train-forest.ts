import type { IsolationForest } from 'ml-isolation-forest';
import type { Vector } from './features.ts';
import { type ForestJob, type GrowTree, growForest } from './grow-forest.ts';
import { seededRandom } from './seeded-random.ts';
import type { StoredForest } from './stored-forest.ts';

/** Grows the forest of a job by ml-isolation-forest, which draws from `Math.random`: that is seeded until this returns. */
export function trainForest(Forest: typeof IsolationForest, job: ForestJob): StoredForest {
  const random = seededRandom(job.seed);
  const systemRandom = Math.random;
  Math.random = random;
  try {
    return growForest(job, growerOf(Forest), random);
  } finally {
    Math.random = systemRandom;
  }
}

/** A fresh forest of one tree for each tree: a second call to `train` would add trees that nobody reads. */
const growerOf =
  (Forest: typeof IsolationForest): GrowTree =>
  (vectors: readonly Vector[]) => {
    const forest = new Forest({ nEstimators: 1 });
    forest.train(vectors);
    const [tree] = forest.forest;
    if (tree === undefined) throw new Error('ml-isolation-forest grew no tree');
    return tree;
  };
