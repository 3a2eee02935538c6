/**
 * Crashes aimed at an await: a run is watched, and run again with a crash at a call during which somebody waited there. A seed gives the
 * same run up to the crash, so that a site is met wherever a run comes to it, be it once in a thousand calls.
 */
import { begunToWait, waitedAtDeath, waitingNow } from './await-tracker.ts';
import { simulate } from './simulation.ts';
import type { SimulationOptions, SimulationResult } from './simulation-options.ts';

/** A crash at the first call may come too early, or meet somebody else who waits there. */
const CALLS_PER_SITE_MAX = 3;

export interface WatchedRun {
  readonly result: SimulationResult;
  /** Calls that came while somebody waited there; then calls because of which somebody began to wait, and may have gone on at once. */
  readonly callsAt: (site: string) => readonly number[];
}

/** @param onWaited is told where processes waited that died */
export async function watch(options: SimulationOptions, onWaited: (site: string) => void): Promise<WatchedRun> {
  const across = createCalls();
  const because = createCalls();
  begunToWait();
  const result = await simulate({
    ...tellingDeaths(options, onWaited),
    onNumber(call) {
      across.note(waitingNow(), call);
      because.note(begunToWait(), call - 1);
    },
  });
  return { result, callsAt: (site) => [...across.at(site), ...because.at(site)] };
}

function createCalls() {
  const bySite = new Map<string, number[]>();
  return {
    at: (site: string): readonly number[] => bySite.get(site) ?? [],
    note(sites: readonly string[], call: number): void {
      for (const site of sites) {
        const calls = bySite.get(site) ?? [];
        bySite.set(site, calls);
        if (calls.length < CALLS_PER_SITE_MAX && calls.at(-1) !== call) calls.push(call);
      }
    },
  };
}

export const crashAt = (call: number, options: SimulationOptions, onWaited: (site: string) => void) =>
  simulate({ ...tellingDeaths(options, onWaited), crashAt: { call, when: 'before' } });

function tellingDeaths(options: SimulationOptions, onWaited: (site: string) => void): SimulationOptions {
  waitedAtDeath();
  return { ...options, onDeath: () => waitedAtDeath().forEach(onWaited) };
}
