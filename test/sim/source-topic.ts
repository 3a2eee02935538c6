/**
 * The topic that an intake stage reads: what others write to it, and what has become of each record. Whatever is committed must be an event of
 * the log by then, or a dead letter; in the end each record has one of the two, once, and the records of an agent have kept their order.
 */
import type { Random } from '../../cli/simulate/random.ts';
import type { WireEvent } from '../../ingest/event.ts';
import { createIntake } from '../../ingest/intake.ts';
import type { EncodedRecord } from '../../ingest/kafka/envelope.ts';
import { createPartitioning } from '../../ingest/kafka/partitioning.ts';
import { createNormaliser } from '../../ingest/normalise.ts';
import type { Broker } from './broker.ts';
import type { Intake } from './intake.ts';
import { TENANT } from './lives.ts';
import { eventName } from './log-index.ts';
import { createStagedLog } from './staged-log.ts';
import type { Tables } from './tables.ts';
import type { Workload } from './workload.ts';
import type { World } from './world.ts';

export const SOURCE_TOPIC = 'agents.audit';

/** What a record has to become: the event of this name, or a dead letter with this code. */
export type Destiny = { readonly event: string; readonly agent: string } | { readonly code: string };

export interface SourceTopic {
  /** Events go to the topic; what people say, and what nobody should, straight to the log. */
  readonly intake: Intake;
  /** Everything that was written has become what it has to, or something has been found that never may. */
  readonly isRead: boolean;
  onCommit(process: string, partition: number, offset: number): void;
  /** A dead letter is in the topic of dead letters. */
  onLetter(sourcePosition: string): void;
  findings(): string[];
}

interface SourceTopicDeps {
  readonly world: Pick<World, 'wallMs'>;
  readonly topic: Broker;
  /** The topic of the log. */
  readonly log: Broker;
  readonly straight: Intake;
  readonly tables: Tables;
  readonly workload: Pick<Workload, 'wires'>;
  readonly random: Random;
  readonly onFinding: (finding: string) => void;
}

/** Share of events that bring no id: their place in the topic has to do. */
const NAMELESS = 0.2;
const UNDECODABLE = { code: 'invalid_compression', reason: 'not what its codec writes' } as const;
/** What no intake lets through. */
const HOSTILE = ['', '{', '[]', '{}', '{"a":1,"a":2}', '{"agent":{"id":"half"}}'];
/** So large that the stage lets others have their turn. */
const BULK = 'x'.repeat(600 * 1024);
const BULKY = 0.05;
/** An event may be so far ahead of its receipt; some are a little less, some a little more. */
const AHEAD_MS_MAX = 86_400_000;
const EDGE_MS = 60_000;

const { admit } = createIntake({ normalise: createNormaliser({ redactionKey: new Uint8Array(32) }) });

export function createSourceTopic(deps: SourceTopicDeps): SourceTopic {
  const { topic, straight, tables, random, onFinding } = deps;
  const { wallMs } = deps.world;
  const { wires } = deps.workload;
  const hostile = random.pick([0, 0.1, 0.6]);
  // By agent, as who promises it (`keyed`), or by record; a record that is written twice is in one partition both times.
  const keyed = random.chance(0.5);
  const choose = createPartitioning(topic.partitions);
  const written: Destiny[][] = Array.from({ length: topic.partitions }, () => []);
  /** Nobody may ever come back to it: there is nothing to wait for. */
  let isLost = false;
  const staged = createStagedLog({ ...deps, source: SOURCE_TOPIC, base: topic.base, written });

  function append(partition: number, record: EncodedRecord, timestampMs: number): void {
    const wire = wires.get(record);
    if (wire === undefined) straight.append(partition, record, timestampMs);
    else {
      write(choose(keyed ? wire.agent.id : `${wire.id}`), textOf(wire));
      if (random.chance(hostile)) writeHostile();
    }
  }

  const textOf = (wire: WireEvent): string =>
    JSON.stringify(random.chance(NAMELESS) ? { ...wire, id: undefined } : wire);

  function writeHostile(): void {
    const partition = random.int(0, topic.partitions - 1);
    if (random.chance(0.2)) {
      written[partition]?.push({ code: 'undecodable_batch' });
      topic.append(partition, { key: null, value: '', headers: {}, undecodable: UNDECODABLE }, wallMs());
    } else write(partition, hostileText());
  }

  function hostileText(): string {
    if (random.chance(BULKY)) return BULK;
    return random.chance(0.2) ? ahead() : random.pick(HOSTILE);
  }

  /** Of an agent of its own: its clock is not to be anybody else's. */
  function ahead(): string {
    const time = wallMs() + AHEAD_MS_MAX + random.int(-EDGE_MS, EDGE_MS);
    const id = `ahead ${random.int(0, 1e9)}`;
    return JSON.stringify({ time, id, agent: { id: 'ahead-of-time' }, action: { type: 'send', name: 'mail' } });
  }

  function write(partition: number, value: string): void {
    const place = `${partition}:${topic.base + (written[partition]?.length ?? 0)}`;
    written[partition]?.push(destinyOf(value, place, wallMs()));
    topic.append(partition, { key: null, value, headers: {} }, wallMs());
  }

  tables.onInsert.push((table, row) => {
    if (table === 'dead_letters' && row['source'] === `kafka:${SOURCE_TOPIC}`)
      staged.onStored(String(row['source_position']));
  });

  return {
    intake: { ...straight, append },
    get isRead() {
      return isLost || written.every(({ length }, partition) => staged.landed(partition) === length);
    },
    onCommit(process, partition, offset) {
      if (offset - topic.base <= staged.landed(partition)) return;
      onFinding(`${process} commits ${partition}:${offset} of a source, and not all before it is safe`);
      isLost = true;
    },
    onLetter: staged.onTold,
    findings: staged.findings,
  };
}

/** By what the documents promise: a record without an id is named by its place. */
function destinyOf(value: string, place: string, receivedMs: number): Destiny {
  const fallbackId = `kafka:${SOURCE_TOPIC}:${place}`;
  const context = { tenant: TENANT, receivedMs, source: '', sourcePosition: place, fallbackId };
  const admitted = admit(Buffer.from(value), context);
  if (!admitted.ok) return { code: admitted.letter.code };
  return { event: eventName(admitted.entry), agent: admitted.entry.event.agent.id };
}
