/** Opens the log in Kafka as the store knows it: checks brokers and topics, and that both speak of the same log. */
import type { Admin, Kafka } from 'kafkajs';
import type { Logger } from 'pino';
import { createAdmin } from '../ingest/kafka/admin.ts';
import { brokerFaults } from '../ingest/kafka/api-versions.ts';
import { createKafkaClient } from '../ingest/kafka/client.ts';
import { createDeadLetterTopic, type DeadLetterTopic } from '../ingest/kafka/dead-letter-topic.ts';
import { isFatal } from '../ingest/kafka/kafka-errors.ts';
import { whileRetriable } from '../ingest/kafka/retriable.ts';
import type { KafkaSettings } from '../ingest/kafka/settings.ts';
import { createMissing, ownTopics, partitionCount, topicFaults } from '../ingest/kafka/topics.ts';
import { createLogEpochStore, type LogEpoch } from '../ingest/log-epoch-store.ts';
import type { Store } from '../store/store.ts';
import type { Config } from './config.ts';

export interface KafkaLog {
  readonly client: Kafka;
  readonly settings: NonNullable<Config['kafka']>;
  readonly epoch: LogEpoch;
  readonly deadLetters: DeadLetterTopic;
  /** Whether waiting may mend an error of kafkajs. */
  isTransient(error: unknown): boolean;
  close(): Promise<void>;
}

/** Store and Kafka do not fit together; the message says what to do. */
export class LogSetupError extends Error {
  override readonly name = 'LogSetupError';
  readonly code = 'log_setup';
}

interface Deps {
  readonly now: () => number;
  readonly logger: Logger;
  readonly sealKey: Uint8Array;
}

/** Undefined when no Kafka is configured; refuses a store whose log is in Kafka then. */
export async function openKafkaLog(config: Config, store: Store, deps: Deps): Promise<KafkaLog | undefined> {
  const settings = config.kafka;
  const epochs = createLogEpochStore(store);
  if (settings === undefined) {
    const known = await epochs.current();
    if (known === undefined) return undefined;
    throw new LogSetupError(
      `The log of this store is the Kafka topic ${known.topic} (cluster ${known.cluster}): set KAFKA_BROKERS, or use another store.`,
    );
  }
  const faults = await brokerFaults(settings);
  if (faults.length > 0) throw new LogSetupError(faults.join('\n'));
  const client = createKafkaClient(settings, deps.logger.child({ part: 'kafka' }));
  const epoch = await askBrokers(client, (admin) => agreeOnEpoch(admin, settings, store, deps));
  const deadLetters = createDeadLetterTopic(client, { topic: settings.deadLettersTopic, sealKey: deps.sealKey });
  await deadLetters.start();
  return {
    client,
    settings,
    epoch,
    deadLetters,
    isTransient: (error) => isKafkaError(error) && !isFatal(error),
    close: () => deadLetters.stop(),
  };
}

/** As `withAdmin`, and again when a broker goes away meanwhile: connecting waits for one. `use` must bear being done twice. */
export const askBrokers = <T>(client: Kafka, use: (admin: Admin) => Promise<T>): Promise<T> =>
  whileRetriable(() => withAdmin(client, use));

export async function withAdmin<T>(client: Kafka, use: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = createAdmin(client);
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
}

const isKafkaError = (error: unknown): boolean => error instanceof Error && error.name.startsWith('KafkaJS');

async function agreeOnEpoch(admin: Admin, settings: KafkaSettings, store: Store, deps: Deps): Promise<LogEpoch> {
  const epochs = createLogEpochStore(store);
  const known = await epochs.current();
  const { clusterId: cluster } = await admin.describeCluster();
  if (known === undefined && (await epochs.hasRecords(0))) {
    throw new LogSetupError(
      'This store holds a log that was written without Kafka. Move it with `picket topics repartition`, or use another store.',
    );
  }
  if (known !== undefined && known.cluster !== cluster) {
    throw new LogSetupError(
      `The log of this store is topic ${known.topic} of Kafka cluster ${known.cluster}; these brokers are cluster ${cluster}. ` +
        'Check KAFKA_BROKERS; after a move to another cluster begin a new epoch with `picket topics repartition`.',
    );
  }
  const wanted = ownTopics(settings).filter(({ topic }) => known === undefined || topic !== settings.eventsTopic);
  for (const topic of await createMissing(admin, wanted)) deps.logger.info({ topic }, 'topic created');
  const topic = known?.topic ?? settings.eventsTopic;
  const partitions = await partitionCount(admin, topic);
  if (partitions === undefined) {
    throw new LogSetupError(
      `Topic ${topic}, the log of this store, is gone. Restore it, or begin a new epoch with \`picket topics repartition\`.`,
    );
  }
  const faults = await topicFaults(admin, topic);
  if (faults.length > 0) throw new LogSetupError(faults.join('\n'));
  if (known !== undefined && partitions !== known.partitions) {
    throw new LogSetupError(
      `Topic ${topic} has ${partitions} partitions, the log began with ${known.partitions}: agents' states belong to their ` +
        'partition. To change the number use `picket topics repartition`.',
    );
  }
  if (known !== undefined) return known;
  const first: LogEpoch = { epoch: 0, topic, partitions, cluster };
  await epochs.begin(first, deps.now());
  return first;
}
