/** The log of a configuration, for those who write it and those who own partitions of it. */
import { systemTimers, type Timers } from '../alerts/timers.ts';
import { createEmbeddedLog, DEFAULT_EMBEDDED_LOG } from '../ingest/embedded-log.ts';
import { partitionKey } from '../ingest/kafka/envelope.ts';
import { createKafkaLogSink, type KafkaLogSink } from '../ingest/kafka/log-sink.ts';
import { createKafkaLogSource } from '../ingest/kafka/log-source.ts';
import type { ConsumerStats } from '../ingest/kafka/partitioned-consumer.ts';
import { createPartitioning } from '../ingest/kafka/partitioning.ts';
import { createWatchdog } from '../ingest/kafka/watchdog.ts';
import { type LogSink, type LogSource, LogUnavailable, logPartition } from '../ingest/log.ts';
import { takeBackLetters } from '../ingest/unstored-letter-store.ts';
import type { Foundation } from './foundation.ts';
import { type KafkaLog, withAdmin } from './kafka-log.ts';
import type { Watched } from './status.ts';

/** A source that says how it goes. */
export interface WatchedSource extends LogSource, Watched {}

const WATCH_MS = 10_000;
const STALL_MS = 60_000;

export function openEmbeddedLog(foundation: Foundation): { sink: LogSink; source: WatchedSource } {
  const { config, store, persist, onFailure } = foundation;
  const log = createEmbeddedLog(
    { ...DEFAULT_EMBEDDED_LOG, queueMax: config.queueEntries },
    { onFailure, takeBack: (partition, position) => persist(() => takeBackLetters(store, partition, position)) },
  );
  const source = { ...log, name: 'log', progress: { ok: true, detail: 'in this process' }, metrics: () => ({}) };
  return { sink: log, source };
}

/** Whether the log can be reached, for a process that only writes to it: asked for every few seconds, and at once. */
export async function watchBrokers({ client, epoch }: KafkaLog): Promise<Watched & { stop(): void }> {
  let progress = { ok: true, detail: '' };
  async function look(): Promise<void> {
    progress = await withAdmin(client, (admin) => admin.fetchTopicMetadata({ topics: [epoch.topic] })).then(
      () => ({ ok: true, detail: `Kafka answers for ${epoch.topic}` }),
      () => ({ ok: false, detail: 'no broker answers' }),
    );
  }
  await look();
  const timer = setInterval(() => void look(), WATCH_MS);
  timer.unref();
  return {
    name: 'log',
    get progress() {
      return progress;
    },
    metrics: () => ({}),
    stop: () => clearInterval(timer),
  };
}

export function openKafkaSource(foundation: Foundation, kafka: KafkaLog, acceptGaps: boolean): WatchedSource {
  const { now, logger, onFailure } = foundation;
  const { epoch, settings, client } = kafka;
  const source = createKafkaLogSource(
    {
      topic: epoch.topic,
      epoch: epoch.epoch,
      partitions: epoch.partitions,
      groupId: settings.workerGroup,
      sessionTimeoutMs: settings.sessionTimeoutMs,
      acceptGaps,
    },
    { kafka: client, now, log: logger.child({ part: 'log' }), onFailure },
  );
  const watchdog = createWatchdog({ stats: source.stats, probe: source.bounds, now, stallMs: STALL_MS, onFailure });
  const timer = setInterval(() => void watchdog.look(), WATCH_MS);
  timer.unref();
  return {
    name: 'log',
    async start(handler) {
      await source.start(handler);
      await watchdog.look();
    },
    async stop() {
      clearInterval(timer);
      await source.stop();
    },
    get progress() {
      return watchdog.progress;
    },
    metrics: () => consumerMetrics('log', source.stats()),
  };
}

export function openKafkaSink({ config }: Foundation, { client, epoch, settings }: KafkaLog): KafkaLogSink {
  return createKafkaLogSink(client, {
    topic: epoch.topic,
    partitions: epoch.partitions,
    queueMax: config.queueEntries,
    queueBytesMax: DEFAULT_EMBEDDED_LOG.queueBytesMax,
    compression: settings.compression,
  });
}

/** Where the records of an agent are. */
export function kafkaPartitionOf({ epoch }: KafkaLog): (tenant: string, agent: string) => number {
  const choose = createPartitioning(epoch.partitions);
  return (tenant, agent) => logPartition(epoch.epoch, choose(partitionKey(tenant, agent)));
}

/** Whoever sends over HTTP hears of a log that is away while they still wait for an answer. */
export const impatient = (sink: LogSink, patienceMs: number, timers: Timers = systemTimers): LogSink => ({
  append(entries) {
    let cancel = () => {};
    const tooLate = new Promise<never>((_resolve, reject) => {
      cancel = timers.after(patienceMs, () => {
        reject(new LogUnavailable('log_write_failed', 'The log did not acknowledge in time.'));
      });
    });
    return Promise.race([sink.append(entries), tooLate]).finally(cancel);
  },
});

export function consumerMetrics(name: string, stats: ConsumerStats | undefined): Record<string, number> {
  if (stats === undefined) return {};
  const lags = stats.lanes.map(({ lag }) => lag);
  return {
    [`${name}_records_total`]: stats.records,
    [`${name}_rebalances_total`]: stats.rebalances,
    [`${name}_commits_total`]: stats.commits,
    [`${name}_commit_failures_total`]: stats.commitFailures,
    [`${name}_consumer_restarts_total`]: stats.restarts,
    [`${name}_partitions`]: stats.lanes.length,
    [`${name}_lag`]: lags.reduce((sum, lag) => sum + lag, 0),
    [`${name}_lag_max`]: Math.max(0, ...lags),
  };
}
