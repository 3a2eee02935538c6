import type { JudgedRecord } from '../baselines/event-log-store.ts';
import { type CacheCounters, emptyCacheCounters } from '../baselines/state-cache.ts';

/** Counted since start, over all partitions of the process; read by metrics. */
export interface PartitionCounters extends CacheCounters {
  events: number;
  duplicates: number;
  conflicts: number;
  rejected: number;
  unreadable: number;
  late: number;
  hits: number;
  alerts: number;
  checkpoints: number;
  /** Batches that had to wait for the store. */
  storeWaits: number;
}

export const emptyCounters = (): PartitionCounters => ({
  ...emptyCacheCounters(),
  events: 0,
  duplicates: 0,
  conflicts: 0,
  rejected: 0,
  unreadable: 0,
  late: 0,
  hits: 0,
  alerts: 0,
  checkpoints: 0,
  storeWaits: 0,
});

/** Call when the record is stored with everything that follows from its verdict. */
export function countRecord(counters: PartitionCounters, { record: { entry }, verdict }: JudgedRecord): void {
  if (entry.kind === 'unreadable') counters.unreadable += 1;
  if (entry.kind !== 'event' || verdict === undefined) return;
  countStatus(counters, verdict.status);
  counters.hits += verdict.hits.length;
  counters.alerts += verdict.hits.filter(({ opened }) => opened).length;
}

function countStatus(counters: PartitionCounters, status: string): void {
  counters.events += 1;
  if (status === 'duplicate') counters.duplicates += 1;
  else if (status === 'conflict') counters.conflicts += 1;
  else if (status === 'rejected') counters.rejected += 1;
  else if (status === 'late') counters.late += 1;
}
