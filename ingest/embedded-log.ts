import type { LogSink, LogSource, PartitionHandler, WrittenEntry } from './log.ts';
import { LogUnavailable } from './log.ts';

export interface EmbeddedLogSettings {
  /** Entries handed to the partition at once: the group that one durable insert commits. */
  readonly batchMax: number;
  /** The same in bytes of text, roughly: one insert becomes one string. An append larger than this is handed over alone. */
  readonly batchBytesMax: number;
  /** Entries, and bytes, that may wait; beyond either `append` rejects at once with `log_queue_full`. */
  readonly queueMax: number;
  readonly queueBytesMax: number;
}

export const DEFAULT_EMBEDDED_LOG: EmbeddedLogSettings = {
  batchMax: 2000,
  batchBytesMax: 32 * 1024 * 1024,
  queueMax: 20_000,
  queueBytesMax: 512 * 1024 * 1024,
};

const PARTITION = 0;

interface Waiting {
  readonly entries: readonly WrittenEntry[];
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: LogUnavailable) => void;
}

/**
 * The log of a single machine: one partition, whose records are durable once the handler has stored them in `event_log`. Appends
 * that arrive while a batch is being stored form the next batch (group commit), so the wait is one insert, not a timer.
 *
 * `onFailure` is called when the handler fails for good: nothing more is accepted, and the process should exit.
 */
export function createEmbeddedLog(
  settings: EmbeddedLogSettings,
  onFailure: (error: unknown) => void,
): LogSink & LogSource {
  let queue: Waiting[] = [];
  let queued = 0;
  let queuedBytes = 0;
  let handler: PartitionHandler | undefined;
  let next = 0;
  let working: Promise<void> = Promise.resolve();
  let busy = false;
  let closed = true;

  function append(entries: readonly WrittenEntry[]): Promise<void> {
    if (entries.length === 0) return Promise.resolve();
    if (closed) return Promise.reject(new LogUnavailable('log_stopped', 'The log is not running.'));
    const bytes = entries.reduce((sum, entry) => sum + roughBytes(entry), 0);
    const full = queued + entries.length > settings.queueMax || queuedBytes + bytes > settings.queueBytesMax;
    if (queued > 0 && full) {
      return Promise.reject(new LogUnavailable('log_queue_full', 'Too many entries are waiting for the log.'));
    }
    return new Promise((resolve, reject) => {
      queue.push({ entries, bytes, resolve, reject });
      queued += entries.length;
      queuedBytes += bytes;
      if (!busy) working = work();
    });
  }

  async function work(): Promise<void> {
    busy = true;
    try {
      while (queue.length > 0) await commit(takeBatch());
    } finally {
      busy = false;
    }
  }

  /** Whole appends only: an append is acknowledged at once or not at all. */
  function takeBatch(): Waiting[] {
    let size = 0;
    let bytes = 0;
    let count = 0;
    for (const next of queue) {
      const tooMuch = size + next.entries.length > settings.batchMax || bytes + next.bytes > settings.batchBytesMax;
      if (count > 0 && tooMuch) break;
      size += next.entries.length;
      bytes += next.bytes;
      count += 1;
    }
    const batch = queue.slice(0, count);
    queue = queue.slice(count);
    queued -= size;
    queuedBytes -= bytes;
    return batch;
  }

  async function commit(batch: readonly Waiting[]): Promise<void> {
    const first = next;
    const records = batch
      .flatMap(({ entries }) => entries)
      .map((entry, i) => ({ partition: PARTITION, position: first + i, entry }));
    try {
      await handler?.process(records);
      next = first + records.length;
      for (const { resolve } of batch) resolve();
    } catch (error) {
      fail([...batch, ...queue], error);
    }
  }

  function fail(waiting: readonly Waiting[], error: unknown): void {
    closed = true;
    queue = [];
    queued = 0;
    queuedBytes = 0;
    const reason = new LogUnavailable('log_write_failed', 'The log could not be written.', { cause: error });
    for (const { reject } of waiting) reject(reason);
    onFailure(error);
  }

  return {
    append,
    async start(partitionHandler) {
      next = await partitionHandler.assign(PARTITION);
      handler = partitionHandler;
      closed = false;
    },
    async stop() {
      closed = true;
      await working;
      await handler?.revoke(PARTITION);
      handler = undefined;
    },
  };
}

/** What an event takes without its texts; near enough for a limit. */
const ENTRY_BYTES = 1024;

function roughBytes(entry: WrittenEntry): number {
  const content = entry.kind === 'event' ? entry.event.content : undefined;
  if (content === undefined) return ENTRY_BYTES;
  return Object.values(content).reduce((sum, text) => sum + text.length, ENTRY_BYTES);
}
