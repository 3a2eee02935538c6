/** What is done to the processes, and when: drawn from a seed before anything starts. */
import { createRandom, type Random } from '../../../cli/simulate/random.ts';

export interface ChaosOptions {
  readonly seed: string;
  /** SIGKILLs of workers and intake processes. */
  readonly kills: number;
  /** Workers at most; at least 1. The run begins and ends with one. */
  readonly workers: number;
  readonly intakes: number;
  readonly partitions: number;
  /** Simulated agents, 8 days of each: about 700 events an agent. */
  readonly agents: number;
  /** How often the workers go from one to all and back. */
  readonly scaleOuts: number;
  /** Workers that stand still for longer than their session, and go on. */
  readonly zombies: number;
  readonly brokerRestarts: number;
}

export interface Step {
  readonly kind: 'kill worker' | 'kill intake' | 'zombie' | 'broker';
  /** Share of the work that is done by then, 0 to 1. */
  readonly at: number;
  /** The step comes after this long even when the work does not get so far: also what stands still must be hit. */
  readonly patienceMs: number;
  /** The victim is one that has records in hand, if there is any; otherwise whoever runs. */
  readonly aimed: boolean;
}

const WORKER_SHARE = 0.8;
const PATIENCE_MS_MAX = 8_000;
const AIMED_SHARE = 0.8;
/** Nothing is left to disturb at the very end. */
const LAST_AT = 0.95;
/** Of each cycle from one worker to all and back. */
const WIDE = { from: 0.2, until: 0.8 };

/** In the order in which they happen. Kills are spread evenly over the work, each at a random moment of its share. */
export function planSteps(options: ChaosOptions): Step[] {
  const { kills, zombies, brokerRestarts, workers } = options;
  const random = createRandom(`${options.seed} plan`);
  const spread = (count: number, kind: () => Step['kind']): Step[] =>
    Array.from({ length: count }, (_, i) => stepAt((LAST_AT * (i + random.uniform())) / count, kind(), random));
  return [
    ...spread(kills, () => (random.chance(WORKER_SHARE) ? 'kill worker' : 'kill intake')),
    // Only where somebody can take over.
    ...spread(workers > 1 ? zombies : 0, () => 'zombie').map((step) => ({ ...step, at: intoWide(step.at, options) })),
    ...spread(brokerRestarts, () => 'broker'),
  ].sort((a, b) => a.at - b.at);
}

const stepAt = (at: number, kind: Step['kind'], random: Random): Step => ({
  kind,
  at,
  patienceMs: random.uniform() * PATIENCE_MS_MAX,
  aimed: random.chance(AIMED_SHARE),
});

/** The same place within the wide part of its cycle. */
function intoWide(at: number, { scaleOuts }: ChaosOptions): number {
  const cycle = Math.floor(at * scaleOuts);
  const within = at * scaleOuts - cycle;
  return (cycle + WIDE.from + within * (WIDE.until - WIDE.from)) / scaleOuts;
}

/** How many workers there are to be when this share of the work is done. */
export function workersAt(at: number, { scaleOuts, workers }: ChaosOptions): number {
  const within = (at * scaleOuts) % 1;
  return within >= WIDE.from && within < WIDE.until ? workers : 1;
}
