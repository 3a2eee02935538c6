/** Records that somebody wrote to the old topic while the log was moving, or after: they go on to the new one. */
import kafkajs, { type Admin, type Message } from 'kafkajs';
import { decodeEntry } from '../../ingest/kafka/envelope.ts';
import { explainKafkaError, isPassing } from '../../ingest/kafka/kafka-errors.ts';
import { createPartitioning } from '../../ingest/kafka/partitioning.ts';
import type { ReadRecord, RecordReader } from '../../ingest/kafka/record-reader.ts';
import { topicBounds } from '../../ingest/kafka/topic-bounds.ts';
import { createLogEpochStore, type LogEpoch } from '../../ingest/log-epoch-store.ts';
import type { MoveDeps } from './move-deps.ts';
import type { OldLog, OldPartition } from './old-log.ts';
import { statesOf } from './settle-states.ts';

const { CompressionTypes, ConfigResourceTypes, ConfigSource, Partitioners } = kafkajs;

export interface Leftovers {
  readonly forwarded: number;
  /** Why the old topic could not be closed for writing; undefined: it is closed. */
  readonly open: string | undefined;
}

/**
 * Closes the old topic, so that its end does not move any more, and forwards what is after the end of the old log: also what a worker that
 * nobody thought of has stored there. An event that went there before, because this was interrupted, is told by its id.
 *
 * @throws what kept the topic from being closed, if that passes, when all that is there was forwarded: what is written there later would be read by
 *   nobody, so this is to be done again
 */
export async function forwardLeftovers(
  old: OldLog,
  next: LogEpoch,
  reader: RecordReader,
  deps: MoveDeps,
): Promise<Leftovers> {
  if (old.kafka === undefined || old.topicPartitions === undefined) return { forwarded: 0, open: undefined };
  const { topic } = old.kafka;
  const { open, failure } = await closeTopic(deps.admin, topic);
  const bounds = await topicBounds(deps.admin, topic, deps.sleep);
  const epochs = createLogEpochStore(deps.store);
  const ends = await epochs.ends();
  const forward = await openForwarding(topic, next, reader, deps);
  let forwarded = 0;
  try {
    for (const partition of old.partitions) {
      const { local, number } = partition;
      const range = bounds.get(local);
      const end = ends.get(number);
      const from =
        end === undefined
          ? await firstLeftWithoutEnd(partition, deps)
          : firstLeft({ ...partition, stored: end - 1 }, await epochs.forwarded(number));
      if (range === undefined || from >= range.high) continue;
      forwarded += await forward.range(local, Math.max(from, range.low), range.high);
      await epochs.noteForwarded(number, range.high - 1, deps.now());
    }
  } finally {
    await forward.close();
  }
  if (failure !== undefined) throw failure;
  return { forwarded, open };
}

/** Builds before this one gave epochs no end, and a checkpoint past the last record said how far the leftovers had gone. */
async function firstLeftWithoutEnd(partition: OldPartition, deps: MoveDeps): Promise<number> {
  const forwarded = await createLogEpochStore(deps.store).forwarded(partition.number);
  const checkpoint = await statesOf(deps).latestCheckpoint(partition.number);
  return firstLeft(partition, Math.max(forwarded, checkpoint?.position ?? -1));
}

/** A topic that ends before what is stored was made again: everything in it may be new. */
const firstLeft = ({ stored, bounds }: OldPartition, forwarded: number): number =>
  bounds !== undefined && stored + 1 > bounds.high ? bounds.low : Math.max(stored, forwarded) + 1;

const READ_BYTES = 4 * 1024 * 1024;
const EMPTY_READS_MAX = 50;

async function openForwarding(from: string, next: LogEpoch, reader: RecordReader, deps: MoveDeps) {
  const choose = createPartitioning(next.partitions);
  const producer = deps.client.producer({
    allowAutoTopicCreation: false,
    maxInFlightRequests: 1,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();

  async function range(partition: number, first: number, end: number): Promise<number> {
    let forwarded = 0;
    let emptyReads = 0;
    for (let at = first; at < end; ) {
      const records = (await reader.read(from, partition, at, READ_BYTES)).filter(({ offset }) => offset < end);
      const last = records.at(-1);
      if (last === undefined) {
        emptyReads += 1;
        if (emptyReads > EMPTY_READS_MAX) throw new Error(`Nothing can be read at ${from}/${partition}:${at}.`);
        continue;
      }
      const kept = records.filter((record) => !record.isControlRecord && decodeEntry(record).kind !== 'tick');
      const messages = kept.map((record) => messageOf(record, choose));
      await producer.send({ topic: next.topic, acks: -1, compression: CompressionTypes.None, messages });
      forwarded += kept.length;
      at = last.offset + 1;
    }
    return forwarded;
  }

  return { range, close: () => producer.disconnect() };
}

const messageOf = ({ key, value, headers, timestamp }: ReadRecord, choose: (key: string) => number): Message => ({
  key,
  value,
  timestamp,
  headers,
  partition: choose(key?.toString() ?? ''),
});

/** No record is that small. */
const CLOSED = { name: 'max.message.bytes', value: '0' };

/** Why a topic is open: because it may not be closed, or because a broker did not answer. */
interface Closing extends Pick<Leftovers, 'open'> {
  readonly failure?: Error;
}

/** Kafka cannot make a topic read-only, but it can refuse every size. The other settings are sent along: this request replaces all. */
async function closeTopic(admin: Admin, topic: string): Promise<Closing> {
  try {
    const type = ConfigResourceTypes.TOPIC;
    const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type, name: topic }] });
    const own = (resources[0]?.configEntries ?? []).filter(
      ({ configSource }) => configSource === ConfigSource.TOPIC_CONFIG,
    );
    const kept = own.map(({ configName: name, configValue: value }) => ({ name, value }));
    const configEntries = [...kept.filter(({ name }) => name !== CLOSED.name), CLOSED];
    await admin.alterConfigs({ validateOnly: false, resources: [{ type, name: topic, configEntries }] });
    return { open: undefined };
  } catch (error) {
    const open = explainKafkaError(error) ?? (error as Error).name;
    return isPassing(error) ? { open, failure: error as Error } : { open };
  }
}
