/**
 * Membership of a consumer group, as kafkajs keeps it: it fetches, heartbeats, joins again after most errors by itself, and says what
 * happens. Where it gives up on what may pass, it is made to join again here.
 */
import type { Batch, Consumer, ConsumerConfig, Kafka } from 'kafkajs';
import { whileRetriable } from './retriable.ts';

export interface MembershipSettings extends Pick<ConsumerConfig, 'groupId'> {
  readonly topics: readonly string[];
  readonly sessionTimeoutMs: number;
}

export interface MembershipDeps {
  readonly kafka: Kafka;
  readonly log: { warn(facts: object, text: string): void };
  readonly sleep: (ms: number) => Promise<unknown>;
  /** The members are agreed on: partitions of this one, by topic. */
  readonly onAssigned: (partitions: Readonly<Record<string, number[]>>) => void;
  /** A broker has answered a fetch, with records or without. */
  readonly onFetch: () => void;
  /** Must not throw: that would end the membership. */
  readonly onBatch: (batch: Batch, resolveOffset: (offset: string) => void) => void;
  /** It is over, and does not come back. */
  readonly onFailure: (error: unknown) => void;
}

export interface Membership {
  /** Throws what kafkajs throws while nobody has joined. */
  readonly consumer: Pick<Consumer, 'pause' | 'resume' | 'seek' | 'commitOffsets'>;
  /** kafkajs has a group to pause, seek and commit in; it throws without one. */
  readonly joined: boolean;
  /** Times it was given up, by kafkajs or here, and begun anew. */
  readonly restarts: number;
  /** Resolves when it has been asked for; `onAssigned` hears of the rest. */
  join(): Promise<void>;
  leave(): Promise<void>;
}

const MAX_WAIT_MS = 100;
const REJOIN_MS = 1_000;
/** In a row; each waits for a broker as long as the client does. Then something else is wrong, such as an ACL. */
const REJOINS_MAX = 10;

export function createMembership(settings: MembershipSettings, deps: MembershipDeps): Membership {
  const { log, sleep, onAssigned, onFetch, onBatch, onFailure } = deps;
  const { groupId, topics, sessionTimeoutMs } = settings;
  const consumer = deps.kafka.consumer({
    groupId,
    sessionTimeout: sessionTimeoutMs,
    heartbeatInterval: Math.floor(sessionTimeoutMs / 10),
    rebalanceTimeout: Math.max(sessionTimeoutMs, 60_000),
    maxWaitTimeInMs: MAX_WAIT_MS,
    allowAutoTopicCreation: false,
  });
  let joined = false;
  let left = false;
  let restarts = 0;
  /** Since it was a member last. */
  let rejoins = 0;

  async function join(): Promise<void> {
    const subscribe = async () => {
      await consumer.connect();
      await consumer.subscribe({ topics: [...topics], fromBeginning: true });
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
    if (left) return;
    await join();
    if (left) await consumer.disconnect();
  }

  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    rejoins = 0;
    joined = true;
    onAssigned(payload.memberAssignment);
  });
  consumer.on(consumer.events.STOP, () => {
    joined = false;
  });
  consumer.on(consumer.events.FETCH, onFetch);
  consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
    if (!restart && !isWorthAnotherJoin(error)) return onFailure(error);
    restarts += 1;
    log.warn({ error: error.name }, 'the consumer begins anew');
    if (!restart) joinAgain().catch(onFailure);
  });

  return {
    consumer,
    get joined() {
      return joined;
    },
    get restarts() {
      return restarts;
    },
    join,
    leave() {
      left = true;
      return consumer.disconnect();
    },
  };
}
