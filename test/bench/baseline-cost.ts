/**
 * `npx tsx test/bench/baseline-cost.ts`: what baselines cost, as one JSON object on standard output.
 *
 * - score + learn against JSON.parse of the same events, its growth with the length of contents, and memory of open sessions
 *   (`scoring-cost.ts`);
 * - bytes of one agent's stored state, by part, for agents that have lived two weeks in a simulated fleet;
 * - memory of the process per agent and cost per event, from 1,000 to 100,000 agents, relative to the smallest. The largest takes some
 *   gigabytes; `--agents` says otherwise.
 *
 * `tsx` names every function while it runs, which about doubles the cost of small ones: for figures to quote `npm run bench:baselines`.
 */
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { deflateRawSync } from 'node:zlib';
import { Command, InvalidArgumentError } from 'commander';
import type { AgentState } from '../../baselines/agent-state.ts';
import { pack } from '../../baselines/packed/pack.ts';
import { encodeState } from '../../baselines/state-codec.ts';
import { encodeTagged } from '../../baselines/tagged-json.ts';
import { slotCodec } from '../../cli/scorer.ts';
import { settingsOf } from '../../cli/scoring-settings.ts';
import { simulateFleet } from '../../cli/simulate/fleet.ts';
import { DETECTORS } from '../../detectors/registry.ts';
import { createScoring } from '../../detectors/scoring.ts';
import { firstSessions, zipfEvents } from '../support/agent-crowd.ts';
import { createBaselineBench } from '../support/baseline-bench.ts';
import { measureScoring, normalised } from './scoring-cost.ts';

export { measureScoring } from './scoring-cost.ts';

interface Options {
  readonly events: number;
  readonly pairs: number;
  readonly agents: readonly number[];
}

const AGENTS_MAX = 200_000;
/** The heap may grow this far, or a hundred thousand agents would end the process. */
const HEAP_MIB = 12_288;

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('A whole number, at least 1.');
  return value;
}

function counts(text: string): number[] {
  const values = text.split(',').map(whole);
  if (values.some((value) => value > AGENTS_MAX)) throw new InvalidArgumentError(`At most ${AGENTS_MAX} agents.`);
  return values;
}

async function run({ events, pairs, agents }: Options): Promise<void> {
  setFlagsFromString(`--max-old-space-size=${HEAP_MIB}`);
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const fleet = simulateFleet({ seed: 'bench', agents: 14, storiesPerKind: 0 }).events;
  const scoring = await measureScoring({ events, pairs });
  const report = {
    events: Math.min(events, fleet.length),
    ...scoring,
    stored: storedBytes(fleet.map((event) => JSON.stringify(event))),
    growth: relative(agents.map((count) => crowd(count, events, collect))),
  };
  process.stdout.write(`${JSON.stringify(report, null, 1)}\n`);
}

function parseAll(lines: readonly string[]): void {
  for (const line of lines) JSON.parse(line);
}

/** Median and largest over the agents, in bytes of the stored form. */
function storedBytes(lines: readonly string[]): Record<string, { median: number; max: number }> {
  const bench = createBaselineBench();
  bench.events(normalised(lines));
  const parts = bench.states().map(partsOf);
  const names = Object.keys(parts[0] ?? {});
  return Object.fromEntries(
    names.map((name) => {
      const sizes = parts.map((part) => part[name] ?? 0).sort((a, b) => a - b);
      return [name, { median: sizes[sizes.length >> 1] ?? 0, max: sizes.at(-1) ?? 0 }];
    }),
  );
}

function partsOf(state: AgentState): Record<string, number> {
  const { baseline, calendar, sessions, held } = state;
  const { familiar, ...rest } = baseline;
  const codec = slotCodec(createScoring(DETECTORS, settingsOf({ halfLifeDays: 14, alertBudget: 0.02 }).baseline));
  const parts = {
    ...prefixed('familiar ', familiar),
    ...prefixed('baseline ', rest),
    calendar,
    'open sessions': sessions,
    'held sessions': held,
    ...prefixed('slot ', codec.encode(state)),
  };
  const sizes = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, pack(part).length]));
  const text = encodeState(state, codec);
  const whole = Buffer.from(text, 'base64');
  return {
    ...sizes,
    // Less than its parts: what comes in several of them is written once.
    all: whole.length,
    'all, in base64': text.length,
    'all, deflated': deflateRawSync(whole).length,
    'all, as JSON of format 2': encodeTagged({ ...state, slots: codec.encode(state) }).length,
  };
}

const prefixed = (prefix: string, parts: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(parts).map(([name, part]) => [prefix + name, part]));

interface Growth {
  readonly agents: number;
  readonly bytesPerAgent: number;
  readonly microsecondsPerEvent: number;
  readonly parseMicroseconds: number;
}

const FIRST_EVENTS = 2;

/** All agents have states of their own in memory; then some of them act. */
function crowd(agents: number, count: number, collect: () => void): Growth {
  const later = zipfEvents(agents, count);
  const lines = later.map((event) => JSON.stringify(event));
  collect();
  const before = usedBytes();
  const bench = createBaselineBench();
  for (const event of firstSessions(agents, FIRST_EVENTS)) bench.event(event);
  collect();
  const bytesPerAgent = Math.round((usedBytes() - before) / agents);
  const microsecondsPerEvent = timed(() => bench.events(later), count);
  const parseMicroseconds = timed(() => parseAll(lines), count);
  return { agents, bytesPerAgent, microsecondsPerEvent, parseMicroseconds };
}

function usedBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function timed(work: () => unknown, items: number): number {
  const startedMs = performance.now();
  work();
  return Number((((performance.now() - startedMs) * 1000) / items).toPrecision(3));
}

const relative = (sizes: readonly Growth[]) =>
  sizes.map((size) => ({
    ...size,
    costToSmallest: Number((size.microsecondsPerEvent / (sizes[0]?.microsecondsPerEvent ?? Number.NaN)).toPrecision(3)),
  }));

const command = new Command('baseline-cost')
  .description(
    'Measures what baselines cost: time per event, bytes per agent, and how both grow with the number of agents.',
  )
  .option('--events <n>', 'events of the fleet, and of each crowd', whole, 20_000)
  .option('--pairs <n>', 'paired rounds for each ratio', whole, 5)
  .option('--agents <list>', 'crowds to measure, smallest first', counts, [1000, 10_000, 100_000])
  .action(run);
// Others import the measurements from here.
if (process.argv[1] === fileURLToPath(import.meta.url))
  await command.parseAsync().catch((error: Error) => command.error(`error: ${error.message}`));
