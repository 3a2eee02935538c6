/** The stages before and after scoring, each against what it cannot be cheaper than. */
/** The stages before and after scoring, each against what it cannot be cheaper than. */
import { createEventLogStore, eventLogRow, type JudgedRecord } from '../../baselines/event-log-store.ts';
import { decodeRecord } from '../../ingest/decode.ts';
import { decodeEntry, encodeEntry } from '../../ingest/kafka/envelope.ts';
import type { EventEntry } from '../../ingest/log.ts';
import { openTemporaryStore } from '../support/embedded-store.ts';
import { createPipelineBench } from '../support/pipeline-bench.ts';
import { openBenchApp } from './bench-app.ts';
import { admitAll, BENCH_TENANT, fleetLines, freshIds, inBatches, newIntake, parseAll } from './bench-events.ts';
import { type MeasureOptions, type Row, summedUp } from './measurement.ts';
import { measureRatio, type Work } from './ratio.ts';

const BATCH = 2000;

type Against = (what: string, first: Work, second: Work) => Promise<Row>;

export async function measureStages({ quick, progress }: MeasureOptions): Promise<Row[]> {
  const lines = fleetLines(quick ? 4000 : 8000);
  const pairs = quick ? 3 : 7;
  const against: Against = async (what, first, second) => {
    progress(what);
    const ratio = await measureRatio(what, lines.length, first, second, pairs);
    const note = `${ratio.first_us} against ${ratio.second_us} microseconds an event`;
    return summedUp(what, 'ratio', { ...ratio, pairs }, { note });
  };
  const intake = newIntake();
  const entries = admitAll(lines, intake, Date.now());
  const judged = judgeAll(entries);
  const received = receivedOf(entries);
  const parse = () => parseAll(lines);
  return [
    await against('decode / JSON.parse', () => void lines.map(decodeRecord), parse),
    await against('decode + validate + normalise / JSON.parse', () => void admitAll(lines, intake, Date.now()), parse),
    await against('envelope of the log, written / JSON.parse', () => void entries.map(encodeEntry), parse),
    await against('envelope of the log, read / JSON.parse', () => void received.map((one) => decodeEntry(one)), parse),
    await against('row of the log / JSON.parse', () => void judged.map(eventLogRow), parse),
    await sinkRow(judged, against, parse),
    await intakeRow(lines, against, parse),
  ];
}

function judgeAll(entries: readonly EventEntry[]): JudgedRecord[] {
  const bench = createPipelineBench({ tenant: BENCH_TENANT });
  return entries.map((entry) => bench.append({ ...entry, receivedMs: entry.event.time }));
}

/** As a consumer hands them over. */
const receivedOf = (entries: readonly EventEntry[]) =>
  entries.map(encodeEntry).map(({ key, value, headers }) => ({
    key: Buffer.from(key ?? ''),
    value: Buffer.from(value),
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
    timestamp: '0',
  }));

async function sinkRow(judged: readonly JudgedRecord[], against: Against, parse: Work): Promise<Row> {
  const { store, close } = await openTemporaryStore();
  try {
    const log = createEventLogStore(store);
    const write = async () => {
      for (const batch of inBatches(judged, BATCH)) await log.write(batch);
    };
    return await against('rows into the log, durable / JSON.parse', write, parse);
  } finally {
    await close();
  }
}

/** In one process, from bytes to acknowledged. Fresh ids are made beforehand. */
async function intakeRow(lines: readonly Buffer[], against: Against, parse: Work): Promise<Row> {
  const { app, close } = await openBenchApp();
  const rounds = Array.from({ length: ROUNDS_MAX }, (_, round) => inBatches(freshIds(lines, round), BATCH));
  let round = 0;
  const deliver = async () => {
    for (const batch of rounds[round % ROUNDS_MAX] ?? [])
      await app.intake.accept(BENCH_TENANT, batch, { requestId: `r${round}` });
    round += 1;
  };
  try {
    return await against('intake to acknowledged, one process / JSON.parse', deliver, parse);
  } finally {
    await close();
  }
}

/** Pairs and the warm-up. */
const ROUNDS_MAX = 8;
