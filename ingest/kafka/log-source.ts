/** The log as a Kafka topic: its records, partition by partition, to the owner of their states. */
import type { Kafka, KafkaMessage } from 'kafkajs';
import { type LogRecord, type LogSource, logPartition, type PartitionHandler } from '../log.ts';
import { decodeEntry } from './envelope.ts';
import { type ConsumerDeps, type ConsumerStats, createPartitionedConsumer } from './partitioned-consumer.ts';

export interface KafkaLogSettings {
  readonly topic: string;
  readonly epoch: number;
  /** Number of partitions of this epoch. */
  readonly partitions: number;
  readonly groupId: string;
  readonly sessionTimeoutMs: number;
  /**
   * Go on where the topic begins when records were deleted before they were stored. What is lost is lost; refusing is the default,
   * because nobody would notice.
   */
  readonly acceptGaps: boolean;
  /** Newest version of the envelope that is read; this build's when absent. A test stands for another build with it. */
  readonly format?: number;
}

export interface KafkaLogSourceDeps extends Pick<ConsumerDeps, 'every' | 'sleep'> {
  readonly kafka: Kafka;
  readonly now: () => number;
  readonly log: ConsumerDeps['log'];
  readonly onFailure: (error: unknown) => void;
}

export interface KafkaLogSource extends LogSource {
  stats(): ConsumerStats | undefined;
  /** First and end offset of every partition in the topic, now; rejects when no broker answers. */
  bounds(): Promise<Map<number, LogBounds>>;
}

export interface LogBounds {
  readonly low: number;
  readonly high: number;
}

/** The topic is not the log that the store knows. The process cannot go on; the message says what to do. */
export class LogMismatch extends Error {
  override readonly name = 'LogMismatch';
  readonly code: 'log_gap' | 'log_truncated' | 'log_partitions_changed';

  constructor(code: LogMismatch['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** Group commit of positions: they are a hint for people and for lag, never the truth. */
const COMMIT_INTERVAL_MS = 1000;
const BATCH = { batchMessagesMax: 2000, batchBytesMax: 16 * 1024 * 1024 };
/** Nobody but Picket writes the log, and nothing compacts it: no record is missing, however often it is said. */
const JUMPS_DOUBTED = 5;

export function createKafkaLogSource(settings: KafkaLogSettings, deps: KafkaLogSourceDeps): KafkaLogSource {
  const { topic, epoch, partitions, groupId, sessionTimeoutMs, format } = settings;
  const admin = deps.kafka.admin();
  const expected = new Map<number, number>();
  let consumer: ReturnType<typeof createPartitionedConsumer> | undefined;

  async function bounds(): Promise<Map<number, LogBounds>> {
    const offsets = await admin.fetchTopicOffsets(topic);
    return new Map(offsets.map(({ partition, low, high }) => [partition, { low: Number(low), high: Number(high) }]));
  }

  async function assign(handler: PartitionHandler, partition: number): Promise<number> {
    if (partition >= partitions) throw partitionsChanged(settings);
    const position = await handler.assign(logPartition(epoch, partition));
    const { low, high } = (await bounds()).get(partition) ?? { low: 0, high: 0 };
    if (position > high) throw truncated(topic, partition, position, high);
    if (position < low && !settings.acceptGaps) throw gap(topic, partition, position, low);
    if (position < low)
      deps.log.warn({ topic, partition, from: position, to: low }, 'records are gone; going on after them');
    const first = Math.max(position, low);
    expected.set(partition, first);
    return first;
  }

  async function process(
    handler: PartitionHandler,
    partition: number,
    messages: readonly KafkaMessage[],
    letNext: () => void,
  ): Promise<void> {
    const from = expected.get(partition) ?? 0;
    const first = Number(messages[0]?.offset);
    if (first > from && !settings.acceptGaps) throw missing(topic, partition, from, first);
    const records: LogRecord[] = [];
    for (const message of messages) {
      const position = Number(message.offset);
      if (position < from) continue;
      records.push({ partition: logPartition(epoch, partition), position, entry: decodeEntry(message, format) });
    }
    const last = records.at(-1);
    if (last === undefined) return;
    // At once: the next batch may begin before this one is done. Should this one fail, the partition is assigned again.
    expected.set(partition, last.position + 1);
    await handler.process(records, letNext);
  }

  return {
    bounds,
    stats: () => consumer?.stats(),
    async start(handler) {
      await admin.connect();
      consumer = createPartitionedConsumer(
        {
          groupId,
          topics: [topic],
          sessionTimeoutMs,
          commitIntervalMs: COMMIT_INTERVAL_MS,
          jumpsDoubted: JUMPS_DOUBTED,
          ...BATCH,
        },
        {
          ...deps,
          work: {
            assign: (_topic, partition) => assign(handler, partition),
            process: (_topic, partition, messages, letNext) => process(handler, partition, messages, letNext),
            revoke: (_topic, partition) => handler.revoke(logPartition(epoch, partition)),
          },
        },
      );
      await consumer.start();
    },
    async stop() {
      await consumer?.stop();
      await admin.disconnect();
    },
  };
}

const partitionsChanged = ({ topic, partitions }: KafkaLogSettings) =>
  new LogMismatch(
    'log_partitions_changed',
    `Topic ${topic} has more than the ${partitions} partitions it was created with. Agents' states belong to their partition: ` +
      'to change the number use `picket topics repartition`.',
  );

const truncated = (topic: string, partition: number, position: number, high: number) =>
  new LogMismatch(
    'log_truncated',
    `The store holds ${topic}/${partition} up to position ${position - 1}, but the topic ends at ${high}: it was deleted and made ` +
      'again, lost records, or is another cluster. Point Picket at the right cluster, or begin a new epoch with `picket topics repartition`.',
  );

const gap = (topic: string, partition: number, position: number, low: number) =>
  new LogMismatch(
    'log_gap',
    `Records ${position} to ${low - 1} of ${topic}/${partition} were deleted before they were stored (retention too short, or the ` +
      'worker away for too long). Start the worker with --accept-gaps to go on without them.',
  );

const missing = (topic: string, partition: number, from: number, to: number) =>
  new LogMismatch(
    'log_gap',
    `Records ${from} to ${to - 1} of ${topic}/${partition} are missing, though the topic begins before them: it was compacted, or a ` +
      'segment of it is damaged. Start the worker with --accept-gaps to go on without them.',
  );
