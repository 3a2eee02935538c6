/** The half of Picket that judges: the partitions it owns, their states, and the playbooks of the alerts that open there. */

import { createDispatcher, type Dispatcher } from '../alerts/delivery.ts';
import { createDeliveryStore, type OutboxPartitions } from '../alerts/delivery-store.ts';
import { createHitStore } from '../alerts/hit-store.ts';
import { loadPlaybooks, type Playbook } from '../alerts/playbook.ts';
import { createContentStore } from '../baselines/content-store.ts';
import { createEventLogStore } from '../baselines/event-log-store.ts';
import { createFilterStore } from '../baselines/filter-store.ts';
import { createStateStore } from '../baselines/state-store.ts';
import { DETECTORS } from '../detectors/registry.ts';
import { createScoring } from '../detectors/scoring.ts';
import { epochOf, type LogSink, logPartition } from '../ingest/log.ts';
import { groupInserts } from '../store/grouped-store.ts';
import type { Foundation } from './foundation.ts';
import type { KafkaLog } from './kafka-log.ts';
import { type KindPublishing, publishKinds } from './kind-publishing.ts';
import { emptyCounters, type PartitionCounters } from './partition-counters.ts';
import { type PartitionLimits, partitionLimits } from './partition-limits.ts';
import { createPartitions, type Partitions } from './partitions.ts';
import { playbookFiles } from './playbook-files.ts';
import { slotCodec } from './scorer.ts';
import { settingsOf } from './scoring-settings.ts';
import type { Watched } from './status.ts';
import { realSurroundings, type Surroundings } from './surroundings.ts';
import { markOf } from './verify/judging-mark.ts';
import { rangeChecker } from './verify/range-checker.ts';
import { createReconciler, keepReconciling } from './verify/reconciler.ts';
import { workerMetrics } from './worker-metrics.ts';

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
  /** Looks for deliveries that are to be sent again, from now on. Returns the way to stop. */
  watchReplays(): () => void;
  /** Puts a tick into the log of every owned partition, once a minute from now on. Returns the way to stop it. */
  tickInto(log: LogSink): () => void;
  /**
   * Publishes models of kinds to the log, every six hours however often processes start, while this one owns its first partition: so one
   * does it for all. `publish` does it at once.
   */
  publishInto(log: LogSink): KindPublishing;
  /** Webhooks under way may finish; what is not sent stands in the store. Partitions are given back by the log. */
  stop(): Promise<void>;
}

export const TICK_MS = 60_000;
/** Who asks for a delivery once more waits about so long. */
const REPLAYS_MS = 15_000;
/** Between two lots of a reconciliation: a small share of the store's time. */
const RECONCILE_PAUSE_MS = 100;
/** Webhooks under way may finish; what is not sent by then stands in the store and goes out after the next start. */
const DRAIN_MS_MAX = 2_000;
/** What a worker stands on. Of Kafka it knows only where the log is. */
export type WorkerFoundation = Pick<
  Foundation,
  'config' | 'store' | 'now' | 'logger' | 'persist' | 'deadLetters' | 'topic'
> & {
  readonly kafka: Pick<KafkaLog, 'epoch'> | undefined;
};

/**
 * @param partitionCount of the whole log
 * @param morePlaybooks beside the files, for the demo
 */
export function createWorker(
  foundation: WorkerFoundation,
  partitionCount: number,
  morePlaybooks: readonly Playbook[] = [],
  { post, random, timers, every, trainer, ...waiting }: Surroundings = realSurroundings(),
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
    ownedPartitions: () => (foundation.kafka === undefined ? undefined : outboxOf(partitions.owned)),
  });
  const partitions: Partitions = createPartitions(
    { ...settings, ...limits, logIsStore: foundation.kafka === undefined },
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
      { store, config, now, deadLetters, topic, send: () => dispatcher.rescan(), sleep: waiting.sleep },
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
    reconcile: () => keepReconciling(reconciler, config.reconcile, reconciling, every),
    playbookErrors: errors.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`),
    playbooks: playbooks.filter(({ enabled }) => enabled).length,
    metrics: () => workerMetrics(partitions, counters, dispatcher),
    watchReplays: () => every(REPLAYS_MS, () => void dispatcher.lookForReplays()),
    tickInto(log) {
      return every(TICK_MS, () => {
        const ticks = partitions.owned.map((partition) => ({ kind: 'tick', receivedMs: now(), partition }) as const);
        log.append(ticks).catch((error: unknown) => logger.warn({ err: error }, 'no tick'));
      });
    },
    publishInto(log) {
      const first = logPartition(foundation.kafka?.epoch.epoch ?? 0, 0);
      return publishKinds({
        states,
        contents,
        log,
        partitions: Array.from({ length: partitionCount }, (_, i) => first + i),
        settings: settings.baseline,
        lend: scoring.lend,
        now,
        owned: () => partitions.owned,
        newestModelMs: (partition) => eventLog.newestModelMs(partition),
        every,
        trainer,
        logger,
      });
    },
    async stop() {
      await dispatcher.drain(DRAIN_MS_MAX);
      await dispatcher.stop();
    },
  };
}

/** Alerts that opened before the log moved are told by whoever owns its first partition now. */
function outboxOf(owned: readonly number[]): OutboxPartitions {
  const [first] = owned.filter((partition) => partition === logPartition(epochOf(partition), 0));
  return first === undefined ? { owned } : { owned, before: first };
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
