import kafkajs, { type Admin, type PartitionMetadata } from 'kafkajs';
import { topicFaults } from '../../ingest/kafka/topics.ts';
import { counted } from '../counted.ts';
import type { Check } from './check.ts';

const { ConfigResourceTypes } = kafkajs;

export interface ExpectedTopic {
  readonly topic: string;
  /** Picket writes it, and its promises stand on its settings. */
  readonly isOwn: boolean;
  readonly isLog: boolean;
  /** It must be there; what is not made yet is made by the first start. */
  readonly isMade: boolean;
  /** Undefined: any number. */
  readonly partitions: number | undefined;
  readonly replicationFactor: number;
}

interface Fault {
  readonly found: string;
  readonly advice: string;
}

export async function checkTopic(admin: Admin, expected: ExpectedTopic): Promise<Check> {
  const { topic, isMade } = expected;
  const name = `topic ${topic}`;
  if (!(await admin.listTopics()).includes(topic)) {
    if (!isMade)
      return { name, ok: true, found: 'does not exist yet: the first start makes it, or `picket topics create`' };
    return {
      name,
      ok: false,
      found: 'does not exist, or this Kafka user may not see it',
      advice: missingAdvice(expected),
    };
  }
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  const partitions = topics[0]?.partitions ?? [];
  const faults = [
    ...countFaults(partitions, expected),
    ...(expected.isOwn ? await settingFaults(admin, expected, partitions) : []),
    ...syncFaults(partitions),
  ];
  const replicas = Math.min(...partitions.map((one) => one.replicas.length));
  const found = `${counted(partitions.length, 'partition')}, ${counted(replicas, 'replica')}, all in sync`;
  if (faults.length === 0) return { name, ok: true, found };
  return {
    name,
    ok: false,
    found: faults.map((fault) => fault.found).join('; '),
    advice: [...new Set(faults.map(({ advice }) => advice))].join(' '),
  };
}

function missingAdvice({ topic, isOwn, isLog }: ExpectedTopic): string {
  if (isLog) return 'Restore it, or begin a new epoch with `picket topics repartition`; or grant DESCRIBE on it.';
  if (isOwn) return '`picket topics create` makes it; or grant DESCRIBE on it.';
  return `\`picket topics create --intake\` makes it; or check the name in kafka.intake, and grant DESCRIBE on ${topic}.`;
}

function countFaults(partitions: readonly PartitionMetadata[], expected: ExpectedTopic): Fault[] {
  const wanted = expected.partitions ?? partitions.length;
  const replicas = Math.min(...partitions.map((one) => one.replicas.length));
  const faults: Fault[] = [];
  if (partitions.length !== wanted) {
    faults.push({
      found: `${partitions.length} partitions, and the log began with ${wanted}`,
      advice: 'Somebody has changed the topic: move the log to a new one with `picket topics repartition`.',
    });
  }
  if (replicas < expected.replicationFactor) {
    faults.push({
      found: `${replicas} replicas, and kafka.replication_factor is ${expected.replicationFactor}`,
      advice: 'Add replicas (kafka-reassign-partitions), or change the setting.',
    });
  }
  return faults;
}

/** What Picket's own topics have, read as `picket up` reads it at its start. */
async function settingFaults(
  admin: Admin,
  { topic }: ExpectedTopic,
  partitions: readonly PartitionMetadata[],
): Promise<Fault[]> {
  const sentences = await topicFaults(admin, topic);
  const minInSync = await minInSyncOf(admin, topic);
  const replicas = Math.min(...partitions.map((one) => one.replicas.length));
  const faults = sentences.map((advice) => ({ found: 'its settings break a promise', advice }));
  const wanted = Math.max(1, replicas - 1);
  if (minInSync < wanted) {
    const found = `min.insync.replicas is ${minInSync}, of ${replicas} replicas`;
    faults.push({ found, advice: `Set it to ${wanted}: what was acknowledged must not be on one disk only.` });
  }
  const short = partitions.filter(({ isr }) => isr.length < minInSync).length;
  if (short > 0) {
    const found = `${counted(short, 'partition')} cannot be written: fewer than ${minInSync} replicas are in sync`;
    faults.push({
      found,
      advice: 'Bring their brokers back; min.insync.replicas must not be more than there are replicas.',
    });
  }
  return faults;
}

async function minInSyncOf(admin: Admin, name: string): Promise<number> {
  const configNames = ['min.insync.replicas'];
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name, configNames }],
  });
  return Number(resources[0]?.configEntries[0]?.configValue ?? 1);
}

function syncFaults(partitions: readonly PartitionMetadata[]): Fault[] {
  const behind = partitions.filter(({ isr, replicas }) => isr.length < replicas.length).length;
  if (behind === 0) return [];
  const advice = 'A broker is away or behind; until it is back, the loss of another one may stop the log.';
  return [{ found: `${behind} of ${partitions.length} partitions have a replica that is not in sync`, advice }];
}
