/** What the topic commands work on: the cluster, and the store that says which log is there. */
import type { Admin, Kafka } from 'kafkajs';
import { brokerFaults } from '../../ingest/kafka/api-versions.ts';
import { createKafkaClient } from '../../ingest/kafka/client.ts';
import { createLogEpochStore, type LogEpoch } from '../../ingest/log-epoch-store.ts';
import { StoreLocked } from '../../store/store.ts';
import type { Config } from '../config.ts';
import { CommandFailure, EXIT } from '../context.ts';
import { withAdmin } from '../kafka-log.ts';
import { createLogger } from '../logger.ts';
import { openStore } from '../storage.ts';

export type Settings = NonNullable<Config['kafka']>;

export interface Cluster {
  readonly settings: Settings;
  readonly client: Kafka;
  readonly admin: Admin;
}

/** @throws CommandFailure when no Kafka is configured, or a broker that Picket cannot work with */
export async function withCluster<T>(config: Config, use: (cluster: Cluster) => Promise<T>): Promise<T> {
  const settings = config.kafka;
  if (settings === undefined) {
    throw new CommandFailure('There is no Kafka in the configuration: set KAFKA_BROKERS.', EXIT.usage);
  }
  const faults = await brokerFaults(settings);
  if (faults.length > 0) throw new CommandFailure(faults.join('\n'));
  const client = createKafkaClient(settings, createLogger('silent'));
  return withAdmin(client, (admin) => use({ settings, client, admin }));
}

/** `unknown`: a running Picket holds the embedded engine. */
export async function epochInStore(config: Config): Promise<LogEpoch | undefined | 'unknown'> {
  try {
    const store = await openStore(config, Date.now);
    try {
      return await createLogEpochStore(store).current();
    } finally {
      await store.close();
    }
  } catch (error) {
    if (error instanceof StoreLocked) return 'unknown';
    throw error;
  }
}
