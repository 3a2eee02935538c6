import { type Attempt, classifyFault } from './classify-fault.ts';
import { StoreClosed } from './store.ts';

export interface Operations {
  /** Runs an operation unless the store is closed. It counts as under way from its first step to its last. */
  track<T>(operation: () => Promise<T>): Promise<T>;
  /** @throws StoreClosed */
  refuseWhenClosed(): void;
  /** Refuses what comes from now on and resolves when all that is under way has ended. False: closed before. */
  close(): Promise<boolean>;
}

/** The engine must not lose its connection in the middle of a write: closing waits for what is under way. */
export function createOperations(place: string): Operations {
  const running = new Set<Promise<unknown>>();
  let closed = false;

  function refuseWhenClosed(): void {
    if (closed) throw new StoreClosed(`The store at ${place} is closed.`);
  }

  async function track<T>(operation: () => Promise<T>): Promise<T> {
    refuseWhenClosed();
    const run = operation();
    running.add(run);
    try {
      return await run;
    } finally {
      running.delete(run);
    }
  }

  async function close(): Promise<boolean> {
    if (closed) return false;
    closed = true;
    await Promise.allSettled(running);
    return true;
  }

  return { track, refuseWhenClosed, close };
}

/** Runs one exchange with ClickHouse; what it throws becomes one of the store's errors. */
export async function classified<T>(attempt: Attempt, exchange: () => Promise<T>): Promise<T> {
  try {
    return await exchange();
  } catch (error) {
    throw classifyFault(error, attempt);
  }
}
