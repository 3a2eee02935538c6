/** The workers of a run: one that dies is followed by the next, as whoever runs them would have it. */
import type { Random } from '../../cli/simulate/random.ts';
import { openWorker, type WorkerDeps, type WorkerProcess } from './worker-process.ts';
import type { World } from './world.ts';

export interface Fleet {
  readonly running: ReadonlySet<WorkerProcess>;
  start(): void;
  /** One of them is asked to stop, and another started. */
  handOver(): void;
  jumpClock(byMs: () => number): void;
  /** All are stopped in order, and followed by none. @throws SimulationStuck when one does not come to its end */
  stopAll(onFailure: (error: unknown) => void): Promise<void>;
}

interface FleetDeps {
  readonly world: World;
  readonly worker: WorkerDeps;
  readonly random: Random;
  /** A worker that is stopped in order is followed by the next only when it is gone. */
  readonly oneAtATime: boolean;
  /** One has died, and nobody else is there. */
  readonly onDeserted: () => void;
}

const HOUR_MS = 3_600_000;
const RESTART_MS = { min: 100, max: 30_000 };

export function createFleet({ world, worker: deps, random, oneAtATime, onDeserted }: FleetDeps): Fleet {
  const running = new Set<WorkerProcess>();
  let started = 0;

  function start(): void {
    started += 1;
    const process = world.start(`w${started}`);
    const worker = openWorker(process, deps);
    running.add(worker);
    process.onEnd(() => {
      if (!running.delete(worker)) return;
      if (running.size === 0) onDeserted();
      world.scheduler.after(random.int(RESTART_MS.min, RESTART_MS.max), start);
    });
    worker.start().catch(() => world.kill(process));
  }

  return {
    running,
    start,
    handOver() {
      const [one] = random.sample([...running], 1);
      if (one === undefined) return;
      if (!oneAtATime) running.delete(one);
      world.history.note(`${one.process.name} is asked to stop`);
      // A process that cannot stop in order ends all the same.
      one.stop().catch(() => world.kill(one.process));
      if (!oneAtATime) start();
    },
    jumpClock(byMs) {
      const [one] = random.sample([...running], 1);
      one?.process.jumpClock(byMs());
    },
    async stopAll(onFailure) {
      const left = new Set(running);
      for (const worker of left) {
        const over = () => void left.delete(worker);
        worker.process.onEnd(over);
        worker.stop().catch((error: unknown) => {
          onFailure(error);
          over();
        });
      }
      running.clear();
      await world.scheduler.runUntil(() => left.size === 0, world.scheduler.nowMs + HOUR_MS);
    },
  };
}
