/**
 * The store is away for a minute, slow, and loses acknowledgements, while events keep coming over Kafka. Nothing is lost or doubled, the
 * worker's memory stays bounded, and it catches up afterwards: the store then holds what the log leads to undisturbed.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { simulateFleet } from '../../cli/simulate/fleet.ts';
import type { WireEvent } from '../../ingest/event.ts';
import { describeWithKafka } from '../support/kafka/describe.ts';
import { createTestClient } from '../support/kafka/records.ts';
import { createTopic } from '../support/kafka/topic.ts';
import { type Fleet, openFleet, untilEqual } from '../support/kafka-fleet.ts';
import { logDifferences, readLog, stored, undisturbed } from '../support/log-oracle.ts';
import { watchReachableMemory } from '../support/reachable-memory.ts';

const REFUSED_MS = 60_000;
const LOOKED_AT_EVERY_MS = 3_000;
/** Twice the most seen: 6 to 16 for the batches at hand and what was fetched ahead. */
const MEMORY_MIB_MAX = 32;

/** The most that is kept at any time while this lasts, in MiB. */
async function highestMib(keptMib: () => Promise<number>, lasts: Promise<void>): Promise<number> {
  let over = false;
  const stop = () => {
    over = true;
  };
  lasts.then(stop, stop);
  let highest = await keptMib();
  while (!over) {
    await sleep(LOOKED_AT_EVERY_MS);
    highest = Math.max(highest, await keptMib());
  }
  await lasts;
  return highest;
}

async function send(brokers: readonly string[], topic: string, events: readonly WireEvent[]): Promise<void> {
  const producer = createTestClient(brokers, { retry: { retries: 10 } }).producer();
  await producer.connect();
  for (let i = 0; i < events.length; i += 500) {
    const messages = events.slice(i, i + 500).map((event) => ({ key: event.agent.id, value: JSON.stringify(event) }));
    await producer.send({ topic, acks: -1, messages });
  }
  await producer.disconnect();
}

const visible = (fleet: Fleet): Promise<number> =>
  fleet.withStore(async (store) => Number((await store.query<{ n: number }>('SELECT count() AS n FROM events'))[0]?.n));

describeWithKafka('a store with faults under a Kafka log', (brokers) => {
  it('costs time, not events, and little memory', { timeout: 600_000 }, async () => {
    const { events } = simulateFleet({ seed: 'store-faults', agents: 60, days: 8 });
    const topic = await createTopic(brokers, { partitions: 6 });
    const fleet = await openFleet({ brokers, name: 'faults', partitions: 6, intakeTopic: topic });
    onTestFinished(() => fleet.stop());
    const memory = watchReachableMemory();
    onTestFinished(() => memory.remove());
    const worker = await fleet.start('worker', memory.env);
    const keptMib = () => memory.mib(worker.pid);
    const intake = await fleet.start('intake');
    const part = (share: number, from: number) =>
      events.slice(Math.floor(events.length * from), Math.floor(events.length * share));

    const steadyFrom = performance.now();
    await send(brokers, topic, part(0.4, 0));
    const first = Math.floor(events.length * 0.4);
    expect(await untilEqual(() => visible(fleet), first, 120_000)).toBe(first);
    const steady = first / ((performance.now() - steadyFrom) / 1000);

    const before = await keptMib();
    await fleet.front.inject({ kind: 'refuse', forMs: REFUSED_MS });
    const refused = async () => {
      await send(brokers, topic, part(0.8, 0.4));
      await sleep(REFUSED_MS);
    };
    const highest = await highestMib(keptMib, refused());
    const second = Math.floor(events.length * 0.8);
    const backMs = performance.now();
    expect(await untilEqual(() => visible(fleet).catch(() => 0), second, 120_000)).toBe(second);
    const catchUp = (second - first) / ((performance.now() - backMs) / 1000);

    await fleet.front.inject({ kind: 'delay', ms: 10_000, times: 2, on: 'insert' });
    await fleet.front.inject({ kind: 'apply-then-drop', times: 5, on: 'insert' });
    await fleet.front.inject({ kind: 'half-body', times: 3, on: 'any' });
    await send(brokers, topic, part(1, 0.8));
    expect(await untilEqual(() => visible(fleet).catch(() => 0), events.length, 180_000)).toBe(events.length);
    await fleet.front.clear();
    expect((await intake.kill('SIGTERM')).code).toBe(0);
    await sleep(2000);
    expect((await worker.kill('SIGTERM')).code).toBe(0);

    const figures = { events: events.length, steady, catchUp, memoryMib: { before, highest, grown: highest - before } };
    process.stderr.write(`kafka-store-faults: ${JSON.stringify(figures)}\n`);
    const expected = undisturbed(await readLog(brokers, fleet.eventsTopic));
    expect(logDifferences(expected, await fleet.withStore(stored))).toEqual([]);
    expect(highest - before).toBeLessThan(MEMORY_MIB_MAX);
  });
});
