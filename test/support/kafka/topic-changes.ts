/** Changes of a topic from outside, such as somebody's by Kafka's own tools; done when the brokers say so. */
import type { Admin } from 'kafkajs';
import { untilEqual } from '../kafka-fleet.ts';

/** The controller acknowledges a change before the brokers have heard of it, each in its time. */
const SHOWN_MS_MAX = 10_000;
const SHOWN_IN_A_ROW = 5;

const TOPIC_RESOURCE = 2;

async function untilShown(isShown: () => Promise<boolean>): Promise<void> {
  for (let time = 0; time < SHOWN_IN_A_ROW; time++) await untilEqual(isShown, true, SHOWN_MS_MAX);
}

/** @param values all settings that are not the broker's own: those left out are reset */
export async function configureTopic(admin: Admin, name: string, values: Record<string, string>): Promise<void> {
  const configEntries = Object.entries(values).map(([key, value]) => ({ name: key, value }));
  await admin.alterConfigs({ validateOnly: false, resources: [{ type: TOPIC_RESOURCE, name, configEntries }] });
  const resources = [{ type: TOPIC_RESOURCE, name, configNames: Object.keys(values) }];
  await untilShown(async () => {
    const [topic] = (await admin.describeConfigs({ includeSynonyms: false, resources })).resources;
    return topic?.configEntries.every(({ configName, configValue }) => values[configName] === configValue) ?? false;
  });
}

export async function addPartitions(admin: Admin, topic: string, count: number): Promise<void> {
  await admin.createPartitions({ topicPartitions: [{ topic, count }] });
  await untilShown(async () => {
    const [found] = (await admin.fetchTopicMetadata({ topics: [topic] })).topics;
    return found?.partitions.length === count;
  });
}
