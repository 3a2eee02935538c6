/** The store a configuration asks for, and the way to wait for it. */
import { LogUnavailable } from '../ingest/log.ts';
import { openEmbedded, openServer } from '../store/connection.ts';
import { migrate } from '../store/migrate.ts';
import { type RetryOptions, untilAvailable } from '../store/retry.ts';
import { type Store, StoreUnavailable } from '../store/store.ts';
import { type Config, enginePath } from './config.ts';
import { prepareDataFolder } from './data-folder.ts';
import type { Persist } from './partition.ts';
import { sleep } from './sleep.ts';
import { withholdStandardInput } from './standard-input.ts';

/** A store that stays away is waited for as long as it takes: nothing is acknowledged meanwhile, and readiness says so. */
const RETRY = { minDelayMs: 50, maxDelayMs: 5_000, attemptsMax: Number.POSITIVE_INFINITY };

/** What is stored before an event is acknowledged: the rows of a batch, and hits, which are stored beside the next one. The rest can wait. */
const HURRIED_TABLES = [
  ['event_log', 'event_log_probe', 'dead_letters'],
  ['alert_hits', 'alert_changes'],
];

export async function openStore(config: Config, now: () => number): Promise<Store> {
  const store = await openUnmigrated(config);
  await migrate(store, { now, sleep });
  return store;
}

/** The store as it is found. */
export async function openUnmigrated(config: Config): Promise<Store> {
  prepareDataFolder(config.dataDir);
  if (config.clickhouse !== undefined) return openServer(config.clickhouse);
  withholdStandardInput();
  return openEmbedded({ path: enginePath(config), hurried: HURRIED_TABLES });
}

/** Waits for the store, and for a log that is a broker, until `stopping`. */
export function persistWith(
  stopping: AbortSignal,
  logger: { warn(facts: object, text: string): void },
  isTransient: (error: unknown) => boolean = isUnavailable,
  waiting: Pick<RetryOptions, 'random' | 'sleep'> = { random: Math.random, sleep },
): Persist {
  /**
   * Both signals live long, and Node.js 20 never forgets one that was made of them: one for each call would be a leak, some hundred bytes a
   * batch.
   */
  const combined = new WeakMap<AbortSignal, AbortSignal>();

  function withStopping(signal: AbortSignal): AbortSignal {
    const known = combined.get(signal) ?? AbortSignal.any([stopping, signal]);
    combined.set(signal, known);
    return known;
  }

  return function persist(operation, { signal, onWait } = {}) {
    return untilAvailable(operation, {
      ...RETRY,
      ...waiting,
      isTransient,
      signal: signal === undefined ? stopping : withStopping(signal),
      onRetry: ({ attempt, delayMs, error }) => {
        if (attempt === 1) onWait?.();
        logger.warn({ attempt, delayMs, what: (error as Error).name }, 'unavailable; trying again');
      },
    });
  };
}

export const isUnavailable = (error: unknown): boolean =>
  error instanceof StoreUnavailable || error instanceof LogUnavailable;
