/** What every process of Picket stands on: the store, the secrets, the log in Kafka if there is one, and patience with all of them. */

import type { Logger } from 'pino';
import { DAY_MS } from '../baselines/periods.ts';
import type { DeadLetter } from '../ingest/dead-letter.ts';
import { createDeadLetterStore } from '../ingest/dead-letter-store.ts';
import { createLogEpochStore } from '../ingest/log-epoch-store.ts';
import { deriveKey } from '../ingest/sealing.ts';
import { createBatchedStore } from '../store/batched-store.ts';
import type { Store } from '../store/store.ts';
import type { Config } from './config.ts';
import { masterKeyIn } from './data-folder.ts';
import { watchEpoch } from './epoch-watch.ts';
import { type KafkaLog, openKafkaLog } from './kafka-log.ts';
import type { Persist } from './partition.ts';
import { isUnavailable, openStore, persistWith } from './storage.ts';
import { createTopicLook, type TopicLook } from './verify/topic-look.ts';

export interface FoundationDeps {
  /** Wall clock, epoch ms; the demo's is simulated. */
  readonly now: () => number;
  readonly logger: Logger;
  /** Called once when the process can no longer do its work: it should exit with a failure. */
  readonly onFailure: (error: unknown) => void;
}

export interface Foundation extends FoundationDeps {
  readonly config: Config;
  readonly store: Store;
  /** Absent: the log is in the store. */
  readonly kafka: KafkaLog | undefined;
  /** What the topic of the log still holds; absent: the log is in the store. */
  readonly topic: TopicLook | undefined;
  readonly persist: Persist;
  readonly deadLetters: { write(letters: readonly DeadLetter[]): Promise<void> };
  readonly redactionKey: Uint8Array;
  readonly sealKey: Uint8Array;
  /** Ends all waiting. */
  giveUp(reason: Error): void;
  close(): Promise<void>;
}

const nodeTimers = {
  setTimeout: (callback: () => void, ms: number) => setTimeout(callback, ms),
  clearTimeout: (timer: unknown) => clearTimeout(timer as NodeJS.Timeout),
};

const WATCH_EPOCH_MS = 30_000;

export async function layFoundation(config: Config, deps: FoundationDeps): Promise<Foundation> {
  const { now, logger } = deps;
  const store = createBatchedStore(await openStore(config, now), ['deliveries', 'dead_letters'], nodeTimers);
  const master = config.masterKey ?? masterKeyIn(config.dataDir);
  const sealKey = deriveKey(master, 'dead-letters');
  const stopping = new AbortController();
  try {
    const kafka = await openKafkaLog(config, store, { ...deps, sealKey });
    const stopWatching =
      kafka === undefined
        ? () => {}
        : watchEpoch(createLogEpochStore(store), kafka.epoch, WATCH_EPOCH_MS, deps.onFailure);
    const stored = createDeadLetterStore(store, { sealKey, ttlMs: config.deadLetterDays * DAY_MS });
    return {
      ...deps,
      config,
      store,
      kafka,
      topic: kafka === undefined ? undefined : createTopicLook(kafka),
      persist: persistWith(
        stopping.signal,
        logger,
        (error) => isUnavailable(error) || kafka?.isTransient(error) === true,
      ),
      deadLetters: {
        async write(letters) {
          if (letters.length === 0) return;
          await stored.write(letters);
          await kafka?.deadLetters.write(letters);
        },
      },
      redactionKey: deriveKey(master, 'redaction'),
      sealKey,
      giveUp: (reason) => stopping.abort(reason),
      async close() {
        stopWatching();
        await kafka?.close();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}
