/**
 * The log: everything that changes how an agent is scored is one of its records, in one order per partition.
 *
 * Two ports, so that the log can be in-process (`embedded-log.ts`, where the store's `event_log` is the log) or a broker. Only
 * acknowledgements run backwards: `append` resolves when the entries are durable.
 */
import type { AuditEvent } from './event.ts';

/** An event on its way: validated, normalised, and bound to the tenant of the credential that sent it. */
export interface EventEntry {
  readonly kind: 'event';
  readonly tenant: string;
  /** Wall clock at intake, epoch ms. Stands in the log, so that scoring never reads a clock of its own. */
  readonly receivedMs: number;
  readonly event: AuditEvent;
  /** 128-bit hex digest of the normalised event: tells a repeat from a conflict when an id comes back. */
  readonly digest: string;
}

export const ALERT_STATES = ['open', 'acknowledged', 'closed'] as const;
export const DISPOSITIONS = ['true_positive', 'false_positive', 'benign_change'] as const;
export type AlertState = (typeof ALERT_STATES)[number];
export type Disposition = (typeof DISPOSITIONS)[number];

/** An analyst's word on an alert. Takes effect at its position: closing decides whether held sessions are learned. */
export interface AlertChangeEntry {
  readonly kind: 'disposition';
  readonly tenant: string;
  readonly receivedMs: number;
  readonly agent: string;
  readonly alertId: string;
  readonly state: AlertState;
  /** Required when `state` is closed. */
  readonly disposition?: Disposition;
  readonly by: string;
  readonly note?: string;
}

/** The only clock scoring knows beside event time; once a minute per partition. Sessions idle since then close. */
export interface TickEntry {
  readonly kind: 'tick';
  readonly receivedMs: number;
}

export type LogEntry = EventEntry | AlertChangeEntry | TickEntry;

/** An entry at its place in the log. Positions of a partition only grow. */
export interface LogRecord {
  readonly partition: number;
  readonly position: number;
  readonly entry: LogEntry;
}

export interface LogSink {
  /**
   * Resolves when every entry is durable in the log, in the order given. Rejects with `LogUnavailable` when the log cannot be
   * written or its queue is full: the caller answers 503 and the sender tries again.
   */
  append(entries: readonly LogEntry[]): Promise<void>;
}

export interface PartitionHandler {
  /** Restores the partition's state and returns the first position it has not yet stored. */
  assign(partition: number): Promise<number>;
  /** Resolves when the verdicts on all records are stored; the next batch of the partition waits for it. */
  process(records: readonly LogRecord[]): Promise<void>;
  /** Gives the partition back: writes a checkpoint and forgets its state. */
  revoke(partition: number): Promise<void>;
}

export interface LogSource {
  start(handler: PartitionHandler): Promise<void>;
  /** Lets the batch in hand finish, then revokes. */
  stop(): Promise<void>;
}

/** The log cannot take more at the moment. */
export class LogUnavailable extends Error {
  override readonly name = 'LogUnavailable';
  readonly code: 'log_queue_full' | 'log_stopped' | 'log_write_failed';

  constructor(code: LogUnavailable['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
