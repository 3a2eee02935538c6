import { StoreUnavailable } from './store.ts';

export interface RetryOptions {
  /** First upper bound of a wait; it doubles with every attempt. */
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  /** Attempts in all, at least 1; Infinity has to be asked for by name. */
  readonly attemptsMax: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Rejects with the signal's reason when it is aborted. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly signal?: AbortSignal;
  /** Errors that waiting may mend; StoreUnavailable when absent. */
  readonly isTransient?: (error: unknown) => boolean;
  readonly onRetry?: (retry: { readonly attempt: number; readonly delayMs: number; readonly error: unknown }) => void;
}

/**
 * Repeats an operation while what it needs is unavailable, and only then; anything else is thrown at once. The operation must bear
 * being done twice: an attempt that failed may have taken effect.
 *
 * Waits a random time between 0 and a bound that doubles up to `maxDelayMs` ("full jitter", AWS Architecture Blog, Exponential
 * Backoff And Jitter, 2015), so that workers that lost the store together do not come back together.
 *
 * @throws the transient error of the last attempt when `attemptsMax` is reached; the signal's reason when it is aborted
 */
export async function untilAvailable<T>(operation: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { attemptsMax, signal, isTransient = isStoreUnavailable } = options;
  if (!(attemptsMax >= 1)) throw new RangeError('attemptsMax is at least 1.');
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await operation();
    } catch (error) {
      if (!isTransient(error) || attempt >= attemptsMax) throw error;
      const delayMs = jitteredDelay(attempt, options);
      options.onRetry?.({ attempt, delayMs, error });
      await options.sleep(delayMs, signal);
    }
  }
}

const isStoreUnavailable = (error: unknown): boolean => error instanceof StoreUnavailable;

function jitteredDelay(attempt: number, options: RetryOptions): number {
  const boundMs = Math.min(options.maxDelayMs, options.minDelayMs * 2 ** (attempt - 1));
  return Math.floor(options.random() * boundMs);
}
