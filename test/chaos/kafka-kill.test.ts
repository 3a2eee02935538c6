/**
 * Workers and intake processes are killed (-9) at random while they have work, and the broker with them; then the store must hold what
 * the log leads to when nobody disturbs it: every position with its verdict, every hit, every state byte for byte, and every event that
 * was sent visible once. The last step proves that the comparison sees a state that was restored wrongly.
 *
 * PICKET_CHAOS=full: 300,000 events of more than 500 agents, 100 kills, 20 restarts of the broker. Otherwise a tenth of it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { CompressionTypes } from 'kafkajs';
import { expect, it, onTestFinished } from 'vitest';
import { simulateFleet } from '../../cli/simulate/fleet.ts';
import { createRandom, type Random } from '../../cli/simulate/random.ts';
import type { WireEvent } from '../../ingest/event.ts';
import type { KafkaCluster } from '../support/kafka/cluster.ts';
import { describeWithOwnKafka } from '../support/kafka/describe.ts';
import { createTestClient } from '../support/kafka/records.ts';
import { createTopic } from '../support/kafka/topic.ts';
import { type Fleet, openFleet, untilEqual } from '../support/kafka-fleet.ts';
import { logDifferences, readLog, stored, undisturbed } from '../support/log-oracle.ts';
import type { PicketService } from '../support/picket-process.ts';

const FULL = process.env['PICKET_CHAOS'] === 'full';
const SCALE = FULL
  ? { agents: 520, days: 8, kills: 100, brokerRestarts: 20, drainMs: 600_000 }
  : { agents: 60, days: 8, kills: 10, brokerRestarts: 2, drainMs: 180_000 };
const PARTITIONS = 12;
const SEND_EVENTS = 500;

/** `release`: how many events may be sent by now. */
async function feed(
  kafka: KafkaCluster,
  topic: string,
  events: readonly WireEvent[],
  progress: { sent: number },
  release: () => number = () => events.length,
): Promise<void> {
  const producer = createTestClient(kafka.brokers, { retry: { retries: 60, maxRetryTime: 2000 } }).producer({
    maxInFlightRequests: 1,
  });
  await producer.connect();
  for (; progress.sent < events.length; progress.sent += SEND_EVENTS) {
    while (progress.sent >= release()) await sleep(20);
    const messages = events
      .slice(progress.sent, progress.sent + SEND_EVENTS)
      .map((event) => ({ key: event.agent.id, value: JSON.stringify(event) }));
    await producer.send({ topic, acks: -1, compression: CompressionTypes.None, messages });
  }
  await producer.disconnect();
}

const visible = (fleet: Fleet): Promise<number> =>
  fleet.withStore(async (store) => Number((await store.query<{ n: number }>('SELECT count() AS n FROM events'))[0]?.n));

interface Member {
  readonly command: 'worker' | 'intake';
  service: PicketService;
}

/** Kills and restarts members until all kills are done; each while something is still to do. */
async function disturb(
  fleet: Fleet,
  kafka: KafkaCluster,
  members: Member[],
  random: Random,
  done: Disturbance,
  isBusy: () => Promise<boolean>,
): Promise<void> {
  while (done.kills < SCALE.kills) {
    await sleep(50 + random.uniform() * 600);
    if (await isBusy()) done.inFlight += 1;
    const member = members[Math.floor(random.uniform() * members.length)];
    if (member === undefined) break;
    await member.service.kill('SIGKILL');
    done.kills += 1;
    const restarted =
      done.brokerRestarts < SCALE.brokerRestarts && done.kills % Math.floor(SCALE.kills / SCALE.brokerRestarts) === 0;
    if (restarted) {
      await kafka.kill(1);
      await kafka.start(1);
      done.brokerRestarts += 1;
    }
    member.service = await fleet.start(member.command);
  }
}

interface Disturbance {
  kills: number;
  /** Kills that came while events were sent and not yet stored. */
  inFlight: number;
  brokerRestarts: number;
}

await describeWithOwnKafka('killed at random over a Kafka log', (startKafka) => {
  it('ends as an undisturbed run does, and a state shifted by one position is noticed', {
    timeout: 3_000_000,
  }, async () => {
    const kafka = await startKafka({ nodes: 1 });
    onTestFinished(() => kafka.stop());
    const { events } = simulateFleet({ seed: 'kafka-chaos', agents: SCALE.agents, days: SCALE.days });
    const topic = await createTopic(kafka.brokers, { partitions: PARTITIONS });
    const fleet = await openFleet({
      brokers: kafka.brokers,
      name: 'chaos',
      partitions: PARTITIONS,
      intakeTopic: topic,
      lines: ['limits: { checkpoint_records: 2000 }'],
    });
    onTestFinished(() => fleet.stop());
    const members: Member[] = [{ command: 'worker', service: await fleet.start('worker') }];
    for (const command of ['worker', 'intake', 'intake'] as const)
      members.push({ command, service: await fleet.start(command) });

    const startedMs = performance.now();
    const progress = { sent: 0 };
    const done: Disturbance = { kills: 0, inFlight: 0, brokerRestarts: 0 };
    // A share of the events for each kill, so that there is work until the last.
    const release = () => Math.ceil((events.length * (done.kills + 1)) / SCALE.kills);
    const fed = feed(kafka, topic, events, progress, release);
    const isBusy = async () => (await visible(fleet)) < Math.min(progress.sent, events.length);
    await disturb(fleet, kafka, members, createRandom('kafka-chaos'), done, isBusy);
    await fed;
    expect(await untilEqual(() => visible(fleet), events.length, SCALE.drainMs)).toBe(events.length);
    const seconds = (performance.now() - startedMs) / 1000;
    for (const { command, service } of members.filter((one) => one.command === 'intake')) {
      expect({ command, code: (await service.kill('SIGTERM')).code }).toEqual({ command, code: 0 });
    }
    await settled(fleet, kafka);
    for (const { command, service } of members.filter((one) => one.command === 'worker')) {
      expect({ command, code: (await service.kill('SIGTERM')).code }).toEqual({ command, code: 0 });
    }

    const log = await readLog(kafka.brokers, fleet.eventsTopic);
    const records = [...log.values()].reduce((sum, { length }) => sum + length, 0);
    const expected = undisturbed(log);
    const figures = {
      events: events.length,
      agents: expected.states.size,
      records,
      hits: expected.hits.size,
      ...done,
      seconds,
    };
    process.stderr.write(`kafka-kill: ${JSON.stringify(figures)}\n`);
    expect(logDifferences(expected, await fleet.withStore(stored))).toEqual([]);
    expect(done.inFlight).toBeGreaterThan(0);

    await shiftAState(fleet);
    const again = await fleet.start('worker');
    await feed(kafka, topic, laterEvents(events), { sent: 0 });
    const intake = await fleet.start('intake');
    expect(await untilEqual(() => visible(fleet), events.length + LATER_EVENTS, 120_000)).toBe(
      events.length + LATER_EVENTS,
    );
    await intake.kill('SIGTERM');
    await again.kill('SIGTERM');
    const after = undisturbed(await readLog(kafka.brokers, fleet.eventsTopic));
    expect(logDifferences(after, await fleet.withStore(stored))).not.toEqual([]);
  });
});

/** Every position of the log is stored. */
async function settled(fleet: Fleet, kafka: KafkaCluster): Promise<void> {
  const admin = createTestClient(kafka.brokers, { retry: { retries: 10 } }).admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(fleet.eventsTopic);
  await admin.disconnect();
  const wanted = ends.reduce((sum, { high }) => sum + Number(high), 0);
  const rows = () =>
    fleet.withStore(async (store) =>
      Number((await store.query<{ n: number }>('SELECT count() AS n FROM event_log FINAL'))[0]?.n),
    );
  expect(await untilEqual(async () => (await rows()) >= wanted, true, 60_000)).toBe(true);
}

const LATER_EVENTS = 200;

/** New events of agents that are known, on the day after the last. */
function laterEvents(events: readonly WireEvent[]): WireEvent[] {
  return events.slice(-LATER_EVENTS).map((event, i) => ({
    ...event,
    id: `later-${i}`,
    time: new Date(new Date(event.time).getTime() + 3_600_000).toISOString(),
  }));
}

/** The newest states lose what they took in last, and claim to have it: as if a snapshot stood one position too high. */
async function shiftAState(fleet: Fleet): Promise<void> {
  await fleet.withStore(async (store) => {
    await store.command(`
      INSERT INTO agent_state (tenant, partition, agent, position, format, state)
      SELECT tenant, partition, agent, max(position) AS position, any(format), argMin(state, agent_state.position)
      FROM agent_state GROUP BY tenant, partition, agent HAVING count() > 1`);
  });
}
