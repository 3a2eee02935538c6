/** What a partition should have stored, and what it has. */

import { SMALL_FLEET, simulateFleet } from '../../cli/simulate/fleet.ts';
import type { WireEvent } from '../../ingest/event.ts';
import type { EventEntry, LogRecord } from '../../ingest/log.ts';
import type { Store } from '../../store/store.ts';
import { runInMemory } from './partition-run.ts';

export interface Shown {
  readonly positions: number[];
  readonly hits: string[];
}

/** Whole histories of three agents with attacks: without a history nothing is novel, and no hit would ever be written. */
export function eventsOfAttackedAgents(): WireEvent[] {
  const { stories, events } = simulateFleet({ seed: 'partition', ...SMALL_FLEET });
  const attacked = new Set(stories.slice(-3).map(({ agent }) => agent));
  return events.filter(({ agent }) => attacked.has(agent.id));
}

/** What the log and the hits hold, after merges and before: rows that only FINAL hides are as good as none. */
export async function shownRows(store: Store, number: number): Promise<Shown> {
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
