/** Tells new events from repeats: an id counts once per agent, with the content it first had. */
import type { EventLogStore } from '../baselines/event-log-store.ts';
import type { LogRecord } from '../ingest/log.ts';
import type { SeenIds } from '../ingest/seen-ids.ts';
import type { Repeat } from './pipeline.ts';

/**
 * Positions of events whose id stands in the log before the records, or earlier among them, with what they are.
 *
 * What the store refused (`refused`: positions) was never there: its id is free for the next event, which else would depend on where a
 * batch ends. The same content again is refused again, and is not tried: a sender that repeats it would cost an attempt for each.
 */
export async function repeatsAmong(
  records: readonly LogRecord[],
  seen: SeenIds,
  log: Pick<EventLogStore, 'digests'>,
  refused: ReadonlySet<number> = new Set(),
): Promise<Map<number, Repeat>> {
  const known = await digestsOf(records, seen, log);
  const refusedContents = new Set<string>();
  const repeats = new Map<number, Repeat>();
  for (const { position, entry } of records) {
    if (entry.kind !== 'event') continue;
    const key = nameKey(entry.tenant, entry.event.agent.id, entry.event.id);
    const digest = known.get(key);
    if (digest !== undefined) repeats.set(position, digest === entry.digest ? 'duplicate' : 'conflict');
    else if (refused.has(position) || refusedContents.has(`${key}\u0000${entry.digest}`)) {
      refusedContents.add(`${key}\u0000${entry.digest}`);
      repeats.set(position, 'rejected');
    } else known.set(key, entry.digest);
  }
  return repeats;
}

/**
 * Ids by tenant that the filter may have seen; most events are certainly new and are not looked up. From here on the filter knows them all: of a
 * batch that is not stored after all it knows too much, which costs a look.
 */
function suspects(records: readonly LogRecord[], seen: SeenIds): Map<string, Set<string>> {
  const ids = new Map<string, Set<string>>();
  for (const { entry } of records) {
    if (entry.kind !== 'event' || !seen.meet(entry.tenant, entry.event.agent.id, entry.event.id)) continue;
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
