import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import { SMALL_FLEET, simulateFleet } from '../simulate/fleet.ts';

interface SimulateOptions {
  seed: string;
  out: string;
  labels?: string;
  small?: boolean;
}

export const simulateCommand = (context: CommandContext): Command =>
  new Command('simulate')
    .description('Writes the events of a simulated fleet with planted attacks, for trying things out.')
    .option('--seed <n>', 'the same seed gives the same events', '1')
    .option('--small', 'fewer agents, days and events')
    .requiredOption('--out <file>', 'file to write (.gz: compressed), or - for standard output')
    .option('--labels <file>', 'file for the planted stories and honest changes, as JSON')
    .action((options: SimulateOptions) => simulate(context, options));

async function simulate(context: CommandContext, options: SimulateOptions): Promise<void> {
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
