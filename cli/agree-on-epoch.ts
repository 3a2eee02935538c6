/** Whether store and brokers speak of the same log, and which one that is: asked by everybody who reads or writes it, before anything else. */
import type { Admin } from 'kafkajs';
import type { Logger } from 'pino';
import type { KafkaSettings } from '../ingest/kafka/settings.ts';
import { createMissing, ownTopics, partitionCount, topicFaults } from '../ingest/kafka/topics.ts';
import { createLogEpochStore, type LogEpoch } from '../ingest/log-epoch-store.ts';
import type { Store } from '../store/store.ts';
import { LogSetupError } from './log-setup-error.ts';

interface AgreeDeps {
  readonly now: () => number;
  readonly logger: Pick<Logger, 'info'>;
  /** Node.js's own when absent. */
  readonly sleep?: (ms: number) => Promise<unknown>;
}

/** The epoch the log is in, or the first, which begins here. @throws LogSetupError */
export async function agreeOnEpoch(
  admin: Admin,
  settings: KafkaSettings,
  store: Store,
  deps: AgreeDeps,
): Promise<LogEpoch> {
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
  for (const topic of await createMissing(admin, wanted, deps.sleep)) deps.logger.info({ topic }, 'topic created');
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
  await epochs.begin(first, [], deps.now());
  return first;
}
