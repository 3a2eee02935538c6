/**
 * `tsx test/bench/demo-seeds.ts [N]`: `picket demo --small` for the seeds 1 to N (default 20), two at a time, and how its results
 * are spread. Ends with 1 when a run does not complete or an alert's webhook is missing.
 */
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import type { DemoSummary } from '../../cli/demo/report.ts';
import { table } from '../../cli/table.ts';
import { runPicket } from '../support/picket-process.ts';

const { positionals } = parseArgs({ allowPositionals: true });
const SEEDS = Number(positionals[0] ?? 20);
/** A run waits for its own webhooks much of the time. */
const AT_ONCE = 2;
if (!Number.isInteger(SEEDS) || SEEDS < 1 || SEEDS > 1000) throw new RangeError('The number of seeds is 1 to 1000.');

interface SeedRun {
  readonly seed: number;
  /** Undefined when the run did not complete. */
  readonly summary: DemoSummary | undefined;
  /** What it said about it. */
  readonly complaint: string;
}

async function runSeed(seed: number): Promise<SeedRun> {
  const { code, stdout, stderr } = await runPicket(['demo', '--small', '--json', '--seed', String(seed)]);
  if (code !== 0) return { seed, summary: undefined, complaint: `ended with ${code}: ${stderr}` };
  const summary = JSON.parse(stdout) as DemoSummary;
  // The demo's clock runs with its events: none of its alerts is backfill, and its playbook takes all from low on.
  const missing = summary.alerts - summary.webhooks_delivered;
  return { seed, summary, complaint: missing === 0 ? '' : `${missing} webhooks are missing` };
}

function spreadOf(values: readonly number[]): string[] {
  const sorted = [...values].sort((a, b) => a - b);
  const [min = 0, max = 0] = [sorted[0], sorted.at(-1)];
  const median = ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2;
  return [min, median, max].map((value) => String(Number(value.toFixed(4))));
}

function rowOf({ seed, summary, complaint }: SeedRun): string[] {
  if (summary === undefined) return [String(seed), '-', '-', '-', '-', '-', complaint];
  const { caught, stories, false_alerts_per_agent_day: falseAlerts, alerts, webhooks_delivered, seconds } = summary;
  const numbers = [falseAlerts, alerts, webhooks_delivered, seconds].map(String);
  return [String(seed), `${caught}/${stories}`, ...numbers, complaint];
}

const startedMs = performance.now();
const runs: SeedRun[] = [];
let next = 1;
async function runNext(): Promise<void> {
  for (let seed = next++; seed <= SEEDS; seed = next++) runs[seed - 1] = await runSeed(seed);
}
await Promise.all(Array.from({ length: AT_ONCE }, runNext));

const done = runs.flatMap(({ summary }) => summary ?? []);
const caught = done.reduce((sum, one) => sum + one.caught, 0);
const stories = done.reduce((sum, one) => sum + one.stories, 0);
const head = ['seed', 'caught', 'false/agent-day', 'alerts', 'webhooks', 'seconds', 'complaint'];
const spread = [
  ['caught share', ...spreadOf(done.map((one) => one.caught / Math.max(1, one.stories)))],
  ['false alerts per agent-day', ...spreadOf(done.map((one) => one.false_alerts_per_agent_day))],
  ['seconds', ...spreadOf(done.map((one) => one.seconds))],
];
process.stdout.write(
  `${[
    table(head, runs.map(rowOf)),
    table(['over all seeds', 'min', 'median', 'max'], spread),
    `${caught} of ${stories} stories caught in ${done.length} of ${SEEDS} runs, ${((performance.now() - startedMs) / 1000).toFixed(0)} s in all`,
  ].join('\n\n')}\n`,
);
if (runs.some(({ complaint }) => complaint !== '')) process.exitCode = 1;
