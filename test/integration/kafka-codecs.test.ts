/**
 * Goal: records that Kafka's own Java client has compressed arrive byte for byte, in each codec; what Picket compresses is read by
 * that client; and a batch that is too much stops nothing: a message with its offsets stands in its place, and all others arrive.
 * Method: a real broker, the Java client in a process of its own, and a kafkajs consumer from `createKafkaClient`.
 */
import { CompressionTypes, type EachBatchPayload, Partitioners } from 'kafkajs';
import { afterAll, expect, it } from 'vitest';
import { createKafkaClient } from '../../ingest/kafka/client.ts';
import { BATCH_BYTES_MAX } from '../../ingest/kafka/codecs.ts';
import { FETCH_LIMITS } from '../../ingest/kafka/fetch-response.ts';
import type { FetchedMessage } from '../../ingest/kafka/record-batch.ts';
import { describeWithKafka } from '../support/kafka/describe.ts';
import { provideKafkaJars } from '../support/kafka/provider.ts';
import { createTopic } from '../support/kafka/topic.ts';
import { compileJava } from '../support/kafka-java/run.ts';

const jars = await provideKafkaJars(process.env);
const programs = typeof jars === 'string' ? await compileJava(jars) : undefined;
afterAll(() => programs?.close());
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** About 300 kB of audit events that repeat themselves as real ones do, with letters of more than one byte. */
const lines = Array.from({ length: 2_000 }, (_, i) =>
  JSON.stringify({
    id: `event-${i}`,
    agent: `agent-${i % 7}`,
    tool: 'sql.query',
    text: 'Übersicht der Kundentabelle – 客户',
    n: i * i,
  }),
);

const connect = (brokers: readonly string[]) =>
  createKafkaClient({ brokers, clientId: 'codecs', connectTimeoutMs: 3_000, requestTimeoutMs: 10_000 }, silent);

describeWithKafka('codecs', (brokers) => {
  const withJava = it.skipIf(programs === undefined);
  const java = async (program: 'Produce' | 'Consume', args: readonly string[], input?: string) =>
    programs?.run(program, [brokers.join(','), ...args], input);

  withJava.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])(
    'reads what the Java client compresses with %s',
    async (codec) => {
      const topic = await createTopic(brokers, { name: codec });
      await java('Produce', [topic, codec], lines.join('\n'));
      const messages = await consume(brokers, [topic], (all) => all.length >= lines.length);
      expect(messages.map(({ value }) => value?.toString())).toEqual(lines);
      expect(messages.map(({ offset }) => offset)).toEqual(lines.map((_, i) => String(i)));
    },
  );

  withJava.each([
    ['gzip', CompressionTypes.GZIP],
    ['snappy', CompressionTypes.Snappy],
  ])('writes %s that the Java client reads', async (name, compression) => {
    const topic = await createTopic(brokers, { name });
    const producer = connect(brokers).producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    await producer.send({ topic, compression, messages: lines.map((value) => ({ value })) });
    await producer.disconnect();
    expect(await java('Consume', [topic, String(lines.length)])).toBe(`${lines.join('\n')}\n`);
  });

  it('does not write zstd, and says so at once', async () => {
    const topic = await createTopic(brokers, { name: 'zstd' });
    const producer = connect(brokers).producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    const sent = producer.send({ topic, compression: CompressionTypes.ZSTD, messages: [{ value: 'x' }] });
    await expect(sent).rejects.toMatchObject({ code: 'compression_not_supported' });
    await producer.disconnect();
  });

  const bombs = ['gzip', 'snappy', 'lz4', 'zstd'] as const;
  withJava.each(bombs)('puts a message in the place of a %s bomb and goes on', async (codec) => {
    const config = { 'max.message.bytes': String(8 * 1024 * 1024) };
    const [bombed, other] = [await createTopic(brokers, { name: `bomb-${codec}`, config }), await createTopic(brokers)];
    await java('Produce', [other, 'none'], 'other');
    await java('Produce', [bombed, codec], 'before');
    await java('Produce', [bombed, codec, '1', String(BATCH_BYTES_MAX)]);
    await java('Produce', [bombed, codec], 'after');
    const messages = await consume(brokers, [bombed, other], (all) => all.length >= 4);
    expect(texts(messages)).toEqual(['after', 'batch_too_large 1..1', 'before', 'other']);
  });

  withJava('puts a message in the place of a batch with too many records', async () => {
    const topic = await createTopic(brokers, { name: 'crowd' });
    const count = FETCH_LIMITS.recordsMax + 1;
    await java('Produce', [topic, 'gzip', String(count), '0']);
    await java('Produce', [topic, 'gzip'], 'after');
    const messages = await consume(brokers, [topic], (all) => all.some(({ value }) => String(value) === 'after'));
    const lost = messages.filter(({ undecodable }) => undecodable !== undefined);
    expect(texts(lost)).toEqual([`too_many_records 0..${count - 1}`]);
    expect(texts(messages.slice(-1))).toEqual(['after']);
  });
});

function texts(messages: readonly FetchedMessage[]): string[] {
  const text = ({ value, undecodable: lost }: FetchedMessage) =>
    lost === undefined ? String(value) : `${lost.code} ${lost.firstOffset}..${lost.lastOffset}`;
  return messages.map(text).sort();
}

/** Reads the topics from their start until `isEnough`. */
async function consume(
  brokers: readonly string[],
  topics: string[],
  isEnough: (messages: readonly FetchedMessage[]) => boolean,
): Promise<FetchedMessage[]> {
  const consumer = connect(brokers).consumer({
    groupId: `group-${topics.join('-')}`,
    maxBytesPerPartition: 8 * 1024 * 1024,
  });
  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: true });
  const messages: FetchedMessage[] = [];
  await new Promise<void>((resolve, reject) => {
    // A broker that has just started may still load its groups: the consumer then begins again by itself.
    consumer.on('consumer.crash', ({ payload }) => payload.restart || reject(payload.error));
    const eachBatch = async ({ batch, resolveOffset }: EachBatchPayload) => {
      messages.push(...(batch.messages as unknown as FetchedMessage[]));
      resolveOffset(batch.lastOffset());
      if (isEnough(messages)) resolve();
    };
    consumer.run({ eachBatchAutoResolve: false, eachBatch }).catch(reject);
  }).finally(() => consumer.disconnect());
  return messages;
}
