/** HTTP intake as a process of its own, as `cli/front.ts` has it before a log in Kafka: the server but for the socket, and the log's producer. */
import type { ApiLimits } from '../../api/limits.ts';
import { APPEND_PATIENCE_MS } from '../../cli/app.ts';
import { httpIntake } from '../../cli/http-intake.ts';
import { isTransient } from '../../cli/kafka-log.ts';
import { impatient } from '../../cli/log.ts';
import { isUnavailable } from '../../cli/storage.ts';
import { createAcceptor } from '../../ingest/acceptor.ts';
import { createIntake } from '../../ingest/intake.ts';
import { createKafkaLogSink } from '../../ingest/kafka/log-sink.ts';
import type { EventEntry } from '../../ingest/log.ts';
import { createNormaliser } from '../../ingest/normalise.ts';
import { openHttpDoor } from './http-door.ts';
import { createInHand } from './in-hand.ts';
import type { Listener, Request } from './senders.ts';
import { layGround, type WorkerDeps, type WorkerProcess } from './worker-process.ts';
import type { SimProcess } from './world.ts';

export interface FrontProcessDeps extends WorkerDeps {
  readonly apiLimits: ApiLimits;
  /** Entries that may wait for the log. */
  readonly queueMax: number;
  /** Told of every event that a sender takes for safe. */
  readonly onSafe: (entry: EventEntry) => void;
  readonly findings: string[];
  readonly onListening: (listener: Listener | undefined) => void;
}

/** As in `cli/process.ts`. */
const FUSE_MS = 9_500;
const NORMALISE = createNormaliser({ redactionKey: new Uint8Array(32) });

export function openFront(process: SimProcess, deps: FrontProcessDeps): WorkerProcess {
  const { world, broker, tables, variation, findings, onSafe, onListening } = deps;
  const { now, timers, breathe } = process;
  const mayPass = (error: unknown) => isUnavailable(error) || isTransient(error);
  const { foundation } = layGround(process, deps, { kafka: undefined, topic: undefined }, mayPass);
  const { store, deadLetters } = foundation;
  const real = createKafkaLogSink(broker.kafka(process), {
    topic: broker.topic,
    partitions: broker.partitions,
    queueMax: deps.queueMax,
    queueBytesMax: 2 ** 24,
    compression: 'none',
  });
  const log = impatient(variation.stageSink?.(real) ?? real, APPEND_PATIENCE_MS, timers);
  const admission = createIntake({ normalise: NORMALISE });
  const intake = httpIntake(createAcceptor({ intake: admission, sink: log, deadLetters, now, breathe }));
  const door = openHttpDoor(process, {
    store,
    intake,
    log,
    limits: deps.apiLimits,
    admission,
    onSafe,
    tables,
    findings,
  });
  let started = false;

  async function answer({ post, word }: Request, acknowledge: () => void): Promise<void> {
    await process.call('http:request', () => {});
    if (post !== undefined) return door.take(post, acknowledge);
    // Words for which there is no route here.
    if (word !== undefined) await log.append([word]);
    await process.call('http:answer', acknowledge);
  }

  const inHand = createInHand(answer);
  return {
    process,
    get started() {
      return started;
    },
    async start() {
      await door.ready();
      await real.start();
      started = true;
      process.onEnd(() => onListening(undefined));
      onListening({ process, take: inHand.take });
    },
    async stop() {
      timers.after(FUSE_MS, () => world.kill(process));
      onListening(undefined);
      await inHand.settled();
      await real.stop();
      await store.close();
      world.kill(process);
    },
  };
}
