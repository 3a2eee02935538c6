/**
 * `npx tsx test/bench/calibration.ts --out calibration.html`: do the p values come true? Lives benign worlds through the whole pipeline and
 * holds the share of sessions that reached a p against that p, by detector and age of the agent; counts false alerts per agent-day.
 * One JSON object on standard output, one HTML page with plots. The same options give the same figures.
 */
import { writeFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { Command, InvalidArgumentError } from 'commander';
import { DETECTORS } from '../../detectors/registry.ts';
import { type BenignWorld, LATER_DAYS, liveBenignWorld } from '../support/benign-world.ts';
import { calibrationPage } from '../support/calibration-page.ts';
import { calibrationRows, falseAlerts } from '../support/calibration-table.ts';

interface Options {
  readonly out: string;
  readonly worlds: number;
  readonly agents: number;
  readonly days: number;
  readonly seed: string;
  readonly budget: number;
  readonly analyst: boolean;
}

/** @returns a parser of whole numbers in [min, max] */
const whole = (min: number, max: number) => (text: string) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max) throw new InvalidArgumentError(`${min} to ${max}.`);
  return value;
};

function budgetOf(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1)) throw new InvalidArgumentError('Above 0, at most 1.');
  return value;
}

const command = new Command('calibration')
  .description('Holds the p values of all detectors against how often benign sessions reach them.')
  .requiredOption('--out <file>', 'page to write, HTML; replaced if it exists')
  .option('--worlds <n>', 'worlds to live through, each from a seed of its own', whole(1, 100), 3)
  .option('--agents <n>', 'agents in each of the two fleets of a world', whole(1, 200), 14)
  .option('--days <n>', `days of a world; its second fleet joins after ${LATER_DAYS}`, whole(LATER_DAYS + 8, 365), 38)
  .option('--seed <text>', 'names the worlds', 'calibration')
  .option('--budget <rate>', 'false alerts allowed per agent-day', budgetOf, 0.02)
  .option(
    '--analyst',
    'every alert is closed as a false positive after a day; without it nobody looks at alerts',
    false,
  )
  .action(run);
await command.parseAsync().catch((error: Error) => command.error(`error: ${error.message}`));

async function run({ out, worlds: count, agents, days, seed, budget, analyst }: Options): Promise<void> {
  const startedMs = performance.now();
  const worlds: BenignWorld[] = [];
  for (let n = 1; n <= count; n++) {
    worlds.push(liveBenignWorld({ seed: `${seed}-${n}`, agents, days, alertBudget: budget, analyst }));
    if (process.stderr.isTTY) process.stderr.write(`world ${n} of ${count}\n`);
  }
  const names = DETECTORS.map(({ name }) => name);
  const rows = calibrationRows(worlds, names);
  const alerts = falseAlerts(worlds, names);
  const size = sizeOf(worlds);
  const basis = `${size.agents} simulated agents, ${size.agentDays} agent-days, ${size.sessions} sessions, ${size.events} events in ${count} worlds (seed ${seed}): no attacks, honest changes, half of the agents join after ${LATER_DAYS} days. Alert budget ${budget} per agent-day; ${analyst ? 'every alert is dismissed after a day' : 'nobody looks at alerts'}.`;
  await writeFile(out, calibrationPage({ title: 'Calibration of the detectors', basis, rows, alerts }));
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  process.stdout.write(`${JSON.stringify({ ...size, seed, budget, analyst, seconds, alerts, rows }, null, 1)}\n`);
}

function sizeOf(worlds: readonly BenignWorld[]) {
  const days = worlds.flatMap(({ agentDays }) => [...agentDays.values()]);
  return {
    worlds: worlds.length,
    agents: days.length,
    agentDays: Math.round(days.reduce((sum, one) => sum + one, 0)),
    sessions: worlds.reduce((sum, { sessions }) => sum + sessions.length, 0),
    events: worlds.reduce((sum, { events }) => sum + events, 0),
  };
}
