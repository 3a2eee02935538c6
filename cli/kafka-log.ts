/** Opens the log in Kafka as the store knows it: checks brokers and topics, and that both speak of the same log. */
import type { Admin, Kafka } from 'kafkajs';
import type { Logger } from 'pino';
import { createAdmin } from '../ingest/kafka/admin.ts';
import { brokerFaults } from '../ingest/kafka/api-versions.ts';
import { createKafkaClient } from '../ingest/kafka/client.ts';
import { createDeadLetterTopic, type DeadLetterTopic } from '../ingest/kafka/dead-letter-topic.ts';
import { isFatal } from '../ingest/kafka/kafka-errors.ts';
import { whileRetriable } from '../ingest/kafka/retriable.ts';
import { createLogEpochStore, type LogEpoch } from '../ingest/log-epoch-store.ts';
import type { Store } from '../store/store.ts';
import { agreeOnEpoch } from './agree-on-epoch.ts';
import type { Config } from './config.ts';
import { LogSetupError } from './log-setup-error.ts';

export interface KafkaLog {
  readonly client: Kafka;
  readonly settings: NonNullable<Config['kafka']>;
  readonly epoch: LogEpoch;
  readonly deadLetters: DeadLetterTopic;
  /** Whether waiting may mend an error of kafkajs. */
  isTransient(error: unknown): boolean;
  close(): Promise<void>;
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
    isTransient,
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

/** Whether waiting may mend it. */
export const isTransient = (error: unknown): boolean =>
  error instanceof Error && error.name.startsWith('KafkaJS') && !isFatal(error);
