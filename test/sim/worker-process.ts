/** A worker as the command starts it, over the ports of a simulated process. */
import type { Logger } from 'pino';
import type { RangeFinding } from '../../api/schemas/verify.ts';
import { agreeOnEpoch } from '../../cli/agree-on-epoch.ts';
import { loadConfig } from '../../cli/config.ts';
import { watchEpoch } from '../../cli/epoch-watch.ts';
import type { PartitionLimits } from '../../cli/partition-limits.ts';
import { isUnavailable, persistWith } from '../../cli/storage.ts';
import { createTopicLook } from '../../cli/verify/topic-look.ts';
import type { Worker, WorkerFoundation } from '../../cli/worker.ts';
import { createWorker } from '../../cli/worker.ts';
import type { DeadLetter } from '../../ingest/dead-letter.ts';
import { createDeadLetterStore } from '../../ingest/dead-letter-store.ts';
import { createKafkaLogSink } from '../../ingest/kafka/log-sink.ts';
import { createKafkaLogSource } from '../../ingest/kafka/log-source.ts';
import type { LogSink, LogSource, PartitionHandler } from '../../ingest/log.ts';
import { createLogEpochStore } from '../../ingest/log-epoch-store.ts';
import { createBatchedStore } from '../../store/batched-store.ts';
import type { Store } from '../../store/store.ts';
import { playbook } from '../support/playbook.ts';
import type { Broker } from './broker.ts';
import { CLUSTER_ID, type Cluster, KAFKA } from './cluster.ts';
import type { Extras } from './extras.ts';
import { trainerOf } from './forests.ts';
import { ALERT_BUDGET } from './lives.ts';
import type { Receiver } from './receiver.ts';
import { createSimStore } from './sim-store.ts';
import type { Tables } from './tables.ts';
import type { SimProcess, World } from './world.ts';

export interface Letters {
  write(letters: readonly DeadLetter[]): Promise<void>;
}

export interface Variation {
  /** Between the worker and its store; */
  readonly store?: (real: Store, process: SimProcess) => Store;
  /** between a process that moves the log and its store; */
  readonly mover?: (real: Store) => Store;
  /** between those who append and the log of a single machine; */
  readonly log?: (real: LogSink & LogSource, process: SimProcess) => LogSink & LogSource;
  /** between the log and the partitions; */
  readonly handler?: (real: PartitionHandler, process: SimProcess) => PartitionHandler;
  /** between who verifies the log and its store; */
  readonly audited?: (real: Store) => Store;
  /** between an intake and the topic of the log, and between it and what keeps dead letters. */
  readonly stageSink?: (real: LogSink) => LogSink;
  readonly stageLetters?: (real: Letters) => Letters;
}

export interface WorkerDeps {
  readonly world: World;
  readonly tables: Tables;
  readonly broker: Broker;
  readonly receiver: Receiver;
  readonly limits: PartitionLimits;
  readonly variation: Variation;
  readonly extras: Extras;
  /** Newest version of the envelope that the workers' build reads, by now. */
  readonly logFormat: () => number;
  /** Where the log is; absent: where it began. */
  readonly moved?: { readonly epoch: number; readonly partitions: number };
  readonly cluster: Cluster;
  /** Told of what the job in a worker has found missing. */
  readonly onLoss: (process: SimProcess, findings: readonly RangeFinding[]) => void;
}

export interface WorkerProcess {
  readonly process: SimProcess;
  /** Only then there is anything that could be stopped in order. */
  readonly started: boolean;
  /** Resolves when the first members of the group are agreed on. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface JudgingProcess extends WorkerProcess {
  readonly worker: Worker;
}

/** What `config check` shows of the repository's own file; a playbooks folder that is not there. */
export const config = { ...loadConfig({ cwd: '/', env: {} }), playbooksDir: '/nonexistent', alertBudget: ALERT_BUDGET };
export const DEAD_LETTERS = { sealKey: new Uint8Array(32), ttlMs: 30 * 86_400_000 };
/** Positions that the job in a worker looks at in one run: so few that it may have to leave some to the next, and not so few that they get too old. */
const RECONCILED_MAX = 30;
/** There the whole log is one process's to look at. */
const RECONCILED_ALONE_MAX = 90;

/** One takes every alert; the other the severe ones, and is somebody else's. */
export const PLAYBOOKS = [
  playbook({ name: 'soar', webhook: { url: 'https://soar.example.com/hook' } }),
  playbook({
    name: 'pager',
    when: { severityMin: 4, detectors: [], agentKinds: [], tenants: [], onBackfill: true },
    webhook: { url: 'https://pager.example.com/hook', secrets: [`whsec_${Buffer.alloc(32, 7).toString('base64')}`] },
  }),
];

/** Looks where the log is before it starts, and ends when that is no longer so. */
export function openOnLog(process: SimProcess, deps: WorkerDeps): WorkerProcess {
  const { world, cluster } = deps;
  const { now, sleep, every } = process;
  let inner: WorkerProcess | undefined;
  let stopLooking = () => {};
  return {
    process,
    get started() {
      return inner?.started ?? false;
    },
    async start() {
      const admin = cluster.kafka(process).admin();
      await admin.connect();
      const store = bare(process, deps);
      const logger = loggerOf(process, deps);
      const epoch = await agreeOnEpoch(admin, KAFKA, store, { now, logger, sleep });
      await admin.disconnect();
      inner = openWorker(process, { ...deps, broker: cluster.broker(epoch.topic), moved: epoch });
      const onMoved = (error: Error) => {
        world.history.note(`${process.name} gives up: ${String(error)}`);
        world.kill(process);
      };
      stopLooking = watchEpoch(
        createLogEpochStore(store),
        epoch,
        epoch.epoch === 0 ? WATCH_EPOCH_MS : WATCH_LAST_MS,
        onMoved,
        every,
      );
      await inner.start();
    },
    async stop() {
      stopLooking();
      if (inner === undefined) world.kill(process);
      else await inner.stop();
    },
  };
}

/** As in `cli/foundation.ts`. */
const WATCH_EPOCH_MS = 30_000;
/** The log moves once; days of looks for another move would only cost steps. */
const WATCH_LAST_MS = 1_800_000;

/** What a worker stands on and takes from its process, wherever its log is. */
export function layGround(
  process: SimProcess,
  deps: WorkerDeps,
  { kafka, topic }: Pick<WorkerFoundation, 'kafka' | 'topic'>,
  isTransient: (error: unknown) => boolean = isUnavailable,
) {
  const { receiver, extras } = deps;
  const { now, random, sleep, timers, every, breathe } = process;
  const store = createBatchedStore(bare(process, deps), ['deliveries', 'dead_letters'], {
    setTimeout: (run, ms) => timers.after(ms, run),
    clearTimeout: (cancel) => (cancel as () => void)(),
  });
  const logger = loggerOf(process, deps);
  const stopping = new AbortController();
  const letters = createDeadLetterStore(store, DEAD_LETTERS);
  const positionsMax = extras.embedded ? RECONCILED_ALONE_MAX : RECONCILED_MAX;
  const foundation: WorkerFoundation = {
    config: extras.reconciles ? { ...config, reconcile: { ...config.reconcile, positionsMax } } : config,
    store,
    now,
    logger,
    persist: persistWith(stopping.signal, logger, isTransient, { random, sleep }),
    deadLetters: { write: async (written) => (written.length === 0 ? undefined : letters.write(written)) },
    kafka,
    topic,
  };
  const trainer = trainerOf(process, extras.forests);
  const surroundings = { random, timers, sleep, breathe, every, post: receiver.post(process), trainer };
  return { foundation, surroundings, giveUp: (reason: Error) => stopping.abort(reason) };
}

export function openWorker(process: SimProcess, deps: WorkerDeps): JudgingProcess {
  const { world, broker, limits, variation, extras } = deps;
  const { epoch, partitions } = deps.moved ?? { epoch: 0, partitions: broker.partitions };
  const { now, sleep, every } = process;
  const place = { epoch, topic: broker.topic, partitions, cluster: CLUSTER_ID };
  const { foundation, surroundings } = layGround(process, deps, {
    kafka: { epoch: place },
    topic: extras.reconciles
      ? createTopicLook({ client: deps.cluster.kafka(process), epoch: place }, { sleep, format: deps.logFormat() })
      : undefined,
  });
  const { store, logger } = foundation;
  const worker = createWorker(foundation, partitions, PLAYBOOKS, surroundings, limits);
  const kafka = broker.kafka(process);
  const source = createKafkaLogSource(
    {
      topic: broker.topic,
      epoch,
      partitions: broker.partitions,
      groupId: 'w',
      sessionTimeoutMs: 30_000,
      // What the topic has lost before the first start is nobody's here.
      acceptGaps: extras.firstStart,
      format: deps.logFormat(),
    },
    {
      kafka,
      now,
      log: logger,
      every,
      sleep,
      // What `serve` does: the process ends, and whoever runs it starts another.
      onFailure: (error) => {
        world.history.note(`${process.name} gives up: ${String(error)}`);
        world.kill(process);
      },
    },
  );
  const sink = createKafkaLogSink(kafka, {
    topic: broker.topic,
    partitions: broker.partitions,
    queueMax: 1_000,
    queueBytesMax: 2 ** 24,
    compression: 'none',
  });
  let started = false;
  let stopTicking = () => {};
  let stopWatching = () => {};
  let stopPublishing = () => {};
  let stopReconciling = async () => {};
  return {
    process,
    worker,
    get started() {
      return started;
    },
    async start() {
      await sink.start();
      await source.start(variation.handler?.(worker.partitions, process) ?? worker.partitions);
      stopTicking = worker.tickInto(sink);
      if (extras.replays > 0) stopWatching = worker.watchReplays();
      if (extras.publishing) stopPublishing = worker.publishInto(sink).stop;
      if (extras.reconciles) stopReconciling = worker.reconcile();
      started = true;
    },
    async stop() {
      stopTicking();
      stopWatching();
      stopPublishing();
      // A stop that waits for nothing takes its turn all the same: what seeds do hangs on it.
      if (extras.reconciles) await stopReconciling();
      await source.stop();
      await sink.stop();
      await worker.stop();
      await store.close();
      world.kill(process);
    },
  };
}

function bare(process: SimProcess, { tables, world, variation }: WorkerDeps): Store {
  const store = createSimStore(process, tables, world.random.fork(`streams ${process.name}`));
  return variation.store?.(store, process) ?? store;
}

function loggerOf(process: SimProcess, { world: { history }, onLoss }: WorkerDeps): Logger {
  const say = (facts: { readonly findings?: readonly RangeFinding[] }, text: string) => {
    if (!process.alive) return;
    history.note(`${process.name} says: ${text}`);
    if (facts.findings !== undefined) onLoss(process, facts.findings);
  };
  const logger = { info: say, warn: say, error: say, child: () => logger };
  return logger as unknown as Logger;
}
