/** Writes raw records to a topic that others read, the way a forwarder does. */
import { Partitioners } from 'kafkajs';
import { createKafkaClient } from '../ingest/kafka/client.ts';
import type { KafkaSettings } from '../ingest/kafka/settings.ts';
import { partitionCount } from '../ingest/kafka/topics.ts';
import { CommandFailure, EXIT } from './context.ts';
import { askBrokers } from './kafka-log.ts';

export interface Forwarder {
  /** Resolves when all replicas in sync have the records. */
  send(records: readonly Uint8Array[]): Promise<void>;
  close(): Promise<void>;
}

type Log = Parameters<typeof createKafkaClient>[1];

/** One record batch of kafkajs holds what is sent to a partition at once; brokers take 1 MiB unless they are told otherwise. */
const SEND_BYTES_MAX = 768 * 1024;

export async function openForwarder(
  settings: KafkaSettings,
  topic: string,
  keyed: boolean,
  log: Log,
): Promise<Forwarder> {
  const kafka = createKafkaClient(settings, log);
  if ((await askBrokers(kafka, (admin) => partitionCount(admin, topic))) === undefined) {
    throw new CommandFailure(
      `There is no topic ${topic}: create it first (picket topics create --intake).`,
      EXIT.usage,
    );
  }
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    maxInFlightRequests: 1,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();

  async function sendAll(records: readonly Uint8Array[]): Promise<void> {
    const messages = records.map((record) => ({ key: keyed ? agentOf(record) : null, value: Buffer.from(record) }));
    await producer.send({ topic, acks: -1, messages });
  }

  return {
    async send(records) {
      let chunk: Uint8Array[] = [];
      let bytes = 0;
      for (const record of records) {
        if (chunk.length > 0 && bytes + record.byteLength > SEND_BYTES_MAX) {
          await sendAll(chunk);
          chunk = [];
          bytes = 0;
        }
        chunk.push(record);
        bytes += record.byteLength;
      }
      if (chunk.length > 0) await sendAll(chunk);
    },
    close: () => producer.disconnect(),
  };
}

/** Null for what is no event: it goes on all the same, to become a dead letter. */
function agentOf(record: Uint8Array): string | null {
  try {
    const parsed = JSON.parse(Buffer.from(record).toString()) as { agent?: { id?: unknown } } | null;
    const id = parsed?.agent?.id;
    return typeof id === 'string' ? id : null;
  } catch {
    return null;
  }
}
