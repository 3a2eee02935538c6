import type { LogEpoch, LogEpochStore } from '../ingest/log-epoch-store.ts';

/** The log went on somewhere else while this process ran. After a restart it goes on there. */
export class LogMoved extends Error {
  override readonly name = 'LogMoved';
  readonly code = 'log_moved';
}

/**
 * Asks the store every `everyMs` which epoch the log is in, and calls `onChanged` once when it is no longer `epoch`: this process writes
 * or reads a log that is closed, and should end. A store that does not answer is asked again. Returns the way to stop.
 */
export function watchEpoch(
  epochs: Pick<LogEpochStore, 'current'>,
  epoch: LogEpoch,
  everyMs: number,
  onChanged: (error: LogMoved) => void,
  every: (intervalMs: number, run: () => void) => () => void = systemEvery,
): () => void {
  let asking = false;
  async function look(): Promise<void> {
    if (asking) return;
    asking = true;
    const current = await epochs.current().catch(() => undefined);
    asking = false;
    if (stopped || current === undefined || current.epoch === epoch.epoch) return;
    stop();
    onChanged(new LogMoved(`The log has moved from ${epoch.topic} to ${current.topic} (epoch ${current.epoch}).`));
  }
  let stopped = false;
  const stopLooking = every(everyMs, () => void look());
  function stop(): void {
    stopped = true;
    stopLooking();
  }
  return stop;
}

function systemEvery(intervalMs: number, run: () => void): () => void {
  const timer = setInterval(run, intervalMs);
  timer.unref();
  return () => clearInterval(timer);
}
