/** Writes delivery rows without holding up deliveries: webhooks go out while the store is away. */
import type { DeliveryRow, DeliveryStore } from './delivery-store.ts';
import type { Timers } from './timers.ts';

/** The part of a pino logger that is used. Facts hold no URL, no secret and no text of a receiver. */
export interface DeliveryLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

export interface RowWriterOptions {
  readonly deliveries: Pick<DeliveryStore, 'record'>;
  readonly timers: Timers;
  readonly log: DeliveryLog;
  /** Ends all waiting. */
  readonly signal: AbortSignal;
  /** A row was given up: its delivery has to be found again in the store. */
  readonly onLost: (row: DeliveryRow) => void;
}

/** Waits between tries to write a row while the store is away; then the row is given up. */
const RETRY_MS = [1_000, 5_000, 30_000, 60_000] as const;
/** Rows that wait for the store at the same time; a further one is tried once only. */
const WAITING_MAX = 10_000;

export class RowWriter {
  readonly #options: RowWriterOptions;
  #waiting = 0;
  /** Rows given up: such a delivery may be repeated after a rescan, with the same `webhook-id`. */
  lost = 0;

  constructor(options: RowWriterOptions) {
    this.#options = options;
  }

  /** Resolves when the row is written or given up. Never rejects. */
  async write(row: DeliveryRow): Promise<void> {
    const waits = this.#waiting < WAITING_MAX ? RETRY_MS : [];
    this.#waiting += 1;
    let failure = await this.#try(row);
    for (const waitMs of waits) {
      if (failure === null || this.#options.signal.aborted) break;
      await this.#pause(waitMs);
      failure = await this.#try(row);
    }
    this.#waiting -= 1;
    if (failure !== null) this.#giveUp(row, failure.error);
  }

  async #try(row: DeliveryRow): Promise<{ error: unknown } | null> {
    try {
      await this.#options.deliveries.record(row);
      return null;
    } catch (error) {
      return { error };
    }
  }

  #giveUp(row: DeliveryRow, err: unknown): void {
    const { tenant, alertId, playbook, attempt, outcome } = row;
    this.lost += 1;
    const facts = { tenant, alertId, playbook, attempt, outcome, err };
    this.#options.log.warn(facts, 'delivery row could not be written: the webhook may be sent again');
    this.#options.onLost(row);
  }

  #pause(durationMs: number): Promise<void> {
    const { timers, signal } = this.#options;
    return new Promise((resolve) => {
      const finish = () => {
        cancel();
        signal.removeEventListener('abort', finish);
        resolve();
      };
      const cancel = timers.after(durationMs, finish);
      signal.addEventListener('abort', finish);
    });
  }
}
