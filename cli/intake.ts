/** The intake stage of a configuration: reads the topics that others write into the log. */

import type { Kafka } from 'kafkajs';
import { systemTimers } from '../alerts/timers.ts';
import { createIntake } from '../ingest/intake.ts';
import { createIntakeStage } from '../ingest/kafka/intake-stage.ts';
import { createWatchdog } from '../ingest/kafka/watchdog.ts';
import type { LogSink } from '../ingest/log.ts';
import { createNormaliser } from '../ingest/normalise.ts';
import type { Foundation } from './foundation.ts';
import { askBrokers, withAdmin } from './kafka-log.ts';
import { consumerMetrics } from './log.ts';
import { LogSetupError } from './log-setup-error.ts';
import type { Watched } from './status.ts';

export interface RunningStage extends Watched {
  stop(): Promise<void>;
}

const WATCH_MS = 10_000;
const STALL_MS = 60_000;

/** @throws LogSetupError that names the topics which are not there */
async function assertVisible(client: Kafka, topics: readonly string[]): Promise<void> {
  const visible = new Set(await askBrokers(client, (admin) => admin.listTopics()));
  const missing = [...new Set(topics)].filter((topic) => !visible.has(topic));
  if (missing.length === 0) return;
  throw new LogSetupError(
    `Under kafka.intake, but not in the cluster or not visible to this Kafka user: ${missing.join(', ')}. ` +
      'Create them (`picket topics create --intake`), or check their names and the ACLs.',
  );
}

/** None when there is no Kafka or no topic to read. */
export async function startIntakeStage(foundation: Foundation, sink: LogSink): Promise<RunningStage[]> {
  const { kafka, persist, now, logger, onFailure, deadLetters, redactionKey } = foundation;
  if (kafka === undefined || kafka.settings.intake.length === 0) return [];
  const { client, settings } = kafka;
  const log = logger.child({ part: 'intake' });
  const stage = createIntakeStage(
    {
      topics: settings.intake,
      groupId: settings.intakeGroup,
      sessionTimeoutMs: settings.sessionTimeoutMs,
      fuse: settings.fuse,
    },
    {
      kafka: client,
      intake: createIntake({ normalise: createNormaliser({ redactionKey }) }),
      sink,
      deadLetters,
      persist: (operation, signal) => persist(operation, { signal }),
      now,
      after: systemTimers.after,
      log,
      onFailure,
    },
  );
  const topics = settings.intake.map(({ topic }) => topic);
  await assertVisible(client, topics);
  const probe = () => withAdmin(client, (admin) => admin.fetchTopicMetadata({ topics }));
  const stats = () => stage.stats().consumer;
  const watchdog = createWatchdog({ stats, probe, now, stallMs: STALL_MS, onFailure });
  await stage.start();
  await watchdog.look();
  const timer = setInterval(() => void watchdog.look(), WATCH_MS);
  timer.unref();
  return [
    {
      name: 'intake',
      get progress() {
        const { pausedTopics } = stage.stats();
        if (pausedTopics.length === 0) return watchdog.progress;
        return { ok: watchdog.progress.ok, detail: `paused by the fuse: ${pausedTopics.join(', ')}` };
      },
      metrics() {
        const { accepted, rejected, fuseTrips, pausedTopics, consumer } = stage.stats();
        return {
          intake_accepted_total: accepted,
          intake_rejected_total: rejected,
          intake_fuse_trips_total: fuseTrips,
          intake_topics_paused: pausedTopics.length,
          ...consumerMetrics('intake', consumer),
        };
      },
      async stop() {
        clearInterval(timer);
        await stage.stop();
      },
    },
  ];
}
