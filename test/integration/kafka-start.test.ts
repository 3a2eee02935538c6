/**
 * Goal: a process that starts while a broker goes away waits for it, as one that runs does. The connections are reset at every request of a
 * start in turn; kafkajs tries some of them again by itself, and gives up on others.
 */
import { randomBytes } from 'node:crypto';
import pino from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../cli/config.ts';
import { openKafkaLog } from '../../cli/kafka-log.ts';
import { createPartitionedConsumer, type PartitionWork } from '../../ingest/kafka/partitioned-consumer.ts';
import type { Store } from '../../store/store.ts';
import { openTemporaryStore } from '../support/embedded-store.ts';
import { describeWithOwnKafka } from '../support/kafka/describe.ts';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const nothing: PartitionWork = { assign: async () => undefined, process: async () => {}, revoke: async () => {} };
/** A start asks less often than this. */
const REQUESTS_MAX = 200;

/** What a worker does first: the log is opened, its topics made, and its group joined. */
async function start(brokers: readonly string[], store: Store): Promise<void> {
  const env = { KAFKA_BROKERS: brokers.join(',') };
  const logger = pino({ level: 'silent' });
  const config = loadConfig({ cwd: '/nowhere', env });
  const log = await openKafkaLog(config, store, { now: Date.now, logger, sealKey: randomBytes(32) });
  if (log === undefined) throw new Error('no Kafka in the configuration');
  const consumer = createPartitionedConsumer(
    {
      groupId: `group-${randomBytes(6).toString('hex')}`,
      topics: [log.epoch.topic],
      sessionTimeoutMs: 6_000,
      commitIntervalMs: 60_000,
      batchMessagesMax: 10,
      batchBytesMax: 1e6,
      jumpsDoubted: 1,
    },
    { kafka: log.client, work: nothing, now: Date.now, log: quiet, onFailure: () => {} },
  );
  await consumer.start();
  await consumer.stop();
  await log.close();
}

await describeWithOwnKafka('a connection that is reset while a process starts', (startKafka) => {
  it('is opened again, whatever was being asked', { timeout: 300_000 }, async () => {
    const kafka = await startKafka({ nodes: 1, proxied: true });
    onTestFinished(() => kafka.stop());
    const { store, close } = await openTemporaryStore();
    onTestFinished(close);
    const proxy = kafka.proxy(1);

    let asked = 1;
    for (; asked < REQUESTS_MAX; asked += 1) {
      const before = proxy.stats().chunks;
      proxy.cutAt(asked);
      await start(kafka.brokers, store);
      if (proxy.stats().chunks < before + asked) break;
    }
    expect(asked).toBeGreaterThan(10);
    expect(asked).toBeLessThan(REQUESTS_MAX);
  });
});
