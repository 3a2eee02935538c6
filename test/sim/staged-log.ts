/** What an intake stage has made of the records of a topic: events in the log, with what became of them there, and dead letters. */
import type { Broker } from './broker.ts';
import { createLogIndex } from './log-index.ts';
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
  const index = createLogIndex(log);
  const stored = new Set<string>();
  const told = new Set<string>();
  const known = written.map(() => 0);

  function isSafe(destiny: Destiny, place: string): boolean {
    if ('event' in destiny) return index.placesOf(destiny.event).length > 0;
    return stored.has(place) && told.has(place);
  }

  function landed(partition: number): number {
    const destinies = written[partition] ?? [];
    let count = known[partition] ?? 0;
    for (let destiny = destinies[count]; destiny !== undefined && isSafe(destiny, `${partition}:${base + count}`); ) {
      count += 1;
      destiny = destinies[count];
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
      .flatMap((destinies, partition) =>
        destinies.flatMap((destiny, index) =>
          'code' in destiny ? [`${partition}:${base + index} ${destiny.code}`] : [],
        ),
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
    return written.flat().flatMap((destiny) => {
      if (!('event' in destiny)) return [];
      const places = index.placesOf(destiny.event);
      if (places.length === 0) return [`written to ${source}, and lost: ${destiny.event}`];
      const visible = seen.get(destiny.event) ?? 0;
      if (visible > 1) return [`of ${source}, and seen ${visible} times: ${destiny.event}`];
      if (visible === 1 || places.some((place) => letters.has(place))) return [];
      return [`of ${source}, and neither seen nor a dead letter: ${destiny.event}`];
    });
  }

  /** First occurrences in the log, of each partition of the source and each agent, come as they were written. */
  function findingsOfOrder(): string[] {
    const order = new Map(index.names().map((name, at) => [name, at]));
    return written.flatMap((destinies, partition) => {
      const last = new Map<string, number>();
      const before = new Set<string>();
      return destinies.flatMap((destiny) => {
        if (!('event' in destiny) || before.has(destiny.event)) return [];
        before.add(destiny.event);
        const at = order.get(destiny.event) ?? Number.POSITIVE_INFINITY;
        const isLate = at < (last.get(destiny.agent) ?? -1);
        last.set(destiny.agent, at);
        return isLate ? [`out of its order in ${source} ${partition}: ${destiny.event}`] : [];
      });
    });
  }

  return {
    landed,
    onStored: (place) => void stored.add(place),
    onTold: (place) => void told.add(place),
    findings() {
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
