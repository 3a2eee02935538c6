/** The log that is to be left: where it is, and how much of it is stored. */
import { createEventLogStore } from '../../baselines/event-log-store.ts';
import { decodeEntry } from '../../ingest/kafka/envelope.ts';
import type { RecordReader } from '../../ingest/kafka/record-reader.ts';
import { topicBounds } from '../../ingest/kafka/topic-bounds.ts';
import { partitionCount } from '../../ingest/kafka/topics.ts';
import { logPartition } from '../../ingest/log.ts';
import { createLogEpochStore, type LogEpoch } from '../../ingest/log-epoch-store.ts';
import type { Store } from '../../store/store.ts';
import { CommandFailure } from '../context.ts';
import type { MoveDeps } from './move-deps.ts';

export interface OldLog {
  readonly epoch: number;
  /** Undefined: the log is the embedded one. */
  readonly kafka: LogEpoch | undefined;
  /** Partitions of its topic now; undefined when these brokers do not have it. */
  readonly topicPartitions: number | undefined;
  readonly partitions: readonly OldPartition[];
}

export interface OldPartition {
  /** Among all partitions of all epochs, and in its topic. */
  readonly number: number;
  readonly local: number;
  /** Last position in the store; -1 for none. */
  readonly stored: number;
  /** First and end offset in the topic; undefined when there is none to look at. */
  readonly bounds: { readonly low: number; readonly high: number } | undefined;
}

type ReadDeps = Pick<MoveDeps, 'store' | 'admin' | 'sleep'>;

/** @throws CommandFailure when the store has no log yet */
export async function readCurrentLog(deps: ReadDeps, cluster: string): Promise<OldLog> {
  const epochs = createLogEpochStore(deps.store);
  const kafka = await epochs.current();
  if (kafka === undefined && !(await epochs.hasRecords(0))) {
    throw new CommandFailure(
      'This store has no log to move yet. `picket topics create --partitions N` makes a new one.',
    );
  }
  return readLog(kafka, deps, cluster);
}

/** @param kafka undefined for the embedded log */
export async function readLog(
  kafka: LogEpoch | undefined,
  { store, admin, sleep }: ReadDeps,
  cluster: string,
): Promise<OldLog> {
  const epoch = kafka?.epoch ?? 0;
  const here = kafka?.cluster === cluster ? kafka : undefined;
  const topicPartitions = here === undefined ? undefined : await partitionCount(admin, here.topic);
  const bounds =
    here === undefined || topicPartitions === undefined ? new Map() : await topicBounds(admin, here.topic, sleep);
  const partitions: OldPartition[] = [];
  for (let local = 0; local < (kafka?.partitions ?? 1); local += 1) {
    const number = logPartition(epoch, local);
    const stored = await createEventLogStore(store).lastPosition(number);
    partitions.push({ number, local, stored, bounds: bounds.get(local) });
  }
  return { epoch, kafka, topicPartitions, partitions };
}

/** The topic ends before what is stored: it was deleted and made again, or lost records. */
const isCut = ({ stored, bounds }: OldPartition): boolean => bounds !== undefined && stored + 1 > bounds.high;

/**
 * First position of each partition that goes on to the next epoch and so is not of this one any more. None where nothing is forwarded: what
 * somebody goes on storing there would be nowhere.
 */
export const endsOf = ({ kafka, topicPartitions, partitions }: OldLog): number[] =>
  kafka === undefined || topicPartitions === undefined ? [] : partitions.map(({ stored }) => stored + 1);

/** Nothing is wrong with the log where it is. */
export const isWhole = ({ kafka, topicPartitions, partitions }: OldLog): boolean =>
  kafka !== undefined && topicPartitions === kafka.partitions && !partitions.some(isCut);

/** @throws CommandFailure that says what is to be done first, when something that was acknowledged may not be stored */
export async function assertStored(old: OldLog, reader: RecordReader, acceptGaps: boolean): Promise<void> {
  const { kafka, partitions } = old;
  if (kafka === undefined) return;
  if (old.topicPartitions === undefined && !acceptGaps) {
    throw new CommandFailure(
      `The log of this store is topic ${kafka.topic} of cluster ${kafka.cluster}, and these brokers do not have it. So nobody can say ` +
        'whether all of it is stored. Move it while it is there, or go on with --accept-gaps: what is not stored is lost.',
    );
  }
  const cut = partitions.find(isCut);
  if (cut !== undefined && !acceptGaps) {
    throw new CommandFailure(
      `The store holds ${kafka.topic}/${cut.local} up to position ${cut.stored}, but the topic ends at ${cut.bounds?.high}: it was ` +
        'made again, or lost records. Go on with --accept-gaps: what is in neither is lost.',
    );
  }
  let missing = 0;
  for (const partition of partitions) missing += await notStored(kafka.topic, partition, reader);
  if (missing === 0) return;
  throw new CommandFailure(
    `${missing} records of ${kafka.topic} are not stored yet. Start the workers until the lag is 0 (\`picket topics list\`), then ` +
      'stop them and run this again.',
  );
}

const READ_BYTES = 1024 * 1024;

/** @throws CommandFailure when somebody has stored more since `old` was read */
export async function assertUnchanged({ partitions }: OldLog, store: Store): Promise<void> {
  for (const { number, stored } of partitions) {
    if ((await createEventLogStore(store).lastPosition(number)) === stored) continue;
    throw new CommandFailure('A worker was at work on the log meanwhile. Stop it, and run this again.');
  }
}

/** Records that wait for a worker. A tick does not count: a worker may write one when it is about to stop. */
async function notStored(
  topic: string,
  { local, stored, bounds }: OldPartition,
  reader: RecordReader,
): Promise<number> {
  const waiting = bounds === undefined ? 0 : bounds.high - (stored + 1);
  if (waiting <= 0 || waiting > TICKS_MAX) return Math.max(0, waiting);
  const records = await reader.read(topic, local, stored + 1, READ_BYTES);
  const ticks = records.filter((record) => decodeEntry(record).kind === 'tick').length;
  return waiting - ticks;
}

const TICKS_MAX = 100;
