/** Program of a worker thread that grows forests by ml-isolation-forest, which draws from `Math.random`: the thread's own, seeded here. */
import { workerData } from 'node:worker_threads';
import type { IsolationForest } from 'ml-isolation-forest';
import type { Vector } from './features.ts';
import { type ForestJob, type GrowTree, growForest } from './grow-forest.ts';
import { seededRandom } from './seeded-random.ts';
import type { NumberedJob, TrainingAnswer, TrainingChannel } from './trainer.ts';

const { port, answered } = workerData as TrainingChannel;

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

async function answer(job: ForestJob): Promise<TrainingAnswer> {
  try {
    // Here and not above: a package that is missing is an answer, not a thread that dies while somebody waits.
    const { IsolationForest } = await import('ml-isolation-forest');
    const random = seededRandom(job.seed);
    Math.random = random;
    return { forest: growForest(job, growerOf(IsolationForest), random) };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

port.on('message', ({ number, job }: NumberedJob) => {
  void answer(job).then((result) => {
    port.postMessage(result);
    Atomics.store(answered, 0, number);
    Atomics.notify(answered, 0);
  });
});
