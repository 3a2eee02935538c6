import { randomBytes } from 'node:crypto';
import { Kafka, type KafkaConfig, logLevel } from 'kafkajs';

/** A client that logs nothing and gives up at once: a test wants to see the first failure. */
export function createTestClient(brokers: readonly string[], config: Partial<KafkaConfig> = {}): Kafka {
  return new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING, retry: { retries: 0 }, ...config });
}

/** Resolves when all in-sync replicas have the values. They go to partition 0, in this order. */
export async function produce(brokers: readonly string[], topic: string, values: readonly string[]): Promise<void> {
  const producer = createTestClient(brokers, { retry: { retries: 10 } }).producer();
  await producer.connect();
  try {
    await producer.send({ topic, acks: -1, messages: values.map((value) => ({ value, partition: 0 })) });
  } finally {
    await producer.disconnect();
  }
}

/** All values that are in the topic now, by partition and offset. */
export async function readAll(brokers: readonly string[], topic: string): Promise<string[]> {
  const client = createTestClient(brokers, { retry: { retries: 10 } });
  const missing = await endOffsets(client, topic);
  const found: { readonly partition: number; readonly offset: number; readonly value: string }[] = [];
  const consumer = client.consumer({ groupId: `read-all-${randomBytes(6).toString('hex')}`, maxWaitTimeInMs: 100 });
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      if (missing.size === 0) return resolve();
      consumer.on(consumer.events.CRASH, ({ payload }) => payload.restart || reject(payload.error));
      const eachMessage = async ({ partition, message }: EachMessage) => {
        const offset = Number(message.offset);
        found.push({ partition, offset, value: String(message.value) });
        if (offset + 1 >= (missing.get(partition) ?? Number.POSITIVE_INFINITY)) missing.delete(partition);
        if (missing.size === 0) resolve();
      };
      consumer.run({ eachMessage }).catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
  return found.sort((a, b) => a.partition - b.partition || a.offset - b.offset).map(({ value }) => value);
}

interface EachMessage {
  readonly partition: number;
  readonly message: { readonly offset: string; readonly value: Buffer | null };
}

/** Of the partitions that hold something. */
async function endOffsets(client: Kafka, topic: string): Promise<Map<number, number>> {
  const admin = client.admin();
  await admin.connect();
  try {
    const offsets = await admin.fetchTopicOffsets(topic);
    const filled = offsets.filter(({ low, high }) => low !== high);
    return new Map(filled.map(({ partition, high }) => [partition, Number(high)]));
  } finally {
    await admin.disconnect();
  }
}
