/** Partitions for the tests of one file; what each should have stored, and what it has. */

import { afterAll, beforeAll } from 'vitest';
import { SMALL_FLEET, simulateFleet } from '../../cli/simulate/fleet.ts';
import type { WireEvent } from '../../ingest/event.ts';
import type { EventEntry, LogRecord } from '../../ingest/log.ts';
import type { Store } from '../../store/store.ts';
import { openTemporaryStore, type TemporaryStore } from './embedded-store.ts';
import { openPartition, type PartitionOptions, runInMemory } from './partition-run.ts';

export interface Shown {
  readonly positions: number[];
  readonly hits: string[];
}

/** Each test of a file has a partition and a tenant of its own in the one engine that its process may open. */
export function usePartitions() {
  let temporary: TemporaryStore;
  beforeAll(async () => {
    temporary = await openTemporaryStore();
  });
  afterAll(() => temporary.close());
  let partitions = 0;
  return {
    place(): { number: number; tenant: string } {
      partitions += 1;
      return { number: partitions, tenant: `tenant-${partitions}` };
    },
    store: (): Store => temporary.store,
    open: (options?: PartitionOptions) => openPartition(temporary.store, options),
    shown: (number: number) => shownRows(temporary.store, number),
  };
}

/** Whole histories of three agents with attacks: without a history nothing is novel, and no hit would ever be written. */
export function eventsOfAttackedAgents(): WireEvent[] {
  const { stories, events } = simulateFleet({ seed: 'partition', ...SMALL_FLEET });
  const attacked = new Set(stories.slice(-3).map(({ agent }) => agent));
  return events.filter(({ agent }) => attacked.has(agent.id));
}

/** What the log and the hits hold, after merges and before: rows that only FINAL hides are as good as none. */
async function shownRows(store: Store, number: number): Promise<Shown> {
  const rows = await store.query<{ position: number }>(
    `SELECT position FROM event_log FINAL WHERE partition = {number:UInt32} AND kind = 'event'
       AND status NOT IN ('duplicate', 'conflict', 'rejected') ORDER BY position`,
    { number },
  );
  const hits = await store.query<{ hit: string }>(
    `SELECT concat(alert_id, ' ', event_id) AS hit FROM alert_hits FINAL WHERE partition = {number:UInt32} ORDER BY hit`,
    { number },
  );
  return { positions: rows.map(({ position }) => Number(position)), hits: hits.map(({ hit }) => hit) };
}

export function expectedRows(records: readonly LogRecord[]): Shown & { states: Map<string, string> } {
  const { states, verdicts } = runInMemory(records);
  const hits = records.flatMap(({ position, entry }) =>
    (verdicts.get(position)?.hits ?? []).map(({ alertId }) => `${alertId} ${(entry as EventEntry).event.id}`),
  );
  const events = records.filter(({ entry }) => entry.kind === 'event');
  return { states, positions: events.map(({ position }) => position), hits: hits.sort() };
}
