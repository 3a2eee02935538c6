/** Several topics, and what kafkajs is of them to a command that looks after topics: client, `admin`, producer and reader. */
import type { Kafka } from 'kafkajs';
import type { KafkaSettings } from '../../ingest/kafka/settings.ts';
import { TOPIC_BATCH_BYTES_MAX } from '../../ingest/kafka/topics.ts';
import type { Broker, Message } from './broker.ts';
import { TOPIC } from './broker.ts';
import type { SimProcess } from './world.ts';

export const CLUSTER_ID = 'sim';

/** As `config check` would show them; nobody listens there. */
export const KAFKA: KafkaSettings & { readonly compression: 'none' } = {
  compression: 'none',
  brokers: ['nowhere:9092'],
  clientId: 'picket',
  connectTimeoutMs: 1_000,
  requestTimeoutMs: 30_000,
  eventsTopic: TOPIC,
  deadLettersTopic: 'picket.dead-letters',
  workerGroup: 'w',
  intakeGroup: 'i',
  partitions: 1,
  replicationFactor: 1,
  sessionTimeoutMs: 30_000,
  intake: [],
  fuse: { rejectedShareMax: 1, window: 100, pauseMs: 1_000 },
};

export interface Cluster {
  readonly topics: ReadonlyMap<string, Broker>;
  /** @throws Error for one that is not there */
  broker(topic: string): Broker;
  kafka(process: SimProcess): Kafka;
}

/** A new topic has no leaders for so long. */
const LEADERS_MS = 300;

/** @param create a topic of this name, with so many partitions */
export function createCluster(
  first: Broker,
  nowMs: () => number,
  create: (topic: string, partitions: number) => Broker,
): Cluster {
  const topics = new Map([[first.topic, first]]);
  const ledFromMs = new Map<string, number>();

  function broker(topic: string): Broker {
    const found = topics.get(topic);
    if (found === undefined) throw new Error(`There is no topic ${topic}.`);
    return found;
  }

  const metadataOf = (topic: string) => ({
    name: topic,
    partitions: Array.from({ length: broker(topic).partitions }, (_, partitionId) => ({
      partitionId,
      partitionErrorCode: 0,
      leader: nowMs() < (ledFromMs.get(topic) ?? 0) ? -1 : 0,
      replicas: [0],
      isr: [0],
    })),
  });

  function describeGroup(groupId: string) {
    const names = groupId === KAFKA.workerGroup ? [...topics.values()].flatMap((one) => one.memberNames()) : [];
    const members = names.map((clientId) => ({ clientId, clientHost: 'sim' }));
    return { groupId, state: members.length === 0 ? 'Empty' : 'Stable', members };
  }

  const bytesMax = (topic: string): string => (broker(topic).closed ? '0' : String(TOPIC_BATCH_BYTES_MAX));

  const adminOf = (process: SimProcess) => ({
    connect: () => process.call('kafka:connect', () => {}),
    disconnect: () => process.leave('kafka:disconnect'),
    describeCluster: () => process.call('kafka:cluster', () => ({ clusterId: CLUSTER_ID })),
    describeGroups: (groups: readonly string[]) =>
      process.call('kafka:groups', () => ({ groups: groups.map(describeGroup) })),
    listTopics: () => process.call('kafka:topics', () => [...topics.keys(), KAFKA.deadLettersTopic]),
    fetchTopicMetadata: ({ topics: names }: { topics: string[] }) =>
      process.call('kafka:metadata', () => ({ topics: names.map(metadataOf) })),
    fetchTopicOffsets: (topic: string) =>
      process.call('kafka:offsets', () => {
        const { base, log } = broker(topic);
        return log.map(({ length }, partition) => ({ partition, low: String(base), high: String(base + length) }));
      }),
    createTopics: ({ topics: wanted }: { topics: { topic: string; numPartitions: number }[] }) =>
      process.call('kafka:create', () => {
        for (const { topic, numPartitions } of wanted)
          if (!topics.has(topic)) {
            topics.set(topic, create(topic, numPartitions));
            ledFromMs.set(topic, nowMs() + LEADERS_MS);
          }
      }),
    describeConfigs: ({ resources }: { resources: { name: string }[] }) =>
      process.call('kafka:configs', () => ({
        resources: resources.map(({ name }) => ({
          configEntries: [
            { configName: 'cleanup.policy', configValue: 'delete', configSource: 1 },
            { configName: 'max.message.bytes', configValue: bytesMax(name), configSource: 1 },
          ],
        })),
      })),
    alterConfigs: ({
      resources,
    }: {
      resources: { name: string; configEntries: { name: string; value: string }[] }[];
    }) =>
      process.call('kafka:alter', () => {
        for (const { name, configEntries } of resources)
          if (configEntries.some((one) => one.name === 'max.message.bytes' && one.value === '0')) broker(name).close();
      }),
  });

  const producerOf = (process: SimProcess) => ({
    connect: () => process.call('kafka:connect', () => {}),
    disconnect: () => process.leave('kafka:disconnect'),
    send: ({ topic, messages }: { topic: string; messages: readonly Sent[] }) =>
      process.call('kafka:produce', () => {
        for (const { partition, timestamp, ...record } of messages)
          broker(topic).append(partition, encoded(record), Number(timestamp));
      }),
    sendBatch: ({ topicMessages }: { topicMessages: readonly { topic: string; messages: readonly Sent[] }[] }) =>
      process.call('kafka:produce', () => {
        for (const { topic, messages } of topicMessages)
          for (const { partition, timestamp, ...record } of messages)
            broker(topic).append(partition, encoded(record), Number(timestamp));
      }),
  });

  /** What kafkajs has inside: see `ingest/kafka/record-reader.ts`. */
  const insideOf = (process: SimProcess) => () => ({
    connect: () => process.call('kafka:connect', () => {}),
    disconnect: () => process.leave('kafka:disconnect'),
    addTargetTopic: () => process.call('kafka:metadata', () => {}),
    refreshMetadata: () => process.call('kafka:metadata', () => {}),
    findLeaderForPartitions: (_topic: string, partitions: readonly number[]) => ({ 0: partitions }),
    findBroker: () =>
      process.call('kafka:leader', () => ({
        fetch: ({ topics: wanted }: { topics: { topic: string; partitions: Asked[] }[] }) =>
          process.call('kafka:fetch', () => ({
            responses: wanted.map(({ topic, partitions }) => ({
              partitions: partitions.map((asked) => ({ messages: fetched(broker(topic), asked) })),
            })),
          })),
      })),
  });

  return {
    topics,
    broker,
    kafka: (process) =>
      ({
        admin: () => adminOf(process),
        producer: () => producerOf(process),
        [Symbol('private:Kafka:createCluster')]: insideOf(process),
      }) as unknown as Kafka,
  };
}

interface Asked {
  readonly partition: number;
  readonly fetchOffset: string;
}

/** Records of one answer: a move of more has to ask again. */
const FETCHED_MAX = 8;

const fetched = ({ log, base }: Broker, { partition, fetchOffset }: Asked): (Message & { isControlRecord: false })[] =>
  (log[partition] ?? [])
    .slice(Number(fetchOffset) - base, Number(fetchOffset) - base + FETCHED_MAX)
    .map((message) => ({ ...message, isControlRecord: false }));

interface Sent {
  readonly key: Buffer | string | null;
  readonly value: Buffer | string | null;
  readonly headers: Readonly<Record<string, Buffer | string>>;
  readonly partition: number;
  readonly timestamp: string;
}

const encoded = ({ key, value, headers }: Pick<Sent, 'key' | 'value' | 'headers'>) => ({
  key: key === null ? null : String(key),
  value: String(value ?? ''),
  headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, String(text)])),
});
