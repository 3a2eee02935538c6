/** A process that dies at a step of its own, counted from 1: a port call, or a sleep. */
import type { PlannedCrash, SimProcess, World } from './world.ts';

export interface Fate {
  /** The next life that comes to its so many'th step dies there, once. */
  set(crash: PlannedCrash | undefined): void;
  /** Whether nobody has come that far since. */
  readonly isOpen: boolean;
  /** The same process, whose steps are counted. */
  mortal(process: SimProcess): SimProcess;
}

export function createFate(world: World): Fate {
  let crash: PlannedCrash | undefined;
  return {
    set(planned) {
      crash = planned;
    },
    get isOpen() {
      return crash !== undefined;
    },
    mortal(process) {
      let steps = 0;

      function met(): PlannedCrash['when'] | undefined {
        steps += 1;
        if (crash?.call !== steps) return undefined;
        const { when } = crash;
        crash = undefined;
        return when;
      }

      function call<T>(port: string, effect: () => T, digest?: string): Promise<T> {
        const when = met();
        // What is asked for by then takes no effect: nobody is left to ask.
        if (when === 'before') world.scheduler.after(0, () => world.kill(process));
        const last = () => {
          const value = effect();
          world.kill(process);
          return value;
        };
        return process.call(port, when === 'after' ? last : effect, digest);
      }

      function sleep(ms: number, signal?: AbortSignal): Promise<void> {
        if (met() !== undefined) world.scheduler.after(0, () => world.kill(process));
        return process.sleep(ms, signal);
      }

      return { ...process, call, sleep, leave: (port) => call(port, () => {}) };
    },
  };
}
