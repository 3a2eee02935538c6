/**
 * Goal: every alert that matches a playbook is attempted, its attempts follow the schedule, and one target never touches another.
 * Method: the real dispatcher on a clock moved by hand, with receivers that answer as the test says; rows are compared.
 */
import { describe, expect, it, vi } from 'vitest';
import { THROTTLED } from '../../alerts/delivery.ts';
import type { Post, PostRequest, PostResult } from '../../alerts/http-post.ts';
import { ATTEMPTS_MAX, retryAfterMs, retryDelayMs } from '../../alerts/retry-schedule.ts';
import { createThrottle } from '../../alerts/throttle.ts';
import { alertNotice, NOTICE_MS } from '../support/alert-notice.ts';
import { dispatcherRig } from '../support/dispatcher.ts';
import { manualClock, settle } from '../support/manual-clock.ts';
import { memoryDeliveries } from '../support/memory-deliveries.ts';
import { playbook } from '../support/playbook.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const answered = (status: number, retryAfter?: string): PostResult => ({ kind: 'answered', status, retryAfter });

/** The n-th request gets the n-th answer, the last one for ever; requests are kept. */
function receiver(...answers: PostResult[]): { post: Post; requests: PostRequest[] } {
  const requests: PostRequest[] = [];
  const post: Post = async (request) => {
    requests.push(request);
    return answers[Math.min(requests.length, answers.length) - 1] ?? answered(200);
  };
  return { post, requests };
}

/** Answers when told to. */
function hangingReceiver(): { post: Post; open(): number; answer(result: PostResult): Promise<void> } {
  const waiting: ((result: PostResult) => void)[] = [];
  const post: Post = ({ signal }) =>
    new Promise((resolve) => {
      waiting.push(resolve);
      signal.addEventListener('abort', () => resolve({ kind: 'failed', code: 'aborted', detail: '' }));
    });
  const answer = async (result: PostResult) => {
    waiting.shift()?.(result);
    await settle();
  };
  return { post, open: () => waiting.length, answer };
}

const alerts = (count: number) =>
  Array.from({ length: count }, (_, i) => alertNotice({ alertId: `a${i}`, agent: `agent-${i}` }));

describe('one delivery', () => {
  it('is one row when the first attempt succeeds', async () => {
    const { dispatcher, deliveries } = dispatcherRig([playbook()], receiver(answered(204)).post);
    dispatcher.notify(alertNotice());
    await dispatcher.drain(1_000);
    expect(deliveries.rows).toEqual([
      {
        tenant: 'acme',
        alertId: 'a1b2c3d4',
        playbook: 'soar',
        webhookId: expect.stringMatching(/^msg_[0-9a-f]{32}$/),
        attempt: 1,
        timeMs: NOTICE_MS,
        target: 'https://soar.example.com',
        outcome: 'delivered',
        httpStatus: 204,
        error: '',
        durationMs: 0,
        nextAttemptMs: 0,
      },
    ]);
  });

  it('waits behind a target that fails, and that can be asked', async () => {
    const { dispatcher, clock } = dispatcherRig([playbook()], receiver(answered(500)).post);
    for (const alert of alerts(5)) dispatcher.notify(alert);
    await settle();
    const late = alertNotice({ alertId: 'late', agent: 'late' });
    dispatcher.notify(late);
    await settle();
    const { tenant, alertId } = late;
    expect(dispatcher.waiting(tenant, alertId)).toEqual([
      { playbook: 'soar', target: 'https://soar.example.com', notBeforeMs: clock.now() + MINUTE },
    ]);
    expect([dispatcher.waiting('globex', alertId), dispatcher.waiting(tenant, 'other')]).toEqual([[], []]);
  });

  it('no longer waits when it has ended', async () => {
    const { dispatcher } = dispatcherRig([playbook()], receiver(answered(204)).post);
    const { tenant, alertId } = alertNotice();
    dispatcher.notify(alertNotice());
    expect(dispatcher.waiting(tenant, alertId)).toEqual([{ playbook: 'soar', target: 'https://soar.example.com' }]);
    await dispatcher.drain(1_000);
    expect(dispatcher.waiting(tenant, alertId)).toEqual([]);
  });

  it('goes to no playbook that does not match', async () => {
    const { post, requests } = receiver();
    const { dispatcher, deliveries } = dispatcherRig([playbook({ enabled: false })], post);
    dispatcher.notify(alertNotice());
    await dispatcher.drain(1_000);
    expect([requests, deliveries.rows]).toEqual([[], []]);
  });

  it('is tried by the schedule with one id, the same body and a fresh timestamp, then given up', async () => {
    const { post, requests } = receiver(answered(500));
    const { dispatcher, deliveries, clock } = dispatcherRig([playbook()], post);
    dispatcher.notify(alertNotice());
    await clock.advance(2 * DAY);
    const waits = [5_000, 30_000, 2 * MINUTE, 10 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR];
    const times = [NOTICE_MS];
    for (const wait of waits) times.push((times.at(-1) ?? 0) + wait);
    expect(deliveries.rows.map(({ timeMs }) => timeMs)).toEqual(times);
    expect(deliveries.rows.map(({ attempt }) => attempt)).toEqual(times.map((_, i) => i + 1));
    expect(deliveries.rows.map(({ outcome }) => outcome)).toEqual([...waits.map(() => 'retry'), 'failed']);
    expect(deliveries.rows.map(({ nextAttemptMs }) => nextAttemptMs)).toEqual([...times.slice(1), 0]);
    expect(deliveries.rows.at(-1)?.error).toBe('The receiver answered 500.');
    expect(new Set(requests.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(requests.map(({ body }) => body)).size).toBe(1);
    expect(requests.map(({ headers }) => Number(headers['webhook-timestamp']))).toEqual(
      times.map((ms) => Math.floor(ms / 1000)),
    );
  });

  it.each<[string, PostResult, string]>([
    ['a redirect', answered(302), 'The receiver answered 302; redirects are not followed.'],
    ['a reset', { kind: 'failed', code: 'network', detail: 'ECONNRESET' }, 'The connection failed. ECONNRESET'],
    [
      'a hanging receiver',
      { kind: 'failed', code: 'headers_timeout', detail: '' },
      'No response headers within the time limit.',
    ],
    [
      'a refusal of the guard',
      { kind: 'failed', code: 'denied', detail: 'x'.repeat(999) },
      `The egress guard refused the address. ${'x'.repeat(262)}`,
    ],
  ])('%s is retried and says why', async (_what, result, error) => {
    const { dispatcher, deliveries, clock } = dispatcherRig([playbook()], receiver(result, answered(200)).post);
    dispatcher.notify(alertNotice());
    await clock.advance(5_000);
    expect(deliveries.rows.map((row) => [row.outcome, row.error])).toEqual([
      ['retry', error],
      ['delivered', ''],
    ]);
  });

  it('waits as long as the receiver asks, and so do all deliveries to it', async () => {
    const { post, requests } = receiver(answered(429, '600'), answered(200));
    const { dispatcher, deliveries, clock } = dispatcherRig([playbook()], post);
    dispatcher.notify(alertNotice());
    await settle();
    dispatcher.notify(alertNotice({ alertId: 'a2' }));
    await clock.advance(599_999);
    expect(requests).toHaveLength(1);
    await clock.advance(1);
    expect(deliveries.rows.map(({ alertId, outcome, timeMs }) => [alertId, outcome, timeMs - NOTICE_MS])).toEqual([
      ['a1b2c3d4', 'retry', 0],
      ['a2', 'delivered', 600_000],
      ['a1b2c3d4', 'delivered', 600_000],
    ]);
  });

  it('410 ends it and all others to that URL; another path of the host goes on', async () => {
    const { post, requests } = receiver(answered(410), answered(200));
    const other = playbook({
      name: 'other',
      webhook: { url: 'https://soar.example.com/other' },
      when: { ...playbook().when, tenants: ['globex'] },
    });
    const { dispatcher, deliveries, clock } = dispatcherRig([playbook(), other], post, { concurrency: 1 });
    for (const alert of alerts(3)) dispatcher.notify(alert);
    await clock.advance(DAY);
    dispatcher.notify(alertNotice({ alertId: 'late' }));
    dispatcher.notify(alertNotice({ alertId: 'g', tenant: 'globex' }));
    await clock.advance(DAY);
    expect(
      deliveries.rows.map(({ alertId, playbook: name, outcome, httpStatus }) => [alertId, name, outcome, httpStatus]),
    ).toEqual([
      ['a0', 'soar', 'failed', 410],
      ['a1', 'soar', 'failed', 0],
      ['a2', 'soar', 'failed', 0],
      ['late', 'soar', 'failed', 0],
      ['g', 'soar', 'failed', 0],
      ['g', 'other', 'delivered', 200],
    ]);
    expect(requests).toHaveLength(2);
  });

  it('an alert that cannot be built is written down and harms no other', async () => {
    const { dispatcher, deliveries } = dispatcherRig([playbook()], receiver().post);
    dispatcher.notify(alertNotice({ alertId: 'bad', receivedMs: Number.NaN }));
    dispatcher.notify(alertNotice());
    await dispatcher.drain(1_000);
    expect(deliveries.rows.map(({ alertId, outcome, error }) => [alertId, outcome, error])).toEqual([
      ['bad', 'failed', 'The webhook could not be built; the log says why.'],
      ['a1b2c3d4', 'delivered', ''],
    ]);
  });

  it('secrets and the path of the URL reach neither rows nor log', async () => {
    const secret = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
    const webhook = {
      url: 'https://tines.example.com/webhook/abc/s3cr3t',
      secrets: [secret],
      headers: { authorization: 'Bearer tok-1' },
    };
    const { post, requests } = receiver(answered(500), answered(410));
    const { dispatcher, deliveries, clock, logged } = dispatcherRig([playbook({ webhook })], post);
    dispatcher.notify(alertNotice());
    await clock.advance(MINUTE);
    expect(requests[0]?.headers['authorization']).toBe('Bearer tok-1');
    expect(logged()).toContain('tines.example.com');
    expect(JSON.stringify(deliveries.rows) + logged()).not.toMatch(/s3cr3t|tok-1|whsec_/);
  });
});

describe('targets apart', () => {
  const slow = playbook({ name: 'slow', webhook: { url: 'https://slow.example.com/' } });
  const quick = playbook({ name: 'quick', webhook: { url: 'https://quick.example.com/' } });

  it('a hanging one uses its own connections and delays no other', async () => {
    const hanging = hangingReceiver();
    const post: Post = (request) =>
      request.url.includes('slow') ? hanging.post(request) : Promise.resolve(answered(200));
    const { dispatcher, deliveries } = dispatcherRig([slow, quick], post, { concurrency: 2 });
    for (const alert of alerts(10)) dispatcher.notify(alert);
    await settle();
    expect(hanging.open()).toBe(2);
    expect(deliveries.rows.map((row) => row.playbook)).toEqual(Array.from({ length: 10 }, () => 'quick'));
    await dispatcher.stop();
  });

  it('a failing one is left alone for a minute after five failures, then probed by one attempt', async () => {
    const { post, requests } = receiver(...Array.from({ length: 6 }, () => answered(500)), answered(200));
    const { dispatcher, deliveries, clock } = dispatcherRig([slow], post, { concurrency: 1 });
    for (const alert of alerts(8)) dispatcher.notify(alert);
    await settle();
    expect([requests.length, dispatcher.stats().targetsOpen]).toEqual([5, 1]);
    await clock.advance(59_999);
    expect(requests).toHaveLength(5);
    await clock.advance(1);
    expect([requests.length, dispatcher.stats().targetsOpen]).toEqual([6, 1]);
    await clock.advance(HOUR);
    const delivered = deliveries.rows.filter(({ outcome }) => outcome === 'delivered').map(({ alertId }) => alertId);
    expect(delivered.sort()).toEqual(['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7']);
    expect(dispatcher.stats().targetsOpen).toBe(0);
  });

  it('a probe is one attempt even where several are allowed', async () => {
    const hanging = hangingReceiver();
    const { dispatcher, clock } = dispatcherRig([slow], hanging.post, { concurrency: 5 });
    for (const alert of alerts(20)) dispatcher.notify(alert);
    await settle();
    for (let i = 0; i < 5; i++) await hanging.answer(answered(500));
    await clock.advance(MINUTE);
    // Of the attempts already under way when the circuit opened none is left: those answered above were all.
    for (let open = hanging.open(); open > 1; open = hanging.open()) await hanging.answer(answered(500));
    await clock.advance(MINUTE);
    expect(hanging.open()).toBe(1);
    await dispatcher.stop();
  });
});

describe('outbox', () => {
  it('finds what was stored but never attempted, and leaves finished deliveries alone', async () => {
    const stored = alerts(3);
    const deliveries = memoryDeliveries(stored);
    const first = dispatcherRig([playbook()], receiver().post, { deliveries });
    await first.dispatcher.rescan();
    await first.dispatcher.drain(1_000);
    await first.dispatcher.stop();
    deliveries.alerts.push(alertNotice({ alertId: 'after-crash', receivedMs: NOTICE_MS + 1 }));
    const { post, requests } = receiver();
    const second = dispatcherRig([playbook()], post, { deliveries });
    expect(await second.dispatcher.rescan()).toBe(1);
    await second.dispatcher.drain(1_000);
    expect(requests.map(({ body }) => JSON.parse(body).data.finding_info.uid)).toEqual(['after-crash']);
    expect(deliveries.rows.map(({ alertId }) => alertId)).toEqual(['a0', 'a1', 'a2', 'after-crash']);
  });

  it('a retry survives a restart with its time and its number', async () => {
    const deliveries = memoryDeliveries([alertNotice()]);
    const before = dispatcherRig([playbook()], receiver(answered(500)).post, { deliveries });
    await before.dispatcher.rescan();
    await before.clock.advance(5_000);
    await before.dispatcher.stop();
    const clock = manualClock(NOTICE_MS + 10_000);
    const { post, requests } = receiver(answered(500), answered(200));
    const after = dispatcherRig([playbook()], post, { deliveries, clock });
    expect(await after.dispatcher.rescan()).toBe(1);
    await clock.advance(24_999);
    expect(requests).toEqual([]);
    await clock.advance(1);
    await clock.advance(2 * MINUTE);
    expect(deliveries.rows.map(({ attempt, outcome, timeMs }) => [attempt, outcome, timeMs - NOTICE_MS])).toEqual([
      [1, 'retry', 0],
      [2, 'retry', 5_000],
      [3, 'retry', 35_000],
      [4, 'delivered', 155_000],
    ]);
  });

  it('reads every page', async () => {
    const deliveries = memoryDeliveries(alerts(450));
    const { dispatcher } = dispatcherRig([playbook()], receiver().post, { deliveries });
    expect(await dispatcher.rescan()).toBe(450);
    await dispatcher.drain(1_000);
    expect(new Set(deliveries.rows.map(({ alertId }) => alertId)).size).toBe(450);
  });

  it('takes over what did not fit into a full queue', async () => {
    const stored = alerts(30);
    const hanging = hangingReceiver();
    const rig = dispatcherRig([playbook()], hanging.post, {
      deliveries: memoryDeliveries(stored),
      concurrency: 2,
      queueMax: 10,
    });
    for (const alert of stored) rig.dispatcher.notify(alert);
    expect(rig.dispatcher.stats()).toMatchObject({ queued: 10, overflowed: 18 });
    for (let round = 0; round < 5; round++) {
      while (hanging.open() > 0) await hanging.answer(answered(200));
      await rig.clock.advance(MINUTE);
    }
    expect(rig.deliveries.rows.map(({ alertId }) => alertId).sort()).toEqual(
      stored.map(({ alertId }) => alertId).sort(),
    );
  });

  it('does not queue twice what is already in memory', async () => {
    const stored = alerts(2);
    const { post, requests } = receiver();
    const { dispatcher } = dispatcherRig([playbook()], post, { deliveries: memoryDeliveries(stored) });
    for (const alert of stored) dispatcher.notify(alert);
    await Promise.all([dispatcher.rescan(), dispatcher.rescan()]);
    await dispatcher.rescan();
    expect(requests).toHaveLength(2);
  });

  it('does not send again what ended while the outbox was read, or whose row is still being written', async () => {
    const deliveries = memoryDeliveries([alertNotice()]);
    const { pending, record } = deliveries;
    let show = () => {};
    let write = () => {};
    deliveries.pending = async (page) => {
      const entries = await pending(page);
      await new Promise<void>((resolve) => {
        show = resolve;
      });
      return entries;
    };
    deliveries.record = async (row) => {
      await new Promise<void>((resolve) => {
        write = resolve;
      });
      return record(row);
    };
    const { post, requests } = receiver();
    const { dispatcher } = dispatcherRig([playbook()], post, { deliveries });
    dispatcher.notify(alertNotice());
    await settle();
    const during = dispatcher.rescan();
    await settle();
    show();
    expect(await during).toBe(0);
    const across = dispatcher.rescan();
    await settle();
    write();
    await settle();
    show();
    expect([await across, requests.length, deliveries.rows.length]).toEqual([0, 1, 1]);
  });

  it('a new playbook is not sent old alerts, only those of the hour before it', async () => {
    const old = alertNotice({ alertId: 'old', receivedMs: NOTICE_MS - HOUR - 1 });
    const recent = alertNotice({ alertId: 'recent', receivedMs: NOTICE_MS - HOUR });
    const deliveries = memoryDeliveries([old, recent]);
    const { dispatcher } = dispatcherRig([playbook()], receiver().post, { deliveries });
    expect(await dispatcher.rescan()).toBe(1);
    await dispatcher.drain(1_000);
    expect(deliveries.rows.map(({ alertId }) => alertId)).toEqual(['recent']);
  });

  it('a new playbook is not sent alerts that were closed before it was there, but those closed since', async () => {
    const notices = ['done', 'done-since', 'open'].map((alertId) =>
      alertNotice({ alertId, agent: alertId, receivedMs: NOTICE_MS - MINUTE }),
    );
    const deliveries = memoryDeliveries(notices);
    const closing = (alertId: string, closedMs: number) => ({ tenant: 'acme', alertId, closedMs });
    deliveries.closed.push(closing('done', NOTICE_MS - 1), closing('done-since', NOTICE_MS));
    deliveries.closed.push({ tenant: 'globex', alertId: 'open', closedMs: NOTICE_MS - 1 });
    const { dispatcher } = dispatcherRig([playbook()], receiver().post, { deliveries });
    expect(await dispatcher.rescan()).toBe(2);
    await dispatcher.drain(1_000);
    expect(deliveries.rows.map(({ alertId }) => alertId)).toEqual(['done-since', 'open']);
  });

  it('a playbook that was there is owed an alert also when it was closed meanwhile', async () => {
    const deliveries = memoryDeliveries();
    await dispatcherRig([playbook()], receiver().post, { deliveries }).dispatcher.rescan();
    deliveries.alerts.push(alertNotice({ receivedMs: NOTICE_MS }));
    deliveries.closed.push({ tenant: 'acme', alertId: 'a1b2c3d4', closedMs: NOTICE_MS + MINUTE });
    const clock = manualClock(NOTICE_MS + HOUR);
    const { dispatcher } = dispatcherRig([playbook()], receiver().post, { deliveries, clock });
    expect(await dispatcher.rescan()).toBe(1);
  });

  it('a playbook whose condition was widened is a new one', async () => {
    const deliveries = memoryDeliveries([alertNotice({ severity: 2, receivedMs: NOTICE_MS })]);
    const narrow = playbook({ when: { ...playbook().when, severityMin: 5 } });
    await dispatcherRig([narrow], receiver().post, { deliveries }).dispatcher.rescan();
    const nextDay = manualClock(NOTICE_MS + DAY);
    const { dispatcher } = dispatcherRig([playbook()], receiver().post, { deliveries, clock: nextDay });
    expect(await dispatcher.rescan()).toBe(0);
  });

  it('a store that is away delays no webhook; its rows are written when it is back', async () => {
    const deliveries = memoryDeliveries([alertNotice()]);
    const { post, requests } = receiver();
    const { dispatcher, clock } = dispatcherRig([playbook()], post, { deliveries });
    deliveries.away = true;
    expect(await dispatcher.rescan()).toBe(0);
    dispatcher.notify(alertNotice());
    await settle();
    expect([requests.length, deliveries.rows.length]).toEqual([1, 0]);
    await clock.advance(5_000);
    deliveries.away = false;
    await clock.advance(2 * MINUTE);
    expect([requests.length, deliveries.rows.length, dispatcher.stats().rowsLost]).toEqual([1, 1, 0]);
  });

  it('a store that stays away costs rows, which are counted, and nothing else', async () => {
    const deliveries = memoryDeliveries([alertNotice()]);
    deliveries.away = true;
    const { dispatcher, clock, logged } = dispatcherRig([playbook()], receiver().post, { deliveries });
    dispatcher.notify(alertNotice());
    await clock.advance(5 * MINUTE);
    expect(dispatcher.stats()).toMatchObject({ delivered: 1, rowsLost: 1 });
    expect(logged()).toContain('may be sent again');
  });

  it('a delivery whose row was given up is found again, and sent with its id, when the store is back', async () => {
    const deliveries = memoryDeliveries([alertNotice()]);
    deliveries.away = true;
    const { post, requests } = receiver();
    const { dispatcher, clock } = dispatcherRig([playbook()], post, { deliveries });
    dispatcher.notify(alertNotice());
    await clock.advance(5 * MINUTE);
    deliveries.away = false;
    await clock.advance(2 * MINUTE);
    expect(new Set(requests.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect([requests.length, deliveries.rows.map(({ outcome }) => outcome)]).toEqual([2, ['delivered']]);
  });

  it('is also found when the alert itself is stored after that: it is sought for an hour of a store that answers', async () => {
    const deliveries = memoryDeliveries();
    const pending = vi.spyOn(deliveries, 'pending');
    deliveries.away = true;
    const { post, requests } = receiver();
    const { dispatcher, clock } = dispatcherRig([playbook()], post, { deliveries });
    dispatcher.notify(alertNotice());
    await clock.advance(5 * MINUTE);
    deliveries.away = false;
    await clock.advance(20 * MINUTE);
    expect(requests.length).toBe(1);
    deliveries.alerts.push(alertNotice());
    await clock.advance(2 * MINUTE);
    expect([requests.length, deliveries.rows.map(({ outcome }) => outcome)]).toEqual([2, ['delivered']]);
    expect(new Set(requests.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    pending.mockClear();
    await clock.advance(10 * MINUTE);
    expect(pending).not.toHaveBeenCalled();
  });

  it('is sought no longer than that when the alert is never stored', async () => {
    const deliveries = memoryDeliveries();
    const pending = vi.spyOn(deliveries, 'pending');
    deliveries.away = true;
    const { post } = receiver();
    const { dispatcher, clock } = dispatcherRig([playbook()], post, { deliveries });
    dispatcher.notify(alertNotice());
    await clock.advance(5 * MINUTE);
    deliveries.away = false;
    pending.mockClear();
    await clock.advance(5 * HOUR);
    expect(pending).toHaveBeenCalledTimes(60);
  });
});

describe('replay', () => {
  it('sends a dead letter again with the same id and a full round of attempts', async () => {
    const deliveries = memoryDeliveries([alertNotice()]);
    const answers = Array.from({ length: ATTEMPTS_MAX + 1 }, () => answered(500));
    const { post, requests } = receiver(...answers, answered(200));
    const { dispatcher, clock } = dispatcherRig([playbook()], post, { deliveries });
    const key = { tenant: 'acme', alertId: 'a1b2c3d4', playbook: 'soar' };
    const ask = () => deliveries.replay(key, 'ann', clock.now());
    expect(await ask()).toEqual({ state: 'never_attempted' });
    dispatcher.notify(alertNotice());
    await clock.advance(2 * DAY);
    expect(deliveries.rows.at(-1)).toMatchObject({ attempt: ATTEMPTS_MAX, outcome: 'failed' });
    expect(await ask()).toEqual({ state: 'begun', nextAttemptMs: clock.now() });
    expect(await ask()).toEqual({ state: 'under_way', nextAttemptMs: clock.now() });
    await dispatcher.lookForReplays();
    // Ten failures in a row: the retry waits for the circuit breaker's next probe.
    await clock.advance(MINUTE);
    expect(deliveries.rows.slice(ATTEMPTS_MAX).map(({ attempt, outcome, error }) => [attempt, outcome, error])).toEqual(
      [
        [ATTEMPTS_MAX + 1, 'retry', 'replay requested by ann'],
        [ATTEMPTS_MAX + 2, 'retry', 'The receiver answered 500.'],
        [ATTEMPTS_MAX + 3, 'delivered', ''],
      ],
    );
    expect(new Set(requests.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  });
});

describe('a look for replays', () => {
  const wanted = { tenant: 'acme', alertId: 'a1b2c3d4', playbook: 'soar' };

  it('reads the outbox once for each, and finds what came while the store was away', async () => {
    const deliveries = memoryDeliveries([alertNotice()]);
    const { post, requests } = receiver(answered(200), answered(200));
    const { dispatcher, clock } = dispatcherRig([playbook()], post, { deliveries });
    dispatcher.notify(alertNotice());
    await clock.advance(MINUTE);
    await dispatcher.lookForReplays();
    expect(requests).toHaveLength(1);
    await deliveries.replay(wanted, 'ann', clock.now());
    deliveries.away = true;
    await dispatcher.lookForReplays();
    await clock.advance(20 * MINUTE);
    deliveries.away = false;
    for (let looks = 0; looks < 3; looks++) await dispatcher.lookForReplays();
    await clock.advance(MINUTE);
    expect([requests.length, deliveries.rows.map(({ outcome }) => outcome)]).toEqual([
      2,
      ['delivered', 'retry', 'delivered'],
    ]);
  });
});

describe('throttle', () => {
  const throttled = playbook({ throttleMs: 30 * MINUTE });
  const at = (alertId: string, minutes: number, agent = 'billing-helper') =>
    alertNotice({ alertId, agent, receivedMs: NOTICE_MS + minutes * MINUTE });

  it('holds back further alerts of an agent, writes them down, and lets other agents through', async () => {
    const { post, requests } = receiver();
    const stored = [at('a', 0), at('b', 29), at('c', 29, 'other'), at('d', 30)];
    const { dispatcher, deliveries } = dispatcherRig([throttled], post, { deliveries: memoryDeliveries(stored) });
    for (const alert of stored) dispatcher.notify(alert);
    await dispatcher.drain(1_000);
    const rows = deliveries.rows.map(({ alertId, outcome, error }) => [alertId, outcome, error]);
    expect(rows.sort()).toEqual([
      ['a', 'delivered', ''],
      ['b', 'failed', THROTTLED],
      ['c', 'delivered', ''],
      ['d', 'delivered', ''],
    ]);
    expect(await dispatcher.rescan()).toBe(0);
    expect([requests.length, dispatcher.stats().throttled]).toEqual([3, 1]);
  });

  it('does not hold back the retries of an alert, nor a replay of one that was held back', async () => {
    const stored = [at('a', 0), at('b', 1)];
    const { post, requests } = receiver(answered(500), answered(200));
    const rig = dispatcherRig([throttled], post, { deliveries: memoryDeliveries(stored) });
    for (const alert of stored) rig.dispatcher.notify(alert);
    await rig.clock.advance(5_000);
    await rig.deliveries.replay({ tenant: 'acme', alertId: 'b', playbook: 'soar' }, 'ann', rig.clock.now());
    await rig.dispatcher.lookForReplays();
    await rig.dispatcher.drain(1_000);
    expect(requests.map(({ body }) => JSON.parse(body).data.finding_info.uid)).toEqual(['a', 'a', 'b']);
  });

  it('forgets the agent admitted longest ago when it knows too many', () => {
    const throttle = createThrottle(2);
    const admits = (alertId: string, agent: string) => throttle.admits(throttled, at(alertId, 0, agent));
    expect([
      admits('1', 'x'),
      admits('2', 'y'),
      admits('3', 'x'),
      admits('4', 'z'),
      admits('5', 'x'),
      admits('6', 'z'),
    ]).toEqual([true, true, false, true, true, false]);
  });
});

describe('the end', () => {
  it('drain waits for attempts under way, not for retries, and not beyond its deadline', async () => {
    const hanging = hangingReceiver();
    const { dispatcher, clock } = dispatcherRig([playbook()], hanging.post);
    dispatcher.notify(alertNotice());
    const order: string[] = [];
    const early = dispatcher.drain(100).then(() => order.push('deadline'));
    const late = dispatcher.drain(10_000).then(() => order.push('done'));
    await clock.advance(100);
    await early;
    await hanging.answer(answered(500));
    await late;
    expect([order, dispatcher.stats().queued]).toEqual([['deadline', 'done'], 1]);
  });

  it('stop ends attempts without a row, and nothing starts after it', async () => {
    const hanging = hangingReceiver();
    const { dispatcher, deliveries, clock } = dispatcherRig([playbook()], hanging.post, { concurrency: 1 });
    for (const alert of alerts(3)) dispatcher.notify(alert);
    await dispatcher.stop();
    dispatcher.notify(alertNotice());
    await clock.advance(DAY);
    expect([hanging.open(), deliveries.rows, dispatcher.stats().queued]).toEqual([1, [], 0]);
  });
});

describe('schedule', () => {
  it.each([
    [1, 0, 4_000],
    [1, 0.5, 5_000],
    [1, 0.999999, 6_000],
    [8, 0.5, 12 * HOUR],
    [99, 0.5, 12 * HOUR],
  ])('after %d tries with dice %d: %d ms', (tries, dice, expected) => {
    expect(retryDelayMs(tries, () => dice)).toBe(expected);
  });

  it.each([
    [undefined, 0],
    ['120', 120_000],
    ['0', 0],
    ['999999999', DAY],
    ['-5', 0],
    ['soon', 0],
    ['Fri, 20 Mar 2026 09:48:20 GMT', 100_000],
    ['Fri, 20 Mar 2020 09:48:20 GMT', 0],
    ['Fri, 20 Mar 2099 09:48:20 GMT', DAY],
  ])('Retry-After %j: %d ms', (header, expected) => {
    expect(retryAfterMs(header, NOTICE_MS)).toBe(expected);
  });
});
