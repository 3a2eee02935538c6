/** The half of Picket that judges: the partitions it owns, their states, and the playbooks of the alerts that open there. */

import { lookup } from 'node:dns';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createDispatcher, type Dispatcher } from '../alerts/delivery.ts';
import { createDeliveryStore } from '../alerts/delivery-store.ts';
import { createHitStore } from '../alerts/hit-store.ts';
import { createHttpPost, type Post } from '../alerts/http-post.ts';
import type { JudgeSettings } from '../alerts/judge.ts';
import { loadPlaybooks, type Playbook } from '../alerts/playbook.ts';
import { systemTimers, type Timers } from '../alerts/timers.ts';
import { createContentStore } from '../baselines/content-store.ts';
import { createEventLogStore } from '../baselines/event-log-store.ts';
import { createFilterStore } from '../baselines/filter-store.ts';
import { createForestTrainer } from '../baselines/forest/trainer.ts';
import { DAY_MS, HOUR_MS } from '../baselines/periods.ts';
import { createStateStore } from '../baselines/state-store.ts';
import { zoneOffsetAt } from '../baselines/statistics/time-zone.ts';
import { DETECTORS } from '../detectors/registry.ts';
import { createScoring } from '../detectors/scoring.ts';
import { type LogSink, logPartition } from '../ingest/log.ts';
import { groupInserts } from '../store/grouped-store.ts';
import type { Config } from './config.ts';
import type { Foundation } from './foundation.ts';
import type { KafkaLog } from './kafka-log.ts';
import { createKindPublisher } from './kind-publisher.ts';
import { emptyCounters, type PartitionCounters, type PartitionSettings } from './partition.ts';
import { createPartitions, type Partitions } from './partitions.ts';
import { slotCodec } from './scorer.ts';
import { sleep } from './sleep.ts';
import type { Watched } from './status.ts';
import { markOf } from './verify/judging-mark.ts';
import { rangeChecker } from './verify/range-checker.ts';
import { createReconciler, keepReconciling } from './verify/reconciler.ts';

export interface Worker {
  readonly partitions: Partitions;
  readonly dispatcher: Dispatcher;
  readonly counters: PartitionCounters;
  /** Faults in playbook files; the others work. */
  readonly playbookErrors: readonly string[];
  readonly playbooks: number;
  metrics(): Record<string, number>;
  /** Whether anything is missing of what was stored lately. */
  readonly reconciliation: Watched;
  /** Checks it every so often from now on. Returns the way to stop. */
  reconcile(): () => Promise<void>;
  /** Puts a tick into the log of every owned partition, once a minute from now on. Returns the way to stop it. */
  tickInto(log: LogSink): () => void;
  /**
   * Publishes models of kinds to the log, every six hours however often processes start, while this one owns its first partition: so one
   * does it for all. `publish` does it at once.
   */
  publishInto(log: LogSink): { publish(): Promise<number>; stop(): void };
  /** Webhooks under way may finish; what is not sent stands in the store. Partitions are given back by the log. */
  stop(): Promise<void>;
}

export const TICK_MS = 60_000;
/** Between two lots of a reconciliation: a small share of the store's time. */
const RECONCILE_PAUSE_MS = 100;
const PUBLISH_MS = 6 * HOUR_MS;
const PUBLISH_LOOK_MS = HOUR_MS;
/** Webhooks under way may finish; what is not sent by then stands in the store and goes out after the next start. */
const DRAIN_MS_MAX = 2_000;
const CHECKPOINT_MS = 5 * 60_000;
/** What is in hand when a partition is given back; with the drain below the ten seconds a SIGTERM may take. */
const REVOKE_GRACE_MS = 3_000;
/** Each of the two filters, over all partitions: 16 MiB. */
const FILTER_BITS_MAX = 2 ** 27;
const FILTER_RECORDS = 500_000;
const MIB = 1024 * 1024;

const filterBits = (partitionCount: number): number =>
  Math.max(2 ** 20, FILTER_BITS_MAX / 2 ** Math.ceil(Math.log2(partitionCount)));

export const settingsOf = (
  config: Pick<Config, 'halfLifeDays' | 'alertBudget'> & Partial<Pick<Config, 'timeZone' | 'tenantTimeZones'>>,
) => ({
  baseline: {
    halfLifeMs: config.halfLifeDays * DAY_MS,
    zoneOffset: zoneOffsets(config.timeZone, config.tenantTimeZones),
  },
  alertBudget: config.alertBudget,
  detectors: DETECTORS.length,
});

function zoneOffsets(timeZone = 'UTC', tenantTimeZones: Readonly<Record<string, string>> = {}) {
  const usual = zoneOffsetAt(timeZone);
  const own = new Map(Object.entries(tenantTimeZones).map(([tenant, zone]) => [tenant, zoneOffsetAt(zone)]));
  return (tenant: string, tMs: number): number => (own.get(tenant) ?? usual)(tMs);
}

/** What a worker stands on. Of Kafka it knows only where the log is. */
export type WorkerFoundation = Pick<
  Foundation,
  'config' | 'store' | 'now' | 'logger' | 'persist' | 'deadLetters' | 'topic'
> & {
  readonly kafka: Pick<KafkaLog, 'epoch'> | undefined;
};

/** Chance, time and the network: a simulation brings its own. */
export interface Surroundings {
  readonly random: () => number;
  readonly timers: Timers;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly breathe?: () => Promise<void>;
  readonly every: (intervalMs: number, run: () => void) => () => void;
  readonly post: Post;
}

const realSurroundings = (): Surroundings => ({
  random: Math.random,
  timers: systemTimers,
  sleep,
  every(intervalMs, run) {
    const timer = setInterval(run, intervalMs);
    timer.unref();
    return () => clearInterval(timer);
  },
  post: createHttpPost({ lookup, connect, timers: systemTimers }),
});

export type PartitionLimits = Omit<PartitionSettings, keyof JudgeSettings>;

/** @param partitionCount of the whole log: what one process may keep in memory is divided by it */
export const partitionLimits = (
  config: Pick<Config, 'agentsInMemory' | 'stateMib' | 'openSessionsMib' | 'checkpointRecords'>,
  partitionCount: number,
): PartitionLimits => ({
  agentsMax: Math.max(AGENTS_MIN, Math.floor(config.agentsInMemory / partitionCount)),
  bytesMax: (config.stateMib * MIB) / partitionCount,
  sessionBytesMax: (config.openSessionsMib * MIB) / partitionCount,
  checkpointRecords: config.checkpointRecords,
  checkpointMs: CHECKPOINT_MS,
  seenIdsBits: filterBits(partitionCount),
  knownAgentsBits: filterBits(partitionCount),
  filterRecords: FILTER_RECORDS,
  revokeGraceMs: REVOKE_GRACE_MS,
});

/**
 * @param partitionCount of the whole log
 * @param morePlaybooks beside the files, for the demo
 */
export function createWorker(
  foundation: WorkerFoundation,
  partitionCount: number,
  morePlaybooks: readonly Playbook[] = [],
  { post, random, timers, every, ...waiting }: Surroundings = realSurroundings(),
  limits: PartitionLimits = partitionLimits(foundation.config, partitionCount),
): Worker {
  const { config, store, now, logger, persist, deadLetters, topic } = foundation;
  const settings = settingsOf(config);
  const scoring = createScoring(DETECTORS, settings.baseline);
  const { playbooks, errors } = loadPlaybooks(
    playbookFiles(config.playbooksDir),
    config.lookup,
    DETECTORS.map(({ name }) => name),
  );
  const counters = emptyCounters();
  const states = createStateStore(store, slotCodec(scoring), markOf(config), { daysKept: config.stateDays });
  const contents = createContentStore(store);
  const eventLog = createEventLogStore(groupInserts(store, 'event_log'));
  const dispatcher = createDispatcher({
    playbooks: [...playbooks, ...morePlaybooks],
    post,
    deliveries: createDeliveryStore(store),
    now,
    random,
    timers,
    log: logger.child({ part: 'playbooks' }),
    ownedPartitions: () => (foundation.kafka === undefined ? undefined : partitions.owned),
  });
  const partitions: Partitions = createPartitions(
    { ...settings, ...limits },
    {
      log: eventLog,
      states,
      filters: createFilterStore(store),
      hits: createHitStore(groupInserts(store, 'alert_hits')),
      contents,
      scoring,
      deadLetters,
      notify: (notices) => {
        for (const notice of notices) dispatcher.notify(notice);
      },
      persist,
      now,
      ...waiting,
      counters,
    },
    // Alerts of a partition that changed hands may not have been sent by the one who had it.
    repeating(() => dispatcher.rescan()),
  );
  const reconciling = new AbortController();
  const reconciler = createReconciler(config.reconcile, {
    checker: rangeChecker(
      { store, config, now, deadLetters, topic, send: () => dispatcher.rescan() },
      [...playbooks, ...morePlaybooks],
      { repair: true, pauseMs: RECONCILE_PAUSE_MS, stop: reconciling.signal },
    ),
    owned: () => partitions.positions(),
    now,
    log: logger.child({ part: 'reconciliation' }),
  });
  return {
    partitions,
    dispatcher,
    counters,
    reconciliation: reconciler,
    reconcile: () => keepReconciling(reconciler, config.reconcile, reconciling),
    playbookErrors: errors.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`),
    playbooks: playbooks.filter(({ enabled }) => enabled).length,
    metrics: () => ({
      ...countersOf(counters),
      partitions_owned: partitions.owned.length,
      ...cacheMetrics(partitions.cache, counters),
      ...deliveryCounters(dispatcher),
    }),
    tickInto(log) {
      return every(TICK_MS, () => {
        const ticks = partitions.owned.map((partition) => ({ kind: 'tick', receivedMs: now(), partition }) as const);
        log.append(ticks).catch((error: unknown) => logger.warn({ err: error }, 'no tick'));
      });
    },
    publishInto(log) {
      const first = logPartition(foundation.kafka?.epoch.epoch ?? 0, 0);
      const all = Array.from({ length: partitionCount }, (_, i) => first + i);
      const publisher = createKindPublisher({
        states,
        contents,
        log,
        partitions: all,
        settings: settings.baseline,
        now,
        forests: {
          trainer: createForestTrainer(),
          onFailure: (failure) => logger.warn(failure, 'the model of a kind goes out without an isolation forest'),
        },
      });
      const publish = async () => (partitions.owned.includes(first) ? publisher.publish() : 0);
      const publishDue = async () => {
        if (partitions.owned.includes(first) && now() - (await eventLog.newestModelMs(first)) >= PUBLISH_MS)
          await publish();
      };
      const stop = every(PUBLISH_LOOK_MS, () => {
        publishDue().catch((error: unknown) => logger.warn({ err: error }, 'no models of kinds were published'));
      });
      return { publish, stop };
    },
    async stop() {
      await dispatcher.drain(DRAIN_MS_MAX);
      await dispatcher.stop();
    },
  };
}

/** Asked for while it runs, it runs once more: what it has read by then may not have been all. */
function repeating(run: () => Promise<unknown>): () => void {
  let running = false;
  let again = false;
  async function loop(): Promise<void> {
    running = true;
    do {
      again = false;
      await run();
    } while (again);
    running = false;
  }
  return () => {
    if (running) again = true;
    else void loop();
  };
}

const AGENTS_MIN = 100;

export function playbookFiles(folder: string): { path: string; text: string }[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort();
  return names.map((name) => ({ path: join(folder, name), text: readFileSync(join(folder, name), 'utf8') }));
}

const cacheMetrics = (cache: Partitions['cache'], counters: PartitionCounters): Record<string, number> => ({
  agents_in_memory: cache.size,
  agents_established_in_memory: cache.established,
  state_bytes_in_memory: cache.bytes,
  session_bytes_in_memory: cache.sessionBytes,
  states_loaded_total: counters.statesLoaded,
  states_fresh_total: counters.statesFresh,
  states_spilled_total: counters.statesSpilled,
  states_spilled_for_sessions_total: counters.statesSpilledForSessions,
});

const countersOf = (counters: PartitionCounters): Record<string, number> => ({
  events_total: counters.events,
  events_duplicate_total: counters.duplicates,
  events_conflict_total: counters.conflicts,
  events_rejected_total: counters.rejected,
  log_unreadable_total: counters.unreadable,
  events_late_total: counters.late,
  hits_total: counters.hits,
  alerts_opened_total: counters.alerts,
  checkpoints_total: counters.checkpoints,
  store_waits_total: counters.storeWaits,
});

function deliveryCounters(dispatcher: Dispatcher): Record<string, number> {
  const { queued, targetsOpen, delivered, retried, failed, overflowed } = dispatcher.stats();
  return {
    deliveries_queued: queued,
    delivery_targets_open: targetsOpen,
    deliveries_delivered_total: delivered,
    deliveries_retried_total: retried,
    deliveries_failed_total: failed,
    deliveries_overflowed_total: overflowed,
  };
}
