/**
 * From topics that others write to the log: every record is admitted as one that came over HTTP, with the tenant of its topic, or becomes
 * a dead letter. Its position is committed when either is durable; after a crash some are forwarded again, under the same ids.
 */
import type { Kafka, KafkaMessage } from 'kafkajs';
import { DEAD_LETTER_CODES, type DeadLetter } from '../dead-letter.ts';
import type { Intake } from '../intake.ts';
import type { EventEntry, LogSink } from '../log.ts';
import { createFuse, type Fuse } from './fuse.ts';
import { type ConsumerDeps, type ConsumerStats, createPartitionedConsumer } from './partitioned-consumer.ts';
import type { FetchedMessage } from './record-batch.ts';
import type { FuseSettings, IntakeTopic } from './settings.ts';
import type { Undecodable } from './undecodable.ts';

export interface IntakeStageSettings {
  readonly topics: readonly IntakeTopic[];
  readonly groupId: string;
  readonly sessionTimeoutMs: number;
  readonly fuse: FuseSettings;
}

export interface IntakeStageDeps extends Pick<ConsumerDeps, 'every' | 'sleep'> {
  readonly kafka: Kafka;
  readonly intake: Intake;
  readonly sink: LogSink;
  readonly deadLetters: { write(letters: readonly DeadLetter[]): Promise<void> };
  /** Runs an operation until log and store take it; rejects only for errors that waiting cannot mend. */
  readonly persist: (operation: () => Promise<void>, signal: AbortSignal) => Promise<void>;
  readonly now: () => number;
  /** Runs `run` once, after `delayMs`; the returned function cancels it. */
  readonly after: (delayMs: number, run: () => void) => () => void;
  readonly log: ConsumerDeps['log'];
  readonly onFailure: (error: unknown) => void;
  /** Lets others have their turn of the event loop. */
  readonly breathe?: () => Promise<void>;
}

export interface IntakeStage {
  start(): Promise<void>;
  stop(): Promise<void>;
  stats(): IntakeStats;
}

export interface IntakeStats {
  readonly accepted: number;
  readonly rejected: number;
  /** Topics whose fuse is out at the moment. */
  readonly pausedTopics: readonly string[];
  readonly fuseTrips: number;
  readonly consumer: ConsumerStats;
}

interface Source extends IntakeTopic {
  readonly fuse: Fuse;
  /** Puts the fuse back in; undefined while it is in. */
  cancel: (() => void) | undefined;
}

const COMMIT_INTERVAL_MS = 250;
const BATCH = { batchMessagesMax: 2000, batchBytesMax: 8 * 1024 * 1024 };
/** Bytes worked on between two breaths of the event loop. */
const STRIDE_BYTES = 512 * 1024;
const NOTHING = new Uint8Array();

const nextTurn = () => new Promise<void>((resolve) => void setImmediate(resolve));

export function createIntakeStage(settings: IntakeStageSettings, deps: IntakeStageDeps): IntakeStage {
  const sources = new Map<string, Source>(
    settings.topics.map((topic) => [topic.topic, { ...topic, fuse: createFuse(settings.fuse), cancel: undefined }]),
  );
  const counts = { accepted: 0, rejected: 0, fuseTrips: 0 };
  const stopping = new AbortController();
  const { breathe = nextTurn } = deps;
  const consumer = createPartitionedConsumer(
    {
      groupId: settings.groupId,
      topics: [...sources.keys()],
      sessionTimeoutMs: settings.sessionTimeoutMs,
      commitIntervalMs: COMMIT_INTERVAL_MS,
      // A topic of others may be compacted: an offset without a record is ordinary there.
      jumpsDoubted: 1,
      ...BATCH,
    },
    {
      ...deps,
      work: { assign: async () => undefined, process: forward, revoke: async () => {} },
    },
  );

  async function forward(topic: string, partition: number, messages: readonly KafkaMessage[]): Promise<void> {
    const source = sources.get(topic);
    if (source === undefined) throw new Error('records of a topic that was not asked for');
    const { entries, letters } = await admitAll(source, partition, messages);
    // Dead letters first: they are few, and a log that is away must not keep them from being seen.
    if (letters.length > 0) await deps.persist(() => deps.deadLetters.write(letters), stopping.signal);
    if (entries.length > 0) await deps.persist(() => deps.sink.append(entries), stopping.signal);
    counts.accepted += entries.length;
    counts.rejected += letters.length;
    if (source.fuse.count(messages.length, letters.length)) trip(source);
  }

  async function admitAll(
    { topic, tenant }: Source,
    partition: number,
    messages: readonly KafkaMessage[],
  ): Promise<{ entries: EventEntry[]; letters: DeadLetter[] }> {
    const entries: EventEntry[] = [];
    const letters: DeadLetter[] = [];
    const nowMs = deps.now();
    let sinceBreath = 0;
    for (const message of messages) {
      const { offset, value } = message;
      const receivedMs = receiptOf(message, nowMs);
      const sourcePosition = `${partition}:${offset}`;
      const { undecodable } = message as FetchedMessage;
      if (undecodable !== undefined) {
        letters.push(undecodableLetter(undecodable, { tenant, receivedMs, source: `kafka:${topic}`, sourcePosition }));
        continue;
      }
      const place = { source: `kafka:${topic}`, sourcePosition, fallbackId: fallbackId(topic, sourcePosition) };
      const admitted = deps.intake.admit(value ?? NOTHING, { tenant, receivedMs, ...place });
      // To the log it comes now, whenever the topic got it.
      if (admitted.ok) entries.push({ ...admitted.entry, receivedMs: nowMs });
      else letters.push(admitted.letter);
      sinceBreath += value?.length ?? 0;
      if (sinceBreath < STRIDE_BYTES) continue;
      sinceBreath = 0;
      await breathe();
    }
    return { entries, letters };
  }

  function trip(source: Source): void {
    if (source.cancel !== undefined) return;
    const { topic } = source;
    const { pauseMs } = settings.fuse;
    counts.fuseTrips += 1;
    deps.log.warn(
      { topic, pauseMs },
      'almost all records of the topic are refused: it is paused; see the dead letters',
    );
    consumer.pause(topic);
    source.cancel = deps.after(pauseMs, () => {
      source.cancel = undefined;
      consumer.resume(topic);
    });
  }

  return {
    start: consumer.start,
    async stop() {
      for (const { cancel } of sources.values()) cancel?.();
      // What waits for a log that is away is read again by whoever comes next.
      const patience = deps.after(STOP_PATIENCE_MS, () => stopping.abort(new Error('The intake is stopping.')));
      await consumer.stop();
      patience();
    },
    stats: () => ({
      ...counts,
      pausedTopics: [...sources.values()].filter(({ cancel }) => cancel !== undefined).map(({ topic }) => topic),
      consumer: consumer.stats(),
    }),
  };
}

/**
 * When the topic got it: what is read again, after a crash, must be admitted or refused as it was then, and a letter on it be the same row. A
 * time that can be no receipt is not believed: then it is received when it is read.
 */
function receiptOf({ timestamp }: KafkaMessage, nowMs: number): number {
  const timeMs = Number(timestamp);
  return timeMs >= nowMs - KEPT_MS_MAX && timeMs <= nowMs + AHEAD_MS_MAX ? timeMs : nowMs;
}

/** As long as topics are kept unless somebody says otherwise. */
const KEPT_MS_MAX = 7 * 86_400_000;
/** A producer's clock may be wrong by so much. */
const AHEAD_MS_MAX = 3_600_000;

/** A batch that is lost as a whole: its bytes are not kept, they may be gigabytes; the range of its offsets is. */
function undecodableLetter(
  { reason, firstOffset, lastOffset }: Undecodable,
  place: Pick<DeadLetter, 'tenant' | 'receivedMs' | 'source' | 'sourcePosition'>,
): DeadLetter {
  const message = `${DEAD_LETTER_CODES.undecodable_batch} Offsets ${firstOffset} to ${lastOffset}: ${reason}`;
  return { ...place, code: 'undecodable_batch', field: '', message, raw: NOTHING };
}

const STOP_PATIENCE_MS = 5000;
const ID_CHARS_MAX = 128;

/** Topic names have up to 249 characters, ids 128: a long one is cut at its front, where topics share most. */
function fallbackId(topic: string, sourcePosition: string): string {
  const tail = `:${sourcePosition}`;
  return `kafka:${topic.slice(-(ID_CHARS_MAX - 'kafka:'.length - tail.length))}${tail}`;
}
