/**
 * From the log in Kafka to stored verdicts, against the parts no worker can do without, and against peers that do less. Every round reads the
 * same log into databases of its own, of an engine in another process: as a worker is deployed.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createKafkaClient } from '../../ingest/kafka/client.ts';
import { createKafkaLogSink } from '../../ingest/kafka/log-sink.ts';
import { createMissing } from '../../ingest/kafka/topics.ts';
import { temporaryFolder } from '../support/embedded-store.ts';
import { spawnFront } from '../support/front-process.ts';
import { startKafka } from '../support/kafka/cluster.ts';
import { admitAll, fleetLines, newIntake, parseAll } from './bench-events.ts';
import { type MeasureOptions, type Row, row, withProcessorTime } from './measurement.ts';
import { runBytewax } from './peers/bytewax.ts';
import { runPlainLoop } from './peers/plain-loop.ts';
import { prepareRawInsert } from './raw-insert.ts';
import { consumeAndParse, type Site, workThrough } from './worker-run.ts';

const PARTITIONS = 12;
const CPU_NOTE = 'of this process, its start and stop included; without broker and engine';
const TOPIC = 'bench.events';

type Round = Record<'worker' | 'workerCpu' | 'consume' | 'consumeCpu' | 'insert' | 'parse' | 'plain', number> & {
  readonly bytewax?: number;
};

export async function measureDurable({ quick, progress, peerPython }: MeasureOptions): Promise<Row[]> {
  progress('starting a broker and an engine');
  const kafka = await startKafka({ nodes: 1 });
  const folder = await temporaryFolder();
  const engine = await spawnFront({ path: join(folder, 'engine') });
  const site: Site = { brokers: kafka.brokers, topic: TOPIC, partitions: PARTITIONS, url: engine.url, folder };
  try {
    const { count, bytes, texts, rawInsert } = await prepare(site, quick ? 15_000 : 60_000);
    const rounds: Round[] = [];
    // The first round warms up.
    for (let round = 0; round <= (quick ? 2 : 7); round += 1) {
      const worker = await withProcessorTime(() => workThrough(site, round, count));
      const consume = await withProcessorTime(() => consumeAndParse(site, round, count));
      const measured: Round = {
        worker: worker.result,
        workerCpu: worker.us / count,
        consume: consume.result,
        consumeCpu: consume.us / count,
        insert: await rawInsert(round),
        parse: timed(() => parseAll(texts)) / count,
        plain: await runPlainLoop(site, round, count),
        ...(await bytewaxOf(peerPython, site, round, count, progress)),
      };
      progress(
        `round ${round}: ${JSON.stringify(measured, (_, value) => (typeof value === 'number' ? Math.round(value * 10) / 10 : value))} us/event`,
      );
      if (round > 0) rounds.push(measured);
    }
    return rowsOf(rounds, bytes);
  } finally {
    await kafka.stop();
    await engine.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The events stay behind as bytes only: a worker does not hold all events that it will ever read, and its collector need not look through them. */
async function prepare(site: Site, size: number) {
  const lines = fleetLines(size);
  const entries = admitAll(lines, newIntake(), Date.now());
  await fillLog(site, entries);
  return {
    count: entries.length,
    bytes: Math.round(lines.reduce((sum, line) => sum + line.length, 0) / lines.length),
    texts: entries.map(({ event }) => Buffer.from(JSON.stringify(event))),
    rawInsert: await prepareRawInsert(site, entries),
  };
}

async function fillLog({ brokers, topic, partitions }: Site, entries: ReturnType<typeof admitAll>): Promise<void> {
  const quiet = { debug() {}, info() {}, warn() {}, error() {} };
  const settings = { brokers: [...brokers], clientId: 'bench', connectTimeoutMs: 5000, requestTimeoutMs: 30_000 };
  const client = createKafkaClient(settings, quiet);
  const admin = client.admin();
  await admin.connect();
  await createMissing(admin, [{ topic, partitions, replicationFactor: 1 }]);
  await admin.disconnect();
  const limits = { queueMax: 1e9, queueBytesMax: 1e9, compression: 'none' } as const;
  const sink = createKafkaLogSink(client, { topic, partitions, ...limits });
  await sink.start();
  await sink.append(entries);
  await sink.stop();
}

function rowsOf(rounds: readonly Round[], bytes: number): Row[] {
  const size = `events of ${bytes} bytes on average, content stored`;
  const by = (figure: (round: Round) => number) => rounds.map(figure);
  const micros = 'microseconds an event';
  return [
    row('durable end to end / the slower of consume + parse and raw insert', 'of throughput', by(slowerRatio), {
      ask: { atLeast: 0.8 },
      note: `one worker over Kafka, store in another process; ${size}`,
    }),
    row(
      'durable end to end / consume + parse',
      'of throughput',
      by(({ worker, consume }) => consume / worker),
    ),
    row(
      'durable end to end / raw insert',
      'of throughput',
      by(({ worker, insert }) => insert / worker),
      {
        note: 'raw insert: blocks of 2,000 rows encoded beforehand, sent over HTTP one after another into the same table',
      },
    ),
    row(
      'durable end to end / JSON.parse alone',
      'of throughput',
      by(({ worker, parse }) => parse / worker),
      {
        ask: { atLeast: 0.12 },
        note: size,
      },
    ),
    row(
      'durable end to end',
      micros,
      by(({ worker }) => worker),
    ),
    row(
      'kafkajs consume + parse',
      micros,
      by(({ consume }) => consume),
    ),
    row(
      'durable end to end, processor time',
      micros,
      by(({ workerCpu }) => workerCpu),
      { note: CPU_NOTE },
    ),
    row(
      'kafkajs consume + parse, processor time',
      micros,
      by(({ consumeCpu }) => consumeCpu),
      { note: CPU_NOTE },
    ),
    row(
      'raw insert',
      micros,
      by(({ insert }) => insert),
    ),
    row(
      'JSON.parse',
      micros,
      by(({ parse }) => parse),
    ),
    row(
      'peer: kafkajs, JSON.parse, JSONEachRow insert',
      micros,
      by(({ plain }) => plain),
      {
        note: 'reads, parses and stores six columns and the record; no validation, no state, no scores, no exactly-once',
      },
    ),
    ...bytewaxRows(rounds, micros),
  ];
}

function bytewaxRows(rounds: readonly Round[], unit: string): Row[] {
  const figures = rounds.flatMap(({ bytewax }) => bytewax ?? []);
  const note =
    'the same work as the loop above: Kafka source, json.loads, JSONEachRow insert of 2,000 rows; one process';
  return figures.length === 0 ? [] : [row('peer: bytewax', unit, figures, { note })];
}

const slowerRatio = ({ worker, consume, insert }: Round): number => Math.max(consume, insert) / worker;

/** A peer that does not run is told of, and left out. */
async function bytewaxOf(
  python: string | undefined,
  site: Site,
  round: number,
  events: number,
  progress: MeasureOptions['progress'],
): Promise<Pick<Round, 'bytewax'>> {
  if (python === undefined) return {};
  try {
    return { bytewax: await runBytewax(python, site, round, events) };
  } catch (error) {
    progress(`bytewax does not run: ${error}`);
    return {};
  }
}

/** Microseconds. */
function timed(work: () => void): number {
  const startedMs = performance.now();
  work();
  return (performance.now() - startedMs) * 1000;
}
