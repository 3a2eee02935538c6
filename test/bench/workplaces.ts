/**
 * `npm run bench:workplaces`: the tables of docs/evaluate.md, "Invented workplaces", and of the records in docs/adr that speak of them. Each
 * seed is made, judged as by `picket evaluate` with a frozen baseline, and its sessions are put together as a row asks. Some minutes; the same
 * seeds give the same figures.
 */
import { Command } from 'commander';
import { judgeWorkplaces, type WorkplaceRun, type WorkplaceSeed } from '../support/workplaces-run.ts';
import { figuresOf, markdownOf, type Pool } from '../support/workplaces-tables.ts';
import { LATEST_WORKPLACES, NAMED_WORKPLACES, WORKPLACES } from '../workplaces/registry.ts';
import { judgeSeed, report } from './seed-report.ts';

interface Options {
  readonly json: boolean;
  readonly out?: string;
}

const EIGHT = WORKPLACES.map(({ name }) => name);
const WRITTEN_LATER = NAMED_WORKPLACES.map(({ name }) => name);
const LATEST = LATEST_WORKPLACES.map(({ name }) => name);
/** With which decisions were made: their attacks and benign sessions were followed one by one. */
const LOOKED_AT = ['accounts-payable', 'clinic-desk', 'on-call', 'shop-support'];
const LOOKED_AT_LATER = ['claims-desk', 'software-team'];
const NEVER_LOOKED_AT = EIGHT.filter((name) => !LOOKED_AT.includes(name));

/** What the software team's attackers have done by one command line. */
const COMMAND_LINES = ['nightly_cron', 'dns_drip', 'env_upload', 'curl_to_shell', 'typo_package', 'wipe_folder'];

const SEEDS: readonly WorkplaceSeed[] = [
  ...['21', '34', '51'].map((seed) => ({ seed, workplaces: EIGHT })),
  ...['41', '52'].map((seed) => ({ seed, workplaces: WRITTEN_LATER })),
  ...['61', '72'].map((seed) => ({ seed, workplaces: LATEST })),
  ...['11', '12', '31'].map((seed) => ({ seed, workplaces: LOOKED_AT })),
];

const POOLS: readonly Pool[] = [
  { name: 'eight, seed 21', seeds: ['21'], workplaces: EIGHT },
  { name: 'eight, seed 34', seeds: ['34'], workplaces: EIGHT },
  { name: 'eight, seed 51', seeds: ['51'], workplaces: EIGHT },
  { name: 'of seed 21, the four that were never looked at', seeds: ['21'], workplaces: NEVER_LOOKED_AT },
  { name: 'four written later, seed 41', seeds: ['41'], workplaces: WRITTEN_LATER },
  { name: 'of that, claims desk and software team', seeds: ['41'], workplaces: LOOKED_AT_LATER },
  { name: 'of that, newsroom and research data', seeds: ['41'], workplaces: ['newsroom', 'research-data'] },
  { name: 'four written later, seed 52', seeds: ['52'], workplaces: WRITTEN_LATER },
  ...['61', '72'].map((seed) => ({ name: `the latest four, seed ${seed}`, seeds: [seed], workplaces: LATEST })),
  ...['41', '52'].map((seed) => ({
    name: `attacks by one command line, seed ${seed}`,
    seeds: [seed],
    workplaces: ['software-team'],
    goals: COMMAND_LINES,
  })),
  {
    name: 'pooled: those looked at, seeds 11, 12, 31, 41',
    seeds: ['11', '12', '31', '41'],
    workplaces: [...LOOKED_AT, ...LOOKED_AT_LATER],
  },
];

async function run({ json, out }: Options): Promise<void> {
  const runs: WorkplaceRun[] = [];
  for (const one of SEEDS)
    runs.push(await judgeSeed(one.seed, (folder, onEvent) => judgeWorkplaces(one, folder, onEvent)));
  const figures = figuresOf(runs, POOLS);
  await report(json ? JSON.stringify(figures, null, 1) : markdownOf(figures), out);
}

const command = new Command('workplaces')
  .description('Makes the invented workplaces, judges them, and prints the tables of docs/evaluate.md.')
  .option('--json', 'one JSON object instead of Markdown', false)
  .option('--out <file>', 'write to this file; it is replaced if it exists')
  .action(run);
await command.parseAsync().catch((error: Error) => command.error(`error: ${error.message}`));
