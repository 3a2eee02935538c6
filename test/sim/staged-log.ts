/** What an intake stage has made of the records of a topic: events in the log, with what became of them there, and dead letters. */
import type { Broker } from './broker.ts';
import type { Destiny } from './source-topic.ts';
import type { Row, Tables } from './tables.ts';

export interface StagedLog {
  /** Records of a partition, from its first on, that are an event in the log or a dead letter; up to the first that is neither. */
  landed(partition: number): number;
  /** A dead letter is in the store, by its place in the source; */
  onStored(place: string): void;
  /** or in the topic of dead letters. */
  onTold(place: string): void;
  findings(): string[];
}

interface StagedLogDeps {
  readonly log: Broker;
  readonly tables: Tables;
  readonly source: string;
  /** First position of every partition of the source. */
  readonly base: number;
  readonly written: readonly (readonly Destiny[])[];
}

export function createStagedLog({ log, tables, source, base, written }: StagedLogDeps): StagedLog {
  /** By name, with the places in the log, in their order. */
  const events = new Map<string, string[]>();
  const read = log.log.map(() => 0);
  const stored = new Set<string>();
  const told = new Set<string>();
  const known = written.map(() => 0);

  function readOn(): void {
    for (const [partition, messages] of log.log.entries()) {
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

  function isSafe(fate: Destiny, place: string): boolean {
    if ('event' in fate) return events.has(fate.event);
    return stored.has(place) && told.has(place);
  }

  function landed(partition: number): number {
    readOn();
    const fates = written[partition] ?? [];
    let count = known[partition] ?? 0;
    for (let fate = fates[count]; fate !== undefined && isSafe(fate, `${partition}:${base + count}`); ) {
      count += 1;
      fate = fates[count];
    }
    known[partition] = count;
    return count;
  }

  /** Of those that were refused before the log, one in the store, and no other. */
  function findingsOfLetters(): string[] {
    const found = tables
      .final('dead_letters')
      .filter((row) => row['source'] === `kafka:${source}`)
      .map((row) => `${row['source_position']} ${row['code']}`)
      .sort();
    const wanted = written
      .flatMap((fates, partition) =>
        fates.flatMap((fate, index) => ('code' in fate ? [`${partition}:${base + index} ${fate.code}`] : [])),
      )
      .sort();
    const missing = wanted.filter((one) => !found.includes(one)).map((one) => `no dead letter for ${source} ${one}`);
    const strange = found.filter((one, index) => !wanted.includes(one) || found[index - 1] === one);
    return [...missing, ...strange.map((one) => `a dead letter for nothing of ${source}: ${one}`)];
  }

  /** Every one that was admitted is seen once, or is a dead letter of the log. */
  function findingsOfEvents(): string[] {
    const seen = seenOnce(tables);
    const letters = new Set(tables.final('dead_letters').filter(isOfLog).map(placeOf));
    return written.flat().flatMap((fate) => {
      if (!('event' in fate)) return [];
      const places = events.get(fate.event);
      if (places === undefined) return [`written to ${source}, and lost: ${fate.event}`];
      const visible = seen.get(fate.event) ?? 0;
      if (visible > 1) return [`of ${source}, and seen ${visible} times: ${fate.event}`];
      if (visible === 1 || places.some((place) => letters.has(place))) return [];
      return [`of ${source}, and neither seen nor a dead letter: ${fate.event}`];
    });
  }

  /** First occurrences in the log, of each partition of the source and each agent, come as they were written. */
  function findingsOfOrder(): string[] {
    const order = new Map([...events.keys()].map((name, index) => [name, index]));
    return written.flatMap((fates, partition) => {
      const last = new Map<string, number>();
      const before = new Set<string>();
      return fates.flatMap((fate) => {
        if (!('event' in fate) || before.has(fate.event)) return [];
        before.add(fate.event);
        const at = order.get(fate.event) ?? Number.POSITIVE_INFINITY;
        const isLate = at < (last.get(fate.agent) ?? -1);
        last.set(fate.agent, at);
        return isLate ? [`out of its order in ${source} ${partition}: ${fate.event}`] : [];
      });
    });
  }

  return {
    landed,
    onStored: (place) => void stored.add(place),
    onTold: (place) => void told.add(place),
    findings() {
      readOn();
      return [...findingsOfLetters(), ...findingsOfEvents(), ...findingsOfOrder()];
    },
  };
}

const isOfLog = ({ source }: Row): boolean => source === 'log';
const placeOf = (row: Row): string => String(row['source_position']);
/** Of a row that shows in the view `events`. */
const HIDDEN = ['duplicate', 'conflict', 'rejected'];

function seenOnce(tables: Tables): Map<string, number> {
  const seen = new Map<string, number>();
  for (const row of tables.final('event_log')) {
    if (row['kind'] !== 'event' || HIDDEN.includes(String(row['status']))) continue;
    const name = `${row['tenant']} ${row['agent']} ${row['id']} ${row['digest']}`;
    seen.set(name, (seen.get(name) ?? 0) + 1);
  }
  return seen;
}
