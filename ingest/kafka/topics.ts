/** The topics Picket owns: made with settings that its promises need, and checked for them at every start. */
import { setTimeout as systemSleep } from 'node:timers/promises';
import kafkajs, { type Admin } from 'kafkajs';
import type { KafkaSettings } from './settings.ts';

const { ConfigResourceTypes } = kafkajs;

/** Largest record batch the log takes: twice what a request of the sink holds, so that no event can be too large for the log. */
export const TOPIC_BATCH_BYTES_MAX = 4 * 1024 * 1024;

const REQUIRED = { 'cleanup.policy': 'delete', 'max.message.bytes': String(TOPIC_BATCH_BYTES_MAX) };

export interface OwnTopic {
  readonly topic: string;
  readonly partitions: number;
  readonly replicationFactor: number;
}

export const ownTopics = (settings: KafkaSettings): OwnTopic[] => {
  const { eventsTopic, deadLettersTopic, partitions, replicationFactor } = settings;
  return [
    { topic: eventsTopic, partitions, replicationFactor },
    { topic: deadLettersTopic, partitions: 1, replicationFactor },
  ];
};

type Sleep = (ms: number) => Promise<unknown>;

/** Creates those that do not exist, and returns their names. */
export async function createMissing(
  admin: Admin,
  wanted: readonly OwnTopic[],
  sleep: Sleep = systemSleep,
): Promise<string[]> {
  const existing = new Set(await admin.listTopics());
  const missing = wanted.filter(({ topic }) => !existing.has(topic));
  if (missing.length === 0) return [];
  await admin.createTopics({
    // kafkajs would wait too, but takes a broker that has not heard of the topic yet for a failure.
    waitForLeaders: false,
    topics: missing.map(({ topic, partitions, replicationFactor }) => ({
      topic,
      numPartitions: partitions,
      replicationFactor,
      configEntries: Object.entries({
        ...REQUIRED,
        // One replica may be away without stopping the log, and none of what was acknowledged is on one disk only.
        'min.insync.replicas': String(Math.max(1, replicationFactor - 1)),
      }).map(([name, value]) => ({ name, value })),
    })),
  });
  const names = missing.map(({ topic }) => topic);
  await untilLed(admin, names, sleep);
  return names;
}

const LEADER_POLLS_MAX = 100;
const LEADER_POLL_MS = 200;

/** @throws what the last look met, when a topic has no leaders after twenty seconds */
export async function untilLed(admin: Admin, topics: string[], sleep: Sleep = systemSleep): Promise<void> {
  for (let polls = 1; ; polls += 1) {
    try {
      const found = await admin.fetchTopicMetadata({ topics });
      if (found.topics.every(({ partitions }) => partitions.length > 0 && partitions.every(isLed))) return;
      if (polls >= LEADER_POLLS_MAX) throw new Error(`Topics without leaders: ${topics.join(', ')}`);
    } catch (error) {
      if (polls >= LEADER_POLLS_MAX) throw error;
    }
    await sleep(LEADER_POLL_MS);
  }
}

const isLed = ({ leader, partitionErrorCode }: { leader: number; partitionErrorCode: number }): boolean =>
  leader >= 0 && partitionErrorCode === 0;

/** Settings of a topic that break a promise, each as a sentence that says what to do. */
export async function topicFaults(admin: Admin, topic: string): Promise<string[]> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configNames: [...Object.keys(REQUIRED)] }],
  });
  const values = new Map(
    resources.flatMap(({ configEntries }) =>
      configEntries.map(({ configName, configValue }) => [configName, configValue]),
    ),
  );
  const faults: string[] = [];
  if (values.get('cleanup.policy') !== 'delete') {
    faults.push(
      `${topic} is compacted: set cleanup.policy=delete, or Kafka deletes events of agents that acted again.`,
    );
  }
  if (Number(values.get('max.message.bytes')) < TOPIC_BATCH_BYTES_MAX) {
    faults.push(`${topic} takes no large events: set max.message.bytes=${TOPIC_BATCH_BYTES_MAX}.`);
  }
  return faults;
}

/** Number of partitions, or undefined when there is no such topic. */
export async function partitionCount(admin: Admin, topic: string): Promise<number | undefined> {
  if (!(await admin.listTopics()).includes(topic)) return undefined;
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  return topics[0]?.partitions.length;
}
