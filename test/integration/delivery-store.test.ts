/**
 * Goal: the outbox finds exactly the deliveries that are not finished, by what is in the tables.
 * Method: the real embedded engine; hits and rows are written as the pipeline and the dispatcher write them.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDeliveryStore, type DeliveryRow, type DeliveryStore } from '../../alerts/delivery-store.ts';
import type { AlertNotice } from '../../alerts/notice.ts';
import { alertNotice, NOTICE_MS } from '../support/alert-notice.ts';
import { openTemporaryStore, type TemporaryStore } from '../support/embedded-store.ts';

let temporary: TemporaryStore;
let deliveries: DeliveryStore;

beforeAll(async () => {
  temporary = await openTemporaryStore();
  deliveries = createDeliveryStore(temporary.store);
});
afterAll(() => temporary.close());

function hitRow(notice: AlertNotice, opened: boolean, position: number) {
  const { tenant, time, agent, session, detector, subject, severity, p, score, title, why, tags } = notice;
  return {
    tenant,
    alert_id: notice.alertId,
    event_id: notice.eventId,
    partition: 0,
    position,
    time,
    received: notice.receivedMs,
    agent,
    agent_kind: notice.agentKind,
    session,
    detector,
    subject,
    opened: opened ? 1 : 0,
    backfill: notice.backfill ? 1 : 0,
    severity,
    p,
    score,
    title,
    why,
    reason: JSON.stringify(notice.reason),
    tags,
  };
}

const store = (...notices: AlertNotice[]) =>
  temporary.store.insert(
    'alert_hits',
    notices.map((notice, index) => hitRow(notice, true, index)),
  );

function row(notice: AlertNotice, overrides: Partial<DeliveryRow>): DeliveryRow {
  return {
    tenant: notice.tenant,
    alertId: notice.alertId,
    playbook: 'soar',
    webhookId: 'msg_1',
    attempt: 1,
    timeMs: NOTICE_MS,
    target: 'https://soar.example.com',
    outcome: 'retry',
    httpStatus: 500,
    error: 'The receiver answered 500.',
    durationMs: 12,
    nextAttemptMs: NOTICE_MS + 5_000,
    ...overrides,
  };
}

const pageFrom = (sinceMs: number) => deliveries.pending({ sinceMs, limit: 100 });

it('an opened alert comes back whole; further hits of it do not open it again', async () => {
  const notice = alertNotice({
    alertId: 'whole',
    tenant: 't-whole',
    backfill: true,
    receivedMs: NOTICE_MS + 1_000_123,
  });
  await store(notice);
  await temporary.store.insert('alert_hits', [
    hitRow({ ...notice, eventId: 'ev-3', receivedMs: notice.receivedMs + 5 }, false, 9),
  ]);
  expect(await pageFrom(notice.receivedMs)).toEqual([{ notice, states: [] }]);
  expect(await pageFrom(notice.receivedMs + 1)).toEqual([]);
});

it('the state of a delivery is that of its last row, in whatever order rows were written, for each playbook', async () => {
  const notice = alertNotice({ alertId: 'states', tenant: 't-states', receivedMs: NOTICE_MS + 2_000_000 });
  await store(notice);
  await deliveries.record(row(notice, { attempt: 2, nextAttemptMs: NOTICE_MS + 35_123 }));
  await deliveries.record(row(notice, { attempt: 1 }));
  await deliveries.record(
    row(notice, { playbook: 'other', outcome: 'delivered', httpStatus: 200, error: '', nextAttemptMs: 0 }),
  );
  await deliveries.record(row({ ...notice, tenant: 'globex' }, { attempt: 7 }));
  const [entry] = await pageFrom(notice.receivedMs);
  const states = [...(entry?.states ?? [])].sort((a, b) => (a.playbook < b.playbook ? -1 : 1));
  expect(states).toMatchObject([
    { playbook: 'other', attempt: 1, tries: 1, outcome: 'delivered', nextAttemptMs: 0 },
    { playbook: 'soar', attempt: 2, tries: 2, outcome: 'retry', nextAttemptMs: NOTICE_MS + 35_123 },
  ]);
});

it('a row written twice counts once', async () => {
  const notice = alertNotice({ alertId: 'twice', tenant: 't-twice', receivedMs: NOTICE_MS + 3_000_000 });
  await store(notice);
  for (let i = 0; i < 2; i++) await deliveries.record(row(notice, {}));
  const [entry] = await pageFrom(notice.receivedMs);
  expect(entry?.states).toMatchObject([{ attempt: 1, tries: 1 }]);
});

it('a replay begins a new round under the same id', async () => {
  const notice = alertNotice({ alertId: 'replay', tenant: 't-replay', receivedMs: NOTICE_MS + 4_000_000 });
  const key = { tenant: notice.tenant, alertId: notice.alertId, playbook: 'soar' };
  await store(notice);
  const ask = (nowMs: number) => deliveries.replay(key, 'ann', nowMs);
  expect(await ask(NOTICE_MS)).toEqual({ state: 'never_attempted' });
  await deliveries.record(row(notice, { attempt: 9, outcome: 'failed', nextAttemptMs: 0 }));
  expect(await ask(NOTICE_MS + 77)).toEqual({ state: 'begun', nextAttemptMs: NOTICE_MS + 77 });
  expect(await ask(NOTICE_MS + 78)).toEqual({ state: 'under_way', nextAttemptMs: NOTICE_MS + 77 });
  expect(await deliveries.replaysSince(NOTICE_MS + 77)).toEqual(['["t-replay","replay","soar","10"]']);
  expect(await deliveries.replaysSince(NOTICE_MS + 78)).toEqual([]);
  const states = async () => (await pageFrom(notice.receivedMs))[0]?.states;
  expect(await states()).toMatchObject([{ attempt: 10, tries: 0, outcome: 'retry', nextAttemptMs: NOTICE_MS + 77 }]);
  await deliveries.record(row(notice, { attempt: 11 }));
  expect(await states()).toMatchObject([{ attempt: 11, tries: 1 }]);
  const rows = await temporary.store.query<{ webhook_id: string; target: string }>(
    'SELECT webhook_id, target FROM deliveries FINAL WHERE alert_id = {alert:String} AND attempt = 10',
    { alert: 'replay' },
  );
  expect(rows).toEqual([{ webhook_id: 'msg_1', target: 'https://soar.example.com' }]);
});

it('pages go by receipt time and lose nothing at equal times', async () => {
  const since = NOTICE_MS + 5_000_000;
  const notices = ['c', 'a', 'b', 'd', 'e'].map((alertId, i) =>
    alertNotice({ alertId, tenant: i < 3 ? 't1' : 't0', receivedMs: since + (alertId === 'e' ? 1 : 0) }),
  );
  await store(...notices);
  const seen: string[] = [];
  let after: AlertNotice | undefined;
  for (let i = 0; i < 9; i++) {
    const page = await deliveries.pending({ sinceMs: since, limit: 2, ...(after === undefined ? {} : { after }) });
    seen.push(...page.map(({ notice }) => notice.alertId));
    after = page.at(-1)?.notice ?? after;
  }
  expect(seen).toEqual(['d', 'a', 'b', 'c', 'e']);
});

it('a playbook keeps the time at which it was enabled, until it is disabled or its condition changes', async () => {
  const at = (ms: number, ...names: [string, string][]) =>
    deliveries.activate(
      names.map(([playbook, condition]) => ({ playbook, condition })),
      NOTICE_MS + ms,
    );
  expect(await at(1, ['x', 'c1'], ['y', 'c1'])).toEqual(
    new Map([
      ['x', NOTICE_MS + 1],
      ['y', NOTICE_MS + 1],
    ]),
  );
  expect(await at(2, ['x', 'c1'], ['y', 'c2'])).toEqual(
    new Map([
      ['x', NOTICE_MS + 1],
      ['y', NOTICE_MS + 2],
    ]),
  );
  expect(await at(3, ['y', 'c2'])).toEqual(new Map([['y', NOTICE_MS + 2]]));
  expect(await at(4, ['x', 'c1'], ['y', 'c2'])).toEqual(
    new Map([
      ['x', NOTICE_MS + 4],
      ['y', NOTICE_MS + 2],
    ]),
  );
  expect(await at(5)).toEqual(new Map());
});

it('an alert is closed since the first word that closed it', async () => {
  const word = (position: number, over: object) => ({
    tenant: 't-closed',
    alert_id: 'closed',
    partition: 0,
    position,
    time: NOTICE_MS + position,
    state: 'closed',
    disposition: 'false_positive',
    by: 'ann',
    note: '',
    ...over,
  });
  await temporary.store.insert('alert_changes', [
    word(1, { state: 'acknowledged', disposition: '' }),
    word(2, {}),
    word(3, {}),
    word(4, { tenant: 'globex' }),
    word(5, { alert_id: 'acknowledged', state: 'acknowledged', disposition: '' }),
  ]);
  expect(await deliveries.closings(['closed', 'acknowledged', 'none'])).toEqual([
    { tenant: 'globex', alertId: 'closed', closedMs: NOTICE_MS + 4 },
    { tenant: 't-closed', alertId: 'closed', closedMs: NOTICE_MS + 2 },
  ]);
  expect(await deliveries.closings([])).toEqual([]);
});
