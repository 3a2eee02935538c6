/** The thread that grows forests, as a port call: what it does is the real thing, at the instant at which the call takes effect. */
import { createHash } from 'node:crypto';
import { IsolationForest } from 'ml-isolation-forest';
import type { ForestJob } from '../../baselines/forest/grow-forest.ts';
import { trainForest } from '../../baselines/forest/train-forest.ts';
import type { TrainingAnswer } from '../../baselines/forest/trainer.ts';
import type { Surroundings } from '../../cli/surroundings.ts';
import type { SimProcess } from './world.ts';

/** Without `grown` there is no such thread, and models go out without forests. */
export const trainerOf = (process: SimProcess, grown: boolean): Surroundings['trainer'] => ({
  train: (job) =>
    process
      .call('thread:train', (): TrainingAnswer => (grown ? { forest: forestOf(job) } : { failure: 'no thread' }))
      .catch(() => ({ failure: 'no answer' })),
  close: () => process.leave('thread:close').catch(() => {}),
});

/** A forest is a function of its job, and costs some tenths of a second: runs that crash at every call in turn ask for the same one. */
const known = new Map<string, ReturnType<typeof trainForest>>();
const KNOWN_MAX = 100;

function forestOf(job: ForestJob): ReturnType<typeof trainForest> {
  const name = createHash('sha256').update(JSON.stringify(job)).digest('hex');
  const forest = known.get(name) ?? trainForest(IsolationForest, job);
  if (known.size >= KNOWN_MAX) known.clear();
  known.set(name, forest);
  return forest;
}
