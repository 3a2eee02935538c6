/**
 * Consumes topics as a member of a consumer group, partition by partition, over kafkajs.
 *
 * kafkajs only fetches, heartbeats and keeps the membership (`group-membership.ts`). Each partition has a lane of its own: a batch in hand, or
 * two when it lets the next begin, at most one waiting, and the partition paused meanwhile. So a slow batch never delays a heartbeat or a rebalance, and memory is bounded by
 * two fetched batches a partition. What the traps of kafkajs 2.2.4 are answered with:
 *
 * - An error out of `eachBatch` kills the consumer for good, or makes all concurrent partitions be read again: nothing is thrown in it.
 * - After a change of members the batch in hand may belong to somebody else: every partition is paused, its queue dropped, its batch
 *   awaited, and its position asked for anew before it is read on.
 * - Committed offsets are dropped, repeated or taken back at a rebalance: where the worker goes on is told by `assign`, with a seek.
 * - A crash that is not restarted leaves a process that reads nothing: `onFailure`, and the process ends.
 * - A consumer may also stop without a crash: `stats` are for a watchdog.
 */
import { setTimeout as systemSleep } from 'node:timers/promises';
import type { Batch, Kafka, KafkaMessage } from 'kafkajs';
import { createMembership } from './group-membership.ts';
import { isFatal } from './kafka-errors.ts';

/** What is done with the records of a partition: one call after the other, or as soon as the one before lets the next begin. */
export interface PartitionWork {
  /**
   * The partition is ours, also when it was ours before the members changed. Returns the first offset to read; undefined: go on where
   * the group has committed, or, for a partition that was held all the time, where it was left.
   */
  assign(topic: string, partition: number): Promise<number | undefined>;
  /**
   * Resolves when everything that the messages, and those of the calls before, lead to is durable. Rejects with an error of name
   * `PartitionTaken` to be assigned again.
   */
  process(topic: string, partition: number, messages: readonly KafkaMessage[], letNext: () => void): Promise<void>;
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
  /** How often in a row records may be missing between two fetches, from and to the same offsets, before that is believed. */
  readonly jumpsDoubted: number;
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
  inHand: Promise<unknown>;
  /** Batches in hand, and whether the last of them has not let the next one begin. */
  underWay: number;
  held: boolean;
  /** First offset not handed out yet, and first not done; -1 while unknown. */
  next: number;
  done: number;
  committed: number;
  /** Whether kafkajs was last told to read the partition; undefined: not told in this group. */
  open: boolean | undefined;
  /** Where a fetch began that did not follow the one before, and how often it has since; -1 while they do. */
  jumpedTo: number;
  jumps: number;
  end: number;
  advancedMs: number;
}

const ASK_AGAIN_MS = 200;

export function createPartitionedConsumer(settings: ConsumerSettings, deps: ConsumerDeps): PartitionedConsumer {
  const { work, now, log, every = systemEvery, sleep = systemSleep } = deps;
  const lanes = new Map<string, Lane>();
  const leaving = new Map<string, Promise<void>>();
  const pausedTopics = new Set<string>();
  const counts = { records: 0, rebalances: 0, commits: 0, commitFailures: 0 };
  let fetchedMs = now();
  let stopping = false;
  let stopCommitting = () => {};
  let committing: Promise<void> | undefined;
  const membership = createMembership(settings, {
    kafka: deps.kafka,
    log,
    sleep,
    onAssigned(partitions) {
      counts.rebalances += 1;
      onMembersChanged(partitions);
      onStarted();
    },
    onFetch() {
      fetchedMs = now();
    },
    onBatch,
    onFailure: fail,
  });
  const { consumer } = membership;

  let failed = false;
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
    await membership.join();
    stopCommitting = every(settings.commitIntervalMs, () => void commit());
    await started;
  }

  function onMembersChanged(assignment: Readonly<Record<string, number[]>>): void {
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
    if (answer === undefined || lane.assignment !== assignment || stopping || !membership.joined) return;
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
    if (isDoubted(lane, first)) {
      take(lane.topic, lane.partition);
      return;
    }
    resolveOffset(batch.lastOffset());
    lane.next = Number(batch.lastOffset()) + 1;
    lane.waiting.push(...chunksOf(batch.messages, settings));
    handOut(lane);
    flow(lane);
  }

  /**
   * Fetches follow one another without a gap. When they do not, kafkajs may have been told that the offset is out of range, and has begun
   * somewhere else, or it has mixed something up: whether the records between are lost is for `assign` to find out.
   */
  function isDoubted(lane: Lane, first: number): boolean {
    if (lane.next < 0 || first === lane.next) {
      lane.jumpedTo = -1;
      return false;
    }
    lane.jumps = first === lane.jumpedTo ? lane.jumps + 1 : 1;
    lane.jumpedTo = first;
    return lane.jumps <= settings.jumpsDoubted;
  }

  function handOut(lane: Lane): void {
    if (lane.held || stopping) return;
    const messages = lane.waiting.shift();
    if (messages === undefined) return;
    lane.held = true;
    lane.underWay += 1;
    lane.inHand = Promise.all([lane.inHand, workOff(lane, messages)]);
    lane.inHand.catch(() => {});
    flow(lane);
  }

  async function workOff(lane: Lane, messages: readonly KafkaMessage[]): Promise<void> {
    const { assignment, topic, partition } = lane;
    let holds = true;
    const letGo = () => {
      if (holds) lane.held = false;
      holds = false;
    };
    const letNext = () => {
      letGo();
      if (lane.assignment === assignment) handOut(lane);
    };
    try {
      await work.process(topic, partition, messages, letNext);
      lane.done = Number(messages.at(-1)?.offset) + 1;
      lane.advancedMs = now();
      counts.records += messages.length;
      letNext();
    } catch (error) {
      letGo();
      onProcessFailed(lane, assignment, error);
    } finally {
      lane.underWay -= 1;
      flow(lane);
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
    if (!membership.joined || stopping || lanes.get(laneKey(lane.topic, lane.partition)) !== lane) return;
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
    if (!membership.joined) return;
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
    if (membership.joined) consumer.pause(settings.topics.map((topic) => ({ topic })));
    await Promise.all(all.map(({ topic, partition }) => work.revoke(topic, partition)));
    await Promise.all([...all.map(({ inHand }) => inHand.catch(() => {})), ...leaving.values()]);
    await committing;
    await commit();
    await membership.leave();
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
    stats: () => ({ ...counts, restarts: membership.restarts, fetchedMs, lanes: [...lanes.values()].map(laneStats) }),
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
  underWay: 0,
  held: false,
  next: -1,
  done: -1,
  committed: -1,
  open: undefined,
  jumpedTo: -1,
  jumps: 0,
  end: 0,
  advancedMs: nowMs,
});

const laneStats = ({ topic, partition, end, done, advancedMs, underWay }: Lane): LaneStats => ({
  topic,
  partition,
  lag: Math.max(0, end - Math.max(0, done)),
  next: done,
  advancedMs,
  busy: underWay > 0,
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
