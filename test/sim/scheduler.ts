/**
 * One thread of virtual time: everything that happens in a simulation is an entry here, and chance decides among entries that are due
 * at the same instant. Between two entries every promise that can go on does so, to the end: nothing but this queue starts anything.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Random } from '../../cli/simulate/random.ts';

export interface Scheduler {
  /** Milliseconds since the beginning. */
  readonly nowMs: number;
  readonly steps: number;
  after(delayMs: number, run: () => void): () => void;
  every(intervalMs: number, run: () => void): () => void;
  /** @throws SimulationStuck when `done` is not reached */
  runUntil(done: () => boolean, untilMs?: number): Promise<void>;
}

/** Nothing is left to do, or no end is in sight, and what was waited for has not happened. */
export class SimulationStuck extends Error {
  override readonly name = 'SimulationStuck';
}

interface Entry {
  readonly dueMs: number;
  readonly tie: number;
  readonly run: () => void;
  readonly repeats: boolean;
  cancelled: boolean;
}

/** Some fifty times what a run takes, ten times what one takes whose workers die a thousand times; what only repeats is not counted. */
const STEPS_MAX = 500_000;

export function createScheduler(random: Random): Scheduler {
  const heap: Entry[] = [];
  let nowMs = 0;
  let steps = 0;
  /** Grows with everything that is scheduled: an interval that changed nothing needs no turn of the event loop. */
  let activity = 0;

  function add(delayMs: number, run: () => void, repeats: boolean): Entry {
    const entry = { dueMs: nowMs + Math.max(0, delayMs), tie: random.uniform(), run, repeats, cancelled: false };
    push(heap, entry);
    return entry;
  }

  function every(intervalMs: number, run: () => void): () => void {
    let entry = add(intervalMs, tick, true);
    function tick(): void {
      entry = add(intervalMs, tick, true);
      run();
    }
    return () => {
      entry.cancelled = true;
    };
  }

  async function runUntil(done: () => boolean, untilMs = Number.POSITIVE_INFINITY): Promise<void> {
    await nextTurn();
    for (let entry = pop(heap); entry !== undefined; entry = pop(heap)) {
      if (entry.cancelled) continue;
      if (entry.dueMs > untilMs) {
        push(heap, entry);
        throw new SimulationStuck(`not done by ${untilMs} ms`);
      }
      nowMs = entry.dueMs;
      const before = activity;
      entry.run();
      if (!entry.repeats || activity !== before) await nextTurn();
      if (!entry.repeats) steps += 1;
      if (done()) return;
      if (steps > STEPS_MAX) throw new SimulationStuck(`not done after ${STEPS_MAX} steps`);
    }
    throw new SimulationStuck('nothing is left to do');
  }

  return {
    get nowMs() {
      return nowMs;
    },
    get steps() {
      return steps;
    },
    after(delayMs, run) {
      activity += 1;
      const entry = add(delayMs, run, false);
      return () => {
        entry.cancelled = true;
      };
    },
    every,
    runUntil,
  };
}

const before = (a: Entry, b: Entry): boolean => a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.tie < b.tie);

function push(heap: Entry[], entry: Entry): void {
  let at = heap.length;
  heap.push(entry);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent] as Entry;
    if (!before(entry, above)) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = entry;
}

function pop(heap: Entry[]): Entry | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1] as Entry, heap[child] as Entry)) child += 1;
    const below = heap[child] as Entry;
    if (!before(below, last)) break;
    heap[at] = below;
    at = child;
  }
  heap[at] = last;
  return first;
}
