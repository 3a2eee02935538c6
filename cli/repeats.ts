/** Tells new events from repeats: an id counts once per agent, with the content it first had. */
import type { EventLogStore } from '../baselines/event-log-store.ts';
import type { LogRecord } from '../ingest/log.ts';
import type { SeenIds } from '../ingest/seen-ids.ts';
import type { Repeat } from './pipeline.ts';

/** Positions of events whose id stands in the log before the records, or earlier among them, with what they are. */
export async function repeatsAmong(
  records: readonly LogRecord[],
  seen: SeenIds,
  log: Pick<EventLogStore, 'digests'>,
): Promise<Map<number, Repeat>> {
  const known = await digestsOf(records, seen, log);
  const repeats = new Map<number, Repeat>();
  for (const { position, entry } of records) {
    if (entry.kind !== 'event') continue;
    const key = nameKey(entry.tenant, entry.event.agent.id, entry.event.id);
    const digest = known.get(key);
    if (digest === undefined) known.set(key, entry.digest);
    else repeats.set(position, digest === entry.digest ? 'duplicate' : 'conflict');
  }
  return repeats;
}

/** Ids by tenant that the filter may have seen; most events are certainly new and are not looked up. */
function suspects(records: readonly LogRecord[], seen: SeenIds): Map<string, Set<string>> {
  const ids = new Map<string, Set<string>>();
  for (const { entry } of records) {
    if (entry.kind !== 'event' || !seen.maybeSeen(entry.tenant, entry.event.agent.id, entry.event.id)) continue;
    const ofTenant = ids.get(entry.tenant) ?? new Set();
    ids.set(entry.tenant, ofTenant.add(entry.event.id));
  }
  return ids;
}

async function digestsOf(
  records: readonly LogRecord[],
  seen: SeenIds,
  log: Pick<EventLogStore, 'digests'>,
): Promise<Map<string, string>> {
  const known = new Map<string, string>();
  const [first] = records;
  if (first === undefined) return known;
  for (const [tenant, ids] of suspects(records, seen)) {
    for (const { agent, id, digest } of await log.digests(tenant, [...ids], first)) {
      known.set(nameKey(tenant, agent, id), digest);
    }
  }
  return known;
}

const nameKey = (tenant: string, agent: string, id: string): string => `${tenant}\u0000${agent}\u0000${id}`;
