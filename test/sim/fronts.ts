/** The HTTP intake of a run whose log is in a topic, one process after the other, and what it has promised. */
import type { Random } from '../../cli/simulate/random.ts';
import type { Extras } from './extras.ts';
import { createFleet, type Fleet } from './fleet.ts';
import { type FrontProcessDeps, openFront } from './front-process.ts';
import { drawApiLimits } from './limits.ts';
import { createLogIndex, eventName } from './log-index.ts';
import { stopWithWorkInHand } from './stops.ts';
import type { Tables } from './tables.ts';
import type { WorkerDeps } from './worker-process.ts';
import type { World } from './world.ts';

export interface Fronts {
  start(): void;
  /** Nothing goes wrong any more. */
  rest(): void;
  readonly stopAll: Fleet['stopAll'];
  /** Events that were acknowledged. */
  readonly acknowledged: number;
  /** Acknowledged, and neither visible nor a dead letter. */
  lost(): string[];
}

interface FrontsDeps extends Pick<FrontProcessDeps, 'findings' | 'onListening'> {
  readonly world: World;
  readonly worker: WorkerDeps;
  readonly tables: Tables;
  readonly random: Random;
  readonly extras: Extras;
}

const MINUTE_MS = 60_000;
const JUMP_MS_MAX = 180 * MINUTE_MS;

export function createFronts({ world, worker, tables, random, extras, findings, onListening }: FrontsDeps): Fronts {
  const { scheduler, strikes } = world;
  const index = createLogIndex(worker.broker);
  const promised = new Set<string>();
  const apiLimits = drawApiLimits(random);
  const queueMax = random.pick([4, 20, 1_000]);
  let resting = false;

  const onSafe: FrontProcessDeps['onSafe'] = (entry) => {
    const name = eventName(entry);
    promised.add(name);
    if (index.placesOf(name).length === 0) findings.push(`acknowledged before it was in the log: ${name}`);
  };
  const fleet = createFleet({
    world,
    worker,
    random: random.fork('fleet'),
    prefix: 'h',
    open: (process) => openFront(process, { ...worker, apiLimits, queueMax, onSafe, findings, onListening }),
    earlyStops: extras.earlyStops,
    oneAtATime: true,
    onDeserted: () => {},
  });

  function strike(): void {
    if (resting) return;
    if (strikes('handOver')) fleet.handOver();
    if (strikes('clockJump')) fleet.jumpClock(() => random.int(-JUMP_MS_MAX, JUMP_MS_MAX));
  }

  return {
    start() {
      if (extras.killedStops > 0)
        stopWithWorkInHand(world, fleet, random.fork('stops'), () => (resting ? 0 : extras.killedStops));
      fleet.start();
      scheduler.every(MINUTE_MS, strike);
    },
    rest() {
      resting = true;
    },
    stopAll: fleet.stopAll,
    get acknowledged() {
      return promised.size;
    },
    lost() {
      const rows = new Set(
        tables.final('event_log').map((row) => `${row['tenant']} ${row['agent']} ${row['id']} ${row['digest']}`),
      );
      return [...promised].filter((name) => !rows.has(name)).map((name) => `acknowledged, and lost: ${name}`);
    },
  };
}
