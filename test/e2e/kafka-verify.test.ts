/**
 * Goal: `picket verify` against a running `picket api` beside a worker over Kafka, and on the same store without it, say the same: nothing
 * when all is well, and when hits and rows are deleted behind their backs what is missing, what can be written again and what the topic
 * still holds.
 */
import { expect, it, onTestFinished } from 'vitest';
import { SMALL_FLEET, simulateFleet } from '../../cli/simulate/fleet.ts';
import { describeWithKafka } from '../support/kafka/describe.ts';
import { createTopic } from '../support/kafka/topic.ts';
import { openFleet, untilEqual } from '../support/kafka-fleet.ts';

const AGENT = 'coder-1';

describeWithKafka('verification of a log in Kafka', (brokers) => {
  it('is the same over an API and on the store, finds what is missing, and repairs it', {
    timeout: 240_000,
  }, async () => {
    const intakeTopic = await createTopic(brokers, { partitions: 1 });
    const fleet = await openFleet({ brokers, name: 'verify', partitions: 3, intakeTopic });
    onTestFinished(() => fleet.stop());
    const { events } = simulateFleet({ seed: 'chaos', ...SMALL_FLEET });
    const worker = await fleet.start('worker');
    const api = await fleet.start('api');
    const key = (await fleet.run(['keys', 'create', 'test', '--scope', 'admin'])).stdout.trim();
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' };
    const body = events.map((event) => JSON.stringify(event)).join('\n');
    expect((await fetch(`${api.url}/v1/events`, { method: 'POST', headers, body })).status).toBe(202);
    const count = (what: string) => () =>
      fleet.withStore(async (store) =>
        Number((await store.query<{ n: number }>(`SELECT count() AS n FROM ${what}`))[0]?.n),
      );
    expect(await untilEqual(count("event_log FINAL WHERE kind = 'event'"), events.length, 120_000)).toBe(events.length);
    const hits = await count('alert_hits FINAL')();
    expect(hits).toBeGreaterThan(0);

    const over = ['--url', api.url, '--key', key];
    /** By a running API, and by the command itself. */
    const both = async (...args: string[]) => {
      const found = [
        await fleet.run(['verify', ...args, ...over, '--json']),
        await fleet.run(['verify', ...args, '--json']),
      ];
      expect(found.map(({ stderr }) => stderr)).toEqual(['', '']);
      return found.map(({ code, stdout }) => ({ code, ...(JSON.parse(stdout) as Report) }));
    };

    for (const report of await both('--agent', AGENT))
      expect(report).toMatchObject({ code: 0, outcome: 'equal', differences: 0 });
    for (const report of await both('--range', '..'))
      expect(report).toMatchObject({ code: 0, left: 0, parts: { rows: { missing: 0 } } });

    await fleet.withStore((store) =>
      store.command('ALTER TABLE alert_hits DELETE WHERE 1 SETTINGS mutations_sync = 1'),
    );
    for (const report of await both('--range', '..'))
      expect(report).toMatchObject({ code: 3, parts: { hits: { missing: hits } } });
    const repaired = await fleet.run(['verify', '--range', '..', '--repair', ...over, '--json']);
    expect([repaired.code, JSON.parse(repaired.stdout)]).toMatchObject([
      0,
      { left: 0, parts: { hits: { repaired: hits } } },
    ]);
    expect(await count('alert_hits FINAL')()).toBe(hits);

    await fleet.withStore((store) =>
      store.command("ALTER TABLE event_log DELETE WHERE kind = 'event' AND position = 3 SETTINGS mutations_sync = 1"),
    );
    for (const report of await both('--range', '..')) {
      expect(report).toMatchObject({ code: 3 });
      expect(report.parts?.rows.missing).toBeGreaterThan(0);
      expect(JSON.stringify(report.findings)).toMatch(/topic/);
    }
    for (const service of [worker, api]) expect((await service.kill('SIGTERM')).code).toBe(0);
  });
});

interface Report {
  readonly parts?: { readonly rows: { readonly missing: number } };
  readonly findings?: readonly unknown[];
}
