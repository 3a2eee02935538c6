/** What the topic of the log still holds, for telling a row that is missing from an offset that no record has. */
import { decodeEntry } from '../../ingest/kafka/envelope.ts';
import { openRecordReader } from '../../ingest/kafka/record-reader.ts';
import { topicBounds } from '../../ingest/kafka/topic-bounds.ts';
import { epochOf, type LogRecord, logPartition } from '../../ingest/log.ts';
import { type KafkaLog, withAdmin } from '../kafka-log.ts';

export interface TopicLook {
  /** Partitions of the present epoch, by their number among all; undefined for one of an older epoch, whose topic is closed. */
  bounds(): Promise<ReadonlyMap<number, { readonly low: number; readonly high: number }>>;
  /**
   * Records of a partition between two offsets, both included; markers of transactions and offsets without a record are not among them.
   * Reads at most `RECORDS_MAX`; `upTo` says how far it has come.
   */
  records(partition: number, first: number, last: number): Promise<{ records: LogRecord[]; upTo: number }>;
}

const RECORDS_MAX = 5_000;
const READ_BYTES = 1024 * 1024;

interface TopicLookOptions {
  /** Node.js's own when absent. */
  readonly sleep?: (ms: number) => Promise<unknown>;
  /** Newest version of the envelope that is read; that of this build when absent. */
  readonly format?: number;
}

export function createTopicLook(
  { client, epoch }: Pick<KafkaLog, 'client' | 'epoch'>,
  { sleep, format }: TopicLookOptions = {},
): TopicLook {
  const isHere = (partition: number) => epochOf(partition) === epoch.epoch;
  return {
    async bounds() {
      const found = await withAdmin(client, (admin) => topicBounds(admin, epoch.topic, sleep));
      return new Map([...found].map(([partition, bounds]) => [logPartition(epoch.epoch, partition), bounds]));
    },
    async records(partition, first, last) {
      if (!isHere(partition)) return { records: [], upTo: last };
      const reader = await openRecordReader(client, sleep);
      try {
        const records: LogRecord[] = [];
        let next = first;
        while (next <= last && records.length < RECORDS_MAX) {
          const read = await reader.read(epoch.topic, partition - logPartition(epoch.epoch, 0), next, READ_BYTES);
          if (read.length === 0) return { records, upTo: last };
          for (const record of read) {
            if (record.offset > last || record.isControlRecord) continue;
            records.push({ partition, position: record.offset, entry: decodeEntry(record, format) });
          }
          next = (read.at(-1)?.offset ?? last) + 1;
        }
        return { records, upTo: next > last ? last : next - 1 };
      } finally {
        await reader.close();
      }
    },
  };
}
