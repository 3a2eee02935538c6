/**
 * Goal: replaced states are deleted seldom, because inserts wait meanwhile, but not so seldom that those of a large crowd fill the disk. Method:
 * checkpoints of states that weigh what a test says, over a store that counts, on a clock that a test sets.
 */
import { expect, it } from 'vitest';
import type { StateFlush } from '../../baselines/state-cache.ts';
import { createCheckpoints } from '../../cli/checkpoints.ts';
import { emptyFilters } from '../../cli/partition-filters.ts';
import { partitionLimits } from '../../cli/partition-limits.ts';

const MINUTE_MS = 60_000;
const GIB = 1024 ** 3;

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** States that weigh so much, all taken down at once. */
function flushOf(bytes: number): StateFlush {
  let left = bytes > 0;
  return {
    count: 1,
    next() {
      const taken = left ? { rows: [], bytes, settled() {} } : undefined;
      left = false;
      return taken;
    },
    write: async () => {},
  };
}

function openCheckpoints() {
  const run = { position: -1, nowMs: 0, stateBytes: 0, pruned: [] as number[] };
  const checkpoints = createCheckpoints(
    0,
    { checkpointRecords: 1, checkpointMs: Number.MAX_SAFE_INTEGER, filterRecords: Number.MAX_SAFE_INTEGER },
    {
      get position() {
        return run.position;
      },
      tickMs: 0,
      exact: true,
      following: Promise.resolve(),
      cache: { beginFlush: () => flushOf(run.stateBytes), flush: async () => 0 },
      filters: emptyFilters({ seenIdsBits: 64, knownAgentsBits: 64 }),
    },
    {
      states: {
        latestCheckpoint: async () => undefined,
        writeCheckpoint: async () => {},
        prune: async (_, before) => void run.pruned.push(before),
      },
      filters: { write: async () => {} },
      persist: (operation) => operation(),
      now: () => run.nowMs,
      breathe: async () => {},
      counters: { checkpoints: 0 },
    },
  );

  /** One more record, with a checkpoint that is written to its end. */
  async function checkpointAfter(ms: number, stateBytes: number): Promise<void> {
    run.nowMs += ms;
    run.position += 1;
    run.stateBytes = stateBytes;
    await checkpoints.keep(1);
    await settle();
  }
  return { run, checkpointAfter };
}

it('replaced states are deleted every ten minutes', async () => {
  const { run, checkpointAfter } = openCheckpoints();
  for (let minute = 0; minute <= 30; minute += 1) await checkpointAfter(MINUTE_MS, GIB / 64);
  // Nothing is before the first checkpoint; each deletes what the one before has replaced.
  expect(run.pruned).toEqual([0, 10, 20]);
});

it('they are deleted after a minute where they weigh a gibibyte', async () => {
  const { run, checkpointAfter } = openCheckpoints();
  await checkpointAfter(0, GIB / 2);
  await checkpointAfter(1, GIB / 2);
  expect(run.pruned).toEqual([0]);
  for (let n = 0; n < 6; n += 1) await checkpointAfter(MINUTE_MS / 4, GIB / 2);
  expect(run.pruned).toEqual([0, 4]);
  await checkpointAfter(MINUTE_MS, GIB / 4);
  expect(run.pruned).toEqual([0, 4, 7]);
  await checkpointAfter(MINUTE_MS, GIB / 4);
  expect(run.pruned).toEqual([0, 4, 7]);
});

it('a clock that is set back does not keep them for ever', async () => {
  const { run, checkpointAfter } = openCheckpoints();
  for (const ms of [0, MINUTE_MS, -60 * MINUTE_MS]) await checkpointAfter(ms, 1);
  expect(run.pruned).toEqual([0, 1]);
});

it.each([
  [1, 40_000],
  [3, 40_000],
  [6, 20_000],
  [12, 10_000],
  [64, 10_000],
])('of %i partitions each has a checkpoint after %i records', (partitions, records) => {
  const limits = { agentsInMemory: 1, stateMib: 1, openSessionsMib: 1 };
  expect(partitionLimits({ ...limits, checkpointRecords: undefined }, partitions).checkpointRecords).toBe(records);
  expect(partitionLimits({ ...limits, checkpointRecords: 700 }, partitions).checkpointRecords).toBe(700);
});
