/**
 * Deliveries to one target, apart from all others: a receiver that hangs or fails fills its own queue and uses its own
 * connections, and no other receiver waits for it.
 */
import type { Timers } from './timers.ts';

export interface LaneOptions<Job> {
  /** Resolves when the attempt is over; must not reject. */
  readonly run: (job: Job) => Promise<void>;
  /** Attempts at the same time. */
  readonly concurrency: number;
  /** Jobs that are ready or wait for their time; beyond it `add` refuses. */
  readonly queueMax: number;
  readonly now: () => number;
  readonly timers: Timers;
}

/** Circuit breaker: after this many failures in a row the lane pauses, then lets one attempt through at a time. */
const OPENS_AFTER_FAILURES = 5;
const OPEN_MS = 60_000;

export class Lane<Job> {
  readonly #options: LaneOptions<Job>;
  readonly #ready: Job[] = [];
  readonly #waiting = new Map<Job, () => void>();
  #active = 0;
  #failures = 0;
  #notBeforeMs = 0;
  #cancelWake: (() => void) | null = null;

  constructor(options: LaneOptions<Job>) {
    this.#options = options;
  }

  /** Runs the job at `dueMs` or as soon after it as the lane allows. False when the lane is full. */
  add(job: Job, dueMs: number): boolean {
    const { now, timers, queueMax } = this.#options;
    if (this.queued >= queueMax) return false;
    const delayMs = dueMs - now();
    if (delayMs > 0)
      this.#waiting.set(
        job,
        timers.after(delayMs, () => this.#becomeReady(job)),
      );
    else this.#becomeReady(job);
    return true;
  }

  get queued(): number {
    return this.#ready.length + this.#waiting.size;
  }

  get open(): boolean {
    return this.#failures >= OPENS_AFTER_FAILURES;
  }

  /** Nothing starts before; 0 or past: it may. Epoch ms. */
  get notBeforeMs(): number {
    return this.#notBeforeMs;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  failed(): void {
    this.#failures += 1;
    if (this.open) this.pause(OPEN_MS);
  }

  /** Starts nothing for this long. What waits keeps its attempts. */
  pause(durationMs: number): void {
    this.#notBeforeMs = Math.max(this.#notBeforeMs, this.#options.now() + durationMs);
  }

  /** Empties the lane and returns what was in it; attempts under way go on. */
  clear(): Job[] {
    for (const cancel of this.#waiting.values()) cancel();
    this.#cancelWake?.();
    this.#cancelWake = null;
    const jobs = [...this.#ready, ...this.#waiting.keys()];
    this.#ready.length = 0;
    this.#waiting.clear();
    return jobs;
  }

  #becomeReady(job: Job): void {
    this.#waiting.delete(job);
    this.#ready.push(job);
    this.#pump();
  }

  #pump(): void {
    while (this.#mayStart()) {
      const job = this.#ready.shift();
      if (job === undefined) return;
      this.#active += 1;
      void this.#options.run(job).then(() => {
        this.#active -= 1;
        this.#pump();
      });
    }
    this.#wakeLater();
  }

  #mayStart(): boolean {
    const { now, concurrency } = this.#options;
    return now() >= this.#notBeforeMs && this.#active < (this.open ? 1 : concurrency);
  }

  #wakeLater(): void {
    const delayMs = this.#notBeforeMs - this.#options.now();
    if (delayMs <= 0 || this.#ready.length === 0 || this.#cancelWake !== null) return;
    this.#cancelWake = this.#options.timers.after(delayMs, () => {
      this.#cancelWake = null;
      this.#pump();
    });
  }
}
