import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { Command } from 'commander';
import { DETECTORS } from '../../detectors/registry.ts';
import { createScoring } from '../../detectors/scoring.ts';
import { visible } from '../../ingest/untrusted-text.ts';
import { type CommandContext, CommandFailure, configOf, EXIT } from '../context.ts';
import { counted } from '../counted.ts';
import { createFileReader } from '../file-events.ts';
import { startProgress } from '../progress.ts';
import { type ScoredEvent, scoredEvents } from '../scored-events.ts';
import { createScorer } from '../scorer.ts';
import { settingsOf } from '../scoring-settings.ts';
import { timeOf } from '../time-option.ts';

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

async function score(context: CommandContext, options: ScoreOptions): Promise<void> {
  if (options.freeze === true && options.until === undefined)
    throw new CommandFailure('--freeze needs --until.', EXIT.usage);
  const { terminal } = context;
  const settings = settingsOf(configOf(context, options));
  const scorer = createScorer(createScoring(DETECTORS, settings.baseline), settings);
  const { history, until: untilMs, episodes, freeze = false } = options;
  const output = openOutput(options.out);
  const progress = startProgress(terminal, 'score', 0, 'events');
  const reader = createFileReader({ now: Date.now, complain: terminal.err, onEvent: (done) => progress.update(done) });
  for await (const scored of scoredEvents({ history, untilMs, episodes, freeze }, scorer, reader))
    await output.write(lineOf(scored));
  progress.end();
  await output.end();
  terminal.err(`${counted(reader.events, 'event')} read, ${output.lines} scored, ${reader.refused} refused.`);
}

const lineOf = ({ entry: { event }, verdict }: ScoredEvent): string =>
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
      if (!stream.write(`${visible(line)}\n`)) await new Promise((resolve) => stream.once('drain', resolve));
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
