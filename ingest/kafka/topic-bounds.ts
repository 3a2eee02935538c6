import type { Admin } from 'kafkajs';
import { whileRetriable } from './retriable.ts';

/** First and end offset of every partition. */
export async function topicBounds(
  admin: Admin,
  topic: string,
  sleep?: (ms: number) => Promise<unknown>,
): Promise<Map<number, { low: number; high: number }>> {
  const offsets = await whileRetriable(
    () => admin.fetchTopicOffsets(topic),
    () => admin.fetchTopicMetadata({ topics: [topic] }),
    sleep,
  );
  return new Map(offsets.map(({ partition, low, high }) => [partition, { low: Number(low), high: Number(high) }]));
}
