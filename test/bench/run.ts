/**
 * `npm run bench`: what each stage costs, as ratios measured in one run, as one JSON object on standard output. Never a verdict and
 * never an absolute time to compare across machines.
 *
 * Work: the events of a simulated fleet (`--events N`, default 8,000), the same for every stage.
 */
import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type AgentState, emptyAgentState } from '../../baselines/agent-state.ts';
import { createEventLogStore, eventLogRow, type JudgedRecord } from '../../baselines/event-log-store.ts';
import { cacheKey } from '../../baselines/state-cache.ts';
import { startApp } from '../../cli/app.ts';
import { loadConfig } from '../../cli/config.ts';
import { createLogger } from '../../cli/logger.ts';
import { createPipeline, emptyPipelineState } from '../../cli/pipeline.ts';
import { simulateFleet } from '../../cli/simulate/fleet.ts';
import { settingsOf } from '../../cli/worker.ts';
import { DETECTORS } from '../../detectors/registry.ts';
import { createScoring } from '../../detectors/scoring.ts';
import { createIntake, type Intake } from '../../ingest/intake.ts';
import type { EventEntry, LogRecord } from '../../ingest/log.ts';
import { createNormaliser } from '../../ingest/normalise.ts';
import { openTemporaryStore, temporaryFolder } from '../support/embedded-store.ts';
import { measureRatio, type Ratio } from './ratio.ts';

const { values } = parseArgs({
  options: { events: { type: 'string', default: '8000' }, pairs: { type: 'string', default: '7' } },
});
const PAIRS = Number(values.pairs);
const BATCH = 2000;

const raw = simulateFleet({ seed: 'bench' })
  .events.slice(0, Number(values.events))
  .map((event) => Buffer.from(JSON.stringify(event)));
const bare = raw.map(withoutContent);
const settings = settingsOf({ halfLifeDays: 14, alertBudget: 0.02 });

function withoutContent(line: Buffer): Buffer {
  const { content: _, ...rest } = JSON.parse(line.toString()) as Record<string, unknown>;
  return Buffer.from(JSON.stringify(rest));
}

const newIntake = (): Intake => createIntake({ normalise: createNormaliser({ redactionKey: new Uint8Array(32) }) });

function parseAll(lines: readonly Buffer[]): void {
  for (const line of lines) JSON.parse(line.toString());
}

function admitAll(lines: readonly Buffer[], intake: Intake): EventEntry[] {
  return lines.flatMap((line, i) => {
    const context = {
      tenant: 'bench',
      receivedMs: Date.now(),
      source: 'bench',
      sourcePosition: String(i),
      fallbackId: String(i),
    };
    const admitted = intake.admit(line, context);
    return admitted.ok ? [admitted.entry] : [];
  });
}

const recordsOf = (entries: readonly EventEntry[]): LogRecord[] =>
  entries.map((entry, position) => ({ partition: 0, position, entry: { ...entry, receivedMs: entry.event.time } }));

function judgeAll(records: readonly LogRecord[]): JudgedRecord[] {
  const states = new Map<string, AgentState>();
  const agent = (key: { tenant: string; agent: string }) => {
    let state = states.get(cacheKey(key));
    if (state === undefined) {
      state = emptyAgentState(key.tenant, key.agent);
      states.set(cacheKey(key), state);
    }
    return state;
  };
  const pipeline = createPipeline(emptyPipelineState(agent), createScoring(DETECTORS, settings.baseline), settings);
  return records.map((record) => pipeline.step(record, 'new'));
}

function batches<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / BATCH) }, (_, i) => items.slice(i * BATCH, (i + 1) * BATCH));
}

async function measureScoring(): Promise<Ratio[]> {
  const intake = newIntake();
  const withContent = recordsOf(admitAll(raw, intake));
  const without = recordsOf(admitAll(bare, intake));
  return [
    await measureRatio(
      'decode + validate + normalise / JSON.parse',
      raw.length,
      () => void admitAll(raw, intake),
      () => parseAll(raw),
      PAIRS,
    ),
    await measureRatio(
      'score + learn / JSON.parse, without content',
      raw.length,
      () => void judgeAll(without),
      () => parseAll(bare),
      PAIRS,
    ),
    await measureRatio(
      'score + learn / JSON.parse, with content',
      raw.length,
      () => void judgeAll(withContent),
      () => parseAll(raw),
      PAIRS,
    ),
  ];
}

/** The sink against the engine itself: the same rows, batches and format, into a table without our checks in front of it. */
async function measureSink(): Promise<Ratio[]> {
  const { store, close } = await openTemporaryStore();
  try {
    const judged = judgeAll(recordsOf(admitAll(raw, newIntake())));
    const log = createEventLogStore(store);
    await log.write(judged.slice(0, 1));
    await store.command(
      'CREATE TABLE bench_rows AS event_log ENGINE = MergeTree ORDER BY (tenant, partition, position) SETTINGS fsync_after_insert = 1, fsync_part_directory = 1',
    );
    const lines = batches(judged).map((batch) => batch.map((one) => JSON.stringify(eventLogRow(one))).join('\n'));
    const ours = async () => {
      for (const batch of batches(judged)) await log.write(batch);
    };
    const engine = async () => {
      for (const batch of lines) await store.command(`INSERT INTO bench_rows FORMAT JSONEachRow\n${batch}`);
    };
    return [
      await measureRatio('event log sink / raw engine insert of the same rows', judged.length, ours, engine, PAIRS),
    ];
  } finally {
    await close();
  }
}

/** Intake to acknowledged, in one process, against parsing alone. Ids are made fresh for each round: a repeat would cost less. */
async function measureEndToEnd(): Promise<Ratio[]> {
  const folder = await temporaryFolder();
  const config = { ...loadConfig({ cwd: folder, env: {} }), logLevel: 'silent' };
  const app = await startApp(config, {
    now: Date.now,
    logger: createLogger('silent'),
    onFailure: (error) => process.stderr.write(`${error}\n`),
  });
  let round = 0;
  const deliver = async () => {
    const prefix = Buffer.from(`{"id":"r${round++}-`);
    const fresh = raw.map((line, i) =>
      Buffer.concat([prefix, Buffer.from(`${i}",`), line.subarray(line.indexOf('"time"'))]),
    );
    for (const batch of batches(fresh)) await app.intake.accept('bench', batch, { requestId: `r${round}` });
  };
  try {
    return [await measureRatio('intake to acknowledged / JSON.parse', raw.length, deliver, () => parseAll(raw), PAIRS)];
  } finally {
    await app.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const ratios = [...(await measureScoring()), ...(await measureSink()), ...(await measureEndToEnd())];
process.stdout.write(
  `${JSON.stringify({ events: raw.length, pairs: PAIRS, bytes_per_event: Math.round(Buffer.concat(raw).length / raw.length), ratios }, null, 2)}\n`,
);
