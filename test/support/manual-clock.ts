import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Timers } from '../../alerts/timers.ts';

export interface ManualClock {
  now(): number;
  readonly timers: Timers;
  /** Moves time forward and runs what becomes due on the way, in order. */
  advance(durationMs: number): Promise<void>;
}

/** A clock that stands still until it is told to move. */
export function manualClock(startMs: number): ManualClock {
  let nowMs = startMs;
  const timers = new Set<{ dueMs: number; run: () => void }>();
  const nextBy = (endMs: number) =>
    [...timers].filter(({ dueMs }) => dueMs <= endMs).reduce((a, b) => (b.dueMs < a.dueMs ? b : a), NEVER);
  return {
    now: () => nowMs,
    timers: {
      after(delayMs, run) {
        const timer = { dueMs: nowMs + delayMs, run };
        timers.add(timer);
        return () => timers.delete(timer);
      },
    },
    async advance(durationMs) {
      const endMs = nowMs + durationMs;
      // What was begun before the call may be about to set a timer.
      await settle();
      for (let timer = nextBy(endMs); timer !== NEVER; timer = nextBy(endMs)) {
        timers.delete(timer);
        nowMs = Math.max(nowMs, timer.dueMs);
        timer.run();
        await settle();
      }
      nowMs = endMs;
      await settle();
    },
  };
}

const NEVER = { dueMs: Number.POSITIVE_INFINITY, run: () => {} };

/** Lets every promise that can go on do so. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await nextTurn();
}
