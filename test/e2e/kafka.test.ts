/**
 * Goal: several processes over a Kafka log do what one process does: every event visible once, with the verdict and on the alerts of a run
 * through the embedded engine, also when a worker and an intake are killed midway; and each can be told from outside how it is.
 */
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { SMALL_FLEET, simulateFleet } from '../../cli/simulate/fleet.ts';
import { temporaryFolder } from '../support/embedded-store.ts';
import { describeWithKafka } from '../support/kafka/describe.ts';
import { readAll } from '../support/kafka/records.ts';
import { createTopic } from '../support/kafka/topic.ts';
import { openFleet, untilEqual } from '../support/kafka-fleet.ts';
import { throughEmbedded, throughKafka } from '../support/kafka-journey.ts';
import { runPicket } from '../support/picket-process.ts';

describeWithKafka('several processes over a Kafka log', (brokers) => {
  it('give every event the verdict of an undisturbed run in one process, also when two of them are killed', {
    timeout: 300_000,
  }, async () => {
    const { events } = simulateFleet({ seed: 'kafka-e2e', ...SMALL_FLEET });
    const folder = await temporaryFolder();
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, 'events.jsonl');
    await writeFile(file, events.map((event) => JSON.stringify(event)).join('\n'));
    const reference = await throughEmbedded(file);
    const journey = await throughKafka({
      brokers,
      name: 'e2e',
      file,
      events: events.length,
      keyed: true,
      partitions: 6,
      kill: true,
    });
    const { visible, doubled, deadLetters, contents } = journey;
    expect({ visible, doubled, deadLetters }).toEqual({ visible: events.length, doubled: 0, deadLetters: 0 });
    expect(contents.events).toEqual(reference.events);
    expect(contents.hits).toEqual(reference.hits);
    expect(contents.opened.length).toBeGreaterThan(0);
  });

  it('take events over HTTP and words on alerts through the log, and refuse what is no event', async () => {
    const topic = await createTopic(brokers, { partitions: 2 });
    const fleet = await openFleet({ brokers, name: 'http', partitions: 3, intakeTopic: topic });
    onTestFinished(() => fleet.stop());
    const { events } = simulateFleet({ seed: 'kafka-http', ...SMALL_FLEET });
    const worker = await fleet.start('worker');
    const api = await fleet.start('api');
    const key = (await fleet.run(['keys', 'create', 'test', '--scope', 'admin'])).stdout.trim();
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' };
    const body = [...events.map((event) => JSON.stringify(event)), '{"no":"event"}'].join('\n');
    const answer = await fetch(`${api.url}/v1/events`, { method: 'POST', headers, body });
    expect([answer.status, await answer.json()]).toMatchObject([
      202,
      { accepted: events.length, rejected: [{ index: events.length, code: 'missing_field' }] },
    ]);

    const get = async (path: string) => (await fetch(`${api.url}${path}`, { headers })).json() as Promise<AlertPage>;
    expect(await untilEqual(async () => (await get('/v1/alerts?state=open')).items.length > 0, true, 30_000)).toBe(
      true,
    );
    const [alert] = (await get('/v1/alerts?state=open')).items;
    const close = await fetch(`${api.url}/v1/alerts/${alert?.id}/state`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ state: 'closed', disposition: 'false_positive' }),
    });
    expect(close.status).toBe(202);
    const closed = () => get(`/v1/alerts/${alert?.id}`).then((found) => (found as unknown as { state: string }).state);
    expect(await untilEqual(closed, 'closed', 30_000)).toBe('closed');

    expect((await fetch(`${worker.url}/readyz`)).status).toBe(200);
    const metrics = await (await fetch(`${worker.url}/metrics`)).text();
    expect(metrics).toMatch(/picket_log_lag 0\n/);
    expect(metrics).toMatch(/picket_log_rebalances_total [1-9]/);
    expect((await readAll(brokers, fleet.deadLettersTopic)).length).toBe(1);
    for (const service of [worker, api]) expect((await service.kill('SIGTERM')).code).toBe(0);
  });

  it('end with 0 when they are told to stop while they wait for a broker', async () => {
    const fleet = await openFleet({ brokers, name: 'waiting', partitions: 1, intakeTopic: 'none' });
    onTestFinished(() => fleet.stop());
    const broker = createServer();
    const called = once(broker, 'connection');
    broker.listen(0, '127.0.0.1');
    await once(broker, 'listening');
    onTestFinished(() => void broker.close());
    const env = { ...fleet.env, KAFKA_BROKERS: `127.0.0.1:${(broker.address() as AddressInfo).port}` };
    const { code } = await runPicket(['worker', '--port', '0'], {
      env,
      meanwhile: async (signal) => {
        const [socket] = (await called) as [Socket];
        // A socket nobody reads from never closes.
        socket.resume();
        signal('SIGTERM');
        await once(socket, 'close');
      },
    });
    expect(code).toBe(0);
  });

  it('say what they lack', async () => {
    const { code, stderr } = await runPicket(['worker']);
    expect(code).toBe(2);
    for (const name of ['CLICKHOUSE_URL', 'KAFKA_BROKERS', 'PICKET_SECRET_KEY']) expect(stderr).toContain(name);
  });
});

interface AlertPage {
  readonly items: readonly { readonly id: string }[];
}
