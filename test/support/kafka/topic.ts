import { randomBytes } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import { topicBounds } from '../../../ingest/kafka/topic-bounds.ts';
import { untilLed } from '../../../ingest/kafka/topics.ts';

export interface TopicOptions {
  /** Start of its name, which ends in random letters. */
  readonly name?: string;
  readonly partitions?: number;
  /** All brokers of the cluster when absent. */
  readonly replicationFactor?: number;
  readonly config?: Readonly<Record<string, string>>;
}

/** A topic of its own for a test. Resolves with its name when every partition has a leader that answers. */
export async function createTopic(brokers: readonly string[], options: TopicOptions = {}): Promise<string> {
  const topic = `${options.name ?? 'test'}-${randomBytes(6).toString('hex')}`;
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const wanted = {
      topic,
      numPartitions: options.partitions ?? 1,
      replicationFactor: options.replicationFactor ?? -1,
      configEntries: Object.entries(options.config ?? {}).map(([name, value]) => ({ name, value })),
    };
    await admin.createTopics({ topics: [wanted], waitForLeaders: false });
    await untilLed(admin, [topic]);
    // A broker is named as the leader before it has taken the partition over. A producer that comes too early repeats all that it sends to
    // that broker, also what is in other partitions already.
    await topicBounds(admin, topic);
    return topic;
  } finally {
    await admin.disconnect();
  }
}
