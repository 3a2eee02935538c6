/** Intake stages of a run, the topic that they read, and what goes wrong with both. */
import type { Random } from '../../cli/simulate/random.ts';
import { createBroker } from './broker.ts';
import type { Extras } from './extras.ts';
import { createFleet } from './fleet.ts';
import type { Intake } from './intake.ts';
import { createSourceTopic, SOURCE_TOPIC } from './source-topic.ts';
import { openStage, type StageLimits } from './stage-process.ts';
import { stopWithWorkInHand } from './stops.ts';
import type { Tables } from './tables.ts';
import { strikeMembers } from './trouble.ts';
import type { WorkerDeps } from './worker-process.ts';
import type { Workload } from './workload.ts';
import type { World } from './world.ts';

export interface Stages {
  readonly intake: Intake;
  start(): void;
  /** Nothing goes wrong any more. */
  rest(): void;
  /** Everything that was written has been read, and who read it has stopped. */
  readonly isOver: boolean;
  findings(): string[];
}

interface StagesDeps {
  readonly world: World;
  readonly worker: WorkerDeps;
  readonly tables: Tables;
  readonly workload: Workload;
  readonly random: Random;
  readonly extras: Extras;
  readonly straight: Intake;
  readonly allAtOnce: boolean;
  readonly oneAtATime: boolean;
  readonly onFinding: (finding: string) => void;
}

const MINUTE_MS = 60_000;
/** A repeat of a record may be written a while after it, and everything is written by then. */
const LOOK_MS = MINUTE_MS;
/** So little that after some ten of them the topic's time of a record is believed all the same. */
const JUMP_MS_MAX = 5 * MINUTE_MS;
const BROKERS_AWAY_MS = { min: 5_000, max: 300_000 };

export function createStages(deps: StagesDeps): Stages {
  const { world, worker, workload, random, extras, allAtOnce, oneAtATime } = deps;
  const { scheduler, history } = world;
  const topic = createBroker({
    world,
    topic: SOURCE_TOPIC,
    partitions: random.int(1, 3),
    base: random.pick([0, 700]),
    tickShare: 0,
    fetchRecords: allAtOnce ? { min: 500, max: 500 } : { min: 1, max: 40 },
    lostCoordinators: extras.lostCoordinators,
    jumpsOnce: true,
    onAppend: () => {},
    onCommit: (...commit) => source.onCommit(...commit),
  });
  const source = createSourceTopic({ ...deps, topic, log: worker.broker, random: random.fork('written') });
  const stageLimits = drawStageLimits(random);
  const brokersAway = random.chance(0.3) ? 0.02 : 0;
  const count = oneAtATime ? 1 : random.int(1, 2);
  const fleet = createFleet({
    world,
    worker,
    random: random.fork('fleet'),
    prefix: 'i',
    open: (process) => openStage(process, { ...worker, source: topic, stageLimits, onLetter: source.onLetter }),
    earlyStops: extras.earlyStops,
    oneAtATime,
    onDeserted: () => {},
  });
  const lastMs = workload.records.reduce((latest, { atMs }) => Math.max(latest, atMs), workload.startMs);
  let resting = false;
  let ended = false;

  function look(): void {
    if (!resting) strike();
    const isWritten = allAtOnce || world.wallMs() > lastMs;
    if (ended || !isWritten || !source.isRead) return;
    ended = true;
    fleet.halt(true);
  }

  function strike(): void {
    strikeMembers({ world, broker: () => topic, random, fleet }, JUMP_MS_MAX);
    if (brokersAway === 0 || !random.chance(brokersAway)) return;
    world.brokersAway = true;
    history.note('the brokers are away');
    scheduler.after(random.int(BROKERS_AWAY_MS.min, BROKERS_AWAY_MS.max), () => {
      world.brokersAway = false;
      history.note('the brokers are back');
    });
  }

  return {
    intake: source.intake,
    start() {
      if (extras.killedStops > 0)
        stopWithWorkInHand(world, fleet, random.fork('stops'), () => (resting ? 0 : extras.killedStops));
      for (let one = 0; one < count; one++) fleet.start();
      scheduler.every(LOOK_MS, look);
    },
    rest() {
      resting = true;
    },
    get isOver() {
      return ended && fleet.running.size === 0;
    },
    findings: source.findings,
  };
}

/** So narrow that some garbage blows the fuse, and appends of two partitions are one too many. */
const drawStageLimits = (random: Random): StageLimits => ({
  fuse: {
    rejectedShareMax: random.pick([0.3, 1]),
    window: random.pick([4, 30]),
    pauseMs: random.pick([1_000, 5 * MINUTE_MS]),
  },
  queueMax: random.pick([2, 20, 1_000]),
});
