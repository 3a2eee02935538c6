/**
 * A checkpoint that is written beside the batches. The states that had changed when it began are taken down some at a time, whenever memory
 * is what the log holds, and written while the next batch is judged and stored. Each is as of the moment at which it is taken down, which
 * may be later than the checkpoint: a restore passes over what a state has taken in already.
 */
import type { StateFlush } from '../baselines/state-cache.ts';

export interface CheckpointWork {
  readonly states: StateFlush;
  /** Whether memory is what the log holds at this moment. */
  readonly isAtRest: () => boolean;
  /** Taken down at once, while no batch can begin. */
  readonly statesAtOnce: () => number;
  readonly persist: (operation: () => Promise<void>) => Promise<void>;
  /** Rejects when nothing may be written any more. */
  readonly check: () => Promise<void>;
  /** Everything that had changed is stored. */
  readonly finish: (agents: number) => Promise<void>;
  /** With what went wrong, if something did. Not told of an abandoned one. */
  readonly onEnd: (error?: unknown) => void;
}

export interface CheckpointRun {
  /** Memory is what the log holds, until this returns. */
  atRest(): void;
  /** What is in memory is no longer to be believed, or will be written otherwise: nothing more is taken down. */
  abandon(): void;
  /** Never rejects. */
  readonly ended: Promise<void>;
}

/** Bounded by one part of the states at a time; the next is taken down when it is written. */
export function beginCheckpoint(work: CheckpointWork): CheckpointRun {
  let waiting: (() => void) | undefined;
  let abandoned = false;

  function goOn(): void {
    const resume = waiting;
    waiting = undefined;
    resume?.();
  }

  /** Resumed within the call that says so, not after it: by then the next batch may have begun. */
  function takeDown(): Promise<(() => Promise<void>) | undefined> {
    return new Promise((resolve, reject) => {
      waiting = () => {
        try {
          resolve(abandoned ? undefined : work.states.next(work.statesAtOnce()));
        } catch (error) {
          reject(error);
        }
      };
      if (abandoned || work.isAtRest()) goOn();
    });
  }

  async function writeAll(): Promise<void> {
    for (;;) {
      // Who lost the partition to a newer build without noticing must not write old states over new ones.
      await work.persist(work.check);
      const write = await takeDown();
      if (abandoned) return;
      if (write === undefined) break;
      await work.persist(write);
    }
    await work.finish(work.states.count);
  }

  return {
    atRest: goOn,
    abandon() {
      abandoned = true;
      goOn();
    },
    ended: writeAll().then(
      () => work.onEnd(),
      (error: unknown) => (abandoned ? undefined : work.onEnd(error)),
    ),
  };
}
