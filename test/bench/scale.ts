/**
 * `npm run bench:scale`: what very many agents cost, as one JSON object on standard output; progress on a terminal. Takes some minutes, some
 * gigabytes of memory, and some of disk in the folder for temporary files.
 */
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Command, InvalidArgumentError } from 'commander';
import { slotCodec } from '../../cli/scorer.ts';
import { fillStore } from '../support/crowd-store.ts';
import { openTemporaryStore } from '../support/embedded-store.ts';
import { scoring } from '../support/partition-run.ts';
import { type FloodFigures, measureFlood } from './scale-flood.ts';
import { measureRestore, type Restored } from './scale-restore.ts';
import { measureZipf, type ZipfCost } from './scale-zipf.ts';

export interface ScaleOptions {
  /** Agents that the store knows. */
  readonly agents: number;
  /** Of them, states in memory. */
  readonly hot: number;
  /** Agents of the crowd to compare with. */
  readonly few: number;
  /** Batches of 2,000 events on each side. */
  readonly batches: number;
  /** Fresh ids of the attack. */
  readonly flood: number;
  readonly onProgress?: (what: string, done: number) => void;
}

export interface ScaleFigures {
  readonly stateBytes: number;
  readonly restores: Restored[];
  readonly zipf: ZipfCost;
  readonly flood: FloodFigures;
}

export const SCALE_DEFAULTS: ScaleOptions = {
  agents: 1_000_000,
  hot: 100_000,
  few: 1000,
  batches: 60,
  flood: 10_000_000,
};

export async function measureScale(options: ScaleOptions): Promise<ScaleFigures> {
  const { agents, hot, few, batches, onProgress = () => {} } = options;
  setFlagsFromString(`--max-old-space-size=${HEAP_MIB}`);
  const flood = await measureFlood(options.flood, collector(), (done) => onProgress('fresh ids', done));
  const { store, close } = await openTemporaryStore();
  try {
    const codec = slotCodec(scoring);
    const many = { partition: 0, agents };
    const others = { partition: 1, agents: few };
    const stateBytes = await fillStore(store, many, codec, (done) => onProgress('agents stored', done));
    await fillStore(store, others, codec);
    const restores = [await measureRestore(store, many), await measureRestore(store, many)];
    const zipf = await measureZipf(store, { ...many, agentsMax: hot }, others, batches, onProgress);
    return { stateBytes, restores, zipf, flood };
  } finally {
    await close();
  }
}

function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

/** The heap may grow this far: a hundred thousand states take some gigabytes. */
const HEAP_MIB = 12_288;

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('A whole number, at least 1.');
  return value;
}

async function run(options: ScaleOptions): Promise<void> {
  const onProgress = (what: string, done: number) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${what}: ${done}    `);
  };
  const figures = await measureScale({ ...options, onProgress });
  process.stdout.write(`${JSON.stringify(figures, null, 1)}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const command = new Command('scale')
    .description('Measures restore and cost per event with very many agents, on the embedded engine.')
    .option('--agents <n>', 'agents that the store knows', whole, SCALE_DEFAULTS.agents)
    .option('--hot <n>', 'of them, states in memory', whole, SCALE_DEFAULTS.hot)
    .option('--few <n>', 'agents of the crowd to compare with', whole, SCALE_DEFAULTS.few)
    .option('--batches <n>', 'batches of 2,000 events on each side', whole, SCALE_DEFAULTS.batches)
    .option('--flood <n>', 'fresh ids of the attack', whole, SCALE_DEFAULTS.flood)
    .action(run);
  await command.parseAsync().catch((error: Error) => command.error(`error: ${error.message}`));
}
