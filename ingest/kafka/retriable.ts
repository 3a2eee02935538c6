import { setTimeout as systemSleep } from 'node:timers/promises';

const ATTEMPTS_MAX = 25;
const RETRY_MS = 200;

/**
 * Tries again, for about five seconds and however long the attempts take, what kafkajs calls retriable and still gives up on: a partition that
 * is new or moving has no leader, or another one than the client believes; a broker went away between a request and its answer. `between`
 * runs before every further attempt.
 */
export async function whileRetriable<T>(
  operation: () => Promise<T>,
  between: () => Promise<unknown> = async () => {},
  sleep: (ms: number) => Promise<unknown> = systemSleep,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await operation();
    } catch (error) {
      const isRetriable = error instanceof Error && Reflect.get(error, 'retriable') === true;
      if (!isRetriable || attempt >= ATTEMPTS_MAX) throw error;
      await sleep(RETRY_MS);
      await between();
    }
  }
}
