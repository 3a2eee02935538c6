/** What a partition has met: ids of events, and agents. Stored beside the checkpoints, so that a start reads only what came since. */
import type { EventLogStore } from '../baselines/event-log-store.ts';
import type { FilterName, FilterStore } from '../baselines/filter-store.ts';
import type { StateStore } from '../baselines/state-store.ts';
import { createSeenIds, type SeenIds } from '../ingest/seen-ids.ts';

export interface PartitionFilters {
  readonly seen: SeenIds;
  readonly known: SeenIds;
  /** Position up to which the stored filters know everything; -1 when none are stored. */
  position: number;
}

export interface FilterSizes {
  /** Sizes in bits, powers of two. */
  readonly seenIdsBits: number;
  readonly knownAgentsBits: number;
}

export interface FilterSources {
  readonly log: Pick<EventLogStore, 'ids'>;
  readonly states: Pick<StateStore, 'agentsSince'>;
  readonly filters: FilterStore;
}

export const emptyFilters = ({ seenIdsBits, knownAgentsBits }: FilterSizes): PartitionFilters => ({
  seen: createSeenIds(seenIdsBits),
  known: createSeenIds(knownAgentsBits),
  position: -1,
});

/** As they were stored last, and what came since. */
export async function restoreFilters(
  partition: number,
  { seenIdsBits, knownAgentsBits }: FilterSizes,
  { log, states, filters }: FilterSources,
): Promise<PartitionFilters> {
  const ids = await restoreFilter(partition, 'ids', seenIdsBits, filters);
  const agents = await restoreFilter(partition, 'agents', knownAgentsBits, filters);
  for await (const rows of log.ids(partition, ids.position))
    for (const { tenant, agent, id } of rows) ids.filter.add(tenant, agent, id);
  for await (const rows of states.agentsSince(partition, agents.position))
    for (const { tenant, agent } of rows) agents.filter.add(tenant, agent, '');
  return { seen: ids.filter, known: agents.filter, position: Math.min(ids.position, agents.position) };
}

async function restoreFilter(
  partition: number,
  name: FilterName,
  bits: number,
  filters: FilterStore,
): Promise<{ readonly filter: SeenIds; readonly position: number }> {
  const stored = await filters.latest(partition, name, bits >>> 5);
  return { filter: createSeenIds(bits, stored?.words), position: stored?.position ?? -1 };
}
