/**
 * The log of a single machine as it was stored, row by row, and what was promised of it: whatever an append has resolved for stands in it, at
 * that moment and in the end.
 */
import type { Random } from '../../cli/simulate/random.ts';
import { encodeEntry } from '../../ingest/kafka/envelope.ts';
import type { EventEntry, LogRecord, LogSink, WrittenEntry } from '../../ingest/log.ts';
import type { Durable } from './durable.ts';
import type { Row, Tables } from './tables.ts';

export interface SingleMachineLog {
  /** The same log, for those who append. */
  watched(real: LogSink): LogSink;
  /** A sender has been told that this is safe. */
  promise(entry: WrittenEntry): void;
  /** In the order of their positions; of two rows of one position the first that was stored. */
  records(): LogRecord[];
  /** Events that were acknowledged. */
  readonly acknowledged: number;
  /** Acknowledged, and not to be found any more. */
  lost(): string[];
  /** Ticks are not taken any more: the log has its end. */
  closeTicks(): void;
}

interface SingleMachineLogDeps {
  /** Otherwise nothing is looked at: the log is in a topic. */
  readonly embedded: boolean;
  /** First position that the run itself writes. */
  readonly base: number;
  readonly tables: Tables;
  readonly durable: Pick<Durable, 'findings' | 'onAppend'>;
  readonly random: Random;
  /** Share of ticks that are taken: the rest would only fill the log. */
  readonly tickShare: number;
}

export function watchSingleMachineLog({
  embedded,
  base,
  tables,
  durable,
  random,
  tickShare,
}: SingleMachineLogDeps): SingleMachineLog {
  const { findings, onAppend } = durable;
  /** What was appended, also by processes that are gone, by what its row says. */
  const appended = new Map<string, EventEntry>();
  const records = new Map<number, LogRecord>();
  const stored = new Set<string>();
  const promised = new Map<string, EventEntry>();
  let ticksOpen = true;

  tables.onInsert.push((table, row) => {
    const position = Number(row['position']);
    if (!embedded || table !== 'event_log' || position < base) return;
    stored.add(eventKey(row));
    if (records.has(position)) return;
    const entry =
      row['kind'] === 'event' ? appended.get(placedKey(row)) : (JSON.parse(String(row['record'])) as WrittenEntry);
    if (entry === undefined) findings.push(`a row for an event that nobody has appended: ${position}`);
    else records.set(position, { partition: 0, position, entry });
  });

  function note(entry: WrittenEntry): void {
    onAppend(encodeEntry(entry));
    if (entry.kind === 'event') appended.set(placedKey(rowOf(entry)), entry);
  }

  function promise(entry: WrittenEntry): void {
    if (entry.kind !== 'event') return;
    const key = eventKey(rowOf(entry));
    promised.set(key, entry);
    if (!stored.has(key)) findings.push(`acknowledged before it was stored: ${key}`);
  }

  return {
    promise,
    watched: (real) => ({
      async append(entries) {
        const taken = entries.filter(({ kind }) => kind !== 'tick' || (ticksOpen && random.chance(tickShare)));
        for (const entry of taken) note(entry);
        await real.append(taken);
        for (const entry of taken) promise(entry);
      },
    }),
    records: () => [...records.values()].sort((a, b) => a.position - b.position),
    get acknowledged() {
      return promised.size;
    },
    lost() {
      const left = new Set(tables.final('event_log').map(eventKey));
      return [...promised.keys()].filter((key) => !left.has(key)).map((key) => `acknowledged, and lost: ${key}`);
    },
    closeTicks() {
      ticksOpen = false;
    },
  };
}

const rowOf = ({ tenant, receivedMs, event, digest }: EventEntry): Row => ({
  tenant,
  agent: event.agent.id,
  id: event.id,
  digest,
  received: receivedMs,
});

const eventKey = ({ tenant, agent, id, digest }: Row): string => `${tenant} ${agent} ${id} ${digest}`;

const placedKey = (row: Row): string => `${eventKey(row)} ${row['received']}`;
