import type { Admin } from 'kafkajs';
import { topicBounds } from '../../ingest/kafka/topic-bounds.ts';
import { counted } from '../counted.ts';
import { committedOffsets } from '../topics/list.ts';
import type { Check } from './check.ts';

/** Nothing it finds of members and lag is wrong: nobody has to work at the moment. Rejects like kafkajs. */
export async function checkGroup(admin: Admin, groupId: string, topics: readonly string[]): Promise<Check> {
  const name = `group ${groupId}`;
  try {
    return { name, ok: true, found: await lookAt(admin, groupId, topics) };
  } catch (error) {
    // What the broker has said of it kafkajs keeps to itself.
    if (!(error instanceof Error) || error.name !== 'KafkaJSGroupCoordinatorNotFound') throw error;
    return { name, ok: false, found: 'no broker answers for it', advice: ADVICE };
  }
}

const ADVICE =
  'Most likely this Kafka user may not use the consumer group: grant READ on the group in the ACLs. Else the topic __consumer_offsets ' +
  'is not available: look at the brokers.';

async function lookAt(admin: Admin, groupId: string, topics: readonly string[]): Promise<string> {
  const { groups } = await admin.describeGroups([groupId]);
  const members = groups[0]?.members.length ?? 0;
  const existing = new Set(await admin.listTopics());
  let lag = 0;
  for (const topic of new Set(topics)) if (existing.has(topic)) lag += await lagOf(admin, groupId, topic);
  return `${groups[0]?.state ?? 'Dead'}, ${counted(members, 'member')}, ${counted(lag, 'record')} behind`;
}

async function lagOf(admin: Admin, groupId: string, topic: string): Promise<number> {
  const committed = await committedOffsets(admin, groupId, topic);
  const bounds = await topicBounds(admin, topic);
  return [...bounds].reduce((sum, [partition, { low, high }]) => {
    return sum + high - Math.max(low, committed.get(partition) ?? 0);
  }, 0);
}
