import { createAppendQueue } from './append-queue.ts';
import type { LogSink, LogSource, PartitionHandler, WrittenEntry } from './log.ts';

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

export interface EmbeddedLogDeps {
  /** Called once, when the handler fails for good: nothing more is accepted, and the process should exit. */
  readonly onFailure: (error: unknown) => void;
  /** Takes back what the process before has said of records from this position on, which it did not come to store. */
  readonly takeBack: (partition: number, position: number) => Promise<void>;
}

/**
 * The log of a single machine: one partition, whose records are durable once the handler has stored them in `event_log`. Appends
 * that arrive while a batch is being stored form the next batch (group commit), so the wait is one insert, not a timer.
 */
export function createEmbeddedLog(
  settings: EmbeddedLogSettings,
  { onFailure, takeBack }: EmbeddedLogDeps,
): LogSink & LogSource {
  const queue = createAppendQueue<readonly WrittenEntry[]>({ ...settings, countsBatchInHand: false }, store);
  let handler: PartitionHandler | undefined;
  let next = 0;
  let failed = false;

  async function store(batch: readonly (readonly WrittenEntry[])[], letNext: () => void): Promise<void> {
    const first = next;
    const records = batch.flat().map((entry, i) => ({ partition: PARTITION, position: first + i, entry }));
    next += records.length;
    try {
      await handler?.process(records, letNext);
    } catch (error) {
      queue.abandon(error);
      if (!failed) onFailure(error);
      failed = true;
      throw error;
    }
  }

  return {
    append(entries) {
      const bytes = entries.reduce((sum, entry) => sum + roughBytes(entry), 0);
      return queue.append(entries, { entries: entries.length, bytes });
    },
    async start(partitionHandler) {
      next = await partitionHandler.assign(PARTITION);
      await takeBack(PARTITION, next);
      handler = partitionHandler;
      queue.open();
    },
    async stop() {
      await queue.close();
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
