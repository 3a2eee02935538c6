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

/**
 * What agents of one kind have in common: where agents that nobody knows yet begin. From its position on it replaces the one before.
 * The content is stored before the record is written, and named by its hash.
 */
export interface ModelEntry {
  readonly kind: 'model';
  readonly tenant: string;
  readonly receivedMs: number;
  readonly agentKind: string;
  /** SHA-256 of the content, hex. */
  readonly content: string;
  /** Every partition of the log gets a copy. */
  readonly partition?: number;
}

/** An operator's word on the baseline of an agent: it begins anew, or goes on from a stored one. */
export interface BaselineChangeEntry {
  readonly kind: 'reset' | 'rollback';
  readonly tenant: string;
  readonly receivedMs: number;
  readonly agent: string;
  /** Of a rollback: SHA-256 of the baseline to go on from, hex. */
  readonly content?: string;
  /** Of a rollback: the id of that baseline, as alerts name it; `built` when it was made from stored history. */
  readonly to?: string;
  readonly by: string;
  readonly note?: string;
}

/** The only clock scoring knows beside event time; once a minute per partition. Sessions idle since then close. */
export interface TickEntry {
  readonly kind: 'tick';
  readonly receivedMs: number;
  /** Whose clock it is, where the log has several partitions. */
  readonly partition?: number;
}

/** A record that Picket did not write and cannot read. It has its position, changes nothing, and becomes a dead letter. */
export interface UnreadableEntry {
  readonly kind: 'unreadable';
  readonly receivedMs: number;
  /** As it came; a prefix is kept. */
  readonly raw: Uint8Array;
}

export type LogEntry = EventEntry | AlertChangeEntry | BaselineChangeEntry | ModelEntry | TickEntry | UnreadableEntry;
/** What Picket itself writes to the log. */
export type WrittenEntry = Exclude<LogEntry, UnreadableEntry>;

/** Whose agent a record is about; undefined for what concerns a whole partition. */
export function agentOf(entry: LogEntry): { readonly tenant: string; readonly agent: string } | undefined {
  if (entry.kind === 'event') return { tenant: entry.tenant, agent: entry.event.agent.id };
  const ofOne = entry.kind === 'disposition' || entry.kind === 'reset' || entry.kind === 'rollback';
  return ofOne ? { tenant: entry.tenant, agent: entry.agent } : undefined;
}

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
  append(entries: readonly WrittenEntry[]): Promise<void>;
}

export interface PartitionHandler {
  /**
   * Restores the partition's state and returns the first position it has not yet stored. May be called again for a partition that is
   * held: what is in memory is kept if it is still what the log holds.
   */
  assign(partition: number): Promise<number>;
  /**
   * Resolves when the verdicts on all records, and everything that follows from them, are stored, and those of all batches before. The next
   * batch of the partition waits for it, or until `letNext` is called, if it ever is.
   * Rejects with `PartitionTaken` when another owner is at work on the partition: it has to be assigned again.
   */
  process(records: readonly LogRecord[], letNext?: () => void): Promise<void>;
  /**
   * Gives the partition back: lets the batch in hand finish for a while, writes a checkpoint and forgets the state. Never rejects: what
   * could not be written is restored from the log by the next owner.
   */
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

/** Somebody else has stored more of the partition than this process has seen: it lost the partition without noticing. */
export class PartitionTaken extends Error {
  override readonly name = 'PartitionTaken';
  readonly code = 'partition_taken';
}

const EPOCH_BITS = 16;
export const PARTITIONS_MAX = 2 ** EPOCH_BITS;

/**
 * The number of a partition among all that the log ever had. The log starts in epoch 0; moving it to another number of partitions starts
 * the next one, whose positions begin again.
 */
export const logPartition = (epoch: number, partition: number): number => epoch * PARTITIONS_MAX + partition;
export const epochOf = (logPartition: number): number => Math.floor(logPartition / PARTITIONS_MAX);
