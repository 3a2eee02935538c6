/**
 * `npm run bench:kafka`: a worker from the log in Kafka to stored verdicts, against the parts it cannot do without, as ratios measured in one
 * run, as one JSON object on standard output. Each pair reads the same log into a database of its own, of an engine in another process: as
 * a worker is deployed.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createEventLogStore } from '../../baselines/event-log-store.ts';
import { type Config, loadConfig } from '../../cli/config.ts';
import { layFoundation } from '../../cli/foundation.ts';
import { openKafkaSource } from '../../cli/log.ts';
import { createLogger } from '../../cli/logger.ts';
import { simulateFleet } from '../../cli/simulate/fleet.ts';
import { createWorker } from '../../cli/worker.ts';
import { createIntake } from '../../ingest/intake.ts';
import { createKafkaClient } from '../../ingest/kafka/client.ts';
import { createKafkaLogSink } from '../../ingest/kafka/log-sink.ts';
import { createMissing } from '../../ingest/kafka/topics.ts';
import type { EventEntry } from '../../ingest/log.ts';
import { createNormaliser } from '../../ingest/normalise.ts';
import { openServer } from '../../store/connection.ts';
import { migrate } from '../../store/migrate.ts';
import { temporaryFolder } from '../support/embedded-store.ts';
import { spawnFront } from '../support/front-process.ts';
import { startKafka } from '../support/kafka/cluster.ts';

const { values } = parseArgs({
  options: { events: { type: 'string', default: '100000' }, pairs: { type: 'string', default: '7' } },
});
const PARTITIONS = 12;
const TOPIC = 'bench.events';
const BATCH = 1000;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

const entries = entriesOf(
  simulateFleet({ seed: 'bench', agents: 150, days: 21 }).events.slice(0, Number(values.events)),
);
const kafka = await startKafka({ nodes: 1 });
const folder = await temporaryFolder();
const engine = await spawnFront({ path: join(folder, 'engine') });
const connection = { brokers: kafka.brokers, clientId: 'bench', connectTimeoutMs: 5000, requestTimeoutMs: 30_000 };

function entriesOf(events: readonly object[]): EventEntry[] {
  const intake = createIntake({ normalise: createNormaliser({ redactionKey: new Uint8Array(32) }) });
  return events.flatMap((event, i) => {
    const place = { source: 'bench', sourcePosition: String(i), fallbackId: String(i) };
    const context = { tenant: 'default', receivedMs: Date.now(), ...place };
    const admitted = intake.admit(Buffer.from(JSON.stringify(event)), context);
    return admitted.ok ? [admitted.entry] : [];
  });
}

async function fillLog(): Promise<void> {
  const client = createKafkaClient(connection, quiet);
  const admin = client.admin();
  await admin.connect();
  await createMissing(admin, [{ topic: TOPIC, partitions: PARTITIONS, replicationFactor: 1 }]);
  await admin.disconnect();
  const limits = { queueMax: 1e9, queueBytesMax: 1e9, compression: 'none' } as const;
  const sink = createKafkaLogSink(client, { topic: TOPIC, partitions: PARTITIONS, ...limits });
  await sink.start();
  await sink.append(entries);
  await sink.stop();
}

/** Microseconds a record, from the first record to the last. */
async function consumeAndParse(round: number): Promise<number> {
  const consumer = createKafkaClient(connection, quiet).consumer({ groupId: `parse-${round}`, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
  let count = 0;
  let startedMs = 0;
  const seconds = await new Promise<number>((resolve, reject) => {
    const eachBatch = async ({ batch }: { batch: { messages: readonly { value: Buffer | null }[] } }) => {
      if (count === 0) startedMs = performance.now();
      for (const { value } of batch.messages) JSON.parse(String(value));
      count += batch.messages.length;
      if (count >= entries.length) resolve(performance.now() - startedMs);
    };
    consumer.run({ eachBatch }).catch(reject);
  });
  await consumer.disconnect();
  return (seconds * 1000) / entries.length;
}

function parseOnly(): number {
  const texts = entries.map(({ event }) => Buffer.from(JSON.stringify(event)));
  const startedMs = performance.now();
  for (const text of texts) JSON.parse(text.toString());
  return ((performance.now() - startedMs) * 1000) / entries.length;
}

const verdict = {
  status: 'learn',
  flags: [],
  session: 's',
  knowledge: 'warming',
  known: { sessions: 7, events: 70 },
  score: 0.1,
  detectors: {},
  surprise: {},
  hits: [],
} as const;

async function insertOnly(round: number): Promise<number> {
  const store = await openServer({ url: engine.url, database: `insert_${round}`, requestTimeoutMs: 60_000 });
  await migrate(store, { now: Date.now, sleep });
  const log = createEventLogStore(store);
  const startedMs = performance.now();
  for (let i = 0; i < entries.length; i += BATCH) {
    const slice = entries.slice(i, i + BATCH);
    await log.write(
      slice.map((entry, j) => ({
        record: { partition: 0, position: i + j, entry },
        verdict: { ...verdict, flags: [], hits: [] },
      })),
    );
  }
  const micros = ((performance.now() - startedMs) * 1000) / entries.length;
  await store.close();
  return micros;
}

async function workEndToEnd(round: number): Promise<number> {
  const env = {
    KAFKA_BROKERS: kafka.brokers.join(','),
    PICKET_DATA_DIR: folder,
    CLICKHOUSE_URL: engine.url,
    CLICKHOUSE_DATABASE: `work_${round}`,
    PICKET_SECRET_KEY: '11'.repeat(32),
  };
  const loaded = loadConfig({ cwd: folder, env });
  const config: Config = {
    ...loaded,
    kafka: loaded.kafka && { ...loaded.kafka, eventsTopic: TOPIC, workerGroup: `worker-${round}` },
  };
  const foundation = await layFoundation(config, {
    now: Date.now,
    logger: createLogger('silent'),
    onFailure: (error) => {
      throw error;
    },
  });
  if (foundation.kafka === undefined) throw new Error('no Kafka');
  const worker = createWorker(foundation, PARTITIONS);
  const source = openKafkaSource(foundation, foundation.kafka, false);
  const startedMs = performance.now();
  await source.start(worker.partitions);
  const joinedMs = performance.now();
  while (worker.counters.events < entries.length) await new Promise((resolve) => setTimeout(resolve, 5));
  // Joining a group is not work on events; the first ones were judged while it was awaited.
  const micros = ((performance.now() - Math.max(startedMs, joinedMs - 50)) * 1000) / entries.length;
  await source.stop();
  await worker.stop();
  await foundation.close();
  return micros;
}

const sorted = (numbers: number[]) => [...numbers].sort((a, b) => a - b);
const round2 = (value: number | undefined) => Math.round((value ?? Number.NaN) * 100) / 100;
const spread = (numbers: number[]) => {
  const all = sorted(numbers);
  return { median: round2(all[Math.floor(all.length / 2)]), min: round2(all[0]), max: round2(all.at(-1)) };
};

try {
  await fillLog();
  const rounds: { work: number; consume: number; insert: number; parse: number }[] = [];
  for (let i = 0; i <= Number(values.pairs); i += 1) {
    const figures = {
      work: await workEndToEnd(i),
      consume: await consumeAndParse(i),
      insert: await insertOnly(i),
      parse: parseOnly(),
    };
    // The first round warms up.
    if (i > 0) rounds.push(figures);
  }
  const report = {
    events: entries.length,
    partitions: PARTITIONS,
    microseconds: {
      worker: spread(rounds.map(({ work }) => work)),
      consume_and_parse: spread(rounds.map(({ consume }) => consume)),
      raw_insert: spread(rounds.map(({ insert }) => insert)),
      json_parse: spread(rounds.map(({ parse }) => parse)),
    },
    throughput_ratios: {
      worker_to_consume_and_parse: spread(rounds.map(({ work, consume }) => consume / work)),
      worker_to_raw_insert: spread(rounds.map(({ work, insert }) => insert / work)),
      worker_to_slower_of_both: spread(rounds.map(({ work, consume, insert }) => Math.max(consume, insert) / work)),
      worker_to_json_parse: spread(rounds.map(({ work, parse }) => parse / work)),
    },
  };
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
} finally {
  await kafka.stop();
  await engine.kill();
  await rm(folder, { recursive: true, force: true });
}
process.exit(0);
