/** Waiting, as an argument: tests move time by hand. */
export interface Timers {
  /** Runs `run` once, after `delayMs`; the returned function cancels it. */
  after(delayMs: number, run: () => void): () => void;
}

/** Real time. Pending timers do not keep the process alive: what waits stands in the store. */
export const systemTimers: Timers = {
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
