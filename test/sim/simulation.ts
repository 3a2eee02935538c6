/** One run: a workload, a fleet of workers, what goes wrong, and in the end what the checker finds. A pure function of its options. */

import type { PartitionLimits } from '../../cli/partition-limits.ts';
import { createRandom, type Random } from '../../cli/simulate/random.ts';
import { type Analyst, createAnalyst } from './analyst.ts';
import { type Broker, createBroker } from './broker.ts';
import { check } from './checker.ts';
import { type Durable, watchDurability } from './durable.ts';
import { drawExtras, type Extras } from './extras.ts';
import { drawFaults, type FaultKind, type FaultRates } from './faults.ts';
import { createFleet, type Fleet } from './fleet.ts';
import { drawLimits } from './limits.ts';
import { BASE_POSITION } from './lives.ts';
import { activatePlaybooks, storeThePast } from './past.ts';
import { produce } from './producing.ts';
import { createReceiver, type Receiver } from './receiver.ts';
import { findingsOfMove, restoredStates } from './restored.ts';
import { SimulationStuck } from './scheduler.ts';
import { readSchemas } from './schema.ts';
import { stopWithWorkInHand } from './stops.ts';
import { createStoreTrouble, type StoreTrouble } from './store-trouble.ts';
import { createTables, type Row, type Tables } from './tables.ts';
import { isAllTold } from './told.ts';
import { type Build, firstBuild, strikeOnce, writeNewer } from './trouble.ts';
import type { Variation, WorkerDeps } from './worker-process.ts';
import { drawSize, POISON, planWorkload, type Workload, type WorkloadSize } from './workload.ts';
import { createWorld, type PlannedCrash, type World } from './world.ts';

export interface SimulationOptions {
  readonly seed: number | string;
  /** Drawn from the seed when absent. */
  readonly rates?: FaultRates;
  readonly size?: WorkloadSize;
  readonly workers?: number;
  /** Share of ticks that the log takes. */
  readonly tickShare?: number;
  readonly limits?: Partial<PartitionLimits>;
  /** All records are there when the first worker starts, and a fetch may bring them all. */
  readonly allAtOnce?: boolean;
  readonly crashAt?: PlannedCrash;
  readonly variation?: Variation;
  /** Drawn from the seed when absent. */
  readonly extras?: Extras;
  /** A worker that is stopped in order is followed by the next only when it is gone. */
  readonly oneAtATime?: boolean;
  readonly keepHistory?: boolean;
  readonly onDeath?: (name: string) => void;
}

export interface SimulationResult {
  readonly findings: readonly string[];
  /** Of everything that happened. */
  readonly digest: string;
  readonly history: readonly string[];
  readonly calls: number;
  readonly faults: Readonly<Record<FaultKind, number>>;
  readonly records: number;
  readonly alerts: number;
  readonly virtualMs: number;
  readonly steps: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** All is written by then. */
const WORK_MS = 200 * MINUTE_MS;
/** After the last fault: nine attempts of a webhook take a day. */
const REST_MS = 72 * HOUR_MS;

const schemas = await readSchemas();

export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const { seed, rates = drawFaults(createRandom(`rates ${seed}`)), size = drawSize(seed), variation = {} } = options;
  const extras = options.extras ?? drawExtras(seed);
  const workload = planWorkload(seed, size, extras);
  const { startMs } = workload;
  const { crashAt, keepHistory = false, onDeath } = options;
  const world = createWorld({
    seed,
    startMs,
    rates,
    keepHistory,
    callsAtTheEdge: extras.callsAtTheEdge,
    ...(crashAt === undefined ? {} : { crashAt }),
    ...(onDeath === undefined ? {} : { onDeath }),
  });
  const run = new Run(world, workload, variation, extras, options);
  const findings = await run.finish().catch((error: unknown) => [`the run came to no end: ${String(error)}`]);
  return {
    findings: [...new Set([...run.durable.findings, ...findings])],
    digest: world.history.digest(),
    history: world.history.lines(),
    calls: world.calls,
    faults: world.faults,
    records: run.broker.log.reduce((sum, messages) => sum + messages.length, 0),
    alerts: new Set(run.tables.all('alert_hits').map((row) => row['alert_id'])).size,
    virtualMs: world.scheduler.nowMs,
    steps: world.scheduler.steps,
  };
}

class Run {
  readonly durable: Durable;
  readonly tables: Tables;
  readonly broker: Broker;
  readonly #world: World;
  readonly #workload: Workload;
  readonly #worker: WorkerDeps;
  readonly #random: Random;
  readonly #receiver: Receiver;
  readonly #extras: Extras;
  readonly #fleet: Fleet;
  readonly #analyst: Analyst;
  readonly #storeTrouble: StoreTrouble;
  readonly #build: Build = firstBuild();
  readonly #workers: number;
  readonly #allAtOnce: boolean;
  #ending = false;

  constructor(
    world: World,
    workload: Workload,
    variation: Variation,
    extras: Extras,
    { workers, limits, tickShare, oneAtATime = false, allAtOnce = false }: SimulationOptions,
  ) {
    const random = world.random.fork('run');
    this.#extras = extras;
    this.#allAtOnce = allAtOnce;
    this.#world = world;
    this.#workload = workload;
    this.#random = random;
    this.#workers = workers ?? random.int(1, 3);
    const tables = createTables(schemas, world.random.fork('merges'), isPoison);
    const durable = watchDurability(tables);
    const broker = createBroker({
      world,
      partitions: workload.partitions,
      base: BASE_POSITION,
      tickShare: tickShare ?? random.pick([0.05, 0.3]),
      fetchRecords: allAtOnce ? { min: 500, max: 500 } : { min: 1, max: 40 },
      onAppend: durable.onAppend,
      onCommit: durable.onCommit,
      lostCoordinators: extras.lostCoordinators,
    });
    this.tables = tables;
    this.durable = durable;
    this.broker = broker;
    this.#receiver = createReceiver(world);
    this.#worker = {
      world,
      variation,
      tables,
      broker,
      receiver: this.#receiver,
      limits: { ...drawLimits(random), ...limits },
      extras,
      logFormat: () => this.#build.format,
    };
    const { partitions } = workload;
    this.#storeTrouble = createStoreTrouble({ world, tables, partitions, random, stateRows: durable.stateRows });
    const onDeserted = () => this.#storeTrouble.spoil();
    this.#fleet = createFleet({ world, worker: this.#worker, random, oneAtATime, onDeserted });
    this.#analyst = createAnalyst({ world, tables, broker, workload, random, replays: extras.replays });
  }

  async finish(): Promise<string[]> {
    const { scheduler } = this.#world;
    await this.#begin();
    await scheduler.runUntil(() => scheduler.nowMs >= WORK_MS);
    await this.#rest();
    if (this.#extras.endsByDeath) this.#fleet.killAll();
    else await this.#fleet.stopAll((error) => this.durable.findings.push(`stopping failed: ${String(error)}`));
    const workload = this.#workload;
    const states = await restoredStates(this.#worker, workload);
    const { movesTo } = this.#extras;
    if (movesTo > 0) this.durable.findings.push(...(await findingsOfMove(this.#worker, workload, states, movesTo)));
    const { tables, broker } = this;
    const { ended, stateRows } = this.durable;
    const { receipts } = this.#receiver;
    return check({ workload, broker, tables, schemas, receipts, ended, stateRows, states });
  }

  async #begin(): Promise<void> {
    const { startMs } = this.#workload;
    storeThePast(this.tables, this.#workload);
    if (!this.#extras.newPlaybooks) await activatePlaybooks(this.#world, this.tables, this.#random, startMs);
    produce(this.#world, this.broker, this.#workload, this.#allAtOnce);
    this.#planTrouble();
    for (let worker = 0; worker < this.#workers; worker++) this.#fleet.start();
  }

  #planTrouble(): void {
    const { scheduler } = this.#world;
    const { killedStops } = this.#extras;
    if (killedStops > 0) {
      const stopping = () => (this.#ending ? 0 : killedStops);
      stopWithWorkInHand(this.#world, this.#fleet, this.#world.random.fork('stops'), stopping);
    }
    const trouble = {
      world: this.#world,
      broker: this.broker,
      workload: this.#workload,
      random: this.#random,
      fleet: this.#fleet,
      build: this.#build,
    };
    if (this.#extras.newerRecords)
      scheduler.after(this.#random.int(MINUTE_MS, WORK_MS - HOUR_MS), () => writeNewer(trouble));
    scheduler.every(MINUTE_MS, () => {
      if (!this.#ending) strikeOnce(trouble);
    });
    scheduler.every(5 * MINUTE_MS, () => {
      if (!this.#ending) this.#analyst.lookAtAlerts();
      this.#analyst.lookAtDeliveries(!this.#ending);
    });
  }

  /** Nothing goes wrong any more: until everything is stored and told. */
  async #rest(): Promise<void> {
    const { scheduler } = this.#world;
    this.#ending = true;
    this.broker.closeTicks();
    this.#world.heal();
    this.#storeTrouble.seeTo();
    let lookMs = 0;
    const settled = () => {
      if (scheduler.nowMs < lookMs) return false;
      lookMs = scheduler.nowMs + MINUTE_MS;
      return this.#isAllStored() && !this.#analyst.waits && isAllTold(this.tables, this.durable.ended);
    };
    try {
      await scheduler.runUntil(settled, scheduler.nowMs + REST_MS);
    } catch (error) {
      if (!(error instanceof SimulationStuck)) throw error;
      this.durable.findings.push(`three days after the last fault something is still open: ${String(error)}`);
    }
  }

  #isAllStored(): boolean {
    return this.broker.log.every(
      (messages, partition) =>
        messages.length === 0 || this.durable.isDurable(partition, BASE_POSITION + messages.length - 1),
    );
  }
}

/** What the engine refuses, unless its event is left out. */
const isPoison = (table: string, row: Row): boolean =>
  table.startsWith('event_log') && row['action_name'] === POISON && row['record'] !== '';
