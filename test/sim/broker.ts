/**
 * A topic and its consumer group, and what kafkajs is of them to the product: `consumer`, `admin` and `producer` of one process.
 *
 * Harsher than Kafka where that costs nothing: after a change of members everybody goes on reading what it had until it hears of the
 * change, each at its own time; an expelled member reads on until it finds out; a batch may arrive after its partition was paused.
 */
import type { Kafka } from 'kafkajs';
import type { EncodedRecord } from '../../ingest/kafka/envelope.ts';
import type { Undecodable } from '../../ingest/kafka/undecodable.ts';
import { PARTITIONS_MAX } from '../../ingest/log.ts';
import { shortHash } from './history.ts';
import type { SimProcess, World } from './world.ts';

export const TOPIC = 'picket.events';

export interface Message {
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, Buffer>>;
  readonly timestamp: string;
  readonly undecodable?: Undecodable;
}

/** One that nobody can decode has a reason for it, and nothing else. */
interface AppendedRecord extends EncodedRecord {
  readonly undecodable?: Pick<Undecodable, 'code' | 'reason'>;
}

export interface Broker {
  readonly topic: string;
  /** First offset of every partition. */
  readonly base: number;
  readonly partitions: number;
  readonly log: readonly (readonly Message[])[];
  append(partition: number, record: AppendedRecord, timestampMs: number): void;
  /** Nothing is taken any more: what is appended is refused. */
  close(): void;
  readonly closed: boolean;
  kafka(process: SimProcess): Kafka;
  /** Members change places. */
  rebalance(why: string): void;
  /** A member loses its membership without noticing. */
  expel(): SimProcess | undefined;
  /** Names of those that the group counts as its members. */
  memberNames(): string[];
  /** Ticks are not taken any more: the log has its end. */
  closeTicks(): void;
  committed(partition: number): number;
}

export interface BrokerDeps {
  readonly world: World;
  /** `TOPIC` when absent. */
  readonly topic?: string;
  readonly partitions: number;
  readonly base: number;
  /** Told of every position that a consumer asks to commit, as it asks. */
  readonly onCommit: (process: string, partition: number, offset: number) => void;
  /** Share of ticks that are taken: the rest would only fill the log. */
  readonly tickShare: number;
  /** Records of one fetch, mostly. */
  readonly fetchRecords: { readonly min: number; readonly max: number };
  /** Told of every record before it is in the log. */
  readonly onAppend: (record: EncodedRecord) => void;
  /** Chance, by membership, that it ends for want of a coordinator. */
  readonly lostCoordinators: number;
  /**
   * As far as who reads a topic that may be compacted can tell: a fetch begins too far on only behind another, and not at the same offset
   * twice in a row.
   */
  readonly jumpsOnce?: boolean;
}

interface Member {
  readonly process: SimProcess;
  generation: number;
  expelled: boolean;
  running: boolean;
  assigned: Set<number>;
  readonly paused: Set<number>;
  readonly positions: Map<number, number>;
  readonly fetching: Set<number>;
  /** Of partitions that it has read since it got them: where the last fetch began that was too far on. */
  readonly jumped: Map<number, number>;
  readonly listeners: Map<string, (event: { payload: unknown }) => void>;
  eachBatch: (payload: { batch: unknown; resolveOffset: (offset: string) => void }) => Promise<void>;
}

const EVENTS = {
  GROUP_JOIN: 'consumer.group_join',
  STOP: 'consumer.stop',
  CRASH: 'consumer.crash',
  FETCH: 'consumer.fetch',
} as const;
const SESSION_MS = { min: 500, max: 20_000 };
const JOIN_MS = { min: 5, max: 4_000 };
const NOWHERE = -1;
const ZOMBIE_MS = { min: 5_000, max: 240_000 };

export function createBroker({
  world,
  topic = TOPIC,
  partitions,
  base,
  onCommit,
  onAppend,
  tickShare,
  fetchRecords,
  lostCoordinators,
  jumpsOnce = false,
}: BrokerDeps): Broker {
  const { scheduler, history, strikes } = world;
  const random = world.random.fork(topic === TOPIC ? 'broker' : `broker of ${topic}`);
  const coordinators = world.random.fork(topic === TOPIC ? 'coordinators' : `coordinators of ${topic}`);
  const log: Message[][] = Array.from({ length: partitions }, () => []);
  const committed = new Map<number, number>();
  const members = new Set<Member>();
  let generation = 0;
  let ticksOpen = true;
  let closed = false;

  const endOf = (partition: number): number => base + (log[partition]?.length ?? 0);

  function append(partition: number, record: AppendedRecord, timestampMs: number): void {
    const isTick = record.headers['kind'] === 'tick';
    if (closed)
      throw Object.assign(new Error('too large'), { name: 'KafkaJSProtocolError', type: 'MESSAGE_TOO_LARGE' });
    // A log that has moved begins with a tick.
    const isFirst = topic !== TOPIC && log[partition]?.length === 0;
    if (isTick && !isFirst && (!ticksOpen || !random.chance(tickShare))) return;
    onAppend(record);
    const { key, value, undecodable } = record;
    const offset = String(endOf(partition));
    const headers = Object.entries(record.headers).map(([name, text]) => [name, Buffer.from(text)]);
    log[partition]?.push({
      offset,
      key: key === null ? null : Buffer.from(key),
      value: Buffer.from(value),
      headers: Object.fromEntries(headers) as Record<string, Buffer>,
      timestamp: String(timestampMs),
      ...(undecodable === undefined
        ? {}
        : { undecodable: { ...undecodable, firstOffset: offset, lastOffset: offset } }),
    });
    history.note(`log ${topic === TOPIC ? '' : `${topic}/`}${partition}/${endOf(partition) - 1} ${shortHash(value)}`);
    for (const member of members) fetch(member, partition);
  }

  function rebalance(why: string): void {
    generation += 1;
    history.note(`members change: ${why}`);
    const present = [...members].filter(({ expelled }) => !expelled);
    const idle = why !== 'member' && random.chance(0.15);
    const places = new Map<Member, number[]>(present.map((member) => [member, []]));
    for (let partition = 0; partition < partitions && !idle && present.length > 0; partition++) {
      places.get(random.pick(present))?.push(partition);
    }
    for (const [member, own] of places) tell(member, generation, own);
    // Nobody had it: as if the one who had was left alone again.
    if (idle) scheduler.after(random.int(1_000, 30_000), () => rebalance('member'));
  }

  function tell(member: Member, of: number, own: readonly number[]): void {
    scheduler.after(random.int(JOIN_MS.min, JOIN_MS.max), () => {
      if (of !== generation || !member.process.alive || !members.has(member) || member.expelled) return;
      member.generation = of;
      member.assigned = new Set(own);
      member.paused.clear();
      member.jumped.clear();
      for (const partition of own) member.positions.set(partition, committed.get(partition) ?? base);
      history.note(`${member.process.name} has ${own.join(',')}`);
      member.listeners.get(EVENTS.GROUP_JOIN)?.({ payload: { memberAssignment: { [topic]: [...own] } } });
      for (const partition of own) fetch(member, partition);
    });
  }

  function fetch(member: Member, partition: number): void {
    if (!wants(member, partition) || member.fetching.has(partition)) return;
    if ((member.positions.get(partition) ?? base) >= endOf(partition)) return;
    member.fetching.add(partition);
    scheduler.after(random.int(2, 60), () => {
      if (!member.process.alive) return;
      const messages = read(member, partition);
      scheduler.after(random.int(1, 30), () => {
        member.fetching.delete(partition);
        if (!member.process.alive) return;
        if (wants(member, partition) || random.chance(0.5)) deliver(member, partition, messages);
        fetch(member, partition);
      });
    });
  }

  const wants = (member: Member, partition: number): boolean =>
    member.running && member.assigned.has(partition) && !member.paused.has(partition);

  /** Also records that were read before, or from further on than was asked. */
  function read(member: Member, partition: number): Message[] {
    const asked = member.positions.get(partition) ?? base;
    const drawn = strikes('stray') ? Math.max(base, asked + random.int(-20, 4)) : asked;
    const jumped = member.jumped.get(partition);
    const from = jumpsOnce && drawn > asked && (jumped === undefined || drawn === jumped) ? asked : drawn;
    if (from > asked) member.jumped.set(partition, from);
    const count = random.chance(0.05) ? 500 : random.int(fetchRecords.min, fetchRecords.max);
    return (log[partition] ?? []).slice(from - base, from - base + count);
  }

  function deliver(member: Member, partition: number, messages: readonly Message[]): void {
    const [first] = messages;
    const last = messages.at(-1);
    if (first === undefined || last === undefined || !member.running) return;
    member.listeners.get(EVENTS.FETCH)?.({ payload: {} });
    const batch = {
      topic,
      partition,
      messages,
      highWatermark: String(endOf(partition)),
      firstOffset: () => first.offset,
      lastOffset: () => last.offset,
    };
    const resolveOffset = (offset: string) => {
      member.positions.set(partition, Number(offset) + 1);
      if (!member.jumped.has(partition)) member.jumped.set(partition, NOWHERE);
    };
    void member.eachBatch({ batch, resolveOffset });
  }

  function kafka(process: SimProcess): Kafka {
    const client = {
      admin: () => ({
        connect: () => process.call('kafka:connect', () => {}),
        disconnect: () => process.leave('kafka:disconnect'),
        fetchTopicOffsets: () =>
          process.call('kafka:offsets', () =>
            log.map((_, partition) => ({ partition, low: String(base), high: String(endOf(partition)) })),
          ),
      }),
      producer: () => ({
        connect: () => process.call('kafka:connect', () => {}),
        disconnect: () => process.leave('kafka:disconnect'),
        sendBatch: ({ topicMessages }: { topicMessages: { messages: ProducedMessage[] }[] }) =>
          process.call('kafka:produce', () => {
            for (const { partition, timestamp, ...record } of topicMessages.flatMap(({ messages }) => messages)) {
              append(partition % PARTITIONS_MAX, record, Number(timestamp));
            }
          }),
      }),
      consumer: () => consumerOf(process),
    };
    return client as unknown as Kafka;
  }

  function consumerOf(process: SimProcess) {
    const member: Member = {
      process,
      generation: -1,
      expelled: false,
      running: false,
      assigned: new Set(),
      paused: new Set(),
      positions: new Map(),
      fetching: new Set(),
      jumped: new Map(),
      listeners: new Map(),
      eachBatch: async () => {},
    };
    /** Nobody hears of it any more. */
    function expire(): void {
      if (!members.has(member)) return;
      scheduler.after(random.int(SESSION_MS.min, SESSION_MS.max), () => {
        if (members.delete(member)) rebalance('member');
      });
    }
    process.onEnd(expire);
    return {
      events: EVENTS,
      on: (name: string, listener: (event: { payload: unknown }) => void) => member.listeners.set(name, listener),
      connect: () => process.call('kafka:connect', () => {}),
      subscribe: () => process.call('kafka:subscribe', () => {}),
      async run({ eachBatch }: Pick<Member, 'eachBatch'>) {
        member.eachBatch = eachBatch;
        member.running = true;
        await process.call('kafka:join', () => {
          members.add(member);
          rebalance('member');
          // What it asked for arrives, and it has died meanwhile.
          if (!process.alive) expire();
          if (lostCoordinators > 0) loseCoordinator(member);
        });
      },
      pause: (where: Where[]) => each(where, partitions, (partition) => member.paused.add(partition)),
      resume: (where: Where[]) =>
        each(where, partitions, (partition) => {
          member.paused.delete(partition);
          fetch(member, partition);
        }),
      seek({ partition, offset }: { partition: number; offset: string }) {
        member.positions.set(partition, Number(offset));
        fetch(member, partition);
      },
      commitOffsets(offsets: { partition: number; offset: string }[]) {
        for (const { partition, offset } of offsets) onCommit(process.name, partition, Number(offset));
        return process.call(
          'kafka:commit',
          () => commit(member, offsets),
          offsets.map(({ partition, offset }) => `${partition}:${offset}`).join(' '),
        );
      },
      async disconnect() {
        member.running = false;
        await process.call('kafka:leave', () => {
          if (members.delete(member)) rebalance('member');
        });
      },
    };
  }

  /** A member of an older generation is refused, as Kafka does, or not, as kafkajs has been seen to get away with. */
  function commit(member: Member, offsets: readonly { partition: number; offset: string }[]): void {
    const old = member.expelled || member.generation !== generation;
    if (old && random.chance(0.7)) throw Object.assign(new Error('rebalance'), { name: 'KafkaJSProtocolError' });
    for (const { partition, offset } of offsets) committed.set(partition, Number(offset));
  }

  /** As kafkajs does when it finds no coordinator: it has left the group, says so, and does not come back. */
  function loseCoordinator(member: Member): void {
    if (!coordinators.chance(lostCoordinators)) return;
    scheduler.after(coordinators.int(JOIN_MS.min, ZOMBIE_MS.max), () => {
      if (!member.process.alive || !member.running || !members.delete(member)) return;
      member.running = false;
      member.assigned.clear();
      history.note(`${member.process.name} finds no coordinator`);
      rebalance('member');
      const error = Object.assign(new Error('none'), { name: 'KafkaJSGroupCoordinatorNotFound' });
      member.listeners.get(EVENTS.STOP)?.({ payload: {} });
      member.listeners.get(EVENTS.CRASH)?.({ payload: { error, restart: false } });
    });
  }

  function expel(): SimProcess | undefined {
    const present = [...members].filter(({ expelled, process }) => !expelled && process.alive);
    if (present.length === 0) return undefined;
    const member = random.pick(present);
    member.expelled = true;
    history.note(`${member.process.name} is a zombie`);
    rebalance('member');
    scheduler.after(random.int(ZOMBIE_MS.min, ZOMBIE_MS.max), () => {
      member.expelled = false;
      if (member.process.alive && members.has(member)) rebalance('member');
    });
    return member.process;
  }

  return {
    topic,
    base,
    partitions,
    log,
    append,
    kafka,
    rebalance,
    expel,
    memberNames: () => [...members].filter(({ expelled }) => !expelled).map(({ process }) => process.name),
    closeTicks() {
      ticksOpen = false;
    },
    close() {
      closed = true;
    },
    get closed() {
      return closed;
    },
    committed: (partition) => committed.get(partition) ?? base,
  };
}

type ProducedMessage = EncodedRecord & { readonly partition: number; readonly timestamp: string };

interface Where {
  readonly topic: string;
  readonly partitions?: number[];
}

function each(where: readonly Where[], count: number, run: (partition: number) => void): void {
  for (const { partitions } of where) {
    for (const partition of partitions ?? Array.from({ length: count }, (_, index) => index)) run(partition);
  }
}
