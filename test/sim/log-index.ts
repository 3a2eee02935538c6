/** Where in the topic of the log an event is, by what it says: read on whenever somebody asks. */
import type { EventEntry } from '../../ingest/log.ts';
import type { Broker } from './broker.ts';

export interface LogIndex {
  /** `partition:position`, in the order in which they were written. */
  placesOf(name: string): readonly string[];
  /** Of all events, as each came first. */
  names(): string[];
}

export const eventName = ({ tenant, event, digest }: EventEntry): string =>
  `${tenant} ${event.agent.id} ${event.id} ${digest}`;

export function createLogIndex({ log }: Broker): LogIndex {
  const events = new Map<string, string[]>();
  const read = log.map(() => 0);

  function readOn(): void {
    for (const [partition, messages] of log.entries()) {
      for (const { key, headers, offset } of messages.slice(read[partition])) {
        const { id, digest } = headers;
        if (id === undefined || digest === undefined) continue;
        const [tenant, agent] = String(key).split('\u0000');
        const name = `${tenant} ${agent} ${id} ${digest}`;
        events.set(name, [...(events.get(name) ?? []), `${partition}:${offset}`]);
      }
      read[partition] = messages.length;
    }
  }

  return {
    placesOf(name) {
      readOn();
      return events.get(name) ?? [];
    },
    names() {
      readOn();
      return [...events.keys()];
    },
  };
}
