/**
 * Consumes topics as a member of a consumer group, partition by partition, over kafkajs.
 *
 * kafkajs only fetches, heartbeats and keeps the membership here. Each partition has a lane of its own: a batch in hand, at most one
 * waiting, and the partition paused meanwhile. So a slow batch never delays a heartbeat or a rebalance, and memory is bounded by two
 * fetched batches a partition. What the traps of kafkajs 2.2.4 are answered with:
 *
 * - An error out of `eachBatch` kills the consumer for good, or makes all concurrent partitions be read again: nothing is thrown in it.
 * - After a change of members the batch in hand may belong to somebody else: every partition is paused, its queue dropped, its batch
 *   awaited, and its position asked for anew before it is read on.
 * - Committed offsets are dropped, repeated or taken back at a rebalance: where the worker goes on is told by `assign`, with a seek.
 * - A crash that is not restarted leaves a process that reads nothing: `onFailure`, and the process ends.
 * - A consumer may also stop without a crash: `stats` are for a watchdog.
 */
import { setTimeout as systemSleep } from 'node:timers/promises';
import type { Batch, Consumer, Kafka, KafkaMessage } from 'kafkajs';
import { isFatal } from './kafka-errors.ts';
import { whileRetriable } from './retriable.ts';

/** What is done with the records; one call at a time for a partition. */
export interface PartitionWork {
  /**
   * The partition is ours, also when it was ours before the members changed. Returns the first offset to read; undefined: go on where
   * the group has committed, or, for a partition that was held all the time, where it was left.
   */
  assign(topic: string, partition: number): Promise<number | undefined>;
  /** Resolves when everything the messages lead to is durable. Rejects with an error of name `PartitionTaken` to be assigned again. */
  process(topic: string, partition: number, messages: readonly KafkaMessage[]): Promise<void>;
  /** The partition is not ours any more. May be called while a batch is in hand. Must not reject. */
  revoke(topic: string, partition: number): Promise<void>;
}

export interface ConsumerSettings {
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly sessionTimeoutMs: number;
  readonly commitIntervalMs: number;
  /** Records and bytes handed to `process` at once. */
  readonly batchMessagesMax: number;
  readonly batchBytesMax: number;
}

export interface ConsumerDeps {
  readonly kafka: Kafka;
  readonly work: PartitionWork;
  readonly now: () => number;
  readonly log: { info(facts: object, text: string): void; warn(facts: object, text: string): void };
  /** The consumer cannot go on: the process should end. Called once. */
  readonly onFailure: (error: unknown) => void;
  /** Runs again and again from now on; returns the way to stop it. The timers of Node.js when absent. */
  readonly every?: (intervalMs: number, run: () => void) => () => void;
  /** Node.js's own when absent. */
  readonly sleep?: (ms: number) => Promise<unknown>;
}

export interface PartitionedConsumer {
  /** Resolves when the first members are agreed on. */
  start(): Promise<void>;
  /** Finishes what is in hand, commits, gives all partitions back and leaves the group. */
  stop(): Promise<void>;
  /** Stops reading a topic until `resume`, whoever comes and goes. */
  pause(topic: string): void;
  resume(topic: string): void;
  stats(): ConsumerStats;
}

export interface LaneStats {
  readonly topic: string;
  readonly partition: number;
  /** Records that are in the topic and not yet done, as far as the last fetch knew. */
  readonly lag: number;
  /** First offset that is not done. */
  readonly next: number;
  /** When `next` last moved, or there was nothing to do; epoch ms. */
  readonly advancedMs: number;
  readonly busy: boolean;
}

export interface ConsumerStats {
  readonly lanes: readonly LaneStats[];
  readonly records: number;
  readonly rebalances: number;
  readonly commits: number;
  readonly commitFailures: number;
  /** kafkajs gave up on something that may pass, and began anew. */
  readonly restarts: number;
  /** Last answer to a fetch, epoch ms. */
  readonly fetchedMs: number;
}

interface Lane {
  readonly topic: string;
  readonly partition: number;
  /** Counts assignments; what was begun under an older number is not acted on. */
  assignment: number;
  ready: boolean;
  waiting: KafkaMessage[][];
  inHand: Promise<void>;
  busy: boolean;
  /** First offset not handed out yet, and first not done; -1 while unknown. */
  next: number;
  done: number;
  committed: number;
  /** Whether kafkajs was last told to read the partition; undefined: not told in this group. */
  open: boolean | undefined;
  /** Where a fetch began that did not follow the one before. */
  jumpedTo: number;
  end: number;
  advancedMs: number;
}

const MAX_WAIT_MS = 100;
const ASK_AGAIN_MS = 200;
const REJOIN_MS = 1_000;
/** In a row; each waits for a broker as long as the client does. Then something else is wrong, such as an ACL. */
const REJOINS_MAX = 10;

export function createPartitionedConsumer(settings: ConsumerSettings, deps: ConsumerDeps): PartitionedConsumer {
  const { work, now, log, every = systemEvery, sleep = systemSleep } = deps;
  const lanes = new Map<string, Lane>();
  const leaving = new Map<string, Promise<void>>();
  const pausedTopics = new Set<string>();
  const counts = { records: 0, rebalances: 0, commits: 0, commitFailures: 0, restarts: 0 };
  let fetchedMs = now();
  let stopping = false;
  /** kafkajs has a group to pause, seek and commit in; it throws without one. */
  let joined = false;
  let stopCommitting = () => {};
  let committing: Promise<void> | undefined;
  const consumer: Consumer = deps.kafka.consumer({
    groupId: settings.groupId,
    sessionTimeout: settings.sessionTimeoutMs,
    heartbeatInterval: Math.floor(settings.sessionTimeoutMs / 10),
    rebalanceTimeout: Math.max(settings.sessionTimeoutMs, 60_000),
    maxWaitTimeInMs: MAX_WAIT_MS,
    allowAutoTopicCreation: false,
  });

  let failed = false;
  /** Since it was a member last. */
  let rejoins = 0;
  let onStarted: (failure?: { readonly error: unknown }) => void = () => {};

  function fail(error: unknown): void {
    onStarted({ error });
    if (failed || stopping) return;
    failed = true;
    deps.onFailure(error);
  }

  async function start(): Promise<void> {
    const started = new Promise<void>((resolve, reject) => {
      onStarted = (failure) => (failure === undefined ? resolve() : reject(failure.error));
    });
    started.catch(() => {});
    watch();
    await join();
    stopCommitting = every(settings.commitIntervalMs, () => void commit());
    await started;
  }

  async function join(): Promise<void> {
    const subscribe = async () => {
      await consumer.connect();
      await consumer.subscribe({ topics: [...settings.topics], fromBeginning: true });
    };
    await whileRetriable(subscribe, undefined, sleep);
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 1,
      eachBatch: async ({ batch, resolveOffset }) => onBatch(batch, resolveOffset),
    });
  }

  /** kafkajs gives up when nobody names the coordinator of the group, and so when the connection is lost while it asks. */
  const isWorthAnotherJoin = ({ name }: Error): boolean =>
    name === 'KafkaJSGroupCoordinatorNotFound' && rejoins < REJOINS_MAX;

  async function joinAgain(): Promise<void> {
    rejoins += 1;
    await sleep(REJOIN_MS);
    if (stopping) return;
    await join();
    if (stopping) await consumer.disconnect();
  }

  function watch(): void {
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      counts.rebalances += 1;
      rejoins = 0;
      joined = true;
      onMembersChanged(payload.memberAssignment);
      onStarted();
    });
    consumer.on(consumer.events.STOP, () => {
      joined = false;
    });
    consumer.on(consumer.events.FETCH, () => {
      fetchedMs = now();
    });
    consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
      if (!restart && !isWorthAnotherJoin(error)) return fail(error);
      counts.restarts += 1;
      log.warn({ error: error.name }, 'the consumer begins anew');
      if (!restart) joinAgain().catch(fail);
    });
  }

  function onMembersChanged(assignment: Record<string, number[]>): void {
    if (stopping) return;
    const held = new Set<string>();
    for (const [topic, partitions] of Object.entries(assignment)) {
      for (const partition of partitions) {
        held.add(laneKey(topic, partition));
        take(topic, partition);
      }
    }
    for (const [key, lane] of lanes) if (!held.has(key)) release(key, lane);
  }

  function take(topic: string, partition: number): void {
    const key = laneKey(topic, partition);
    const lane = lanes.get(key) ?? newLane(topic, partition, now());
    lanes.set(key, lane);
    lane.assignment += 1;
    lane.ready = false;
    lane.waiting = [];
    // What kafkajs knows of pauses ends with the group it was told in.
    lane.open = undefined;
    flow(lane);
    bringIn(key, lane).catch(fail);
  }

  /** Runs until the lane knows where to go on; a change of members meanwhile starts it anew. */
  async function bringIn(key: string, lane: Lane): Promise<void> {
    const { assignment, topic, partition } = lane;
    await leaving.get(key);
    await lane.inHand.catch(() => {});
    const answer = await askWhereToGoOn(lane, assignment);
    if (answer === undefined || lane.assignment !== assignment || stopping || !joined) return;
    const from = answer.first ?? lane.done;
    lane.next = from;
    lane.done = from;
    lane.advancedMs = now();
    lane.ready = true;
    // The committed offset would do in the second case, but kafkajs may have read it before our last commit.
    if (from >= 0) consumer.seek({ topic, partition, offset: String(from) });
    flow(lane);
  }

  /** Undefined when the lane was given back, or is assigned anew, before there was an answer. */
  async function askWhereToGoOn(lane: Lane, assignment: number): Promise<{ first: number | undefined } | undefined> {
    while (lane.assignment === assignment && !stopping) {
      try {
        return { first: await work.assign(lane.topic, lane.partition) };
      } catch (error) {
        // Whatever went wrong with what is not ours any more is somebody else's to do over.
        if (lane.assignment !== assignment || stopping) return undefined;
        // A broker that goes away takes its answer along. When it stays away the group ends, and with it this assignment.
        if (Reflect.get(error as Error, 'retriable') !== true || isFatal(error)) throw error;
        log.warn({ topic: lane.topic, partition: lane.partition }, 'no broker said where to go on; asking again');
        await sleep(ASK_AGAIN_MS);
      }
    }
    return undefined;
  }

  function release(key: string, lane: Lane): void {
    lanes.delete(key);
    lane.assignment += 1;
    lane.ready = false;
    lane.waiting = [];
    const gone = Promise.resolve(leaving.get(key))
      .then(() => work.revoke(lane.topic, lane.partition))
      .finally(() => {
        if (leaving.get(key) === gone) leaving.delete(key);
      });
    leaving.set(key, gone);
  }

  function onBatch(batch: Batch, resolveOffset: (offset: string) => void): void {
    const lane = lanes.get(laneKey(batch.topic, batch.partition));
    if (lane === undefined || !lane.ready) return;
    const first = Number(batch.firstOffset());
    lane.end = Number(batch.highWatermark);
    if (lane.next >= 0 && first !== lane.next && first !== lane.jumpedTo) {
      // Fetches follow one another without a gap. When they do not, kafkajs may have been told that the offset is out of range, and has
      // begun somewhere else: whether the records between are lost is for `assign` to find out. A second time it is no accident.
      lane.jumpedTo = first;
      take(lane.topic, lane.partition);
      return;
    }
    resolveOffset(batch.lastOffset());
    lane.next = Number(batch.lastOffset()) + 1;
    lane.waiting.push(...chunksOf(batch.messages, settings));
    if (!lane.busy) handOut(lane);
    flow(lane);
  }

  function handOut(lane: Lane): void {
    lane.busy = true;
    lane.inHand = workOff(lane).finally(() => {
      lane.busy = false;
      flow(lane);
    });
    lane.inHand.catch(() => {});
  }

  async function workOff(lane: Lane): Promise<void> {
    const { assignment, topic, partition } = lane;
    for (let messages = lane.waiting.shift(); messages !== undefined; messages = lane.waiting.shift()) {
      flow(lane);
      try {
        await work.process(topic, partition, messages);
      } catch (error) {
        return onProcessFailed(lane, assignment, error);
      }
      lane.done = Number(messages.at(-1)?.offset) + 1;
      lane.advancedMs = now();
      counts.records += messages.length;
      if (lane.assignment !== assignment || stopping) return;
    }
  }

  function onProcessFailed(lane: Lane, assignment: number, error: unknown): void {
    // Given back meanwhile, or about to be assigned again: whatever went wrong is somebody else's to do over.
    if (lanes.get(laneKey(lane.topic, lane.partition)) !== lane) return;
    if (lane.assignment !== assignment) return;
    if ((error as Error).name !== 'PartitionTaken') {
      fail(error);
      return;
    }
    log.warn(
      { topic: lane.topic, partition: lane.partition },
      'another owner was at work on the partition; restoring it',
    );
    take(lane.topic, lane.partition);
  }

  /** Reads a partition only while its lane has room. */
  function flow(lane: Lane): void {
    if (!joined || stopping || lanes.get(laneKey(lane.topic, lane.partition)) !== lane) return;
    const open = lane.ready && lane.waiting.length === 0 && !pausedTopics.has(lane.topic);
    if (open === lane.open) return;
    lane.open = open;
    const where = [{ topic: lane.topic, partitions: [lane.partition] }];
    if (open) consumer.resume(where);
    else consumer.pause(where);
  }

  /** Never past what is done. A commit that fails is no loss: the next one carries more. */
  async function commit(): Promise<void> {
    if (committing !== undefined) return committing;
    if (!joined) return;
    const due = [...lanes.values()].filter((lane) => lane.done > lane.committed);
    if (due.length === 0) return;
    const offsets = due.map(({ topic, partition, done }) => ({ topic, partition, offset: String(done) }));
    committing = consumer.commitOffsets(offsets).then(
      () => {
        counts.commits += 1;
        for (const [index, lane] of due.entries()) lane.committed = Number(offsets[index]?.offset);
      },
      () => {
        counts.commitFailures += 1;
      },
    );
    await committing;
    committing = undefined;
  }

  async function stop(): Promise<void> {
    stopping = true;
    stopCommitting();
    const all = [...lanes.values()];
    for (const lane of all) lane.waiting = [];
    if (joined) consumer.pause(settings.topics.map((topic) => ({ topic })));
    await Promise.all(all.map(({ topic, partition }) => work.revoke(topic, partition)));
    await Promise.all([...all.map(({ inHand }) => inHand.catch(() => {})), ...leaving.values()]);
    await committing;
    await commit();
    await consumer.disconnect();
  }

  return {
    start,
    stop,
    pause(topic) {
      pausedTopics.add(topic);
      for (const lane of lanes.values()) flow(lane);
    },
    resume(topic) {
      pausedTopics.delete(topic);
      for (const lane of lanes.values()) flow(lane);
    },
    stats: () => ({ ...counts, fetchedMs, lanes: [...lanes.values()].map(laneStats) }),
  };
}

function systemEvery(intervalMs: number, run: () => void): () => void {
  const timer = setInterval(run, intervalMs);
  return () => clearInterval(timer);
}

const laneKey = (topic: string, partition: number): string => `${topic}\u0000${partition}`;

const newLane = (topic: string, partition: number, nowMs: number): Lane => ({
  topic,
  partition,
  assignment: 0,
  ready: false,
  waiting: [],
  inHand: Promise.resolve(),
  busy: false,
  next: -1,
  done: -1,
  committed: -1,
  open: undefined,
  jumpedTo: -1,
  end: 0,
  advancedMs: nowMs,
});

const laneStats = ({ topic, partition, end, done, advancedMs, busy }: Lane): LaneStats => ({
  topic,
  partition,
  lag: Math.max(0, end - Math.max(0, done)),
  next: done,
  advancedMs,
  busy,
});

function chunksOf(
  messages: readonly KafkaMessage[],
  { batchMessagesMax, batchBytesMax }: Pick<ConsumerSettings, 'batchMessagesMax' | 'batchBytesMax'>,
): KafkaMessage[][] {
  const chunks: KafkaMessage[][] = [];
  let chunk: KafkaMessage[] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = message.value?.length ?? 0;
    if (chunk.length > 0 && (chunk.length >= batchMessagesMax || bytes + size > batchBytesMax)) {
      chunks.push(chunk);
      chunk = [];
      bytes = 0;
    }
    chunk.push(message);
    bytes += size;
  }
  if (chunk.length > 0) chunks.push(chunk);
  return chunks;
}
