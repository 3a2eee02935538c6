import { CompressionTypes, type Kafka, type Message, Partitioners, type Producer } from 'kafkajs';
import { type LogSink, LogUnavailable, PARTITIONS_MAX, type WrittenEntry } from '../log.ts';
import { encodeEntry } from './envelope.ts';
import { createPartitioning } from './partitioning.ts';

export interface KafkaLogSinkSettings {
  readonly topic: string;
  /** Of the log's epoch: where an agent belongs does not change when partitions are added to the topic. */
  readonly partitions: number;
  /** Entries, and bytes of their JSON, that may wait; beyond either `append` rejects at once with `log_queue_full`. */
  readonly queueMax: number;
  readonly queueBytesMax: number;
  readonly compression: LogCompression;
}

export const LOG_COMPRESSIONS = ['none', 'gzip', 'snappy'] as const;
export type LogCompression = (typeof LOG_COMPRESSIONS)[number];

const COMPRESSION_TYPES: Record<LogCompression, CompressionTypes> = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
};

export interface KafkaLogSink extends LogSink {
  start(): Promise<void>;
  /** Sends what waits, and closes. */
  stop(): Promise<void>;
  readonly queued: number;
}

/**
 * One request holds at most this much: kafkajs makes one record batch a partition of it, and the topic takes batches of
 * `TOPIC_BATCH_BYTES_MAX`. An entry is never larger: records are at most 1 MiB when they come in.
 */
const REQUEST_BYTES_MAX = 2 * 1024 * 1024;
const REQUEST_ENTRIES_MAX = 5000;
const ENTRY_OVERHEAD_BYTES = 256;

interface Waiting {
  readonly requests: readonly Message[][];
  readonly entries: number;
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Appends to a Kafka topic, acknowledged by all replicas in sync. One request at a time: a second one under way could overtake the
 * first when that is retried, and the events of an agent would change places. Appends that arrive meanwhile share the next request.
 *
 * A request that was retried may stand in the log twice; its events are told by their ids.
 */
export function createKafkaLogSink(kafka: Kafka, settings: KafkaLogSinkSettings): KafkaLogSink {
  const partitionOf = createPartitioning(settings.partitions);
  const producer: Producer = kafka.producer({
    allowAutoTopicCreation: false,
    maxInFlightRequests: 1,
    createPartitioner: Partitioners.DefaultPartitioner,
    // Each attempt waits for a connection for as long as the client is told to.
    retry: { retries: 3 },
  });
  const compression = COMPRESSION_TYPES[settings.compression];
  const queue: Waiting[] = [];
  let queued = 0;
  let queuedBytes = 0;
  let working: Promise<void> = Promise.resolve();
  let busy = false;
  let closed = true;

  function append(entries: readonly WrittenEntry[]): Promise<void> {
    if (entries.length === 0) return Promise.resolve();
    if (closed) return Promise.reject(new LogUnavailable('log_stopped', 'The log is not running.'));
    const { requests, bytes } = requestsOf(entries);
    const full = queued + entries.length > settings.queueMax || queuedBytes + bytes > settings.queueBytesMax;
    if (queued > 0 && full) {
      return Promise.reject(new LogUnavailable('log_queue_full', 'Too many entries are waiting for the log.'));
    }
    return new Promise((resolve, reject) => {
      queue.push({ requests, entries: entries.length, bytes, resolve, reject });
      queued += entries.length;
      queuedBytes += bytes;
      if (!busy) working = work();
    });
  }

  function requestsOf(entries: readonly WrittenEntry[]): { requests: Message[][]; bytes: number } {
    const requests: Message[][] = [];
    let request: Message[] = [];
    let requestBytes = 0;
    let bytes = 0;
    for (const entry of entries) {
      const message = messageOf(entry);
      const size = Buffer.byteLength(message.value as string) + ENTRY_OVERHEAD_BYTES;
      if (request.length > 0 && (requestBytes + size > REQUEST_BYTES_MAX || request.length >= REQUEST_ENTRIES_MAX)) {
        requests.push(request);
        request = [];
        requestBytes = 0;
      }
      request.push(message);
      requestBytes += size;
      bytes += size;
    }
    requests.push(request);
    return { requests, bytes };
  }

  function messageOf(entry: WrittenEntry): Message {
    const { key, value, headers } = encodeEntry(entry);
    // Owners name their partitions with the epoch in the upper bits; the topic does not.
    const ofPartition = entry.kind === 'tick' || entry.kind === 'model';
    const partition = ofPartition ? (entry.partition ?? 0) % PARTITIONS_MAX : partitionOf(key ?? '');
    return { key, value, headers, partition, timestamp: String(entry.receivedMs) };
  }

  async function work(): Promise<void> {
    busy = true;
    try {
      while (queue.length > 0) await send(takeBatch());
    } finally {
      busy = false;
    }
  }

  /** Small appends together, a large one alone. */
  function takeBatch(): Waiting[] {
    let bytes = 0;
    let entries = 0;
    let count = 0;
    for (const next of queue) {
      bytes += next.bytes;
      entries += next.entries;
      if (count > 0 && (bytes > REQUEST_BYTES_MAX || entries > REQUEST_ENTRIES_MAX)) break;
      count += 1;
    }
    return queue.splice(0, count);
  }

  async function send(batch: readonly Waiting[]): Promise<void> {
    const [only] = batch;
    const requests =
      batch.length === 1 && only !== undefined ? only.requests : [batch.flatMap((one) => one.requests.flat())];
    try {
      for (const messages of requests) {
        await producer.sendBatch({ acks: -1, compression, topicMessages: [{ topic: settings.topic, messages }] });
      }
      for (const { resolve } of batch) resolve();
    } catch (cause) {
      const error = new LogUnavailable('log_write_failed', 'The log could not be written.', { cause });
      for (const { reject } of batch) reject(error);
    } finally {
      for (const { entries, bytes } of batch) {
        queued -= entries;
        queuedBytes -= bytes;
      }
    }
  }

  return {
    append,
    get queued() {
      return queued;
    },
    async start() {
      await producer.connect();
      closed = false;
    },
    async stop() {
      closed = true;
      await working;
      await producer.disconnect();
    },
  };
}
