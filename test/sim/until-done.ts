/** Work of a process that is started again until it comes to its end. */
import type { SimProcess, World } from './world.ts';

const WORK_MS_MAX = 60 * 60_000;

/** Every life is a process of its own, of the same name. @throws what the work was refused with by a process that lived */
export async function untilDone<T>(world: World, name: string, run: (process: SimProcess) => Promise<T>): Promise<T> {
  for (;;) {
    const process = world.start(name);
    let done = false;
    let outcome: { readonly value: T } | { readonly error: unknown } | undefined;
    run(process)
      .then(
        (value) => {
          outcome = { value };
        },
        (error: unknown) => {
          outcome = { error };
        },
      )
      .finally(() => {
        done = true;
      });
    process.onEnd(() => {
      done = true;
    });
    await world.scheduler.runUntil(() => done, world.scheduler.nowMs + WORK_MS_MAX);
    if (!process.alive || outcome === undefined) continue;
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  }
}
