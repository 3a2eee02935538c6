/** What a worker takes from the process it runs in. */
import { lookup } from 'node:dns';
import { connect } from 'node:net';
import { createHttpPost, type Post } from '../alerts/http-post.ts';
import { systemTimers, type Timers } from '../alerts/timers.ts';
import { createForestTrainer, type ForestTrainer } from '../baselines/forest/trainer.ts';
import { sleep } from './sleep.ts';

/** Chance, time, the network and threads: a simulation brings its own. */
export interface Surroundings {
  readonly random: () => number;
  readonly timers: Timers;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly breathe?: () => Promise<void>;
  readonly every: (intervalMs: number, run: () => void) => () => void;
  readonly post: Post;
  readonly trainer: Pick<ForestTrainer, 'train' | 'close'>;
}

export const realSurroundings = (): Surroundings => ({
  random: Math.random,
  timers: systemTimers,
  sleep,
  every(intervalMs, run) {
    const timer = setInterval(run, intervalMs);
    timer.unref();
    return () => clearInterval(timer);
  },
  post: createHttpPost({ lookup, connect, timers: systemTimers }),
  trainer: createForestTrainer(),
});
