/**
 * `npm run bench:corpus -- --seeds 1,2,7:84`: the tables of docs/evaluate.md, "A second corpus", over several seeds. Each seed is simulated,
 * judged as by `picket evaluate --online`, and its sessions are put together with those of the others. Some minutes a seed; the same seeds
 * give the same figures.
 */
import { Command, InvalidArgumentError, Option } from 'commander';
import { type CorpusSeed, judgeCorpus, type SeedRun, writeCorpus } from '../support/corpus-run.ts';
import { figuresOf, markdownOf } from '../support/corpus-tables.ts';
import { judgeSeed, report } from './seed-report.ts';

interface Options {
  readonly seeds: readonly CorpusSeed[];
  readonly agents?: number;
  readonly json: boolean;
  readonly out?: string;
}

/** Those of the documents. */
const DEFAULT_SEEDS = '1,2,4,5,7:84,8:84';
const SEEDS_MAX = 100;

/** `1,2,7:84`: seeds, with a number of agents of their own after a colon. */
function seedsOf(text: string): CorpusSeed[] {
  const seeds = text.split(',').map((one) => {
    const [, seed, agents] = /^(\d{1,9})(?::(\d{1,4}))?$/.exec(one.trim()) ?? [];
    if (seed === undefined) throw new InvalidArgumentError(`"${one}" is no seed; give whole numbers like 1,2,7:84.`);
    return { seed: Number(seed), agents: agents === undefined ? undefined : Number(agents) };
  });
  const distinct = new Set(seeds.map(({ seed }) => seed)).size;
  if (distinct < seeds.length || distinct > SEEDS_MAX)
    throw new InvalidArgumentError(`Give each seed once, at most ${SEEDS_MAX} of them.`);
  return seeds;
}

function agentsOf(text: string): number {
  const agents = Number(text);
  if (!Number.isInteger(agents) || agents < 4 || agents > 1000) throw new InvalidArgumentError('4 to 1000.');
  return agents;
}

async function run({ seeds, agents, json, out }: Options): Promise<void> {
  const runs: SeedRun[] = [];
  for (const { seed, agents: own = agents } of seeds)
    runs.push(
      await judgeSeed(seed, async (folder, onEvent) =>
        judgeCorpus(seed, await writeCorpus({ seed, agents: own }, folder), onEvent),
      ),
    );
  const figures = figuresOf(runs);
  await report(json ? JSON.stringify(figures, null, 1) : markdownOf(figures), out);
}

const command = new Command('corpus')
  .description('Simulates the second corpus for several seeds, judges it, and prints the tables of docs/evaluate.md.')
  .addOption(
    new Option('--seeds <list>', 'seeds by commas; with a number of agents: 7:84')
      .argParser(seedsOf)
      .default(seedsOf(DEFAULT_SEEDS), DEFAULT_SEEDS),
  )
  .option(
    '--agents <n>',
    'agents of each seed that names none (default: for each attack at each pace and age)',
    agentsOf,
  )
  .option('--json', 'one JSON object instead of Markdown', false)
  .option('--out <file>', 'write to this file; it is replaced if it exists')
  .action(run);
await command.parseAsync().catch((error: Error) => command.error(`error: ${error.message}`));
