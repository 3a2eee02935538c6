/** The intake stage as a process of its own: what `cli/intake.ts` puts together, over the ports of a simulated process. */
import type { Kafka } from 'kafkajs';
import { isTransient } from '../../cli/kafka-log.ts';
import { isUnavailable } from '../../cli/storage.ts';
import { createIntake } from '../../ingest/intake.ts';
import { createDeadLetterTopic } from '../../ingest/kafka/dead-letter-topic.ts';
import { createIntakeStage } from '../../ingest/kafka/intake-stage.ts';
import { createKafkaLogSink } from '../../ingest/kafka/log-sink.ts';
import type { FuseSettings } from '../../ingest/kafka/settings.ts';
import { createNormaliser } from '../../ingest/normalise.ts';
import type { Broker } from './broker.ts';
import { KAFKA } from './cluster.ts';
import { TENANT } from './lives.ts';
import { SOURCE_TOPIC } from './source-topic.ts';
import { DEAD_LETTERS, type Letters, layGround, type WorkerDeps, type WorkerProcess } from './worker-process.ts';
import type { SimProcess } from './world.ts';

export interface StageLimits {
  readonly fuse: FuseSettings;
  /** Entries that may wait for the log. */
  readonly queueMax: number;
}

export interface StageDeps extends WorkerDeps {
  readonly source: Broker;
  readonly stageLimits: StageLimits;
  /** A dead letter is in its topic. */
  readonly onLetter: (sourcePosition: string) => void;
}

/** As in `cli/app.ts` and `cli/process.ts`. */
const STOP_MS_MAX = 7_000;
const FUSE_MS = 9_500;
const NORMALISE = createNormaliser({ redactionKey: new Uint8Array(32) });

export function openStage(process: SimProcess, deps: StageDeps): WorkerProcess {
  const { world, broker, source, variation, stageLimits } = deps;
  const { now, timers, every, sleep, breathe } = process;
  const mayPass = (error: unknown) => isUnavailable(error) || isTransient(error);
  const { foundation, giveUp } = layGround(process, deps, { kafka: undefined, topic: undefined }, mayPass);
  const { store, logger, persist } = foundation;
  const letterTopic = createDeadLetterTopic(lettersOf(process, deps), {
    topic: KAFKA.deadLettersTopic,
    sealKey: DEAD_LETTERS.sealKey,
  });
  // As in `cli/foundation.ts`.
  const letters: Letters = {
    async write(written) {
      await foundation.deadLetters.write(written);
      await letterTopic.write(written);
    },
  };
  const sink = createKafkaLogSink(broker.kafka(process), {
    topic: broker.topic,
    partitions: broker.partitions,
    queueMax: stageLimits.queueMax,
    queueBytesMax: 2 ** 24,
    compression: 'none',
  });
  const stage = createIntakeStage(
    {
      topics: [{ topic: SOURCE_TOPIC, tenant: TENANT, dialect: 'picket', keyed: false }],
      groupId: KAFKA.intakeGroup,
      sessionTimeoutMs: KAFKA.sessionTimeoutMs,
      fuse: stageLimits.fuse,
    },
    {
      kafka: source.kafka(process),
      intake: createIntake({ normalise: NORMALISE }),
      sink: variation.stageSink?.(sink) ?? sink,
      deadLetters: variation.stageLetters?.(letters) ?? letters,
      persist: (operation, signal) => persist(operation, { signal }),
      now,
      after: timers.after,
      every,
      sleep,
      breathe,
      log: logger,
      onFailure(error) {
        world.history.note(`${process.name} gives up: ${String(error)}`);
        world.kill(process);
      },
    },
  );
  let started = false;
  return {
    process,
    get started() {
      return started;
    },
    async start() {
      await letterTopic.start();
      await sink.start();
      await stage.start();
      started = true;
    },
    async stop() {
      const fuse = timers.after(STOP_MS_MAX, () => giveUp(new Error('The store stayed away.')));
      timers.after(FUSE_MS, () => world.kill(process));
      await stage.stop();
      await sink.stop();
      fuse();
      await letterTopic.stop();
      await store.close();
      world.kill(process);
    },
  };
}

interface SentLetter {
  readonly headers: { readonly source_position: string };
}

/** What kafkajs is to who writes dead letters. */
function lettersOf(process: SimProcess, { onLetter }: StageDeps): Kafka {
  const producer = {
    connect: () => process.call('kafka:connect', () => {}),
    disconnect: () => process.leave('kafka:disconnect'),
    send({ messages }: { messages: readonly SentLetter[] }) {
      const places = messages.map(({ headers }) => headers.source_position);
      return process.call('kafka:letters', () => places.forEach(onLetter), places.join(' '));
    },
  };
  return { producer: () => producer } as unknown as Kafka;
}
