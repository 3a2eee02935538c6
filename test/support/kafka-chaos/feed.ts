/** Events into a topic keyed by agent, never far ahead of what is stored: there is always work, and never all of it at once. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CompressionTypes } from 'kafkajs';
import type { WireEvent } from '../../../ingest/event.ts';
import { createTestClient } from '../kafka/records.ts';

const SEND_EVENTS = 500;

/** @param release how many may have been sent by now; asked again until they are all */
export async function feed(
  brokers: readonly string[],
  topic: string,
  events: readonly WireEvent[],
  release: () => number = () => events.length,
): Promise<void> {
  const retry = { retries: 60, maxRetryTime: 2_000 };
  const producer = createTestClient(brokers, { retry }).producer({ maxInFlightRequests: 1 });
  await producer.connect();
  for (let sent = 0; sent < events.length; sent += SEND_EVENTS) {
    while (sent >= release()) await sleep(20);
    const messages = events
      .slice(sent, sent + SEND_EVENTS)
      .map((event) => ({ key: event.agent.id, value: JSON.stringify(event) }));
    await producer.send({ topic, acks: -1, compression: CompressionTypes.None, messages });
  }
  await producer.disconnect();
}
