/**
 * The contract of the log over Kafka, for every broker Picket may run on: what was acknowledged comes back unchanged, in the order of its
 * agent, from wherever the owner of the partition goes on; and owners share the partitions without leaving one out. A request that was
 * retried may stand in the log twice, so what comes back is looked at without repeats.
 */
import { randomBytes } from 'node:crypto';
import type { Kafka } from 'kafkajs';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import type { AuditEvent } from '../../ingest/event.ts';
import { createKafkaClient } from '../../ingest/kafka/client.ts';
import { createKafkaLogSink, type KafkaLogSink } from '../../ingest/kafka/log-sink.ts';
import { createKafkaLogSource } from '../../ingest/kafka/log-source.ts';
import type { LogCompression } from '../../ingest/kafka/settings.ts';
import { createMissing } from '../../ingest/kafka/topics.ts';
import type { EventEntry, LogRecord, WrittenEntry } from '../../ingest/log.ts';
import { produce } from './kafka/records.ts';
import { untilEqual } from './kafka-fleet.ts';
import { EVENT_TIME_MS, RECEIVED_MS } from './wire-event.ts';

const PARTITIONS = 3;
const WAIT_MS_MAX = 20_000;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

const eventOf = (id: string, agent: string): AuditEvent => ({
  id,
  time: EVENT_TIME_MS,
  agent: { id: agent },
  action: { type: 'tool_call', name: 'crm.search', phase: 'completed' },
  endpoint: 'crm.search',
  outcome: 'success',
  attributes: { text: 'emoji 😀, nul \u0000, quotes " \' and a line\nbreak' },
});

const entryOf = (id: string, agent: string): EventEntry => ({
  kind: 'event',
  tenant: 'acme',
  receivedMs: RECEIVED_MS,
  event: eventOf(id, agent),
  digest: 'd'.repeat(32),
});

interface Reader {
  readonly records: LogRecord[];
  readonly assigned: Set<number>;
  readonly failures: unknown[];
  stop(): Promise<void>;
}

/** `brokersOf` is asked once the tests run: the broker may not exist before. */
export function logContract(brokersOf: () => readonly string[]): void {
  let kafka: Kafka;
  let topic: string;

  beforeAll(async () => {
    const brokers = brokersOf();
    kafka = createKafkaClient(
      { brokers, clientId: 'contract', connectTimeoutMs: 5000, requestTimeoutMs: 30_000 },
      quiet,
    );
  });

  async function newTopic(): Promise<void> {
    topic = `log-contract-${randomBytes(6).toString('hex')}`;
    const admin = kafka.admin();
    await admin.connect();
    try {
      await createMissing(admin, [{ topic, partitions: PARTITIONS, replicationFactor: 1 }]);
    } finally {
      await admin.disconnect();
    }
  }

  async function openSink(compression: LogCompression = 'none'): Promise<KafkaLogSink> {
    const limits = { queueMax: 10_000, queueBytesMax: 64 * 1024 * 1024 };
    const sink = createKafkaLogSink(kafka, { topic, partitions: PARTITIONS, compression, ...limits });
    await sink.start();
    onTestFinished(() => sink.stop());
    return sink;
  }

  /** Goes on at `from` in every partition, like the owner of states would. */
  async function read(from: (partition: number) => number = () => 0): Promise<Reader> {
    const records: LogRecord[] = [];
    const assigned = new Set<number>();
    const failures: unknown[] = [];
    const source = createKafkaLogSource(
      { topic, epoch: 0, partitions: PARTITIONS, groupId: topic, sessionTimeoutMs: 6000, acceptGaps: false },
      { kafka, now: Date.now, log: quiet, onFailure: (error) => failures.push(error) },
    );
    onTestFinished(() => source.stop());
    await source.start({
      async assign(partition) {
        assigned.add(partition);
        return from(partition);
      },
      async process(batch) {
        records.push(...batch);
      },
      async revoke(partition) {
        assigned.delete(partition);
      },
    });
    return { records, assigned, failures, stop: () => source.stop() };
  }

  async function arrived(reader: Reader, count: number): Promise<LogRecord[]> {
    await untilEqual(async () => withoutRepeats(reader.records).length >= count, true, WAIT_MS_MAX);
    return withoutRepeats(reader.records);
  }

  it.each(['none', 'gzip', 'snappy'] as const)(
    'gives entries back as they were appended, with %s',
    async (compression) => {
      await newTopic();
      const sink = await openSink(compression);
      const disposition = {
        kind: 'disposition',
        tenant: 'acme',
        receivedMs: RECEIVED_MS,
        agent: 'mailer',
        alertId: 'alert-1',
        state: 'closed',
        disposition: 'benign_change',
        by: 'ana',
        note: 'planned; "quoted"',
      } as const;
      const ofAgent: readonly WrittenEntry[] = [entryOf('e1', 'mailer'), disposition, entryOf('e2', 'mailer')];

      await sink.append(ofAgent);
      const records = await arrived(await read(), 3);

      const [first] = records;
      const expected = ofAgent.map((entry, position) => ({ partition: first?.partition, position, entry }));
      expect(records).toEqual(expected);
    },
  );

  it('puts a tick into the partition whose clock it is', async () => {
    await newTopic();
    const sink = await openSink();
    const partitions = [2, 0, 1];

    await sink.append(partitions.map((partition) => ({ kind: 'tick', receivedMs: RECEIVED_MS, partition })));
    const records = await arrived(await read(), 3);

    expect(records.map(({ partition }) => partition).toSorted(ascending)).toEqual([0, 1, 2]);
    expect(records.map(({ entry }) => entry)).toEqual(
      partitions.map(() => ({ kind: 'tick', receivedMs: RECEIVED_MS })),
    );
  });

  it('keeps the order of every agent, however many appends are under way', async () => {
    await newTopic();
    const sink = await openSink();
    const agents = Array.from({ length: 10 }, (_, index) => `agent-${index}`);
    const rounds = Array.from({ length: 50 }, (_, round) => round);

    await Promise.all(rounds.map((round) => sink.append(agents.map((agent) => entryOf(`${agent}:${round}`, agent)))));
    const records = await arrived(await read(), agents.length * rounds.length);

    for (const agent of agents) {
      const own = records.filter(({ entry }) => entry.kind === 'event' && entry.event.agent.id === agent);
      expect(own.map(({ entry }) => (entry.kind === 'event' ? entry.event.id : ''))).toEqual(
        rounds.map((round) => `${agent}:${round}`),
      );
      expect(new Set(own.map(({ partition }) => partition)).size).toBe(1);
    }
  });

  it('reads on from the position that the owner names, whatever was read before', async () => {
    await newTopic();
    const sink = await openSink();
    const ticks = [0, 1, 2].flatMap((partition) =>
      [1, 2, 3].map((nth) => ({ partition, receivedMs: RECEIVED_MS + nth })),
    );
    await sink.append(ticks.map((tick) => ({ kind: 'tick', ...tick })));
    const first = await read();
    const second = new Map<number, number>();
    for (const { partition, position, entry } of await arrived(first, ticks.length)) {
      if (entry.receivedMs === RECEIVED_MS + 2) second.set(partition, position);
    }
    await first.stop();

    const again = await arrived(await read((partition) => second.get(partition) ?? 0), 6);

    for (const [partition, position] of second) {
      const own = again.filter((record) => record.partition === partition);
      expect(own[0]).toMatchObject({ position, entry: { receivedMs: RECEIVED_MS + 2 } });
    }
    expect([...second.keys()].toSorted(ascending)).toEqual([0, 1, 2]);
  });

  it('hands over what it cannot read, at its position', async () => {
    await newTopic();
    await produce(brokersOf(), topic, ['not from Picket']);
    const sink = await openSink();
    await sink.append([{ kind: 'tick', receivedMs: RECEIVED_MS, partition: 0 }]);

    const records = await arrived(await read(), 2);

    expect(records).toMatchObject([
      { partition: 0, position: 0, entry: { kind: 'unreadable', raw: Buffer.from('not from Picket') } },
      { partition: 0, entry: { kind: 'tick', receivedMs: RECEIVED_MS } },
    ]);
  });

  it('shares the partitions between owners, and gives them to the one that is left', async () => {
    await newTopic();
    const [one, two] = [await read(), await read()];
    const shares = async () => [one.assigned.size, two.assigned.size].sort().join();
    expect(await untilEqual(shares, '1,2', WAIT_MS_MAX)).toBe('1,2');

    await one.stop();

    expect(await untilEqual(async () => [...two.assigned].sort().join(), '0,1,2', WAIT_MS_MAX)).toBe('0,1,2');
    expect([one.failures, two.failures]).toEqual([[], []]);
  });

  it('refuses to append when it does not run', async () => {
    await newTopic();
    const sink = await openSink();
    await sink.stop();
    await expect(sink.append([entryOf('e1', 'mailer')])).rejects.toMatchObject({ code: 'log_stopped' });
  });
}

const ascending = (a: number, b: number): number => a - b;

/** The first of each entry in each partition. */
function withoutRepeats(records: readonly LogRecord[]): LogRecord[] {
  const seen = new Set<string>();
  return records.filter(({ partition, entry }) => {
    const fresh = !seen.has(`${partition} ${JSON.stringify(entry)}`);
    seen.add(`${partition} ${JSON.stringify(entry)}`);
    return fresh;
  });
}
