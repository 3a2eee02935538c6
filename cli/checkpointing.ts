/**
 * A checkpoint that is written beside the batches. The states that had changed when it began are taken down some at a time, whenever memory
 * is what the log holds, and written, many at once, while the next batches are judged and stored. Each is as of the moment at which it is taken down, which
 * may be later than the checkpoint: a restore passes over what a state has taken in already.
 */
import type { StateFlush, TakenStates } from '../baselines/state-cache.ts';

export interface CheckpointWork {
  readonly states: StateFlush;
  /** Whether memory is what the log holds at this moment. */
  readonly isAtRest: () => boolean;
  /** What states that are taken down at once may weigh, by `estimateBytes`: no batch can begin meanwhile, and nothing else happens. */
  readonly bytesAtOnce: () => number;
  /** They are written when they weigh so much. */
  readonly bytesPerWrite: number;
  /** Lets other work have its turn. */
  readonly breathe: () => Promise<void>;
  readonly persist: (operation: () => Promise<void>) => Promise<void>;
  /** Rejects when nothing may be written any more. */
  readonly check: () => Promise<void>;
  /** Everything that had changed is stored: states of so many agents, which weigh so much by `estimateBytes`. */
  readonly finish: (agents: number, bytes: number) => Promise<void>;
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

/** Bounded by what is written at once, and one part more; nothing is taken down while it is written. */
export function beginCheckpoint(work: CheckpointWork): CheckpointRun {
  let waiting: (() => void) | undefined;
  let abandoned = false;

  function goOn(): void {
    const resume = waiting;
    waiting = undefined;
    resume?.();
  }

  /** Resumed within the call that says so, not after it: by then the next batch may have begun. */
  function takeDown(): Promise<TakenStates | undefined> {
    return new Promise((resolve, reject) => {
      waiting = () => {
        try {
          resolve(abandoned ? undefined : work.states.next(work.bytesAtOnce()));
        } catch (error) {
          reject(error);
        }
      };
      if (abandoned || work.isAtRest()) goOn();
    });
  }

  /** Taken down until they are worth an insert; fewer at the end, none when all are written. */
  async function takeDownMany(): Promise<TakenStates[]> {
    const taken: TakenStates[] = [];
    for (let bytes = 0; bytes < work.bytesPerWrite; ) {
      const part = await takeDown();
      if (part === undefined) break;
      taken.push(part);
      bytes += part.bytes;
      await work.breathe();
    }
    return taken;
  }

  async function writeAll(): Promise<void> {
    let written = 0;
    for (;;) {
      const taken = await takeDownMany();
      if (abandoned) return;
      // Who lost the partition to a newer build without noticing must not write old states over new ones.
      await work.persist(work.check);
      if (abandoned) return;
      if (taken.length === 0) break;
      await work.persist(() => work.states.write(taken));
      written += taken.reduce((sum, { bytes }) => sum + bytes, 0);
    }
    await work.finish(work.states.count, written);
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
