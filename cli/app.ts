/**
 * A whole Picket in one process: store, log, worker, playbooks, API, and the intake stage if there are topics to read. `picket up` listens
 * with it, the demo feeds it, and commands that find no running server use it from inside.
 */
import type { FastifyInstance } from 'fastify';
import type { Dispatcher } from '../alerts/delivery.ts';
import type { Playbook } from '../alerts/playbook.ts';
import type { Intake } from '../api/ports.ts';
import type { LogSink } from '../ingest/log.ts';
import type { Store } from '../store/store.ts';
import type { Config } from './config.ts';
import { type Foundation, type FoundationDeps, layFoundation } from './foundation.ts';
import { createFront, type Front } from './front.ts';
import { startIntakeStage } from './intake.ts';
import { impatient, openEmbeddedLog, openKafkaSink, openKafkaSource } from './log.ts';
import type { PartitionCounters } from './partition-counters.ts';
import { createStatus } from './status.ts';
import { createWorker } from './worker.ts';

export interface AppDeps extends FoundationDeps {
  /** Further playbooks beside the files, for the demo. */
  readonly playbooks?: readonly Playbook[];
  /** Goes on after records that are gone from the log. */
  readonly acceptGaps?: boolean;
}

export interface App extends Front {
  readonly api: FastifyInstance;
  readonly intake: Intake;
  readonly log: LogSink;
  readonly store: Store;
  readonly dispatcher: Dispatcher;
  readonly counters: PartitionCounters;
  /** Faults in playbook files; the others work. */
  readonly playbookErrors: readonly string[];
  readonly playbooks: number;
  /** Writes the models of kinds to the log now, and returns how many there were. */
  publishKinds(): Promise<number>;
  /** Finishes what is in hand, writes a checkpoint, closes the store. */
  stop(): Promise<void>;
}

/** What is in hand may finish, also a store that is away may come back; then the process ends, and the log holds what counts. */
export const STOP_MS_MAX = 7_000;
/** A sender waits this long for a log that is away, and hears 503. */
export const APPEND_PATIENCE_MS = 10_000;

export async function startApp(config: Config, deps: AppDeps): Promise<App> {
  const foundation = await layFoundation(config, deps);
  const log = await openLog(foundation, deps.acceptGaps ?? false);
  const { store, logger } = foundation;
  const worker = createWorker(foundation, foundation.kafka?.epoch.partitions ?? 1, deps.playbooks);
  const stages = await startIntakeStage(foundation, log.sink);
  const front = await createFront(foundation, {
    log: foundation.kafka === undefined ? log.sink : impatient(log.sink, APPEND_PATIENCE_MS),
    peek: worker.partitions.peek,
    status: createStatus(store, [log.source, ...stages, worker.reconciliation], [worker]),
    send: () => worker.dispatcher.rescan(),
    waiting: (tenant, alertId) => worker.dispatcher.waiting(tenant, alertId),
  });
  await log.source.start(worker.partitions);
  await worker.dispatcher.rescan();
  const stopTicking = worker.tickInto(log.sink);
  const stopWatchingReplays = worker.watchReplays();
  const kinds = worker.publishInto(log.sink);
  const stopReconciling = worker.reconcile();

  return {
    ...front,
    log: log.sink,
    store,
    dispatcher: worker.dispatcher,
    counters: worker.counters,
    playbookErrors: worker.playbookErrors,
    playbooks: worker.playbooks,
    publishKinds: kinds.publish,
    async stop() {
      stopTicking();
      stopWatchingReplays();
      kinds.stop();
      const fuse = setTimeout(() => foundation.giveUp(new Error('The store stayed away.')), STOP_MS_MAX);
      await stopReconciling();
      try {
        await front.api.close();
        for (const stage of stages) await stage.stop();
        await log.stop();
      } catch (error) {
        logger.warn({ err: error }, 'stopped without a checkpoint; the next start reads more of the log instead');
      }
      clearTimeout(fuse);
      await worker.stop();
      await foundation.close();
    },
  };
}

async function openLog(foundation: Foundation, acceptGaps: boolean) {
  const { kafka } = foundation;
  if (kafka === undefined) {
    const log = openEmbeddedLog(foundation);
    return { ...log, stop: () => log.source.stop() };
  }
  const sink = openKafkaSink(foundation, kafka);
  await sink.start();
  const source = openKafkaSource(foundation, kafka, acceptGaps);
  return {
    sink,
    source,
    async stop() {
      await source.stop();
      await sink.stop();
    },
  };
}
