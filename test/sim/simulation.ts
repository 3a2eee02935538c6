/** One run: a workload, a fleet of workers, what goes wrong, and in the end what the checker finds. A pure function of its options. */

import { createRandom, type Random } from '../../cli/simulate/random.ts';
import { logPartition } from '../../ingest/log.ts';
import { type Analyst, createAnalyst } from './analyst.ts';
import { storeKeys } from './api-keys.ts';
import { type Audits, createAudits } from './audits.ts';
import { type Broker, createBroker } from './broker.ts';
import { check } from './checker.ts';
import { CLUSTER_ID, type Cluster, createCluster } from './cluster.ts';
import { type Durable, watchDurability } from './durable.ts';
import { drawExtras, type Extras } from './extras.ts';
import { drawFaults } from './faults.ts';
import { createFleet, type Fleet } from './fleet.ts';
import { createFronts, type Fronts } from './fronts.ts';
import { createIntake, type Intake } from './intake.ts';
import { drawApiLimits, drawEmbeddedLog, drawLimits } from './limits.ts';
import { BASE_POSITION } from './lives.ts';
import { epochAfter } from './mover.ts';
import type { LogPart } from './oracle.ts';
import { activatePlaybooks, storeContents, storeThePast } from './past.ts';
import { createPosts } from './posts.ts';
import { produce } from './producing.ts';
import { createReceiver, type Receiver } from './receiver.ts';
import { drawAccident, partitionsIn, planRelocation, type Relocation } from './relocation.ts';
import { findingsOfMove, misplacedStates, restoredStates, type States } from './restored.ts';
import { SimulationStuck } from './scheduler.ts';
import { readSchemas } from './schema.ts';
import { createSenders, type Listener, type Senders } from './senders.ts';
import type { SimulationOptions, SimulationResult } from './simulation-options.ts';
import { openSingleMachine } from './single-machine.ts';
import { type SingleMachineLog, watchSingleMachineLog } from './single-machine-log.ts';
import { createStages, type Stages } from './stages.ts';
import { logEnds, ofTheLog } from './statements.ts';
import { stopWithWorkInHand } from './stops.ts';
import { createStoreTrouble, type StoreTrouble } from './store-trouble.ts';
import { createTables, type Row, type Tables } from './tables.ts';
import { isAllTold } from './told.ts';
import { type Build, firstBuild, strikeOnce, writeNewer } from './trouble.ts';
import { openOnLog, type Variation, type WorkerDeps } from './worker-process.ts';
import { drawSize, POISON, planWorkload, type Workload, type WorkloadSize } from './workload.ts';
import { createWorld, type SimProcess, type World } from './world.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** All is written by then. */
const WORK_MS = 200 * MINUTE_MS;
/** After the last fault: nine attempts of a webhook take a day. */
const REST_MS = 72 * HOUR_MS;

const schemas = await readSchemas();

const extrasOf = ({ seed, extras }: SimulationOptions): Extras => extras ?? drawExtras(seed);

export function workloadOf(options: SimulationOptions): Workload {
  const { seed, size } = options;
  const extras = extrasOf(options);
  return planWorkload(seed, fitting(size ?? drawSize(seed), extras), extras);
}

export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const { seed, variation = {} } = options;
  const extras = extrasOf(options);
  const drawnRates = options.rates ?? drawFaults(createRandom(`rates ${seed}`));
  // The engine is in the process: what was on its way to it dies with it.
  const rates = extras.embedded ? { ...drawnRates, lateArrival: 0 } : drawnRates;
  const workload = options.workload ?? workloadOf(options);
  const { startMs } = workload;
  const { crashAt, keepHistory = false, onDeath, onNumber } = options;
  const world = createWorld({
    seed,
    startMs,
    rates,
    keepHistory,
    callsAtTheEdge: extras.callsAtTheEdge,
    ...(crashAt === undefined ? {} : { crashAt }),
    ...(onDeath === undefined ? {} : { onDeath }),
    ...(onNumber === undefined ? {} : { onNumber }),
  });
  const run = new Run(world, workload, variation, extras, options);
  const findings = await run.finish().catch((error: unknown) => [`the run came to no end: ${String(error)}`]);
  return {
    findings: [...new Set([...run.durable.findings, ...findings])],
    digest: world.history.digest(),
    history: world.history.lines(),
    calls: world.calls,
    faults: world.faults,
    records: run.records,
    strays: run.strays,
    acknowledged: run.acknowledged,
    repeats: run.senders.sent.repeats,
    alerts: new Set(run.tables.all('alert_hits').map((row) => row['alert_id'])).size,
    virtualMs: world.scheduler.nowMs,
    steps: world.scheduler.steps,
  };
}

/** The embedded log has one partition. */
const fitting = (size: WorkloadSize, { relocatesTo, fromEmbedded, embedded }: Extras): WorkloadSize =>
  embedded || (relocatesTo > 0 && fromEmbedded) ? { ...size, partitions: 1 } : size;

class Run {
  readonly durable: Durable;
  readonly tables: Tables;
  /** Both stay empty where the log is in a topic. */
  readonly singleLog: SingleMachineLog;
  readonly senders: Senders;
  readonly #first: Broker;
  readonly #base: number;
  readonly #cluster: Cluster;
  readonly #intake: Intake;
  /** Where events come from a topic that others write. */
  readonly #stages: Stages | undefined;
  /** Where they come over HTTP to a topic. */
  readonly #fronts: Fronts | undefined;
  readonly #relocation: Relocation;
  readonly #world: World;
  readonly #workload: Workload;
  readonly #worker: WorkerDeps;
  readonly #random: Random;
  readonly #receiver: Receiver;
  readonly #extras: Extras;
  readonly #fleet: Fleet;
  readonly #analyst: Analyst;
  readonly #audits: Audits | undefined;
  readonly #storeTrouble: StoreTrouble;
  readonly #build: Build = firstBuild();
  readonly #workers: number;
  readonly #allAtOnce: boolean;
  readonly #movesAfterMs: number | undefined;
  readonly #workersAfterMs: number | undefined;
  #ending = false;

  constructor(
    world: World,
    workload: Workload,
    variation: Variation,
    extras: Extras,
    {
      workers,
      limits,
      tickShare,
      oneAtATime = false,
      allAtOnce = false,
      accident,
      movesAfterMs,
      workersAfterMs,
    }: SimulationOptions,
  ) {
    const random = world.random.fork('run');
    this.#extras = extras;
    this.#allAtOnce = allAtOnce;
    this.#movesAfterMs = movesAfterMs;
    this.#workersAfterMs = workersAfterMs;
    this.#world = world;
    this.#workload = workload;
    this.#random = random;
    const drawnWorkers = workers ?? random.int(1, 3);
    this.#workers = extras.embedded ? 1 : drawnWorkers;
    const tables = createTables(schemas, world.random.fork('merges'), isPoison);
    // Nobody has written to a new log of a single machine; that of others begins where the topic happens to.
    this.#base = extras.embedded && extras.firstStart ? 0 : BASE_POSITION;
    const durable = watchDurability(tables, this.#base);
    const ticks = { tickShare: tickShare ?? random.pick([0.05, 0.3]) };
    const topics = {
      world,
      ...ticks,
      fetchRecords: allAtOnce ? { min: 500, max: 500 } : { min: 1, max: 40 },
      onAppend: durable.onAppend,
      lostCoordinators: extras.lostCoordinators,
    };
    const { onCommit } = durable;
    const broker = createBroker({ ...topics, partitions: workload.partitions, base: BASE_POSITION, onCommit });
    const later = (topic: string, partitions: number) =>
      createBroker({
        ...topics,
        topic,
        partitions,
        base: 0,
        onCommit: (process, partition, offset) => onCommit(process, logPartition(1, partition), offset),
      });
    this.tables = tables;
    this.durable = durable;
    this.#first = broker;
    this.#cluster = createCluster(broker, () => world.scheduler.nowMs, later);
    let listener: Listener | undefined;
    this.singleLog = watchSingleMachineLog({
      embedded: extras.embedded,
      base: this.#base,
      tables,
      durable,
      random: world.random.fork('ticks'),
      ...ticks,
    });
    const posts = extras.overHttp ? createPosts(world.random.fork('posts')) : undefined;
    this.senders = createSenders(world, world.random.fork('senders'), workload, () => listener, posts);
    const straight = extras.embedded
      ? this.senders.intake
      : createIntake(world, world.random.fork('intake'), broker, () => this.#broker);
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
      cluster: this.#cluster,
      onLoss: (process, findings) => this.#audits?.onLoss(process, findings),
    };
    this.#stages = extras.intakeStage
      ? createStages({
          world,
          worker: this.#worker,
          tables,
          workload,
          random: world.random.fork('stages'),
          extras,
          straight,
          allAtOnce,
          oneAtATime,
          onFinding: (finding) => durable.findings.push(finding),
        })
      : undefined;
    this.#fronts = extras.httpFront
      ? createFronts({
          world,
          worker: this.#worker,
          tables,
          random: world.random.fork('fronts'),
          extras,
          findings: durable.findings,
          onListening: (one) => {
            listener = one;
          },
        })
      : undefined;
    this.#intake = extras.httpFront ? this.senders.intake : (this.#stages?.intake ?? straight);
    const inUse = () => partitionsIn(this.#broker === broker ? 0 : 1, this.#broker.partitions);
    this.#storeTrouble = createStoreTrouble({ world, tables, partitions: inUse, random, stateRows: durable.stateRows });
    const onDeserted = () => this.#storeTrouble.spoil();
    const { earlyStops } = extras;
    // Two on one machine would lock each other out.
    const alone = oneAtATime || extras.embedded;
    const fleet = { world, worker: this.#worker, random, oneAtATime: alone, onDeserted, earlyStops };
    const onLog = (process: SimProcess) => openOnLog(process, this.#worker);
    const single = {
      ...this.#worker,
      log: drawEmbeddedLog(world.random.fork('embedded log')),
      apiLimits: drawApiLimits(world.random.fork('api limits')),
      singleLog: this.singleLog,
      findings: durable.findings,
      onListening: (one: Listener | undefined) => {
        listener = one;
      },
    };
    const onMachine = (process: SimProcess) => openSingleMachine(process, single);
    const onTopic = extras.relocatesTo > 0 || extras.firstStart ? { ...fleet, open: onLog } : fleet;
    this.#fleet = createFleet(extras.embedded ? { ...fleet, open: onMachine } : onTopic);
    const intake = this.#intake;
    this.#analyst = createAnalyst({ world, tables, intake, workload, random, replays: extras.replays });
    const { findings, ended } = durable;
    const { cluster, logFormat } = this.#worker;
    const { embedded } = extras;
    const audited = { world, tables, cluster, variation, logFormat, extras, findings, ended, embedded };
    this.#audits = extras.reconciles ? createAudits({ ...audited, random: world.random.fork('audits') }) : undefined;
    this.#relocation = planRelocation({
      world,
      tables,
      cluster: this.#cluster,
      fleet: this.#fleet,
      intake,
      random: world.random.fork('relocation'),
      from: broker,
      to: { partitions: extras.relocatesTo },
      isFirst: extras.fromEmbedded,
      leavesBoth: extras.leavesBoth,
      variation,
      accident: accident ?? drawAccident(world.random.fork('accident')),
      isAllStored: () => this.#isAllStored(),
    });
  }

  /** Where the log is at the moment. */
  get #broker(): Broker {
    return this.#relocation.ends === undefined
      ? this.#first
      : ([...this.#cluster.topics.values()].at(-1) ?? this.#first);
  }

  get records(): number {
    if (this.#extras.embedded) return this.singleLog.records().length;
    return [...this.#cluster.topics.values()].flatMap(({ log }) => log).reduce((sum, { length }) => sum + length, 0);
  }

  get acknowledged(): number {
    return this.#fronts?.acknowledged ?? this.singleLog.acknowledged;
  }

  get strays(): number {
    const events = this.tables.all('event_log').filter(({ kind }) => kind === 'event');
    return events.length - ofTheLog(this.tables, events).length;
  }

  async finish(): Promise<string[]> {
    const { scheduler } = this.#world;
    await this.#begin();
    const workMs = this.#workMs();
    await scheduler.runUntil(() => scheduler.nowMs >= workMs);
    await this.#rest();
    const onFailure = (error: unknown) => void this.durable.findings.push(`stopping failed: ${String(error)}`);
    // A seed without one takes no turn for it.
    if (this.#fronts !== undefined) await this.#fronts.stopAll(onFailure);
    if (this.#extras.endsByDeath) this.#fleet.killAll();
    else await this.#fleet.stopAll(onFailure);
    const workload = this.#workload;
    const states = await this.#restoredStates();
    this.durable.findings.push(...this.singleLog.lost());
    await this.#audits?.finish();
    this.durable.findings.push(...(this.#stages?.findings() ?? []), ...(this.#fronts?.lost() ?? []));
    const { tables } = this;
    const parts = this.#parts();
    const { ended, stateRows } = this.durable;
    const { receipts } = this.#receiver;
    const { leavesBoth } = this.#extras;
    return check({
      workload,
      base: this.#base,
      parts,
      leavesBoth,
      tables,
      schemas,
      receipts,
      ended,
      stateRows,
      states,
    });
  }

  async #begin(): Promise<void> {
    const { startMs } = this.#workload;
    const { relocatesTo, fromEmbedded } = this.#extras;
    const { topic, partitions } = this.#first;
    const isKnown = relocatesTo > 0 && !fromEmbedded;
    const epoch = isKnown ? { epoch: 0, topic, partitions, cluster: CLUSTER_ID } : undefined;
    if (this.#extras.firstStart) storeContents(this.tables, this.#workload);
    else storeThePast(this.tables, this.#workload, epoch);
    if (this.#extras.overHttp) storeKeys(this.tables, startMs);
    if (!this.#extras.newPlaybooks) await activatePlaybooks(this.#world, this.tables, this.#random, startMs);
    produce(this.#world, this.#intake, this.#workload, this.#allAtOnce);
    this.#planTrouble();
    if (relocatesTo > 0) this.#planMove(fromEmbedded);
    this.#stages?.start();
    this.#fronts?.start();
    if (this.#workersAfterMs === undefined) this.#startWorkers();
    else this.#world.scheduler.after(this.#workersAfterMs, () => this.#startWorkers());
  }

  #startWorkers(): void {
    for (let worker = 0; worker < this.#workers; worker++) this.#fleet.start();
  }

  /** As the next owner has them. */
  async #restoredStates(): Promise<States> {
    const workload = this.#workload;
    const { movesTo, relocatesTo } = this.#extras;
    if (relocatesTo > 0) {
      const moved = epochAfter(relocatesTo);
      this.durable.findings.push(...misplacedStates(this.tables, moved));
      return restoredStates({ ...this.#worker, broker: this.#broker, moved }, workload);
    }
    const states = await restoredStates(this.#worker, workload);
    if (movesTo > 0) this.durable.findings.push(...(await findingsOfMove(this.#worker, workload, states, movesTo)));
    return states;
  }

  /** A single machine that reconciles rests while events are young: its job looks at no others. */
  #workMs(): number {
    const { records, startMs } = this.#workload;
    if (!this.#extras.embedded || this.#audits === undefined) return WORK_MS;
    const lastMs = records.reduce((latest, { atMs }) => Math.max(latest, atMs), startMs);
    return Math.min(WORK_MS, lastMs - startMs + 10 * MINUTE_MS);
  }

  #parts(): LogPart[] {
    if (this.#extras.embedded) return [{ epoch: 0, log: [], records: this.singleLog.records() }];
    const { ends: checked } = this.#relocation;
    if (checked === undefined) return [{ epoch: 0, log: this.#first.log }];
    // As the epoch has it, if it says so: what a move that is done again has stored by then counts.
    const said = logEnds(this.tables);
    const ends = checked.map((last, local) => (said.get(local) ?? last + 1) - 1);
    return [
      { epoch: 0, log: this.#first.log, ends, isEmbedded: this.#extras.fromEmbedded },
      { epoch: 1, log: this.#broker.log },
    ];
  }

  #planMove(atOnce: boolean): void {
    const random = this.#world.random.fork('when it moves');
    const drawn = atOnce ? 0 : random.int(20 * MINUTE_MS, WORK_MS - 40 * MINUTE_MS);
    const afterMs = this.#movesAfterMs ?? drawn;
    if (atOnce) this.#relocation.begin();
    else this.#world.scheduler.after(afterMs, () => this.#relocation.begin());
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
      broker: () => this.#broker,
      intake: this.#intake,
      workload: this.#workload,
      random: this.#random,
      fleet: this.#fleet,
      build: this.#build,
    };
    // Records that are forwarded are read by a build that never changes here.
    if (this.#extras.newerRecords && this.#extras.relocatesTo === 0)
      scheduler.after(this.#random.int(MINUTE_MS, WORK_MS - HOUR_MS), () => writeNewer(trouble));
    scheduler.every(MINUTE_MS, () => {
      if (!this.#ending) strikeOnce(trouble);
    });
    scheduler.every(5 * MINUTE_MS, () => {
      if (!this.#ending) this.#analyst.lookAtAlerts();
      this.#analyst.lookAtDeliveries(!this.#ending);
    });
    if (this.#audits !== undefined)
      scheduler.every(10 * MINUTE_MS, () => {
        if (!this.#ending) this.#audits?.look();
      });
  }

  /** Nothing goes wrong any more: until everything is stored and told. */
  async #rest(): Promise<void> {
    const { scheduler } = this.#world;
    this.#ending = true;
    for (const { closeTicks } of this.#cluster.topics.values()) closeTicks();
    this.singleLog.closeTicks();
    this.#world.heal();
    this.#storeTrouble.seeTo();
    this.#audits?.rest();
    this.#stages?.rest();
    this.#fronts?.rest();
    let lookMs = 0;
    const settled = () => {
      if (scheduler.nowMs < lookMs) return false;
      lookMs = scheduler.nowMs + MINUTE_MS;
      return (
        !this.#relocation.underWay &&
        this.#stages?.isOver !== false &&
        this.#isAllStored() &&
        !this.#analyst.waits &&
        this.#audits?.isSettled !== false &&
        isAllTold(this.tables, this.durable.ended)
      );
    };
    try {
      await scheduler.runUntil(settled, scheduler.nowMs + REST_MS);
    } catch (error) {
      if (!(error instanceof SimulationStuck)) throw error;
      this.durable.findings.push(`three days after the last fault something is still open: ${String(error)}`);
    }
  }

  #isAllStored(): boolean {
    if (this.#extras.embedded) return this.senders.isIdle;
    if (this.#extras.httpFront && !this.senders.isIdle) return false;
    const { log, base } = this.#broker;
    const epoch = this.#broker === this.#first ? 0 : 1;
    return log.every(
      ({ length }, local) => length === 0 || this.durable.isDurable(logPartition(epoch, local), base + length - 1),
    );
  }
}

/** What the engine refuses, unless its event is left out. */
const isPoison = (table: string, row: Row): boolean =>
  table.startsWith('event_log') && row['action_name'] === POISON && row['record'] !== '';
