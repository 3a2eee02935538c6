/** Program of a worker thread that grows forests. */
import { workerData } from 'node:worker_threads';
import type { ForestJob } from './grow-forest.ts';
import { trainForest } from './train-forest.ts';
import type { NumberedJob, TrainingAnswer, TrainingChannel } from './trainer.ts';

const { port, answered } = workerData as TrainingChannel;

async function answer(job: ForestJob): Promise<TrainingAnswer> {
  try {
    // Here and not above: a package that is missing is an answer, not a thread that dies while somebody waits.
    const { IsolationForest } = await import('ml-isolation-forest');
    return { forest: trainForest(IsolationForest, job) };
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
