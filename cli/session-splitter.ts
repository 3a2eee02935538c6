import { SESSION_IDLE_MS } from '../baselines/agent-state.ts';
import type { EventEntry } from '../ingest/log.ts';

/** Collects the sessions that begin at or after an instant, to be scored one by one. Holds their events in memory. */
export interface SessionSplitter {
  /** True when the event belongs to such a session and was taken. */
  takes(entry: EventEntry): boolean;
  /** In the order in which they began. */
  sessions(): Iterable<readonly EventEntry[]>;
}

export function createSessionSplitter(fromMs: number): SessionSplitter {
  const taken = new Map<string, EventEntry[]>();
  const earlier = new Set<string>();
  const lastMs = new Map<string, { key: string; timeMs: number }>();

  /** Without an id: agent and principal, cut at a gap, as the pipeline does. */
  function keyOf({ tenant, event }: EventEntry): string {
    const owner = [tenant, event.agent.id, event.session?.id ?? event.principal?.id ?? ''].join('\0');
    if (event.session !== undefined) return `s\0${owner}`;
    const last = lastMs.get(owner);
    const key =
      last !== undefined && event.time - last.timeMs < SESSION_IDLE_MS ? last.key : `d\0${owner}\0${event.id}`;
    lastMs.set(owner, { key, timeMs: event.time });
    return key;
  }

  return {
    takes(entry) {
      const key = keyOf(entry);
      const session = taken.get(key);
      if (session !== undefined) session.push(entry);
      else if (entry.event.time < fromMs || earlier.has(key)) {
        earlier.add(key);
        return false;
      } else taken.set(key, [entry]);
      return true;
    },
    sessions: () => taken.values(),
  };
}
