import { createMissing, type OwnTopic, ownTopics, partitionCount, topicFaults } from '../../ingest/kafka/topics.ts';
import type { LogEpoch } from '../../ingest/log-epoch-store.ts';
import type { Cluster } from './workspace.ts';

export interface CreateRequest {
  /** Instead of those of the configuration. */
  readonly partitions?: number;
  readonly replication?: number;
  /** Also the topics that others write. */
  readonly intake: boolean;
}

export interface CreatedTopic {
  readonly topic: string;
  readonly partitions: number;
  readonly created: boolean;
  /** Settings that break a promise; only of topics that Picket writes. */
  readonly faults: readonly string[];
}

/** Makes the topics that do not exist. The log is the one of `epoch`, when it has begun. */
export async function createTopics(
  { admin, settings }: Cluster,
  request: CreateRequest,
  epoch: LogEpoch | undefined,
): Promise<CreatedTopic[]> {
  const partitions = request.partitions ?? epoch?.partitions ?? settings.partitions;
  const replicationFactor = request.replication ?? settings.replicationFactor;
  const own = ownTopics({
    ...settings,
    partitions,
    replicationFactor,
    eventsTopic: epoch?.topic ?? settings.eventsTopic,
  });
  const names = new Set(request.intake ? settings.intake.map(({ topic }) => topic) : []);
  const others = [...names].map((topic): OwnTopic => ({ topic, partitions, replicationFactor }));
  // A log that has begun and is gone must not come back empty: its workers would take it for truncated.
  const made = await createMissing(admin, [...own.filter(({ topic }) => topic !== epoch?.topic), ...others]);
  const found: CreatedTopic[] = [];
  for (const { topic } of [...own, ...others]) {
    const count = await partitionCount(admin, topic);
    const faults = count === undefined ? [goneFault(topic)] : names.has(topic) ? [] : await topicFaults(admin, topic);
    found.push({ topic, partitions: count ?? 0, created: made.includes(topic), faults });
  }
  return found;
}

const goneFault = (topic: string): string =>
  `${topic}, the log of this store, is gone. Restore it, or begin a new epoch with \`picket topics repartition\`.`;
