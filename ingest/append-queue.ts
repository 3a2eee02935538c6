import { LogUnavailable } from './log.ts';

export interface AppendQueueSettings {
  /** Entries, and bytes, that may wait; beyond either `append` rejects at once with `log_queue_full`. One append alone may be larger. */
  readonly queueMax: number;
  readonly queueBytesMax: number;
  /** Whether the batch that is being written still takes room in the queue. */
  readonly countsBatchInHand: boolean;
  /** Entries, and bytes, that are written at once. An append larger than this is written alone. */
  readonly batchMax: number;
  readonly batchBytesMax: number;
}

export interface AppendSize {
  readonly entries: number;
  readonly bytes: number;
}

export interface AppendQueue<Content> {
  /** Resolves when `content` is written. Rejects with `LogUnavailable`. */
  append(content: Content, size: AppendSize): Promise<void>;
  open(): void;
  /** Accepts nothing more, and resolves when nothing waits any longer. */
  close(): Promise<void>;
  /** Accepts nothing more, and rejects what waits: the log is lost. */
  abandon(cause: unknown): void;
  /** Entries. */
  readonly queued: number;
}

interface Waiting<Content> {
  readonly content: Content;
  readonly size: AppendSize;
  readonly resolve: () => void;
  readonly reject: (error: LogUnavailable) => void;
}

/**
 * Appends in the order in which they came, one write at a time; those that come meanwhile share the next one (group commit). An append
 * is never divided: it is acknowledged at once or not at all. Closed until `open`.
 *
 * A write may let the next one begin before it is done itself; how many are under way is for the writer to bound.
 *
 * When `write` fails, the appends of its batch are rejected, and the next batch is tried.
 */
export function createAppendQueue<Content>(
  settings: AppendQueueSettings,
  write: (batch: readonly Content[], letNext: () => void) => Promise<void>,
): AppendQueue<Content> {
  const queue: Waiting<Content>[] = [];
  let queued = 0;
  let queuedBytes = 0;
  let working: Promise<void> = Promise.resolve();
  /** A write is under way that has not let the next one begin. */
  let held = false;
  let closed = true;

  function append(content: Content, size: AppendSize): Promise<void> {
    if (size.entries === 0) return Promise.resolve();
    if (closed) return Promise.reject(new LogUnavailable('log_stopped', 'The log is not running.'));
    const full = queued + size.entries > settings.queueMax || queuedBytes + size.bytes > settings.queueBytesMax;
    if (queued > 0 && full) {
      return Promise.reject(new LogUnavailable('log_queue_full', 'Too many entries are waiting for the log.'));
    }
    return new Promise((resolve, reject) => {
      queue.push({ content, size, resolve, reject });
      queued += size.entries;
      queuedBytes += size.bytes;
      advance();
    });
  }

  function advance(): void {
    if (held || queue.length === 0) return;
    held = true;
    working = Promise.all([working, writeBatch(takeBatch())]).then(() => {});
  }

  function takeBatch(): Waiting<Content>[] {
    let entries = 0;
    let bytes = 0;
    let count = 0;
    for (const { size } of queue) {
      entries += size.entries;
      bytes += size.bytes;
      if (count > 0 && (entries > settings.batchMax || bytes > settings.batchBytesMax)) break;
      count += 1;
    }
    return queue.splice(0, count);
  }

  async function writeBatch(batch: readonly Waiting<Content>[]): Promise<void> {
    if (!settings.countsBatchInHand) makeRoom(batch);
    let holds = true;
    const letNext = () => {
      if (!holds) return;
      holds = false;
      held = false;
      advance();
    };
    try {
      await write(
        batch.map(({ content }) => content),
        letNext,
      );
      for (const { resolve } of batch) resolve();
    } catch (cause) {
      rejectAll(batch, cause);
    } finally {
      if (settings.countsBatchInHand) makeRoom(batch);
      letNext();
    }
  }

  function makeRoom(batch: readonly Waiting<Content>[]): void {
    for (const { size } of batch) {
      queued -= size.entries;
      queuedBytes -= size.bytes;
    }
  }

  return {
    append,
    open() {
      closed = false;
    },
    async close() {
      closed = true;
      for (let awaited: unknown; awaited !== working; ) {
        awaited = working;
        await working;
      }
    },
    abandon(cause) {
      closed = true;
      const lost = queue.splice(0);
      makeRoom(lost);
      rejectAll(lost, cause);
    },
    get queued() {
      return queued;
    },
  };
}

function rejectAll(appends: readonly Waiting<unknown>[], cause: unknown): void {
  const error = new LogUnavailable('log_write_failed', 'The log could not be written.', { cause });
  for (const { reject } of appends) reject(error);
}
