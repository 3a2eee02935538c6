import { insertBisecting, type OnRejected } from './batch-insert.ts';
import { type Store, StoreClosed } from './store.ts';

export interface Timers {
  readonly setTimeout: (callback: () => void, ms: number) => unknown;
  readonly clearTimeout: (timer: unknown) => void;
}

export interface BatchWriterOptions<Row extends object> {
  readonly store: Store;
  readonly table: string;
  /** A batch is sent when it has this many rows, */
  readonly rowsMax: number;
  /** or this many bytes as JSON, */
  readonly bytesMax: number;
  /** or when its first row has waited this long. */
  readonly lingerMs: number;
  /** Rows waiting and under way, as JSON. When full, `write` waits; a single row larger than this is let in alone. */
  readonly queueBytesMax: number;
  /** Takes rows that the store refuses; their `write` resolves once it has. */
  readonly onRejected: OnRejected<Row>;
  readonly timers: Timers;
}

export interface BatchWriter<Row extends object> {
  /**
   * Resolves when the row is durable. Rejects with what the insert of its batch failed with: StoreUnavailable means that the row may
   * or may not be there. Waits while the queue is full, in the order of the calls.
   */
  write(row: Row): Promise<void>;
  /** Sends what is waiting and resolves when nothing is left, whether it succeeded or not: `write` tells that. */
  flush(): Promise<void>;
  /** Flushes; any later `write` rejects with StoreClosed. */
  close(): Promise<void>;
}

interface Waiting<Row> {
  readonly row: Row;
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers rows of an append-only side table into inserts of a useful size, one insert at a time, in memory that is bounded by
 * `queueBytesMax` plus the rows whose callers wait for room.
 */
export function createBatchWriter<Row extends object>(options: BatchWriterOptions<Row>): BatchWriter<Row> {
  const { store, table, rowsMax, bytesMax, lingerMs, queueBytesMax, onRejected, timers } = options;
  /** Callers that wait for room, oldest first, and rows that have it. */
  const outside: Waiting<Row>[] = [];
  const queue: Waiting<Row>[] = [];
  /** Bytes of the queue, and of the queue with the batch under way. */
  let queueBytes = 0;
  let heldBytes = 0;
  let timer: unknown;
  let due = false;
  let sending: Promise<void> | undefined;
  let closed = false;

  async function write(row: Row): Promise<void> {
    if (closed) throw new StoreClosed(`The writer for ${table} is closed.`);
    const bytes = Buffer.byteLength(JSON.stringify(row));
    await new Promise<void>((resolve, reject) => {
      outside.push({ row, bytes, resolve, reject });
      advance();
    });
  }

  function advance(): void {
    admit();
    if (queue.length === 0) return;
    const full = queue.length >= rowsMax || outside.length > 0 || queueBytes >= bytesMax;
    if (full || due) send();
    else timer ??= timers.setTimeout(onLinger, lingerMs);
  }

  function admit(): void {
    for (let next = outside[0]; next !== undefined; next = outside[0]) {
      if (heldBytes > 0 && heldBytes + next.bytes > queueBytesMax) return;
      heldBytes += next.bytes;
      queueBytes += next.bytes;
      queue.push(next);
      outside.shift();
    }
  }

  function onLinger(): void {
    timer = undefined;
    due = true;
    advance();
  }

  function send(): void {
    if (sending !== undefined) return;
    if (timer !== undefined) timers.clearTimeout(timer);
    timer = undefined;
    const batch = takeBatch();
    const batchBytes = totalBytes(batch);
    queueBytes -= batchBytes;
    if (queue.length === 0 && outside.length === 0) due = false;
    sending = insertBatch(batch).finally(() => {
      heldBytes -= batchBytes;
      sending = undefined;
      advance();
    });
  }

  function takeBatch(): Waiting<Row>[] {
    let bytes = 0;
    const count = queue.findIndex((item, index) => {
      bytes += item.bytes;
      return index > 0 && (index >= rowsMax || bytes > bytesMax);
    });
    return queue.splice(0, count < 0 ? queue.length : count);
  }

  async function insertBatch(batch: readonly Waiting<Row>[]): Promise<void> {
    try {
      const rows = batch.map((item) => item.row);
      await insertBisecting(store, table, rows, onRejected);
      for (const item of batch) item.resolve();
    } catch (error) {
      for (const item of batch) item.reject(error);
    }
  }

  async function flush(): Promise<void> {
    while (queue.length > 0 || outside.length > 0 || sending !== undefined) {
      due = true;
      advance();
      await sending;
    }
    due = false;
  }

  async function close(): Promise<void> {
    closed = true;
    await flush();
  }

  return { write, flush, close };
}

function totalBytes(items: readonly { readonly bytes: number }[]): number {
  return items.reduce((sum, item) => sum + item.bytes, 0);
}
