/** A worker over Kafka from the first record to the last verdict stored, and a consumer that only parses. */
import { type Config, loadConfig } from '../../cli/config.ts';
import { layFoundation } from '../../cli/foundation.ts';
import { openKafkaSource } from '../../cli/log.ts';
import { createLogger } from '../../cli/logger.ts';
import { createWorker } from '../../cli/worker.ts';
import { createKafkaClient } from '../../ingest/kafka/client.ts';

export interface Site {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly partitions: number;
  /** Of the engine. */
  readonly url: string;
  readonly folder: string;
}

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const CLIENT = { clientId: 'bench', connectTimeoutMs: 5000, requestTimeoutMs: 30_000 };
const POLL_MS = 5;

export const benchClient = ({ brokers }: Site) => createKafkaClient({ ...CLIENT, brokers: [...brokers] }, quiet);

/** Microseconds an event. Joining a group is not work on events: it is not counted, save what was judged meanwhile. */
export async function workThrough(site: Site, round: number, events: number): Promise<number> {
  const config = configOf(site, round);
  const foundation = await layFoundation(config, {
    now: Date.now,
    logger: createLogger('silent'),
    onFailure: (error) => {
      throw error;
    },
  });
  if (foundation.kafka === undefined) throw new Error('There is no Kafka in the configuration.');
  const worker = createWorker(foundation, site.partitions);
  const source = openKafkaSource(foundation, foundation.kafka, false);
  await source.start(worker.partitions);
  const startedMs = performance.now() - 50;
  while (worker.counters.events < events) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  const micros = ((performance.now() - startedMs) * 1000) / events;
  await source.stop();
  await worker.stop();
  await foundation.close();
  return micros;
}

function configOf({ brokers, topic, url, folder }: Site, round: number): Config {
  const loaded = loadConfig({
    cwd: folder,
    env: {
      KAFKA_BROKERS: brokers.join(','),
      PICKET_DATA_DIR: folder,
      CLICKHOUSE_URL: url,
      CLICKHOUSE_DATABASE: `work_${round}`,
      PICKET_SECRET_KEY: '11'.repeat(32),
    },
  });
  const kafka = loaded.kafka && { ...loaded.kafka, eventsTopic: topic, workerGroup: `worker-${round}` };
  return { ...loaded, kafka };
}

type EachBatch = (values: readonly (Buffer | null)[]) => Promise<void> | void;

/** Reads the whole topic as a group of its own; microseconds an event from the first batch on. */
export async function consumeAll(site: Site, groupId: string, events: number, each: EachBatch): Promise<number> {
  const consumer = benchClient(site).consumer({ groupId, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic: site.topic, fromBeginning: true });
  let count = 0;
  let startedMs = 0;
  const tookMs = await new Promise<number>((resolve, reject) => {
    const eachBatch = async ({ batch }: { batch: { messages: readonly { value: Buffer | null }[] } }) => {
      if (count === 0) startedMs = performance.now();
      await each(batch.messages.map(({ value }) => value));
      count += batch.messages.length;
      if (count >= events) resolve(performance.now() - startedMs);
    };
    consumer.run({ eachBatch }).catch(reject);
  });
  await consumer.disconnect();
  return (tookMs * 1000) / events;
}

export const consumeAndParse = (site: Site, round: number, events: number): Promise<number> =>
  consumeAll(site, `parse-${round}`, events, (values) => {
    for (const value of values) JSON.parse(String(value));
  });
