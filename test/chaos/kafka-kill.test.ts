/**
 * Workers and intake processes are killed (-9) at random while they have work, stand still for longer than their session, become four
 * and one again, and the broker is killed with them; then the store must hold what the log leads to when nobody disturbs it: every event
 * that was sent visible once with the verdict of an undisturbed run, every position with its row, every hit, every state byte for byte,
 * and a webhook for every alert. The last step proves that the comparison sees a state that was restored wrongly.
 *
 * The same with hundreds of kills: `npm run chaos -- --kills 200`.
 */
import { expect, it, onTestFinished } from 'vitest';
import type { WireEvent } from '../../ingest/event.ts';
import type { Store } from '../../store/store.ts';
import { describeWithOwnKafka } from '../support/kafka/describe.ts';
import { feed } from '../support/kafka-chaos/feed.ts';
import { openChaos } from '../support/kafka-chaos/run.ts';
import { type Fleet, untilEqual } from '../support/kafka-fleet.ts';
import { logDifferences, readLog, stored, undisturbed } from '../support/log-oracle.ts';

const OPTIONS = {
  seed: 'kafka-chaos',
  kills: 10,
  workers: 4,
  intakes: 2,
  partitions: 12,
  agents: 60,
  scaleOuts: 1,
  zombies: 1,
  brokerRestarts: 2,
};

const NOTHING_WRONG = { lost: [], doubled: [], strangers: [], otherVerdicts: [], differences: [], untold: [] };

await describeWithOwnKafka('killed at random over a Kafka log', (startKafka) => {
  it('ends as an undisturbed run does, and a state shifted by one position is noticed', {
    timeout: 3_000_000,
  }, async () => {
    const kafka = await startKafka({ nodes: 1 });
    onTestFinished(() => kafka.stop());
    const { fleet, events, intakeTopic, run, close } = await openChaos(kafka, OPTIONS);
    onTestFinished(close);
    const report = await run();
    process.stderr.write(`kafka-kill: ${JSON.stringify(report)}\n`);
    const { audit, kills, zombies, brokerRestarts, scaleOuts } = report;
    expect({ kills, zombies, brokerRestarts, scaleOuts }).toEqual({
      kills: 10,
      zombies: 1,
      brokerRestarts: 2,
      scaleOuts: 1,
    });
    expect(audit).toMatchObject(NOTHING_WRONG);
    expect(report.surprises, report.surprises.join('\n')).toEqual([]);
    expect(report.inFlight).toBeGreaterThan(0);
    expect(audit.alerts).toBeGreaterThan(0);

    await shiftAState(fleet);
    const again = await fleet.start('worker');
    await feed(kafka.brokers, intakeTopic, laterEvents(events));
    const intake = await fleet.start('intake');
    const visible = () => fleet.withStore(visibleEvents);
    expect(await untilEqual(visible, events.length + LATER_EVENTS, 120_000)).toBe(events.length + LATER_EVENTS);
    await intake.kill('SIGTERM');
    await again.kill('SIGTERM');
    const after = undisturbed(await readLog(kafka.brokers, fleet.eventsTopic));
    expect(logDifferences(after, await fleet.withStore(stored))).not.toEqual([]);
  });
});

const visibleEvents = async (store: Store): Promise<number> =>
  Number((await store.query<{ n: number }>('SELECT count() AS n FROM events'))[0]?.n);

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
