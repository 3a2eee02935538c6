/**
 * `npm run bench`: all rows of the budget in one run, as one JSON object on standard output, progress on standard error. Ratios within the
 * run, with their spread; never a verdict on wall-clock time.
 *
 *   npm run bench                     everything, at most some 25 minutes
 *   npm run bench -- --quick          everything in small, some 3 minutes: to see that it works
 *   npm run bench -- --only durable   one measurement, or some: durable,scoring
 *   npm run bench -- --table FILE     writes the table of docs/performance.md from the JSON of an earlier run; measures nothing
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import type { Row } from './measurement.ts';
import { MEASUREMENTS } from './measurements.ts';
import { type BenchReport, writeTable } from './performance-page.ts';

interface Options {
  readonly quick: boolean;
  readonly only?: string;
  readonly table?: string;
  readonly child?: string;
  readonly peerPython?: string;
  readonly commit?: string;
}

/** The heap of a measurement may grow this far. */
const HEAP_MIB = 12_288;
const MINUTE_MS = 60_000;

async function run(options: Options): Promise<void> {
  if (options.table !== undefined) return writeTable(JSON.parse(readFileSync(options.table, 'utf8')) as BenchReport);
  if (options.child !== undefined) return runChild(options.child, options);
  const wanted = options.only?.split(',');
  const chosen = MEASUREMENTS.filter(({ name }) => wanted === undefined || wanted.includes(name));
  if (chosen.length < (wanted?.length ?? 1))
    throw new Error(`There is: ${MEASUREMENTS.map(({ name }) => name).join(', ')}.`);
  const startedMs = Date.now();
  const rows: (Row & { readonly measurement: string })[] = [];
  const failed: { measurement: string; reason: string }[] = [];
  for (const { name, minutesMax } of chosen) {
    process.stderr.write(`${name}\n`);
    const outcome = await measure(name, minutesMax * MINUTE_MS, options);
    if (typeof outcome === 'string') failed.push({ measurement: name, reason: outcome });
    else rows.push(...outcome.map((one) => ({ measurement: name, ...one })));
  }
  const report: BenchReport = {
    started: new Date(startedMs).toISOString(),
    ...(options.commit === undefined ? {} : { commit: options.commit }),
    seconds: Math.round((Date.now() - startedMs) / 1000),
    quick: options.quick,
    node: process.version,
    machine: { cores: availableParallelism(), cpu: cpus()[0]?.model ?? 'unknown' },
    rows,
    failed,
  };
  process.stdout.write(`${JSON.stringify(report, null, 1)}\n`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}

/** In a process of its own: heaps and engines of one measurement must not slow the next. A text says why there are no rows. */
function measure(name: string, limitMs: number, { quick, peerPython }: Options): Promise<readonly Row[] | string> {
  const args = ['--expose-gc', `--max-old-space-size=${HEAP_MIB}`, fileURLToPath(import.meta.url), '--child', name];
  if (quick) args.push('--quick');
  if (peerPython !== undefined) args.push('--peer-python', peerPython);
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const limit = setTimeout(() => child.kill('SIGKILL'), limitMs);
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.once('close', (code, signal) => {
      clearTimeout(limit);
      if (signal !== null) resolve(`ended by ${signal} after ${limitMs / MINUTE_MS} minutes`);
      else if (code !== 0) resolve(`ended with code ${code}`);
      else resolve(JSON.parse(out) as Row[]);
    });
  });
}

async function runChild(name: string, { quick, peerPython }: Options): Promise<void> {
  const measurement = MEASUREMENTS.find((one) => one.name === name);
  if (measurement === undefined) throw new Error(`There is no measurement ${name}.`);
  const progress = (text: string) => void process.stderr.write(`  ${text}\n`);
  const rows = await measurement.run({ quick, progress, peerPython });
  await new Promise((resolve) => process.stdout.write(JSON.stringify(rows), resolve));
  process.exit(0);
}

const command = new Command('bench')
  .description('Measures all rows of the budget in one run; one JSON object on standard output.')
  .option('--quick', 'in small, some three minutes', false)
  .option('--only <names>', `some of ${MEASUREMENTS.map(({ name }) => name).join(', ')}`)
  .option('--table <file>', 'write the table of docs/performance.md from the JSON of an earlier run')
  .option('--commit <name>', 'what is measured, for the report')
  .option('--peer-python <path>', 'a Python with bytewax[kafka], to run that peer')
  .option('--child <name>', 'for the program itself: one measurement, rows only')
  .action(run);
await command.parseAsync().catch((error: Error) => command.error(`error: ${error.message}`));
