import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { Command, InvalidArgumentError } from 'commander';
import { type CommandContext, CommandFailure, EXIT } from '../context.ts';
import { type Corpus, type CorpusOptions, simulateCorpus } from '../simulate/corpus.ts';
import { corpusLabels } from '../simulate/corpus-labels.ts';
import { SMALL_FLEET, simulateFleet } from '../simulate/fleet.ts';

interface SimulateOptions {
  seed: string;
  out: string;
  labels?: string;
  small?: boolean;
  corpus?: boolean;
  agents?: number;
}

export const simulateCommand = (context: CommandContext): Command =>
  new Command('simulate')
    .description('Writes the events of a simulated fleet with planted attacks, for trying things out.')
    .option('--seed <n>', 'the same seed gives the same events', '1')
    .option('--small', 'fewer agents, days and events')
    .option('--corpus', 'instead: agents of three ages, attacks at three paces, labels for `picket evaluate`')
    .option(
      '--agents <n>',
      'agents of the corpus, 4 to 1000 (default: for each attack at each pace and age)',
      wholeNumber,
    )
    .requiredOption('--out <file>', 'file to write (.gz: compressed), or - for standard output')
    .option(
      '--labels <file>',
      'file for the planted stories and honest changes, as JSON; of a corpus a line for each session',
    )
    .action((options: SimulateOptions) =>
      options.corpus === true ? corpus(context, options) : simulate(context, options),
    );

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new InvalidArgumentError('Give a whole number.');
  return value;
}

async function corpus({ terminal }: CommandContext, options: SimulateOptions): Promise<void> {
  if (options.small === true) throw new CommandFailure('--corpus goes without --small: give --agents.', EXIT.usage);
  const { seed, agents, out, labels } = options;
  const written = corpusOf(agents === undefined ? { seed } : { seed, agents });
  await writeLines(out, written.events);
  if (labels !== undefined) await writeLines(labels, corpusLabels(written));
  const { events, agents: members, attacks } = written;
  terminal.err(`${events.length} events of ${members.length} agents, ${attacks.length} stories.`);
}

function corpusOf(options: CorpusOptions): Corpus {
  try {
    return simulateCorpus(options);
  } catch (error) {
    if (error instanceof RangeError) throw new CommandFailure(`${error.message}.`, EXIT.usage);
    throw error;
  }
}

async function simulate(context: CommandContext, options: SimulateOptions): Promise<void> {
  if (options.agents !== undefined) throw new CommandFailure('--agents goes with --corpus.', EXIT.usage);
  const fleet = simulateFleet({ seed: options.seed, ...(options.small === true ? SMALL_FLEET : {}) });
  await writeLines(options.out, fleet.events);
  const { stories, changes, agents } = fleet;
  if (options.labels !== undefined) await writeLines(options.labels, [{ stories, changes, agents }]);
  context.terminal.err(`${fleet.events.length} events of ${agents.length} agents, ${stories.length} stories.`);
}

async function writeLines(path: string, values: Iterable<unknown>): Promise<void> {
  const file: Writable = path === '-' ? process.stdout : createWriteStream(path);
  const gzip = path.endsWith('.gz') ? createGzip() : undefined;
  gzip?.pipe(file);
  const target: Writable = gzip ?? file;
  for (const value of values) {
    if (!target.write(`${JSON.stringify(value)}\n`)) await new Promise((resolve) => target.once('drain', resolve));
  }
  if (target === process.stdout) return;
  target.end();
  await finished(file);
}
