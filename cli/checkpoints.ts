/** When a partition writes a checkpoint, and what is put in order with each: filters are stored, states that were replaced are deleted. */

import type { FilterStore } from '../baselines/filter-store.ts';
import type { StateCache } from '../baselines/state-cache.ts';
import type { Checkpoint, StateStore } from '../baselines/state-store.ts';
import { beginCheckpoint, type CheckpointRun } from './checkpointing.ts';
import type { PartitionCounters } from './partition-counters.ts';
import type { PartitionFilters } from './partition-filters.ts';

export interface CheckpointSettings {
  /** A checkpoint is begun after this many records, and waited for when as many again have come before it was written, */
  readonly checkpointRecords: number;
  /** or this much time on the log's clock, so that readers of stored states are never far behind. */
  readonly checkpointMs: number;
  /** The filters of seen ids and of known agents are stored with the first checkpoint after so many records: a start reads the names in about as many. */
  readonly filterRecords: number;
}

/** What a checkpoint is of, as it is now. A restore replaces cache and filters. */
export interface CheckpointedMemory {
  readonly position: number;
  readonly tickMs: number;
  /** Memory is what the log holds up to `position`. */
  readonly exact: boolean;
  /** What follows from the verdicts up to `position` is on its way into the store. */
  readonly following: Promise<void>;
  readonly cache: Pick<StateCache, 'beginFlush' | 'flush'>;
  readonly filters: PartitionFilters;
}

export interface CheckpointsDeps {
  readonly states: Pick<StateStore, 'latestCheckpoint' | 'writeCheckpoint' | 'prune'>;
  readonly filters: Pick<FilterStore, 'write'>;
  /** Runs an operation until the store takes it. */
  readonly persist: <T>(operation: () => Promise<T>) => Promise<T>;
  readonly now: () => number;
  readonly breathe: () => Promise<void>;
  readonly counters: Pick<PartitionCounters, 'checkpoints'>;
}

export interface Checkpoints {
  /** After a batch: one may be due, the one under way takes some states down, and one that takes for ever is waited for. */
  keep(batchSize: number): Promise<void>;
  /** @throws what went wrong with the last one, once */
  throwFailure(): void;
  /** Writes one now, in one go. Call only when everything that follows from the verdicts is stored. */
  write(): Promise<void>;
  /** Nothing more is taken down for the one under way. Resolves when it has ended. */
  abandon(): Promise<void>;
  /** Goes on from the newest that is stored; undefined: from the beginning of the log. */
  resume(from: Checkpoint | undefined): void;
  /** Of the last one written or resumed from; -1 for none. */
  readonly position: number;
}

/**
 * What the states of a checkpoint that are taken down between two batches may weigh: as much for each record that the batch had, within these
 * limits. Small batches mean that somebody waits for each, and a megabyte takes about 4.5 ms; large ones that all are behind.
 */
const STATE_BYTES_PER_RECORD = 10 * 1024;
const STATE_BYTES_MIN = 2 * 1024 * 1024;
const STATE_BYTES_MAX = 20 * 1024 * 1024;

/**
 * Deleting replaced states rewrites parts of their table, for tenths of a second of the engine in which inserts wait: not after every checkpoint, and
 * more often only where much has been written, by `estimateBytes`; stored it is about an eighth.
 */
const PRUNE_EVERY_MS = 10 * 60_000;
const PRUNE_BYTES = 1024 * 1024 * 1024;
const PRUNE_EVERY_MS_MIN = 60_000;

export function createCheckpoints(
  partition: number,
  settings: CheckpointSettings,
  memory: CheckpointedMemory,
  deps: CheckpointsDeps,
): Checkpoints {
  const { states, persist, now, breathe, counters } = deps;
  let last: Checkpoint = { position: -1, lastTickMs: 0 };
  /** The one that is being written beside the batches, and what went wrong with the one before. */
  let run: CheckpointRun | undefined;
  let failure: { readonly error: unknown } | undefined;
  let stateBytesAtOnce = STATE_BYTES_MIN;
  /** When states were pruned last, on the wall clock; it may be set back. */
  let prunedMs = Number.NEGATIVE_INFINITY;
  /** Written since then. */
  let unprunedBytes = 0;

  /** An alert of the next batch must not wait for megabytes of states: they are written beside it, unless that takes for ever. */
  async function keep(batchSize: number): Promise<void> {
    stateBytesAtOnce = Math.min(Math.max(batchSize * STATE_BYTES_PER_RECORD, STATE_BYTES_MIN), STATE_BYTES_MAX);
    if (run === undefined && isDue()) begin();
    run?.atRest();
    if (memory.position - last.position < 2 * settings.checkpointRecords) return;
    await run?.ended;
    throwFailure();
  }

  const isDue = (): boolean =>
    memory.position - last.position >= settings.checkpointRecords ||
    memory.tickMs - last.lastTickMs >= settings.checkpointMs;

  function throwFailure(): void {
    if (failure === undefined) return;
    const { error } = failure;
    failure = undefined;
    throw error;
  }

  function begin(): void {
    const begun = { position: memory.position, lastTickMs: memory.tickMs };
    const { following } = memory;
    const before = last.position;
    const own = beginCheckpoint({
      states: memory.cache.beginFlush(),
      isAtRest: () => memory.exact,
      bytesAtOnce: () => stateBytesAtOnce,
      bytesPerWrite: STATE_BYTES_MAX,
      breathe,
      persist,
      check: async () => void (await states.latestCheckpoint(partition)),
      async finish(agents, bytes) {
        // Verdicts before a checkpoint are not read again: nobody would store their hits.
        await following;
        await persist(() => states.writeCheckpoint(partition, begun, agents, now()));
        note(begun);
        unprunedBytes += bytes;
        // Nothing that a partition which is given back should wait for: one writes megabytes, the other rewrites parts of the table.
        await persist(storeFilters);
        if (before >= 0) await persist(() => prune(before));
      },
      onEnd(error) {
        if (run !== own) return;
        run = undefined;
        if (error !== undefined) failure = { error };
      },
    });
    run = own;
  }

  async function write(): Promise<void> {
    if (memory.position <= last.position) return;
    // Who lost the partition to a newer build without noticing must not write old states over new ones.
    await states.latestCheckpoint(partition);
    const agents = await memory.cache.flush();
    const written = { position: memory.position, lastTickMs: memory.tickMs };
    await states.writeCheckpoint(partition, written, agents, now());
    note(written);
  }

  function note(written: Checkpoint): void {
    counters.checkpoints += 1;
    if (written.position > last.position) last = written;
  }

  async function prune(before: number): Promise<void> {
    const nowMs = now();
    const sinceMs = Math.abs(nowMs - prunedMs);
    if (sinceMs < (unprunedBytes < PRUNE_BYTES ? PRUNE_EVERY_MS : PRUNE_EVERY_MS_MIN)) return;
    await states.prune(partition, before);
    prunedMs = nowMs;
    unprunedBytes = 0;
  }

  async function storeFilters(): Promise<void> {
    const { filters, position } = memory;
    if (position - filters.position < settings.filterRecords) return;
    await deps.filters.write(partition, position, { ids: filters.seen.words, agents: filters.known.words });
    filters.position = position;
  }

  return {
    keep,
    throwFailure,
    write,
    abandon() {
      run?.abandon();
      return run?.ended ?? Promise.resolve();
    },
    resume(from) {
      run = undefined;
      last = from ?? { position: -1, lastTickMs: 0 };
    },
    get position() {
      return last.position;
    },
  };
}
