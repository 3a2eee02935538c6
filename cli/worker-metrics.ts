/** What a worker counts, by the names that metrics have. */
import type { Dispatcher } from '../alerts/delivery.ts';
import type { PartitionCounters } from './partition-counters.ts';
import type { Partitions } from './partitions.ts';

export const workerMetrics = (
  partitions: Pick<Partitions, 'owned' | 'cache'>,
  counters: PartitionCounters,
  dispatcher: Dispatcher,
): Record<string, number> => ({
  ...countersOf(counters),
  partitions_owned: partitions.owned.length,
  ...cacheMetrics(partitions.cache, counters),
  ...deliveryCounters(dispatcher),
});

const cacheMetrics = (cache: Partitions['cache'], counters: PartitionCounters): Record<string, number> => ({
  agents_in_memory: cache.size,
  agents_established_in_memory: cache.established,
  state_bytes_in_memory: cache.bytes,
  session_bytes_in_memory: cache.sessionBytes,
  states_loaded_total: counters.statesLoaded,
  states_fresh_total: counters.statesFresh,
  states_spilled_total: counters.statesSpilled,
  states_spilled_for_sessions_total: counters.statesSpilledForSessions,
});

const countersOf = (counters: PartitionCounters): Record<string, number> => ({
  events_total: counters.events,
  events_duplicate_total: counters.duplicates,
  events_conflict_total: counters.conflicts,
  events_rejected_total: counters.rejected,
  log_unreadable_total: counters.unreadable,
  events_late_total: counters.late,
  hits_total: counters.hits,
  alerts_opened_total: counters.alerts,
  checkpoints_total: counters.checkpoints,
  store_waits_total: counters.storeWaits,
});

function deliveryCounters(dispatcher: Dispatcher): Record<string, number> {
  const { queued, targetsOpen, delivered, retried, failed, overflowed } = dispatcher.stats();
  return {
    deliveries_queued: queued,
    delivery_targets_open: targetsOpen,
    deliveries_delivered_total: delivered,
    deliveries_retried_total: retried,
    deliveries_failed_total: failed,
    deliveries_overflowed_total: overflowed,
  };
}
