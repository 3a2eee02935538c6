/**
 * Moves the log to a new epoch: another number of partitions, from the embedded log into Kafka, or into another cluster.
 *
 *   nobody works, all is stored -> states at the end of the old log -> new topic, a tick in each partition
 *   -> states in the partitions of the new epoch -> the epoch begins -> leftovers of the old topic go on to the new one
 *
 * Until the epoch begins nothing has happened for anybody who starts: what stands in an epoch that has not begun is deleted by the next
 * attempt. So the way to go on after a crash is the same command again.
 */

import { openRecordReader, type RecordReader } from '../ingest/kafka/record-reader.ts';
import { PARTITIONS_MAX } from '../ingest/log.ts';
import { createLogEpochStore, type LogEpoch } from '../ingest/log-epoch-store.ts';
import { CommandFailure, EXIT } from './context.ts';
import { assertNobodyWorks } from './topics/idle-groups.ts';
import { forwardLeftovers, type Leftovers } from './topics/leftovers.ts';
import type { MoveDeps } from './topics/move-deps.ts';
import { moveStates } from './topics/move-states.ts';
import { openNewTopic } from './topics/new-topic.ts';
import {
  assertStored,
  assertUnchanged,
  endsOf,
  isWhole,
  type OldLog,
  readCurrentLog,
  readLog,
} from './topics/old-log.ts';
import { assertSettled, settleStates } from './topics/settle-states.ts';

export interface MoveRequest {
  /** 1 to 65536. */
  readonly partitions: number;
  /** Default: the events topic of the configuration, a dot, and the number of the epoch. */
  readonly topic?: string;
  /** Go on although the old topic is gone, elsewhere, or ends before what is stored. */
  readonly acceptGaps: boolean;
}

export interface MoveReport extends Leftovers {
  /** False: the log is already as it was asked for. */
  readonly moved: boolean;
  readonly epoch: LogEpoch;
  /** States that went along. */
  readonly agents: number;
}

/** @throws CommandFailure that says what to do first; nothing has happened then */
export async function repartition(request: MoveRequest, deps: MoveDeps): Promise<MoveReport> {
  if (!Number.isInteger(request.partitions) || request.partitions < 1 || request.partitions > PARTITIONS_MAX) {
    throw new CommandFailure(`The number of partitions is 1 to ${PARTITIONS_MAX}.`, EXIT.usage);
  }
  const { clusterId } = await deps.admin.describeCluster();
  const old = await readCurrentLog(deps, clusterId);
  const reader = await openRecordReader(deps.client, deps.sleep);
  try {
    if (old.kafka !== undefined && isAsAsked(old, request)) return await finish(old.kafka, clusterId, reader, deps);
    return await move(old, request, clusterId, reader, deps);
  } finally {
    await reader.close();
  }
}

const isAsAsked = (old: OldLog, { partitions, topic }: MoveRequest): boolean =>
  isWhole(old) && old.kafka?.partitions === partitions && (topic ?? old.kafka.topic) === old.kafka.topic;

async function move(
  old: OldLog,
  request: MoveRequest,
  cluster: string,
  reader: RecordReader,
  deps: MoveDeps,
): Promise<MoveReport> {
  const { admin, settings, store, now, reached } = deps;
  const next = nextEpoch(old, request, cluster, settings.eventsTopic);
  await assertNobodyWorks(admin, settings);
  await assertStored(old, reader, request.acceptGaps);
  await reached('checked', `nobody works on the log, and all of it is stored (epoch ${old.epoch})`);
  const lastTickMs = await settleStates(old, deps);
  await reached('settled', 'the state of every agent is as of its end');
  const first = await openNewTopic(next, lastTickMs, reader, deps);
  await reached('opened', `topic ${next.topic} with ${next.partitions} partitions`);
  const agents = await moveStates(old, next, { first, lastTickMs }, deps);
  await reached('copied', `${agents} agents`);
  await assertNobodyWorks(admin, settings);
  await assertUnchanged(old, store);
  await assertSettled(old, deps);
  await createLogEpochStore(store).begin(next, endsOf(old), now());
  await reached('begun', `the log is ${next.topic} from now on (epoch ${next.epoch})`);
  const leftovers = await forwardLeftovers(old, next, reader, deps);
  await reached('forwarded', `${leftovers.forwarded} records that were written to the old topic meanwhile`);
  return { moved: true, epoch: next, agents, ...leftovers };
}

function nextEpoch(old: OldLog, request: MoveRequest, cluster: string, eventsTopic: string): LogEpoch {
  const epoch = old.epoch + 1;
  const topic = request.topic ?? `${eventsTopic}.${epoch}`;
  if (topic === old.kafka?.topic && cluster === old.kafka.cluster) {
    throw new CommandFailure(`The log is in ${topic} already: it can move to another topic only.`, EXIT.usage);
  }
  return { epoch, topic, partitions: request.partitions, cluster };
}

/** What an interrupted move may have left to do after its epoch had begun. */
async function finish(epoch: LogEpoch, cluster: string, reader: RecordReader, deps: MoveDeps): Promise<MoveReport> {
  const done = { moved: false, epoch, agents: 0 };
  const before = (await createLogEpochStore(deps.store).all()).find((one) => one.epoch === epoch.epoch - 1);
  if (before === undefined) return { ...done, forwarded: 0, open: undefined };
  const old = await readLog(before, deps, cluster);
  return { ...done, ...(await forwardLeftovers(old, epoch, reader, deps)) };
}
