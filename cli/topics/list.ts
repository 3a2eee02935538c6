import type { Admin } from 'kafkajs';
import { topicBounds } from '../../ingest/kafka/topic-bounds.ts';
import type { LogEpoch } from '../../ingest/log-epoch-store.ts';
import type { Cluster } from './workspace.ts';

export interface PartitionRow {
  readonly partition: number;
  readonly low: number;
  readonly high: number;
  /** Records after the group's committed offset; null where no group reads the topic. */
  readonly lag: number | null;
}

export interface TopicRow {
  readonly topic: string;
  readonly role: 'log' | 'dead letters' | 'intake';
  readonly exists: boolean;
  /** Of the log; null for the others, and while no log has begun. */
  readonly epoch: number | null;
  readonly replication: number;
  readonly partitions: readonly PartitionRow[];
}

interface Wanted extends Pick<TopicRow, 'topic' | 'role' | 'epoch'> {
  readonly group?: string;
}

export async function listTopics({ admin, settings }: Cluster, epoch: LogEpoch | undefined): Promise<TopicRow[]> {
  const existing = new Set(await admin.listTopics());
  const { eventsTopic, deadLettersTopic, workerGroup, intakeGroup, intake } = settings;
  const log = { topic: epoch?.topic ?? eventsTopic, epoch: epoch?.epoch ?? null, group: workerGroup };
  const wanted: Wanted[] = [
    { ...log, role: 'log' },
    { topic: deadLettersTopic, role: 'dead letters', epoch: null },
    ...intake.map(({ topic }): Wanted => ({ topic, role: 'intake', epoch: null, group: intakeGroup })),
  ];
  const rows: TopicRow[] = [];
  for (const { group, ...one } of wanted) {
    if (existing.has(one.topic)) rows.push({ ...one, exists: true, ...(await lookAt(admin, one.topic, group)) });
    else rows.push({ ...one, exists: false, replication: 0, partitions: [] });
  }
  return rows;
}

async function lookAt(admin: Admin, topic: string, group: string | undefined) {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  const bounds = [...(await topicBounds(admin, topic))];
  const committed = group === undefined ? undefined : await committedOffsets(admin, group, topic);
  const partitions = bounds.map(([partition, { low, high }]) => ({
    partition,
    low,
    high,
    lag: committed === undefined ? null : high - Math.max(low, committed.get(partition) ?? 0),
  }));
  const replicas = topics[0]?.partitions.map((one) => one.replicas.length) ?? [];
  return {
    replication: Math.min(...replicas),
    partitions: partitions.sort((a, b) => a.partition - b.partition),
  };
}

/** By partition; -1 where the group has committed nothing. */
export async function committedOffsets(admin: Admin, groupId: string, topic: string): Promise<Map<number, number>> {
  const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
  return new Map(found?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
}
