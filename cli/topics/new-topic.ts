/** The topic that the log moves to, with the one record that has to be in each of its partitions before states can move in. */
import { decodeEntry } from '../../ingest/kafka/envelope.ts';
import { createKafkaLogSink } from '../../ingest/kafka/log-sink.ts';
import type { RecordReader } from '../../ingest/kafka/record-reader.ts';
import { topicBounds } from '../../ingest/kafka/topic-bounds.ts';
import { createMissing, partitionCount, topicFaults } from '../../ingest/kafka/topics.ts';
import { type LogRecord, logPartition, type TickEntry } from '../../ingest/log.ts';
import type { LogEpoch } from '../../ingest/log-epoch-store.ts';
import { CommandFailure } from '../context.ts';
import type { MoveDeps } from './move-deps.ts';

/** A tick at its place in the log. */
export interface FirstRecord extends LogRecord {
  readonly entry: TickEntry;
}

/**
 * Makes the topic if it is not there, and sees to it that the first record of every partition is a tick. States move in as of that
 * record's position, which no event can have.
 *
 * @throws CommandFailure when there is a topic of that name which is not an empty log of this many partitions
 */
export async function openNewTopic(
  next: LogEpoch,
  lastTickMs: number,
  reader: RecordReader,
  deps: MoveDeps,
): Promise<FirstRecord[]> {
  const { admin, settings, sleep } = deps;
  const { topic, partitions } = next;
  await createMissing(admin, [{ topic, partitions, replicationFactor: settings.replicationFactor }], sleep);
  const faults = await topicFaults(admin, topic);
  if (faults.length > 0) throw new CommandFailure(faults.join('\n'));
  const count = await partitionCount(admin, topic);
  if (count !== partitions) {
    throw new CommandFailure(
      `There is a topic ${topic} already, with ${count} partitions. Delete it if it is of no use, or choose another name with --to-topic.`,
    );
  }
  await writeTicks(next, Math.max(deps.now(), lastTickMs), reader, deps);
  const first: FirstRecord[] = [];
  for (let local = 0; local < partitions; local += 1) first.push(await firstRecord(next, local, reader));
  return first;
}

async function writeTicks(next: LogEpoch, receivedMs: number, reader: RecordReader, deps: MoveDeps): Promise<void> {
  const bounds = await topicBounds(deps.admin, next.topic, deps.sleep);
  const empty: TickEntry[] = [];
  for (let local = 0; local < next.partitions; local += 1) {
    const { low, high } = bounds.get(local) ?? { low: 0, high: 0 };
    if (low > 0) throw inUse(next.topic);
    if (high === 0) empty.push({ kind: 'tick', receivedMs, partition: logPartition(next.epoch, local) });
    else await assertTicks(next.topic, local, high, reader);
  }
  const { settings, client } = deps;
  const queue = { queueMax: empty.length, queueBytesMax: QUEUE_BYTES, compression: settings.compression };
  const sink = createKafkaLogSink(client, { topic: next.topic, partitions: next.partitions, ...queue });
  await sink.start();
  try {
    await sink.append(empty);
  } finally {
    await sink.stop();
  }
}

const QUEUE_BYTES = 1024 * 1024;
const READ_BYTES = 1024 * 1024;

/** What a move that did not come to its end leaves behind; a tick that was sent again may be there twice. */
const TICKS_MAX = 16;

async function assertTicks(topic: string, local: number, high: number, reader: RecordReader): Promise<void> {
  if (high > TICKS_MAX) throw inUse(topic);
  const records = await reader.read(topic, local, 0, READ_BYTES);
  if (records.length < high || records.some((record) => decodeEntry(record).kind !== 'tick')) throw inUse(topic);
}

const inUse = (topic: string): CommandFailure =>
  new CommandFailure(
    `Topic ${topic} has records already. Delete it if they are of no use, or choose another name with --to-topic.`,
  );

async function firstRecord({ epoch, topic }: LogEpoch, local: number, reader: RecordReader): Promise<FirstRecord> {
  const [record] = await reader.read(topic, local, 0, READ_BYTES);
  const entry = record === undefined || record.offset !== 0 ? undefined : decodeEntry(record);
  if (entry?.kind !== 'tick') throw inUse(topic);
  return { partition: logPartition(epoch, local), position: 0, entry };
}
