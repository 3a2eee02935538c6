/**
 * Goal: whatever stands in an intake topic, good events go on to the log under the tenant of the topic, the rest becomes dead letters with
 * their place, and a topic that brings nothing but garbage is paused without holding up another.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import type { DeadLetter } from '../../ingest/dead-letter.ts';
import { createIntake } from '../../ingest/intake.ts';
import { createKafkaClient } from '../../ingest/kafka/client.ts';
import { createIntakeStage, type IntakeStage } from '../../ingest/kafka/intake-stage.ts';
import type { EventEntry, LogSink } from '../../ingest/log.ts';
import { LogUnavailable } from '../../ingest/log.ts';
import { createNormaliser } from '../../ingest/normalise.ts';
import { describeWithKafka } from '../support/kafka/describe.ts';
import { produce } from '../support/kafka/records.ts';
import { createTopic } from '../support/kafka/topic.ts';
import { untilEqual } from '../support/kafka-fleet.ts';
import { smallestEvent } from '../support/wire-event.ts';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

interface World {
  readonly stage: IntakeStage;
  readonly entries: EventEntry[];
  readonly letters: DeadLetter[];
  readonly failures: unknown[];
}

async function openStage(
  brokers: readonly string[],
  topics: readonly { topic: string; tenant: string }[],
  options: { pauseMs?: number; append?: LogSink['append'] } = {},
): Promise<World> {
  const entries: EventEntry[] = [];
  const letters: DeadLetter[] = [];
  const failures: unknown[] = [];
  const connection = { brokers, clientId: 'test', connectTimeoutMs: 5000, requestTimeoutMs: 30_000 };
  const append: LogSink['append'] = async (taken) => void entries.push(...(taken as EventEntry[]));
  const stage = createIntakeStage(
    {
      topics: topics.map((one) => ({ ...one, dialect: 'picket', keyed: false })),
      groupId: `intake-${topics[0]?.topic}`,
      sessionTimeoutMs: 6000,
      fuse: { rejectedShareMax: 0.95, window: 100, pauseMs: options.pauseMs ?? 60_000 },
    },
    {
      kafka: createKafkaClient(connection, quiet),
      intake: createIntake({ normalise: createNormaliser({ redactionKey: new Uint8Array(32) }) }),
      sink: { append: options.append ?? append },
      deadLetters: { write: async (written) => void letters.push(...written) },
      async persist(operation, signal) {
        for (;;) {
          signal.throwIfAborted();
          try {
            return await operation();
          } catch (error) {
            if (!(error instanceof LogUnavailable)) throw error;
            await sleep(20);
          }
        }
      },
      now: Date.now,
      after(delayMs, run) {
        const timer = setTimeout(run, delayMs);
        return () => clearTimeout(timer);
      },
      log: quiet,
      onFailure: (error) => failures.push(error),
    },
  );
  await stage.start();
  onTestFinished(() => stage.stop());
  return { stage, entries, letters, failures };
}

const goodEvent = (id: string) => JSON.stringify({ ...smallestEvent(), id, time: Date.now() });

/** One of each way in which a record can be wrong. */
const HOSTILE: [code: DeadLetter['code'], value: string][] = [
  ['invalid_json', ''],
  ['invalid_json', '{'],
  ['not_an_object', '[]'],
  ['missing_field', '{}'],
  ['duplicate_key', '{"a":1,"a":2}'],
  ['forbidden_key', '{"__proto__":{}}'],
  ['number_range', `${goodEvent('n').slice(0, -1)},"duration_ms":1e400}`],
  ['lone_surrogate', `${goodEvent('s').slice(0, -1)},"principal":{"id":"\\ud800"}}`],
  ['too_deep', `{"a":${'['.repeat(100)}${']'.repeat(100)}}`],
  ['unknown_schema', `${goodEvent('u').slice(0, -1)},"schema":"picket.event/9"}`],
  ['invalid_field', `${goodEvent('i').slice(0, -1)},"outcome":"meh"}`],
  ['time_range', JSON.stringify({ ...smallestEvent(), time: 946_684_799_000 })],
];

describeWithKafka('the intake stage', (brokers) => {
  it('forwards good events and turns one in a hundred bad ones into dead letters with their place', async () => {
    const topic = await createTopic(brokers);
    const { entries, letters, failures } = await openStage(brokers, [{ topic, tenant: 'acme' }]);
    const values: string[] = [];
    const expected: string[] = [];
    for (const [index, [code, value]] of HOSTILE.entries()) {
      for (let i = 0; i < 99; i += 1) values.push(goodEvent(`good-${index}-${i}`));
      expected.push(`${code} kafka:${topic} 0:${values.length}`);
      values.push(value);
    }
    await produce(brokers, topic, values);
    expect(await untilEqual(async () => entries.length + letters.length, values.length, 30_000)).toBe(values.length);
    expect(letters.map(({ code, source, sourcePosition }) => `${code} ${source} ${sourcePosition}`)).toEqual(expected);
    expect([...new Set([...entries, ...letters].map(({ tenant }) => tenant))]).toEqual(['acme']);
    expect(entries.length).toBe(99 * HOSTILE.length);
    expect(failures).toEqual([]);
  });

  it('gives an event without an id the one of its place, the same whenever it is read', async () => {
    const topic = await createTopic(brokers);
    const { entries } = await openStage(brokers, [{ topic, tenant: 'acme' }]);
    await produce(brokers, topic, [JSON.stringify({ ...smallestEvent(), time: Date.now() })]);
    expect(await untilEqual(async () => entries.length, 1, 30_000)).toBe(1);
    expect(entries[0]?.event.id).toBe(`kafka:${topic}:0:0`);
  });

  it('pauses a topic that brings garbage only, tries it again later, and reads on meanwhile what others bring', async () => {
    const [garbage, good] = [await createTopic(brokers), await createTopic(brokers)];
    const topics = [
      { topic: garbage, tenant: 'a' },
      { topic: good, tenant: 'b' },
    ];
    const { stage, entries, letters, failures } = await openStage(brokers, topics, { pauseMs: 3000 });
    await produce(brokers, garbage, Array(150).fill('garbage'));
    expect(await untilEqual(async () => stage.stats().pausedTopics.join(), garbage, 30_000)).toBe(garbage);
    await produce(brokers, garbage, Array(10).fill('more garbage'));
    await produce(brokers, good, [goodEvent('g1'), goodEvent('g2')]);
    expect(await untilEqual(async () => entries.length, 2, 30_000)).toBe(2);
    expect(letters.length).toBe(150);
    expect(await untilEqual(async () => letters.length, 160, 30_000)).toBe(160);
    expect([stage.stats().fuseTrips, failures]).toEqual([1, []]);
  });

  it('waits for a log that cannot be written, and loses nothing', async () => {
    const topic = await createTopic(brokers);
    const taken: EventEntry[] = [];
    let refusals = 0;
    const append: LogSink['append'] = async (entries) => {
      if (refusals++ < 5) throw new LogUnavailable('log_write_failed', 'away');
      taken.push(...(entries as EventEntry[]));
    };
    await openStage(brokers, [{ topic, tenant: 'a' }], { append });
    await produce(brokers, topic, [goodEvent('w1'), goodEvent('w2')]);
    expect(await untilEqual(async () => taken.length, 2, 30_000)).toBe(2);
    expect(taken.map(({ event }) => event.id)).toEqual(['w1', 'w2']);
  });
});
