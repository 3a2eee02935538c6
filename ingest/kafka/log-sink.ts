import { CompressionTypes, type Kafka, type Message, Partitioners, type Producer } from 'kafkajs';
import { createAppendQueue } from '../append-queue.ts';
import { type LogSink, PARTITIONS_MAX, type WrittenEntry } from '../log.ts';
import { encodeEntry } from './envelope.ts';
import { createPartitioning } from './partitioning.ts';
import type { LogCompression } from './settings.ts';

export interface KafkaLogSinkSettings {
  readonly topic: string;
  /** Of the log's epoch: where an agent belongs does not change when partitions are added to the topic. */
  readonly partitions: number;
  /** Entries, and bytes of their JSON, that may wait; beyond either `append` rejects at once with `log_queue_full`. */
  readonly queueMax: number;
  readonly queueBytesMax: number;
  readonly compression: LogCompression;
}

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
  const queue = createAppendQueue<Message[][]>(
    {
      queueMax: settings.queueMax,
      queueBytesMax: settings.queueBytesMax,
      // The producer holds a batch, and what it makes of it, until the brokers have answered.
      countsBatchInHand: true,
      batchMax: REQUEST_ENTRIES_MAX,
      batchBytesMax: REQUEST_BYTES_MAX,
    },
    send,
  );

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

  /** Small appends in one request, a large one in its own. */
  async function send(batch: readonly Message[][][]): Promise<void> {
    const [only] = batch;
    const requests = batch.length === 1 && only !== undefined ? only : [batch.flat(2)];
    for (const messages of requests) {
      await producer.sendBatch({ acks: -1, compression, topicMessages: [{ topic: settings.topic, messages }] });
    }
  }

  return {
    append(entries) {
      const { requests, bytes } = requestsOf(entries);
      return queue.append(requests, { entries: entries.length, bytes });
    },
    get queued() {
      return queue.queued;
    },
    async start() {
      await producer.connect();
      queue.open();
    },
    async stop() {
      await queue.close();
      await producer.disconnect();
    },
  };
}
