import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { Command, InvalidArgumentError } from 'commander';
import type { Verdict } from '../../baselines/verdict.ts';
import { DETECTORS } from '../../detectors/registry.ts';
import { createScoring } from '../../detectors/scoring.ts';
import { createIntake } from '../../ingest/intake.ts';
import { readLines } from '../../ingest/lines.ts';
import type { EventEntry } from '../../ingest/log.ts';
import { createNormaliser } from '../../ingest/normalise.ts';
import { type CommandContext, CommandFailure, configOf, EXIT } from '../context.ts';
import { startProgress } from '../progress.ts';
import { createScorer, type Scorer } from '../scorer.ts';
import { createSessionSplitter } from '../session-splitter.ts';
import { DEFAULT_TENANT } from '../tenant.ts';
import { settingsOf } from '../worker.ts';

interface ScoreOptions {
  history: string;
  until?: number;
  episodes?: string;
  freeze?: boolean;
  out: string;
  config?: string;
}

export const scoreCommand = (context: CommandContext): Command =>
  new Command('score')
    .description('Scores files without any server, by the same steps as the worker: one line of JSON per event.')
    .requiredOption('--history <file>', 'events to learn from, in order of time (JSON Lines, optionally gzip)')
    .option('--until <time>', 'events before this time (RFC 3339) are learned and not printed', timeOf)
    .option('--episodes <file>', 'sessions of their own, each scored alone against what was learned')
    .option('--freeze', 'score every session that starts at or after --until alone, against the state at that time')
    .requiredOption('--out <file>', 'file to write, or - for standard output')
    .option('--config <file>', 'configuration file')
    .action((options: ScoreOptions) => score(context, options));

function timeOf(text: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new InvalidArgumentError('A time looks like 2026-02-04T00:00:00Z.');
  return time;
}

/**
 * Redaction needs a key, and nothing is stored here that it could protect. A fixed one makes two runs give the same file.
 */
const SCORING_KEY = new Uint8Array(32);

async function score(context: CommandContext, options: ScoreOptions): Promise<void> {
  if (options.freeze === true && options.until === undefined)
    throw new CommandFailure('--freeze needs --until.', EXIT.usage);
  const { terminal } = context;
  const settings = settingsOf(configOf(context, options));
  const scorer = createScorer(createScoring(DETECTORS, settings.baseline), settings);
  const output = openOutput(options.out);
  const refused = { count: 0 };
  const fromMs = options.until ?? Number.NEGATIVE_INFINITY;
  const alone = options.freeze === true ? createSessionSplitter(fromMs) : undefined;
  const progress = startProgress(terminal, 'score', 0, 'events');
  let done = 0;
  for await (const entry of entriesOf(options.history, terminal.err, refused)) {
    progress.update(++done);
    if (alone?.takes(entry) === true) continue;
    const verdict = scorer.score(entry);
    if (entry.event.time >= fromMs) await output.write(lineOf(entry, verdict));
  }
  scorer.freeze(options.until ?? scorer.newestMs());
  for (const session of alone?.sessions() ?? []) await scoreAlone(scorer, session, output);
  if (options.episodes !== undefined) {
    const episodes = createSessionSplitter(Number.NEGATIVE_INFINITY);
    for await (const entry of entriesOf(options.episodes, terminal.err, refused)) {
      progress.update(++done);
      episodes.takes(entry);
    }
    for (const session of episodes.sessions()) await scoreAlone(scorer, session, output);
  }
  progress.end();
  await output.end();
  terminal.err(`${done} events read, ${output.lines} scored, ${refused.count} refused.`);
}

async function scoreAlone(scorer: Scorer, session: readonly EventEntry[], output: Output): Promise<void> {
  const own = scorer.alone();
  for (const entry of session) await output.write(lineOf(entry, own.score(entry)));
}

async function* entriesOf(
  file: string,
  complain: (text: string) => void,
  refused: { count: number },
): AsyncGenerator<EventEntry> {
  const intake = createIntake({ normalise: createNormaliser({ redactionKey: SCORING_KEY }) });
  for await (const { line, number, prefixDigest } of readLines(file)) {
    const place = { source: 'file', sourcePosition: String(number), fallbackId: `file:${prefixDigest}` };
    const admitted = intake.admit(line, { tenant: DEFAULT_TENANT, receivedMs: Date.now(), ...place });
    if (!admitted.ok) {
      refused.count += 1;
      const { code, field, message } = admitted.letter;
      if (refused.count <= 10) complain(`${file}:${number}: ${code}${field === '' ? '' : ` at ${field}`}: ${message}`);
      continue;
    }
    // As if it had arrived when it happened: a file has no receipt times, and scores must not depend on today's date.
    yield { ...admitted.entry, receivedMs: admitted.entry.event.time };
  }
}

const lineOf = ({ event }: EventEntry, verdict: Verdict): string =>
  JSON.stringify({
    id: event.id,
    session: verdict.session,
    agent: event.agent.id,
    score: verdict.score,
    alert: verdict.hits.length > 0,
    detectors: verdict.detectors,
  });

interface Output {
  write(line: string): Promise<void>;
  end(): Promise<void>;
  readonly lines: number;
}

function openOutput(path: string): Output {
  const stream: Writable = path === '-' ? process.stdout : createWriteStream(path);
  let lines = 0;
  return {
    async write(line) {
      lines += 1;
      if (!stream.write(`${line}\n`)) await new Promise((resolve) => stream.once('drain', resolve));
    },
    async end() {
      if (stream === process.stdout) return;
      stream.end();
      await finished(stream);
    },
    get lines() {
      return lines;
    },
  };
}
