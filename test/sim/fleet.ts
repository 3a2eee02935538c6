/** The workers of a run: one that dies is followed by the next, as whoever runs them would have it. */
import type { Random } from '../../cli/simulate/random.ts';
import { openWorker, type WorkerDeps, type WorkerProcess } from './worker-process.ts';
import type { SimProcess, World } from './world.ts';

export interface Fleet {
  readonly running: ReadonlySet<WorkerProcess>;
  start(): void;
  /** One of them is asked to stop, and another started. */
  handOver(): void;
  /** This one is asked to stop, and followed when it is gone. False when it is not running yet, or any more. */
  stop(process: SimProcess): boolean;
  /** All die, and are followed by none. */
  killAll(): void;
  /** Nobody is started until `resume`; who is there, but for `spared`, is stopped in order or killed. */
  halt(orderly: boolean, spared?: SimProcess): void;
  resume(): void;
  jumpClock(byMs: () => number): void;
  /** All are stopped in order, and followed by none. @throws SimulationStuck when one does not come to its end */
  stopAll(onFailure: (error: unknown) => void): Promise<void>;
}

interface FleetDeps {
  readonly world: World;
  readonly worker: WorkerDeps;
  readonly random: Random;
  readonly open?: (process: SimProcess) => WorkerProcess;
  /** What the names of its processes begin with; `w` when absent. */
  readonly prefix?: string;
  /** Chance, by worker, that it is asked to stop while it starts. */
  readonly earlyStops: number;
  /** A worker that is stopped in order is followed by the next only when it is gone. */
  readonly oneAtATime: boolean;
  /** One has died, and nobody else is there. */
  readonly onDeserted: () => void;
}

const HOUR_MS = 3_600_000;
/** A start takes that long when nothing is wrong. */
const EARLY_MS_MAX = 6_000;
/** As in `cli/process.ts`. */
const START_GRACE_MS = 5_000;
const RESTART_MS = { min: 100, max: 30_000 };

export function createFleet(deps: FleetDeps): Fleet {
  const { world, random, oneAtATime, onDeserted, prefix = 'w' } = deps;
  const { open = (process: SimProcess) => openWorker(process, deps.worker) } = deps;
  const running = new Set<WorkerProcess>();
  /** Followed already, and not gone yet: what they have in memory must not be at odds with the store. */
  const leaving = new Set<WorkerProcess>();
  const early = world.random.fork('early stops');
  let started = 0;
  let halted = false;
  /** Starts that are due when the halt is over. */
  let due = 0;

  function start(): void {
    if (halted) {
      due += 1;
      return;
    }
    started += 1;
    const process = world.start(`${prefix}${started}`);
    const worker = open(process);
    running.add(worker);
    process.onEnd(() => {
      leaving.delete(worker);
      if (!running.delete(worker)) return;
      if (running.size === 0 && leaving.size === 0) onDeserted();
      world.scheduler.after(random.int(RESTART_MS.min, RESTART_MS.max), start);
    });
    const starting = worker.start().catch(() => world.kill(process));
    if (deps.earlyStops > 0 && early.chance(deps.earlyStops))
      world.scheduler.after(early.int(0, EARLY_MS_MAX), () => void stopEarly(worker, starting));
  }

  /** As `serve` has it: a start that is under way may still come about, and be ended in order. */
  async function stopEarly(one: WorkerProcess, starting: Promise<void>): Promise<void> {
    if (!running.has(one)) return;
    world.history.note(`${one.process.name} is asked to stop while it starts`);
    await Promise.race([starting, one.process.sleep(START_GRACE_MS)]);
    if (one.started) stop(one);
    else world.kill(one.process);
  }

  function stop(one: WorkerProcess): void {
    world.history.note(`${one.process.name} is asked to stop`);
    // A process that cannot stop in order ends all the same.
    one.stop().catch(() => world.kill(one.process));
  }

  return {
    running,
    start,
    handOver() {
      const [one] = random.sample([...running], 1);
      if (one === undefined || halted) return;
      if (!oneAtATime) {
        running.delete(one);
        leaving.add(one);
      }
      stop(one);
      if (!oneAtATime) start();
    },
    stop(process) {
      const one = [...running].find((worker) => worker.process === process);
      if (one?.started !== true) return false;
      stop(one);
      return true;
    },
    halt(orderly, spared) {
      halted = true;
      for (const one of running) {
        if (one.process === spared) continue;
        if (orderly && one.started) stop(one);
        else world.kill(one.process);
      }
    },
    resume() {
      halted = false;
      const ready = due;
      due = 0;
      for (let one = 0; one < ready; one++) world.scheduler.after(random.int(RESTART_MS.min, RESTART_MS.max), start);
    },
    killAll() {
      const left = [...running];
      running.clear();
      for (const { process } of left) world.kill(process);
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
