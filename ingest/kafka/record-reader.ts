/** Reads records wherever they are, without a consumer group: nothing is committed, and nothing stays behind on the brokers. */
import type { Kafka } from 'kafkajs';
import type { FetchedMessage } from './record-batch.ts';
import { whileRetriable } from './retriable.ts';

export interface ReadRecord {
  readonly offset: number;
  /** Epoch ms in decimal. */
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Without those that have no value. */
  readonly headers: Record<string, Buffer | Buffer[]>;
  /** A marker of a transaction: it has a place, and is no record of anybody. */
  readonly isControlRecord: boolean;
}

export interface RecordReader {
  /**
   * Records of a partition from an offset on, in order, markers of transactions among them: as many as `bytesMax` holds, but at least
   * one batch; none at the end of the partition. Rejects like kafkajs.
   */
  read(topic: string, partition: number, from: number, bytesMax: number): Promise<ReadRecord[]>;
  close(): Promise<void>;
}

/** The part of kafkajs' own cluster that is used; it is what its consumers and producers stand on. */
interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  refreshMetadata(): Promise<void>;
  /** Partitions by the node id of their leader. */
  findLeaderForPartitions(topic: string, partitions: readonly number[]): Record<string, number[]>;
  findBroker(wanted: { nodeId: string }): Promise<{ fetch(request: object): Promise<FetchAnswer> }>;
}

interface FetchAnswer {
  readonly responses: readonly { readonly partitions: readonly { readonly messages: readonly FetchedMessage[] }[] }[];
}

const WAIT_MS = 100;

export async function openRecordReader(kafka: Kafka, sleep?: (ms: number) => Promise<unknown>): Promise<RecordReader> {
  const cluster = createCluster(kafka);
  await cluster.connect();

  async function fetch(topic: string, partition: number, from: number, bytesMax: number): Promise<ReadRecord[]> {
    await cluster.addTargetTopic(topic);
    const [nodeId = ''] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
    const broker = await cluster.findBroker({ nodeId });
    const wanted = { partition, fetchOffset: String(from), maxBytes: bytesMax };
    const { responses } = await broker.fetch({
      maxWaitTime: WAIT_MS,
      minBytes: 1,
      maxBytes: bytesMax,
      topics: [{ topic, partitions: [wanted] }],
    });
    const messages = responses.flatMap(({ partitions }) => partitions.flatMap((one) => one.messages));
    // A batch is sent whole, also when its beginning was not asked for.
    return messages.map(readRecord).filter(({ offset }) => offset >= from);
  }

  return {
    read: (topic, partition, from, bytesMax) =>
      whileRetriable(() => fetch(topic, partition, from, bytesMax), cluster.refreshMetadata.bind(cluster), sleep),
    close: () => cluster.disconnect(),
  };
}

function readRecord({ offset, timestamp, key, value, headers, isControlRecord }: FetchedMessage): ReadRecord {
  const given = Object.entries(headers).flatMap(([name, one]): [string, Buffer | Buffer[]][] => {
    if (Array.isArray(one)) return [[name, one.filter((part) => part !== null)]];
    return one === null ? [] : [[name, one]];
  });
  return { offset: Number(offset), timestamp, key, value, headers: Object.fromEntries(given), isControlRecord };
}

/** kafkajs offers reading to members of a group only; what its consumers are made of stands behind a symbol (`src/index.js`). */
function createCluster(kafka: Kafka): Cluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find(({ description }) => description === CREATE_CLUSTER);
  const create: unknown = symbol === undefined ? undefined : Reflect.get(kafka, symbol);
  if (typeof create !== 'function') throw new Error('This version of kafkajs is made differently inside.');
  return create({ allowAutoTopicCreation: false, metadataMaxAge: METADATA_AGE_MS_MAX }) as Cluster;
}

const CREATE_CLUSTER = 'private:Kafka:createCluster';
const METADATA_AGE_MS_MAX = 300_000;
