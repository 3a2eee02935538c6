/**
 * Goal: the known traps of kafkajs, one by one, over a real broker: an error in the handler ends the process instead of the reading;
 * positions survive a change of members without a record being done twice; a long batch costs no membership; memory stays bounded;
 * offsets are never committed past what is done; records that are gone are noticed.
 */
import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, type KafkaMessage, logLevel } from 'kafkajs';
import { expect, it, onTestFinished } from 'vitest';
import { createKafkaClient } from '../../ingest/kafka/client.ts';
import { createKafkaLogSource } from '../../ingest/kafka/log-source.ts';
import {
  createPartitionedConsumer,
  type PartitionedConsumer,
  type PartitionWork,
} from '../../ingest/kafka/partitioned-consumer.ts';
import { describeWithKafka } from '../support/kafka/describe.ts';
import { createTestClient, produce } from '../support/kafka/records.ts';
import { createTopic } from '../support/kafka/topic.ts';
import { untilEqual } from '../support/kafka-fleet.ts';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const clientOf = (brokers: readonly string[]): Kafka =>
  createKafkaClient({ brokers, clientId: 'test', connectTimeoutMs: 5000, requestTimeoutMs: 30_000 }, quiet);

interface Member {
  readonly consumer: PartitionedConsumer;
  /** `partition:offset`, in order of being done. */
  readonly done: string[];
  readonly assigned: number[];
  readonly revoked: number[];
  readonly failures: unknown[];
}

/** As the store does: who loses a partition with a batch in hand may still be at it when its next owner is too; the first to end has it. */
function claim(positions: Map<number, number>, partition: number, messages: readonly KafkaMessage[]): void {
  if ((positions.get(partition) ?? 0) === Number(messages[0]?.offset)) return;
  throw Object.assign(new Error('not ours any more'), { name: 'PartitionTaken' });
}

async function join(
  brokers: readonly string[],
  topic: string,
  options: {
    before?: (messages: readonly KafkaMessage[]) => Promise<void>;
    positions?: Map<number, number>;
    batchMessagesMax?: number;
    /** Called before `assign` answers. */
    beforeAssign?: (partition: number) => Promise<void>;
    onRevoke?: () => void;
  } = {},
): Promise<Member> {
  const { before = async () => {}, positions, batchMessagesMax = 10, beforeAssign = async () => {} } = options;
  const done: string[] = [];
  const assigned: number[] = [];
  const revoked: number[] = [];
  const failures: unknown[] = [];
  const work: PartitionWork = {
    async assign(_topic, partition) {
      assigned.push(partition);
      await beforeAssign(partition);
      return positions === undefined ? undefined : (positions.get(partition) ?? 0);
    },
    async process(_topic, partition, messages) {
      await before(messages);
      if (positions !== undefined) claim(positions, partition, messages);
      for (const { offset } of messages) done.push(`${partition}:${offset}`);
      positions?.set(partition, Number(messages.at(-1)?.offset) + 1);
    },
    async revoke(_topic, partition) {
      revoked.push(partition);
      options.onRevoke?.();
    },
  };
  const consumer = createPartitionedConsumer(
    {
      groupId: `group-${topic}`,
      topics: [topic],
      sessionTimeoutMs: 6000,
      commitIntervalMs: 100,
      batchMessagesMax,
      batchBytesMax: 1e6,
      jumpsDoubted: 1,
    },
    { kafka: clientOf(brokers), work, now: Date.now, log: quiet, onFailure: (error) => failures.push(error) },
  );
  await consumer.start();
  onTestFinished(() => consumer.stop());
  return { consumer, done, assigned, revoked, failures };
}

const numbers = (count: number, first = 0): string[] => Array.from({ length: count }, (_, i) => String(first + i));

async function spread(brokers: readonly string[], topic: string, values: readonly string[]): Promise<void> {
  const producer = createTestClient(brokers, { retry: { retries: 10 } }).producer();
  await producer.connect();
  await producer.send({ topic, messages: values.map((value, i) => ({ value, partition: i % 4 })) });
  await producer.disconnect();
}

async function committed(brokers: readonly string[], topic: string): Promise<number[]> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const [found] = await admin.fetchOffsets({ groupId: `group-${topic}`, topics: [topic] });
  await admin.disconnect();
  return (found?.partitions ?? []).sort((a, b) => a.partition - b.partition).map(({ offset }) => Number(offset));
}

describeWithKafka('a consumer of partitions', (brokers) => {
  it('reports an error of the handler once, and commits nothing that is not done', async () => {
    const topic = await createTopic(brokers);
    await produce(brokers, topic, numbers(30));
    const boom = new TypeError('a bug');
    let calls = 0;
    const before = async () => {
      calls += 1;
      if (calls === 2) throw boom;
    };
    const { failures, done } = await join(brokers, topic, { before });
    expect(await untilEqual(async () => failures.length, 1, 20_000)).toBe(1);
    expect(await untilEqual(async () => (await committed(brokers, topic)).join(), '10', 5000)).toBe('10');
    expect([failures, done.length, calls]).toEqual([[boom], 10, 2]);
  });

  it('does every record once while members come and go, without asking what was committed', async () => {
    const topic = await createTopic(brokers, { partitions: 4 });
    const positions = new Map<number, number>();
    const slow = { positions, before: () => sleep(5) };
    const first = await join(brokers, topic, slow);
    await spread(brokers, topic, numbers(400));
    const second = await join(brokers, topic, slow);
    await spread(brokers, topic, numbers(400));
    const third = await join(brokers, topic, slow);
    await spread(brokers, topic, numbers(400));
    await second.consumer.stop();
    await spread(brokers, topic, numbers(400));
    const all = () => [first, second, third].flatMap(({ done }) => done);
    expect(await untilEqual(async () => new Set(all()).size, 1600, 30_000)).toBe(1600);
    expect(all().length).toBe(1600);
    for (const partition of [0, 1, 2, 3]) {
      const ofMember = first.done.filter((place) => place.startsWith(`${partition}:`)).map((p) => Number(p.slice(2)));
      expect(ofMember).toEqual([...ofMember].sort((a, b) => a - b));
    }
    expect(first.revoked.length).toBeGreaterThan(0);
    expect([first, second, third].flatMap(({ failures }) => failures)).toEqual([]);
  });

  it('goes on with the others when a partition is given back while it is being restored', async () => {
    const topic = await createTopic(brokers, { partitions: 4 });
    await spread(brokers, topic, numbers(40));
    const revoked = new EventEmitter();
    const hung = new Set<number>();
    // As a restore does that is told to stop: it rejects. A second restore of the same partition answers.
    const beforeAssign = async (partition: number) => {
      if (hung.has(partition)) return;
      hung.add(partition);
      await once(revoked, 'any');
      throw new Error('given back');
    };
    const positions = new Map<number, number>();
    const one = await join(brokers, topic, { positions, beforeAssign, onRevoke: () => void revoked.emit('any') });
    const two = await join(brokers, topic, { positions });
    expect(await untilEqual(async () => one.done.length + two.done.length, 40, 30_000)).toBe(40);
    expect({ revoked: one.revoked.length, failures: [...one.failures, ...two.failures] }).toEqual({
      revoked: 2,
      failures: [],
    });
  });

  it('asks again where to go on when a broker went away before it could say', async () => {
    const topic = await createTopic(brokers, { partitions: 4 });
    await spread(brokers, topic, numbers(40));
    let asked = 0;
    const beforeAssign = async (partition: number) => {
      if (partition !== 0) return;
      asked += 1;
      if (asked < 3) throw Object.assign(new Error('Closed connection'), { retriable: true });
    };
    const one = await join(brokers, topic, { positions: new Map(), beforeAssign });
    expect(await untilEqual(async () => one.done.length, 40, 30_000)).toBe(40);
    expect({ asked, failures: one.failures }).toEqual({ asked: 3, failures: [] });
  });

  it('keeps its membership through a batch longer than the session, and holds no more than what it may', async () => {
    const topic = await createTopic(brokers);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let begun = 0;
    const member = await join(brokers, topic, {
      before: async () => {
        begun += 1;
        await held;
      },
    });
    await produce(brokers, topic, numbers(10));
    expect(await untilEqual(async () => begun, 1, 20_000)).toBe(1);
    for (let i = 1; i <= 5; i += 1) await produce(brokers, topic, numbers(10, 10 * i));
    await sleep(8000);
    expect([begun, member.consumer.stats().rebalances, member.done.length]).toEqual([1, 1, 0]);
    release();
    expect(await untilEqual(async () => member.done.length, 60, 20_000)).toBe(60);
    expect(member.done).toEqual(numbers(60).map((offset) => `0:${offset}`));
    expect(member.failures).toEqual([]);
  });

  it('stops a topic and goes on with it where it was', async () => {
    const topic = await createTopic(brokers);
    const { consumer, done } = await join(brokers, topic);
    consumer.pause(topic);
    await produce(brokers, topic, numbers(5));
    await sleep(500);
    expect(done).toEqual([]);
    consumer.resume(topic);
    expect(await untilEqual(async () => done.length, 5, 20_000)).toBe(5);
  });

  it('asks again when another owner was at work, and goes on where that one was', async () => {
    const topic = await createTopic(brokers);
    const positions = new Map<number, number>();
    let taken = false;
    const before = async () => {
      if (taken) return;
      taken = true;
      positions.set(0, 7);
      throw Object.assign(new Error('somebody else'), { name: 'PartitionTaken' });
    };
    const { done, assigned, failures } = await join(brokers, topic, { before, positions });
    await produce(brokers, topic, numbers(10));
    expect(await untilEqual(async () => done.length, 3, 20_000)).toBe(3);
    expect([done, assigned, failures]).toEqual([['0:7', '0:8', '0:9'], [0, 0], []]);
  });
});

describeWithKafka('the log as a topic', (brokers) => {
  const openLog = (topic: string, stored: number, acceptGaps: boolean) => {
    const failures: { code?: string }[] = [];
    const positions: number[] = [];
    const source = createKafkaLogSource(
      { topic, epoch: 0, partitions: 1, groupId: `log-${topic}`, sessionTimeoutMs: 6000, acceptGaps },
      {
        kafka: clientOf(brokers),
        now: Date.now,
        log: quiet,
        onFailure: (error) => failures.push(error as { code?: string }),
      },
    );
    const handler = {
      assign: async () => stored,
      process: async (records: readonly { position: number; entry: { kind: string } }[]) => {
        for (const { position, entry } of records) if (entry.kind === 'unreadable') positions.push(position);
      },
      revoke: async () => {},
    };
    onTestFinished(() => source.stop());
    return { failures, positions, started: source.start(handler).catch(() => {}) };
  };

  async function deleteBefore(topic: string, offset: number): Promise<void> {
    const admin = createTestClient(brokers, { retry: { retries: 5 } }).admin();
    await admin.connect();
    // Makes kafkajs learn where the topic is.
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(offset) }] });
    await admin.disconnect();
  }

  it('refuses to go on after records that are gone, unless told to', async () => {
    const topic = await createTopic(brokers);
    await produce(brokers, topic, numbers(20));
    await deleteBefore(topic, 12);
    const refusing = openLog(topic, 5, false);
    expect(await untilEqual(async () => refusing.failures[0]?.code, 'log_gap', 20_000)).toBe('log_gap');
    expect(refusing.positions).toEqual([]);
  });

  it('goes on where the log begins when it is told that the gap is known', async () => {
    const topic = await createTopic(brokers);
    await produce(brokers, topic, numbers(20));
    await deleteBefore(topic, 12);
    const accepting = openLog(topic, 5, true);
    expect(await untilEqual(async () => accepting.positions.length, 8, 20_000)).toBe(8);
    expect([accepting.positions, accepting.failures]).toEqual([[12, 13, 14, 15, 16, 17, 18, 19], []]);
  });

  it('refuses a topic that ends before what is stored: it is not the log', async () => {
    const topic = await createTopic(brokers);
    await produce(brokers, topic, numbers(3));
    const { failures, positions } = openLog(topic, 1000, false);
    expect(await untilEqual(async () => failures[0]?.code, 'log_truncated', 20_000)).toBe('log_truncated');
    expect(positions).toEqual([]);
  });
});
