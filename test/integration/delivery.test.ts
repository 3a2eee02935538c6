/**
 * Goal: a webhook reaches a real receiver, signed and at least once, whatever that receiver or another one does.
 * Method: real servers on loopback, the real POST and the real dispatcher; only the dispatcher's clock is moved by hand.
 */
import { lookup } from 'node:dns';
import { connect } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterEach, expect, it } from 'vitest';
import type { DeliveryRow } from '../../alerts/delivery-store.ts';
import { createHttpPost } from '../../alerts/http-post.ts';
import type { Playbook } from '../../alerts/playbook.ts';
import { systemTimers } from '../../alerts/timers.ts';
import { alertNotice } from '../support/alert-notice.ts';
import { type DispatcherRig, dispatcherRig } from '../support/dispatcher.ts';
import { manualClock } from '../support/manual-clock.ts';
import { playbook } from '../support/playbook.ts';
import { type Answer, status, type WebhookReceiver, webhookReceiver } from '../support/webhook-receiver.ts';

const OLD = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const NEW = `whsec_${Buffer.alloc(32, 2).toString('base64')}`;
const HANG: Answer = () => {};
const RESET: Answer = (_response, request) => request.socket.resetAndDestroy();

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function receiver(...answers: Answer[]): Promise<WebhookReceiver> {
  const server = await webhookReceiver(answers);
  closers.push(() => server.close());
  return server;
}

function rig(...playbooks: Playbook[]): DispatcherRig {
  const post = createHttpPost({
    lookup: (host, options, callback) => lookup(host, options, callback),
    connect,
    timers: systemTimers,
  });
  // The verifier of the official library reads the real clock.
  const made = dispatcherRig(playbooks, post, { clock: manualClock(Date.now()) });
  closers.push(() => made.dispatcher.stop());
  return made;
}

const to = (server: WebhookReceiver, webhook: Partial<Playbook['webhook']> = {}, name = 'soar') =>
  playbook({ name, webhook: { url: `${server.origin}/hook/${name}`, ...webhook } });

/** Attempts run in real time: `drain` waits for those under way. */
async function after({ dispatcher, clock }: DispatcherRig, durationMs: number): Promise<void> {
  await dispatcher.drain(Number.MAX_SAFE_INTEGER);
  await clock.advance(durationMs);
  await dispatcher.drain(Number.MAX_SAFE_INTEGER);
}

const brief = (rows: readonly DeliveryRow[]) => rows.map(({ outcome, httpStatus }) => [outcome, httpStatus]);

it('500, then 200: one id, a fresh timestamp, a signature that holds each time under the old and the new secret', async () => {
  const server = await receiver(status(500), status(200));
  const made = rig(to(server, { secrets: [NEW, OLD], headers: { 'x-api-key': 'k' } }));
  made.dispatcher.notify(alertNotice());
  await after(made, 5_000);
  expect(brief(made.deliveries.rows)).toEqual([
    ['retry', 500],
    ['delivered', 200],
  ]);
  for (const { headers, body, path } of server.received) {
    const given = headers as Record<string, string>;
    expect(path).toBe('/hook/soar');
    expect(given).toMatchObject({
      'content-type': 'application/json',
      'x-api-key': 'k',
      'user-agent': 'Picket-Webhooks',
    });
    expect(new Webhook(OLD).verify(body, given)).toEqual(new Webhook(NEW).verify(body, given));
    expect(JSON.parse(body)).toMatchObject({ type: 'alert.created', data: { class_uid: 2004 } });
  }
  const [first, second] = server.received.map(({ headers }) => headers);
  expect(second?.['webhook-id']).toBe(first?.['webhook-id']);
  expect(Number(second?.['webhook-timestamp']) - Number(first?.['webhook-timestamp'])).toBe(5);
});

it('429 with Retry-After is obeyed', async () => {
  const server = await receiver(status(429, { 'retry-after': '120' }), status(200));
  const made = rig(to(server));
  made.dispatcher.notify(alertNotice());
  await after(made, 119_999);
  expect(brief(made.deliveries.rows)).toEqual([['retry', 429]]);
  await after(made, 1);
  expect(brief(made.deliveries.rows)).toEqual([
    ['retry', 429],
    ['delivered', 200],
  ]);
});

it('410 disables the target', async () => {
  const server = await receiver(status(410));
  const made = rig(to(server));
  made.dispatcher.notify(alertNotice());
  await after(made, 0);
  made.dispatcher.notify(alertNotice({ alertId: 'a2' }));
  await after(made, 86_400_000);
  expect(brief(made.deliveries.rows)).toEqual([
    ['failed', 410],
    ['failed', 0],
  ]);
  expect(server.received).toHaveLength(1);
});

it('a redirect is a failure, and its target hears nothing', async () => {
  const inner = await receiver(status(200));
  const server = await receiver(status(307, { location: `${inner.origin}/admin` }), status(200));
  const made = rig(to(server));
  made.dispatcher.notify(alertNotice());
  await after(made, 5_000);
  expect(brief(made.deliveries.rows)).toEqual([
    ['retry', 307],
    ['delivered', 200],
  ]);
  expect(inner.connections()).toBe(0);
});

it('a playbook that may not reach private addresses does not, and says so', async () => {
  const server = await receiver(status(200));
  const made = rig(to(server, { allowPrivateNetwork: false, url: `https://localhost:${server.port}/` }));
  made.dispatcher.notify(alertNotice());
  await after(made, 0);
  expect(made.deliveries.rows).toMatchObject([
    { outcome: 'retry', error: expect.stringContaining('allow_private_network opens it') },
  ]);
  expect(server.connections()).toBe(0);
});

it('a reset connection is tried again', async () => {
  const server = await receiver(RESET, status(200));
  const made = rig(to(server));
  made.dispatcher.notify(alertNotice());
  await after(made, 5_000);
  expect(made.deliveries.rows).toMatchObject([
    { outcome: 'retry', error: 'The connection failed. ECONNRESET' },
    { outcome: 'delivered' },
  ]);
});

it('a receiver that hangs delays no other, and keeps no more connections than it may', async () => {
  const hanging = await receiver(HANG);
  const healthy = await receiver(status(200));
  const made = rig(to(hanging, { timeoutMs: 30_000 }, 'hanging'), to(healthy, {}, 'healthy'));
  for (let i = 0; i < 20; i++) made.dispatcher.notify(alertNotice({ alertId: `a${i}` }));
  // Would time out if the healthy receiver had to wait for the hanging one.
  await healthy.arrived(20);
  expect(hanging.connections()).toBeLessThanOrEqual(4);
});

it('after a crash the outbox delivers what was stored', async () => {
  const server = await receiver(status(200));
  const made = rig(to(server, { secrets: [OLD] }));
  made.deliveries.alerts.push(alertNotice({ receivedMs: made.clock.now() }));
  expect(await made.dispatcher.rescan()).toBe(1);
  await after(made, 0);
  expect(brief(made.deliveries.rows)).toEqual([['delivered', 200]]);
  const [request] = server.received;
  expect(() => new Webhook(OLD).verify(request?.body ?? '', request?.headers as Record<string, string>)).not.toThrow();
});
