/**
 * Goal: the Kafka that other tests stand on is Kafka, and its faults are the faults they are named for. Everything goes over kafkajs
 * to real brokers. "Acknowledged" means that a send with acks=all has resolved.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { KafkaJSNumberOfRetriesExceeded } from 'kafkajs';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { freePorts, isFree } from '../support/free-ports.ts';
import type { KafkaCluster } from '../support/kafka/cluster.ts';
import { describeWithKafka, describeWithOwnKafka } from '../support/kafka/describe.ts';
import { createTestClient, produce, readAll } from '../support/kafka/records.ts';
import { createTopic } from '../support/kafka/topic.ts';
import { TEST_CERTIFICATE, TEST_KEY } from '../support/test-certificate.ts';

const SCRIPT = fileURLToPath(new URL('../../scripts/kafka.ts', import.meta.url));
const users = [{ username: 'picket', password: 'not-a-secret' }];

describeWithKafka('the broker of the run', (brokers) => {
  it('gives back what was produced, by partition and offset', async () => {
    const topic = await createTopic(brokers, { partitions: 2 });

    await produce(brokers, topic, ['a', 'b']);
    await produce(brokers, topic, ['c']);

    expect(await readAll(brokers, topic)).toEqual(['a', 'b', 'c']);
  });

  it('has no topics but those that were created', async () => {
    const producer = createTestClient(brokers).producer();
    await producer.connect();

    const sent = producer.send({ topic: 'never-created', messages: [{ value: 'a' }] });

    await expect(sent).rejects.toThrow(/does not host this topic-partition/);
    await producer.disconnect();
  });
});

await describeWithOwnKafka('one node behind a proxy', (startKafka) => {
  let kafka: KafkaCluster;
  beforeAll(async () => {
    const tls = { certificate: TEST_CERTIFICATE, key: TEST_KEY };
    kafka = await startKafka({ proxied: true, users, tls });
  });
  afterAll(() => kafka?.stop());

  it('advertises its proxy: what a client sends passes it', async () => {
    const topic = await createTopic(kafka.directBrokers);
    const before = kafka.proxy(1).stats();

    await produce(kafka.brokers, topic, ['x'.repeat(100_000)]);

    expect(kafka.proxy(1).stats().bytesToTarget - before.bytesToTarget).toBeGreaterThan(100_000);
  });

  it('keeps a record whose acknowledgement was lost on the way', async () => {
    const topic = await createTopic(kafka.directBrokers);
    const producer = createTestClient(kafka.brokers, { requestTimeout: 500 }).producer();
    await producer.connect();
    await producer.send({ topic, messages: [{ value: 'acknowledged' }] });

    kafka.proxy(1).dropResponses();
    await expect(producer.send({ topic, messages: [{ value: 'unknown' }] })).rejects.toThrow(/timed out/);
    kafka.proxy(1).cut();
    kafka.proxy(1).passResponses();
    await producer.disconnect();

    expect(await readAll(kafka.brokers, topic)).toEqual(['acknowledged', 'unknown']);
  });

  it('is reached again after the connections were reset', async () => {
    const topic = await createTopic(kafka.directBrokers);
    const producer = createTestClient(kafka.brokers, { retry: { retries: 5 } }).producer();
    await producer.connect();
    await producer.send({ topic, messages: [{ value: 'before' }] });

    kafka.proxy(1).cut();
    await producer.send({ topic, messages: [{ value: 'after' }] });
    await producer.disconnect();

    expect(await readAll(kafka.brokers, topic)).toEqual(['before', 'after']);
  });

  it('refuses clients while the proxy refuses', async () => {
    const connecting = () => createTestClient(kafka.brokers).admin().connect();

    kafka.proxy(1).refuse();
    await expect(connecting()).rejects.toThrow(/ECONNREFUSED/);

    await kafka.proxy(1).accept();
    await produce(kafka.brokers, await createTopic(kafka.brokers), ['a']);
  });

  it('answers nothing while it is paused, and goes on when it is resumed', async () => {
    const topic = await createTopic(kafka.directBrokers);
    const producer = createTestClient(kafka.brokers, { requestTimeout: 500 }).producer();
    await producer.connect();
    await producer.send({ topic, messages: [{ value: 'before' }] });

    kafka.pause(1);
    const unanswered = producer.send({ topic, messages: [{ value: 'meanwhile' }] });
    await expect(unanswered).rejects.toThrow(KafkaJSNumberOfRetriesExceeded);
    await expect(unanswered).rejects.toThrow(/timed out/);
    kafka.resume(1);
    await producer.disconnect();
    await produce(kafka.brokers, topic, ['after']);

    // The request lay in the broker's socket, so it may take effect although nobody was told.
    const values = await readAll(kafka.brokers, topic);
    expect(values.filter((value) => value !== 'meanwhile')).toEqual(['before', 'after']);
  });

  it.each([
    ['kill -9', (node: number) => kafka.kill(node).then(() => kafka.start(node))],
    ['an orderly restart', (node: number) => kafka.restart(node)],
  ])('keeps what it has acknowledged over %s', async (_, stopAndStart) => {
    const topic = await createTopic(kafka.brokers);
    await produce(kafka.brokers, topic, ['a', 'b']);

    await stopAndStart(1);
    await produce(kafka.brokers, topic, ['c']);

    expect(await readAll(kafka.brokers, topic)).toEqual(['a', 'b', 'c']);
  });

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
    'takes the password by %s, and no other',
    async (mechanism) => {
      const connecting = (password: string) => {
        const sasl = { mechanism: mechanism as 'plain', username: 'picket', password };
        const admin = createTestClient(kafka.saslBrokers, { sasl }).admin();
        return admin
          .connect()
          .then(() => admin.describeCluster())
          .finally(() => admin.disconnect());
      };

      expect((await connecting('not-a-secret')).brokers).toHaveLength(1);
      await expect(connecting('wrong')).rejects.toThrow(/authentication/i);
    },
  );

  it('speaks TLS, to clients that trust its certificate', async () => {
    const connecting = (ssl: { ca: string[] } | true) => {
      const admin = createTestClient(kafka.tlsBrokers, { ssl }).admin();
      return admin
        .connect()
        .then(() => admin.describeCluster())
        .finally(() => admin.disconnect());
    };

    expect((await connecting({ ca: [TEST_CERTIFICATE] })).brokers).toHaveLength(1);
    await expect(connecting(true)).rejects.toThrow(/self-signed/);
  });
});

await describeWithOwnKafka('three nodes', (startKafka) => {
  let kafka: KafkaCluster;
  beforeAll(async () => {
    kafka = await startKafka({ nodes: 3 });
  });
  afterAll(() => kafka?.stop());

  it('loses nothing acknowledged when the leader is killed', async () => {
    const topic = await createTopic(kafka.brokers, { config: { 'min.insync.replicas': '2' } });
    const producer = createTestClient(kafka.brokers, { requestTimeout: 2_000 }).producer();
    await producer.connect();
    const acknowledged: string[] = [];
    const sendUntil = async (count: number) => {
      for (let tries = 0; acknowledged.length < count && tries < 1_000; tries += 1) {
        const value = `record-${tries}-of-${count}`;
        const sent = producer.send({ topic, acks: -1, messages: [{ value }] });
        await sent.then(
          () => acknowledged.push(value),
          () => sleep(50),
        );
      }
    };

    await sendUntil(200);
    const leader = await leaderOf(kafka, topic);
    await Promise.all([sendUntil(600), sleep(20).then(() => kafka.kill(leader))]);
    await producer.disconnect();

    expect(await leaderOf(kafka, topic)).not.toBe(leader);
    const kept = new Set(await readAll(kafka.brokers, topic));
    expect(acknowledged).toHaveLength(600);
    expect(acknowledged.filter((value) => !kept.has(value))).toEqual([]);
  });
});

await describeWithOwnKafka('npm run kafka', () => {
  it.each([
    ['Ctrl-C', 'SIGINT', 0],
    ['kill -9', 'SIGKILL', null],
  ] as const)('runs a broker that is gone after %s', async (_, signal, exitCode) => {
    const [port = 0] = await freePorts(1);
    const script = spawn(process.execPath, ['--import', 'tsx', SCRIPT, '--port', String(port)]);
    onTestFinished(() => void script.kill('SIGKILL'));
    for await (const line of createInterface({ input: script.stdout })) if (line.includes('Ctrl-C')) break;
    const brokers = [`127.0.0.1:${port}`];
    const topic = await createTopic(brokers);
    await produce(brokers, topic, ['a']);
    expect(await readAll(brokers, topic)).toEqual(['a']);

    const exited = once(script, 'exit');
    script.kill(signal);

    expect(await exited).toEqual([exitCode, exitCode === null ? signal : null]);
    await expect.poll(() => isFree(port), { timeout: 10_000 }).toBe(true);
  });
});

async function leaderOf(kafka: KafkaCluster, topic: string): Promise<number> {
  const admin = createTestClient(kafka.brokers, { retry: { retries: 10 } }).admin();
  await admin.connect();
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  await admin.disconnect();
  return topics[0]?.partitions[0]?.leader ?? 0;
}
