/**
 * `npm run test:sim -- --seeds N [--from S] [--seed S] [--json]`: seeds one after the other, each a run of its own. A seed that fails is
 * printed with what was found, and `--seed S` repeats it exactly, with its whole history.
 */
import { setImmediate as macrotask } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startProgress } from '../../cli/progress.ts';
import { behindHttpFront, behindIntakeStage, drawExtras, NO_EXTRAS, onSingleMachine } from './extras.ts';
import { type FaultKind, NO_FAULTS } from './faults.ts';
import { simulate } from './simulation.ts';
import type { SimulationOptions, SimulationResult } from './simulation-options.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    plain: { type: 'boolean', default: false },
    embedded: { type: 'boolean', default: false },
    intake: { type: 'boolean', default: false },
    front: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const HELP = `Runs the worker under simulated faults and checks what it did.

  --seeds N   how many seeds (default 200)
  --from S    the first of them (default 1)
  --seed S    this one only, and its history
  --plain     without the extras: what seeds did before there were any
  --embedded  on a single machine, whose log is in its one process; every fourth seed on a store that holds nothing
  --intake    with the intake stage, which reads a topic that others write
  --front     with the HTTP intake before the topic of the log
  --json      one object with the figures

An interrupt (Ctrl-C) ends it after the seed in hand, with the figures of those that were run.
`;

function optionsOf(seed: number): SimulationOptions {
  if (!values.plain && !values.embedded && !values.intake && !values.front) return { seed };
  const extras = values.plain ? NO_EXTRAS : drawExtras(seed);
  if (values.front) return { seed, extras: behindHttpFront(extras) };
  if (values.intake) return { seed, extras: behindIntakeStage(extras) };
  const firstStart = seed % 4 === 0;
  return { seed, extras: values.embedded ? { ...onSingleMachine(extras), firstStart } : extras };
}

const FAILURES_SHOWN_MAX = 20;
const out = (text: string) => process.stdout.write(`${text}\n`);

async function replay(seed: number): Promise<boolean> {
  const result = await simulate({ ...optionsOf(seed), keepHistory: true });
  for (const line of result.history) out(line);
  show(seed, result);
  return result.findings.length === 0;
}

function show(seed: number, { findings, digest, calls, records }: SimulationResult): void {
  out(`seed ${seed}: ${findings.length} findings, ${records} records, ${calls} port calls, history ${digest}`);
  for (const finding of findings) out(`  ${finding}`);
}

async function runMany(from: number, count: number): Promise<boolean> {
  const terminal = { out, err: out, interactive: process.stderr.isTTY ?? false, columns: process.stdout.columns ?? 80 };
  const progress = startProgress(terminal, 'simulating', count, 'seeds');
  const startMs = performance.now();
  const faults: Record<FaultKind, number> = { ...NO_FAULTS };
  const failed: number[] = [];
  const sums = { records: 0, calls: 0, alerts: 0, virtualHours: 0 };
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  let seed = from;
  for (; seed < from + count && !interrupt.signal.aborted; seed++) {
    const result = await simulate(optionsOf(seed));
    for (const kind of Object.keys(faults) as FaultKind[]) faults[kind] += result.faults[kind];
    sums.records += result.records;
    sums.calls += result.calls;
    sums.alerts += result.alerts;
    sums.virtualHours += Math.round(result.virtualMs / 3_600_000);
    if (result.findings.length > 0) {
      failed.push(seed);
      if (failed.length <= FAILURES_SHOWN_MAX) show(seed, result);
    }
    progress.update(seed - from + 1, `${failed.length} failed`);
    // A run is all microtasks: without this no signal would be heard.
    await macrotask();
  }
  progress.end();
  const seconds = Math.round((performance.now() - startMs) / 1000);
  const seeds = seed - from;
  const summary = { seeds, from, failed, seconds, ...sums, faults };
  out(values.json ? JSON.stringify(summary) : `${seeds} seeds from ${from}, ${failed.length} failed, ${seconds} s`);
  if (!values.json) {
    for (const [kind, number] of Object.entries(faults)) out(`  ${kind} ${number}`);
    for (const seed of failed.slice(0, FAILURES_SHOWN_MAX)) out(`again: npm run test:sim -- --seed ${seed}`);
  }
  return failed.length === 0 && seeds === count;
}

if (values.help) out(HELP);
else {
  const fine =
    values.seed === undefined
      ? await runMany(Number(values.from), Number(values.seeds))
      : await replay(Number(values.seed));
  process.exitCode = fine ? 0 : 1;
}
