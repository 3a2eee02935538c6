/**
 * `npm run bench:series -- --series SERIES.jsonl.gz --out SCORES.jsonl`: the level statistic of
 * `test/support/level-series` over labelled time series, as one score in [0, 1] a row, for a scorer that knows the labels. It runs here
 * only: no detector uses it, and what it scores says nothing about theirs. Streaming: a row is scored before it is learned, each file
 * by a model of its own, all with the same default settings.
 *
 * score = min(1, -log10 p / 8), the scale of the detectors; 0 for what belongs to an incident that was told already.
 */
import { open } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { Command } from 'commander';
import {
  emptyLevelSeries,
  judgeLevel,
  LEVEL_DEFAULTS,
  type LevelSeries,
  learnLevel,
} from '../support/level-series/level-series.ts';
import { INCIDENT_DEFAULTS, noIncident, type OpenIncident, tell } from '../support/level-series/open-incident.ts';

interface Options {
  readonly series: string;
  readonly out: string;
}

interface Row {
  readonly file: string;
  readonly i: number;
  readonly tMs: number;
  readonly value: number;
}

interface Stream {
  readonly level: LevelSeries;
  readonly incident: OpenIncident;
}

const SURPRISE_MAX = 8;

const command = new Command('bench:series')
  .description(
    'Scores time series row by row with the level statistic, for a scorer that knows the labels.\n' +
      'Reads lines {file, i, ts, value} in order of time within a file; writes lines {file, i, score}.',
  )
  .requiredOption('--series <file>', 'series to score, JSON Lines, .gz or not')
  .requiredOption('--out <file>', 'scores to write, JSON Lines; replaced if it exists')
  .action(run);
await command.parseAsync().catch((error: Error) => command.error(`error: ${error.message}`));

async function run({ series, out }: Options): Promise<void> {
  const startedMs = performance.now();
  const streams = new Map<string, Stream>();
  const scores: string[] = [];
  for await (const row of rowsOf(series)) {
    scores.push(JSON.stringify({ file: row.file, i: row.i, score: scoreRow(streamOf(streams, row.file), row) }));
  }
  if (scores.length === 0) throw new Error(`${series} has no rows.`);
  const elapsedMs = performance.now() - startedMs;
  // Only when all rows were good: half a file of scores would be scored as if the rest were quiet.
  const target = await open(out, 'w');
  await target.writeFile(`${scores.join('\n')}\n`).finally(() => target.close());
  const perRow = Number(((elapsedMs * 1000) / scores.length).toPrecision(3));
  process.stdout.write(`${JSON.stringify({ series: streams.size, rows: scores.length, us_per_row: perRow, out })}\n`);
}

function streamOf(streams: Map<string, Stream>, file: string): Stream {
  const known = streams.get(file);
  if (known !== undefined) return known;
  const fresh = { level: emptyLevelSeries(), incident: noIncident() };
  streams.set(file, fresh);
  return fresh;
}

function scoreRow({ level, incident }: Stream, { value, tMs }: Row): number {
  const { p } = judgeLevel(level, value, tMs, LEVEL_DEFAULTS);
  learnLevel(level, value, tMs, LEVEL_DEFAULTS);
  const told = tell(incident, p, tMs, INCIDENT_DEFAULTS);
  return told === 'told' ? 0 : Math.min(1, Math.max(0, -Math.log10(p) / SURPRISE_MAX));
}

async function* rowsOf(path: string): AsyncGenerator<Row> {
  // Opened first, so that a missing file is an error of ours and not of a stream nobody listens to.
  const source = (await open(path)).createReadStream();
  const input = path.endsWith('.gz') ? source.pipe(createGunzip()) : source;
  let number = 0;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    if (line !== '') yield rowOf(line, `${path}:${number}`);
  }
}

function rowOf(line: string, place: string): Row {
  const { file, i, ts, value } = parsed(line, place);
  const tMs = typeof ts === 'string' ? Date.parse(ts) : Number.NaN;
  if (typeof file !== 'string' || typeof i !== 'number' || !Number.isFinite(tMs) || !Number.isFinite(value)) {
    throw new Error(`${place}: a row is {file: text, i: number, ts: ISO 8601 time, value: finite number}.`);
  }
  return { file, i, tMs, value: value as number };
}

function parsed(line: string, place: string): Record<string, unknown> {
  try {
    return (JSON.parse(line) ?? {}) as Record<string, unknown>;
  } catch (cause) {
    throw new Error(`${place}: not JSON.`, { cause });
  }
}
