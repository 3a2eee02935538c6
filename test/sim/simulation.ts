/** One run: a workload, a fleet of workers, what goes wrong, and in the end what the checker finds. A pure function of its options. */

import { createHash } from 'node:crypto';
import { isToBeTold } from '../../alerts/delivery.ts';
import { createDeliveryStore, type DeliveryKey } from '../../alerts/delivery-store.ts';
import type { AlertNotice } from '../../alerts/notice.ts';
import { movedState } from '../../baselines/moved-state.ts';
import { decodeState, encodeState, STATE_FORMAT } from '../../baselines/state-codec.ts';
import type { PartitionLimits } from '../../cli/partition-limits.ts';
import { createRandom, type Random } from '../../cli/simulate/random.ts';
import { type EncodedRecord, encodeEntry, LOG_FORMAT } from '../../ingest/kafka/envelope.ts';
import { type AlertChangeEntry, logPartition, type ModelEntry, PARTITIONS_MAX } from '../../ingest/log.ts';
import { type Broker, createBroker } from './broker.ts';
import { check } from './checker.ts';
import { enabledSince, REPLAY } from './deliveries.ts';
import { drawExtras, type Extras } from './extras.ts';
import { drawFaults, type FaultKind, type FaultRates } from './faults.ts';
import { BASE_POSITION, codec, TENANT } from './lives.ts';
import { epochAfter, moveLog, partitionIn } from './mover.ts';
import { createReceiver } from './receiver.ts';
import { SimulationStuck } from './scheduler.ts';
import { readSchemas } from './schema.ts';
import { createSimStore } from './sim-store.ts';
import { createTables, type Row, type Tables } from './tables.ts';
import { openWorker, PLAYBOOKS, type Variation, type WorkerDeps, type WorkerProcess } from './worker-process.ts';
import { drawSize, NEWER_FORMAT, POISON, planWorkload, type Workload, type WorkloadSize } from './workload.ts';
import { createWorld, type PlannedCrash, type SimProcess, type World } from './world.ts';

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
const RESTART_MS = { min: 100, max: 30_000 };

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
    findings: [...new Set([...run.findings, ...findings])],
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
  readonly findings: string[] = [];
  readonly tables: Tables;
  readonly broker: Broker;
  readonly #world: World;
  readonly #workload: Workload;
  readonly #deps: WorkerDeps;
  readonly #random: Random;
  readonly #stateRows: Row[] = [];
  readonly #durable = new Map<number, Set<number>>();
  readonly #running = new Set<WorkerProcess>();
  readonly #receiver;
  readonly #workers: number;
  readonly #extras: Extras;
  readonly #oneAtATime: boolean;
  readonly #allAtOnce: boolean;
  #started = 0;
  #ending = false;

  constructor(
    world: World,
    workload: Workload,
    variation: Variation,
    extras: Extras,
    { workers, limits, tickShare, oneAtATime, allAtOnce = false }: SimulationOptions,
  ) {
    this.#extras = extras;
    this.#oneAtATime = oneAtATime ?? false;
    this.#allAtOnce = allAtOnce;
    this.#world = world;
    this.#workload = workload;
    this.#random = world.random.fork('run');
    this.#workers = workers ?? this.#random.int(1, 3);
    this.tables = createTables(
      schemas,
      world.random.fork('merges'),
      (table, row) => table.startsWith('event_log') && row['action_name'] === POISON && row['record'] !== '',
    );
    this.tables.onInsert.push((table, row) => this.#onInsert(table, row));
    this.broker = createBroker({
      world,
      partitions: workload.partitions,
      base: BASE_POSITION,
      tickShare: tickShare ?? this.#random.pick([0.05, 0.3]),
      fetchRecords: allAtOnce ? { min: 500, max: 500 } : { min: 1, max: 40 },
      onAppend: (record) => this.#onAppend(record),
      onCommit: (process, partition, offset) => this.#onCommit(process, partition, offset),
    });
    this.#receiver = createReceiver(world);
    this.#deps = {
      world,
      variation,
      tables: this.tables,
      broker: this.broker,
      receiver: this.#receiver,
      limits: { ...drawLimits(this.#random), ...limits },
      extras,
      logFormat: () => this.#logFormat,
    };
  }

  async finish(): Promise<string[]> {
    const { scheduler } = this.#world;
    await this.#storeThePast();
    this.#planRecords();
    this.#planTrouble();
    for (let worker = 0; worker < this.#workers; worker++) this.#startWorker();
    await scheduler.runUntil(() => scheduler.nowMs >= WORK_MS);
    await this.#rest();
    await this.#stopAll();
    const { tables, broker } = this;
    const states = await this.#restored(this.#deps);
    if (this.#extras.movesTo > 0) await this.#moveLog(states);
    const workload = this.#workload;
    const receipts = this.#receiver.receipts;
    return check({
      workload,
      broker,
      tables,
      schemas,
      receipts,
      ended: this.#ended,
      stateRows: this.#stateRows,
      states,
    });
  }

  #onInsert(table: string, row: Row): void {
    const position = Number(row['position']);
    const partition = Number(row['partition']);
    if (table === 'agent_state' && position >= BASE_POSITION) {
      this.#stateRows.push(row);
      if (!this.#isDurable(partition, position))
        this.findings.push(`a state ahead of the log: ${partition}:${position}`);
    }
    if (table === 'checkpoints' && position >= BASE_POSITION && !this.#isDurable(partition, position)) {
      this.findings.push(`a checkpoint ahead of the log: ${partition}:${position}`);
    }
    if (table === 'alert_hits' && !this.#isDurable(partition, position)) {
      this.findings.push(`a hit ahead of the log: ${partition}:${position}`);
    }
    if (table === 'deliveries') this.#onDelivery(row);
    if (table !== 'event_log') return;
    const stored = this.#durable.get(partition) ?? new Set();
    this.#durable.set(partition, stored.add(position));
  }

  /**
   * `alert playbook` of deliveries that came to an end after they were last asked for. Not by the number of the attempt: who tells of an
   * alert before it is stored, and dies, leaves one behind that begins to count anew.
   */
  readonly #ended = new Set<string>();

  #onDelivery({ alert_id, playbook, outcome, error }: Row): void {
    const name = `${alert_id} ${playbook}`;
    if (error === REPLAY) this.#ended.delete(name);
    else if (outcome !== 'retry') this.#ended.add(name);
  }

  #onAppend({ headers, value }: EncodedRecord): void {
    if (headers['kind'] !== 'model') return;
    const { content, agentKind } = JSON.parse(value) as ModelEntry;
    if (this.tables.all('log_contents').some(({ hash }) => hash === content)) return;
    this.findings.push(`a model of ${agentKind} is in the log before its content is stored`);
  }

  /** All of the log up to a position. */
  #isDurable(partition: number, position: number): boolean {
    const stored = this.#durable.get(partition);
    for (let at = position; at >= BASE_POSITION; at--) if (stored?.has(at) !== true) return false;
    return true;
  }

  #onCommit(process: string, partition: number, offset: number): void {
    if (offset > BASE_POSITION && !this.#isDurable(partition, offset - 1)) {
      this.findings.push(`${process} commits ${partition}:${offset}, and not all before it is durable`);
    }
  }

  /** As a log that was moved, or restored from a backup: its last record, the states as of it, and a checkpoint. */
  async #storeThePast(): Promise<void> {
    const { past, partitions, contents, startMs } = this.#workload;
    const position = BASE_POSITION - 1;
    const insert = (table: string, rows: object[]) => this.tables.insert(table, rows);
    for (let partition = 0; partition < partitions; partition++) {
      const record = JSON.stringify({ kind: 'tick', receivedMs: startMs });
      const place = { partition, position, received: startMs, time: startMs };
      insert('event_log', [{ ...place, kind: 'tick', status: 'control', record }]);
      const checkpoint = { partition, position, time: startMs, build: 'past', agents: 1 };
      insert('checkpoints', [{ ...checkpoint, format: STATE_FORMAT, last_tick: startMs }]);
    }
    insert(
      'agent_state',
      past.map(({ text, ...placed }) => ({ tenant: TENANT, ...placed, clock: startMs, sessions: 30, state: text })),
    );
    insert(
      'log_contents',
      [...contents].map(([hash, content]) => ({ tenant: TENANT, hash, created: startMs, content })),
    );
    if (!this.#extras.newPlaybooks) await this.#activatePlaybooks(startMs);
  }

  /** They were there before: what is new is sent no old alerts. */
  async #activatePlaybooks(startMs: number): Promise<void> {
    const direct: SimProcess = {
      ...this.#world.start('past'),
      call: async (_port, effect) => effect(),
    };
    const store = createDeliveryStore(createSimStore(direct, this.tables, this.#random));
    const activations = PLAYBOOKS.map(({ name, when }) => ({
      playbook: name,
      condition: createHash('sha256').update(JSON.stringify(when)).digest('hex').slice(0, 32),
    }));
    await store.activate(activations, startMs);
  }

  #planRecords(): void {
    const { scheduler, strikes } = this.#world;
    const { records, startMs } = this.#workload;
    for (const { atMs: plannedMs, partition, record } of records) {
      const atMs = this.#allAtOnce ? startMs : plannedMs;
      const append = () => this.broker.append(partition, record, plannedMs);
      // In the order given, whatever chance says of the instant.
      scheduler.after(atMs - startMs, () => {
        for (const next of this.#due(atMs)) next();
      });
      const due = this.#queue.get(atMs) ?? [];
      this.#queue.set(atMs, due);
      due.push(append);
      if (strikes('producedTwice')) due.push(append);
    }
  }

  readonly #queue = new Map<number, (() => void)[]>();

  #due(atMs: number): (() => void)[] {
    const due = this.#queue.get(atMs) ?? [];
    this.#queue.delete(atMs);
    return due;
  }

  #planTrouble(): void {
    const { scheduler, strikes } = this.#world;
    if (this.#extras.newerRecords)
      scheduler.after(this.#random.int(MINUTE_MS, WORK_MS - HOUR_MS), () => this.#writeNewer());
    scheduler.every(MINUTE_MS, () => {
      if (this.#ending) return;
      if (strikes('outage')) this.#outage();
      if (strikes('rebalance')) this.broker.rebalance('chance');
      if (strikes('zombie')) this.broker.expel();
      if (strikes('handOver')) this.#handOver();
      if (strikes('clockJump')) this.#jumpClock();
    });
    scheduler.every(5 * MINUTE_MS, () => {
      if (!this.#ending) this.#lookAtAlerts();
      this.#lookAtDeliveries();
    });
  }

  #outage(): void {
    const { scheduler, history } = this.#world;
    this.#world.storeAway = true;
    history.note('the store is away');
    scheduler.after(this.#random.int(5_000, 600_000), () => {
      this.#world.storeAway = false;
      history.note('the store is back');
    });
  }

  #logFormat = LOG_FORMAT;

  /** Of the kinds of records that there are: what matters is that an older build cannot know it. */
  #writeNewer(): void {
    const { agent } = this.#random.pick(this.#workload.past);
    const receivedMs = this.#world.wallMs();
    const { headers, ...record } = encodeEntry({ kind: 'reset', tenant: TENANT, receivedMs, agent, by: 'later' });
    const newer = { ...record, headers: { ...headers, v: String(NEWER_FORMAT) } };
    this.broker.append(this.#workload.partitionOf(agent), newer, receivedMs);
    this.#world.history.note('a newer build writes to the log');
    this.#world.scheduler.after(this.#random.int(60_000, 600_000), () => {
      this.#logFormat = NEWER_FORMAT;
      this.#world.history.note('from now on workers are of the newer build');
    });
  }

  #jumpClock(): void {
    const [one] = this.#random.sample([...this.#running], 1);
    one?.process.jumpClock(this.#random.int(-3 * HOUR_MS, 3 * HOUR_MS));
  }

  #handOver(): void {
    const [one] = this.#random.sample([...this.#running], 1);
    if (one === undefined) return;
    if (!this.#oneAtATime) this.#running.delete(one);
    this.#world.history.note(`${one.process.name} is asked to stop`);
    // A process that cannot stop in order ends all the same.
    one.stop().catch(() => this.#world.kill(one.process));
    if (!this.#oneAtATime) this.#startWorker();
  }

  readonly #answered = new Set<string>();

  /** An analyst, who has a word on most alerts sooner or later. */
  #lookAtAlerts(): void {
    for (const row of this.tables.final('alert_hits')) {
      const alertId = String(row['alert_id']);
      if (this.#answered.has(alertId) || !this.#random.chance(0.3)) continue;
      this.#answered.add(alertId);
      const disposition = this.#random.pick(['true_positive', 'false_positive', 'benign_change'] as const);
      const word = this.#random.chance(0.8)
        ? ({ state: 'closed', disposition } as const)
        : { state: 'acknowledged' as const };
      const agent = String(row['agent']);
      const receivedMs = this.#world.wallMs();
      const entry: AlertChangeEntry = {
        kind: 'disposition',
        tenant: TENANT,
        receivedMs,
        agent,
        alertId,
        by: 'ann',
        ...word,
      };
      this.broker.append(this.#workload.partitionOf(agent), encodeEntry(entry), receivedMs);
    }
  }

  /** Deliveries that somebody wants again, until every worker has heard of it. */
  readonly #wanted = new Map<string, DeliveryKey>();

  #lookAtDeliveries(): void {
    const chance = this.#extras.replays;
    if (chance === 0) return;
    for (const { tenant, alert_id, playbook, outcome } of this.tables.final('deliveries')) {
      if (this.#ending || tenant === '' || outcome === 'retry' || !this.#random.chance(chance / 10)) continue;
      const key = { tenant: String(tenant), alertId: String(alert_id), playbook: String(playbook) };
      this.#wanted.set(JSON.stringify(key), key);
    }
    // All are asked: only the owner of the partition sends, and who that is may be changing.
    for (const [name, key] of this.#running.size === 0 ? [] : this.#wanted) {
      Promise.all([...this.#running].map(({ worker }) => worker.dispatcher.replay(key))).then(
        () => this.#wanted.delete(name),
        () => this.#world.history.note(`no word on ${key.alertId}: it will be asked for again`),
      );
    }
  }

  #startWorker(): void {
    const process = this.#world.start(`w${++this.#started}`);
    const worker = openWorker(process, this.#deps);
    this.#running.add(worker);
    process.onEnd(() => {
      if (!this.#running.delete(worker)) return;
      this.#spoil();
      this.#world.scheduler.after(this.#random.int(RESTART_MS.min, RESTART_MS.max), () => this.#startWorker());
    });
    worker.start().catch(() => this.#world.kill(process));
  }

  /** While nobody is there: the store comes back as it was at an older checkpoint, or a newer build was here for a moment. */
  #spoil(): void {
    if (this.#running.size > 0) return;
    const { strikes } = this.#world;
    if (strikes('olderSnapshot')) this.#toOlderCheckpoint();
    if (strikes('unknownFormat')) this.#leaveUnknownState();
  }

  #toOlderCheckpoint(): void {
    for (let partition = 0; partition < this.#workload.partitions; partition++) {
      const positions = this.tables
        .final('checkpoints')
        .filter((row) => row['partition'] === partition)
        .map((row) => Number(row['position']))
        .sort((a, b) => b - a);
      const [newest, older] = positions;
      if (newest === undefined || older === undefined || older < (this.tables.pruned.get(partition) ?? -1)) continue;
      const isNewer = (row: Row) => row['partition'] === partition && Number(row['position']) > older;
      this.tables.delete('checkpoints', isNewer);
      this.tables.delete('agent_state', isNewer);
      this.#world.history.note(`partition ${partition} is as of its checkpoint ${older}`);
    }
  }

  #leaveUnknownState(): void {
    const [row] = this.tables.final('agent_state');
    if (row === undefined || this.tables.all('agent_state').some(({ format }) => format === 99)) return;
    const strange = { ...row, position: Number(row['position']) + 1, format: 99, state: 'of another build' };
    const rows = this.tables.final('agent_state').filter(({ agent }) => agent === row['agent']);
    const newest = Math.max(...rows.map(({ position }) => Number(position)));
    const placed = { ...strange, position: newest };
    this.tables.delete('agent_state', (one) => one['agent'] === row['agent'] && Number(one['position']) === newest);
    const real = rows.find(({ position }) => Number(position) === newest);
    const stateRows = this.#stateRows.length;
    this.tables.insert('agent_state', [placed]);
    this.#stateRows.length = stateRows;
    this.#world.history.note(`a state of ${String(row['agent'])} is of an unknown format`);
    this.#seeTo = () => {
      this.#seeTo = () => {};
      this.tables.delete('agent_state', (one) => one['format'] === 99);
      if (real !== undefined) this.tables.insert('agent_state', [real]);
      this.#world.history.note('somebody has seen to the unknown state');
    };
    this.#world.scheduler.after(this.#random.int(60_000, 600_000), () => this.#seeTo());
  }

  #seeTo = () => {};

  /** Nothing goes wrong any more: until everything is stored and told. */
  async #rest(): Promise<void> {
    const { scheduler } = this.#world;
    this.#ending = true;
    this.broker.closeTicks();
    this.#world.heal();
    this.#seeTo();
    const untilMs = scheduler.nowMs + REST_MS;
    let lookMs = 0;
    const settled = () => {
      if (scheduler.nowMs < lookMs) return false;
      lookMs = scheduler.nowMs + MINUTE_MS;
      return this.#isAllStored() && this.#isAllTold();
    };
    try {
      await scheduler.runUntil(settled, untilMs);
    } catch (error) {
      if (!(error instanceof SimulationStuck)) throw error;
      this.findings.push(`three days after the last fault something is still open: ${String(error)}`);
    }
  }

  #isAllStored(): boolean {
    return this.broker.log.every(
      (messages, partition) => messages.length === 0 || this.#isDurable(partition, BASE_POSITION + messages.length - 1),
    );
  }

  /** The checker says exactly what is missing. */
  #isAllTold(): boolean {
    if (this.#wanted.size > 0) return false;
    const since = enabledSince(this.tables);
    const opened = this.tables.final('alert_hits').filter((row) => row['opened'] === 1);
    const wanted = opened.flatMap((row) => {
      const { severity, detector, agent_kind: agentKind, tenant, received: receivedMs } = row;
      const notice = {
        receivedMs,
        severity,
        detector,
        agentKind,
        tenant,
        backfill: row['backfill'] === 1,
      } as AlertNotice;
      const told = PLAYBOOKS.filter((one) => isToBeTold(one, notice, since.get(one.name) ?? 0));
      return told.map(({ name }) => `${row['alert_id']} ${name}`);
    });
    return wanted.every((one) => this.#ended.has(one));
  }

  async #stopAll(): Promise<void> {
    const left = new Set(this.#running);
    for (const worker of left) {
      const over = () => void left.delete(worker);
      worker.process.onEnd(over);
      worker.stop().catch((error: unknown) => {
        this.findings.push(`stopping failed: ${String(error)}`);
        over();
      });
    }
    this.#running.clear();
    await this.#world.scheduler.runUntil(() => left.size === 0, this.#world.scheduler.nowMs + HOUR_MS);
  }

  /** By a process that is started again until it has come to its end; then every state is what it was, but for its place. */
  async #moveLog(states: ReadonlyMap<string, string>): Promise<void> {
    const next = epochAfter(this.#extras.movesTo);
    const move = (process: SimProcess) => moveLog(process, this.#deps, next);
    await this.#untilDone('mover', move);
    const moved = await this.#restored({ ...this.#deps, moved: next });
    for (const [agent, text] of states) {
      const state = decodeState(text, STATE_FORMAT, codec);
      // Who has no row yet begins anew wherever it is.
      if (state.position < 0) continue;
      if (moved.get(agent) !== encodeState(movedState(state), codec))
        this.findings.push(`the state of ${agent} is another after the log has moved`);
    }
    for (const { agent, partition } of this.tables.final('agent_state')) {
      if (Number(partition) >= PARTITIONS_MAX && partition !== partitionIn(next, String(agent)))
        this.findings.push(`${String(agent)} has moved to partition ${String(partition)}`);
    }
  }

  async #untilDone(name: string, run: (process: SimProcess) => Promise<void>): Promise<void> {
    const process = this.#world.start(name);
    let done = false;
    let failure: unknown;
    run(process)
      .catch((error: unknown) => {
        failure = error;
      })
      .finally(() => {
        done = true;
      });
    process.onEnd(() => {
      done = true;
    });
    await this.#world.scheduler.runUntil(() => done, this.#world.scheduler.nowMs + HOUR_MS);
    if (!process.alive) return this.#untilDone(name, run);
    if (failure !== undefined) throw failure;
  }

  /** The states as the next owner of the partitions has them. */
  async #restored(deps: WorkerDeps): Promise<Map<string, string>> {
    const process = this.#world.start('next');
    const { worker } = openWorker(process, deps);
    const { epoch, partitions } = deps.moved ?? { epoch: 0, partitions: this.#workload.partitions };
    const agents = new Set(this.#workload.past.map(({ agent }) => agent));
    for (const row of this.tables.final('event_log')) if (row['agent'] !== '') agents.add(String(row['agent']));
    const texts = new Map<string, string>();
    const read = async () => {
      for (let partition = 0; partition < partitions; partition++)
        await worker.partitions.assign(logPartition(epoch, partition));
      for (const agent of agents) {
        const state = await worker.partitions.peek({ tenant: TENANT, agent });
        if (state !== undefined) texts.set(agent, encodeState(state, codec));
      }
    };
    let done = false;
    let failure: unknown;
    read()
      .catch((error: unknown) => {
        failure = error;
      })
      .finally(() => {
        done = true;
      });
    process.onEnd(() => {
      done = true;
    });
    await this.#world.scheduler.runUntil(() => done, this.#world.scheduler.nowMs + HOUR_MS);
    if (!process.alive) return this.#restored(deps);
    if (failure !== undefined) throw failure;
    return texts;
  }
}

/** What is drawn stays in this order: seeds that found something are kept by their number. */
function drawLimits(random: Random): PartitionLimits {
  const first = {
    agentsMax: random.pick([1, 2, 100]),
    checkpointRecords: random.pick([5, 20, 60, 1_000]),
    checkpointMs: random.pick([5 * MINUTE_MS, HOUR_MS]),
    seenIdsBits: random.pick([2 ** 8, 2 ** 14]),
    revokeGraceMs: random.pick([10, 3_000]),
  };
  const later = random.fork('limits of bytes and filters');
  return {
    ...first,
    bytesMax: later.pick([20_000, 1e9]),
    sessionBytesMax: later.pick([10_000, 1e9]),
    knownAgentsBits: later.pick([2 ** 8, 2 ** 14]),
    filterRecords: later.pick([10, 100, 10_000]),
  };
}
