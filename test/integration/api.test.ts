/**
 * Goal: over real tables, every route answers what was stored, to the keys that may see it and to no other tenant; and pages
 * neither repeat nor miss rows while new ones arrive. Rows are put into the tables by hand.
 */
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDeliveryStore } from '../../alerts/delivery-store.ts';
import { createApiClient, fetchTransport, injectTransport } from '../../api/client.ts';
import { createKeyAdministration, type KeyAdministration } from '../../api/key-administration.ts';
import { createKey, findKey } from '../../api/key-store.ts';
import { createKeyRing, parseKey, SCOPES, type Scope } from '../../api/keys.ts';
import { API_LIMITS } from '../../api/limits.ts';
import type { AgentDescription, ApiDeps } from '../../api/ports.ts';
import { listKeys } from '../../api/queries/list-keys.ts';
import type { LiveBaseline } from '../../api/schemas/baseline.ts';
import { createTenantReaders } from '../../api/tenant-reader.ts';
import { STATE_FORMAT } from '../../baselines/state-codec.ts';
import { emptyReport } from '../../cli/verify/range-check.ts';
import { LogUnavailable, logPartition } from '../../ingest/log.ts';
import { type ApiWorld, bearer, keysOf, NOW, openApi } from '../support/api-app.ts';
import { openTemporaryStore, type TemporaryStore } from '../support/embedded-store.ts';

const HOUR = 3_600_000;
const at = (hours: number) => NOW - 100 * HOUR + hours * HOUR;
/** When the dead letter `brief` expires. */
const BRIEF_ENDS_MS = Date.UTC(2080, 0, 1);
const iso = (ms: number) => new Date(ms).toISOString();
const AGENTS = ['billing', 'crm/bot', '__proto__', "o'brien\\\n"] as const;

let position = 0;
const stored = (tenant: string, id: string, over: Record<string, unknown> = {}) => {
  position += 1;
  const time = (over['time'] as number | undefined) ?? at(position);
  const agent = (over['agent'] as string | undefined) ?? 'billing';
  const record = {
    id,
    time,
    agent: { id: agent },
    action: { type: 'send', name: 'mail', phase: 'completed' },
    unknown: 'hidden',
  };
  return {
    tenant,
    partition: 0,
    position,
    kind: 'event',
    received: time,
    time,
    agent,
    agent_kind: 'bot',
    session: 's1',
    id,
    digest: '',
    status: 'learn',
    flags: [],
    knowledge: 'ready',
    score: 0,
    detectors: {},
    alert_ids: [],
    record: JSON.stringify(record),
    content: JSON.stringify({ prompt: `<script>${tenant}</script>` }),
    ...over,
  };
};

const hit = (tenant: string, alert: string, event: string, over: Record<string, unknown> = {}) => {
  position += 1;
  const chain = [{ event, role: 'sent' }];
  const amounts = { measure: 'bytes sent', observed: 9, expected: 'none', bound: 1 };
  const reason = { ...amounts, sessions: 40, level: 'agent', knowledge: 'ready', baseline: '0:7', chain };
  return {
    tenant,
    alert_id: alert,
    event_id: event,
    partition: 0,
    position,
    time: at(position),
    received: at(position),
    agent: 'billing',
    agent_kind: 'bot',
    session: 's1',
    detector: 'exfiltration',
    subject: 'evil.example',
    opened: 1,
    backfill: 0,
    severity: 4,
    p: 0.000_1,
    score: 0.5,
    title: 'Data left to a new place',
    why: `Sent to "${tenant}.example".`,
    reason: JSON.stringify(reason),
    tags: ['attack.t1567'],
    ...over,
  };
};

const description: AgentDescription = {
  agent: 'crm/bot',
  kind: 'bot',
  knowledge: 'ready',
  sessions: 40,
  events: 200,
  first_seen: iso(at(0)),
  last_seen: iso(at(1)),
  normal: {
    endpoints: [{ value: 'crm.list', count: 12.5, share: 0.9, first_seen: iso(at(0)), last_seen: iso(at(1)) }],
    tools: [],
    destinations: [],
    resources: [],
    hours: { typical_events: 3, busiest_hour: 9, busiest_events: 20 },
    amounts: [{ measure: 'rows in one session', unit: 'rows', typical: 4, bound_99: 50 }],
  },
  unusual_now: {
    open_alerts: ['a1'],
    held_sessions: 1,
    this_hour: [{ measure: 'events', observed: 90, expected: 3, bound: 20 }],
  },
};

const isBot = (tenant: string, agent: string) => tenant === 'acme' && agent === 'crm/bot';

/** What is verified is the business of other tests; here somebody answers. */
const verification: ApiDeps['verification'] = {
  operator: 'acme',
  agent: async (tenant, agent, mode) => ({
    tenant,
    agent,
    mode,
    outcome: 'equal',
    start: { from: 'beginning', partition: 0, position: -1 },
    end: { partition: 0, position: 0 },
    events: 1,
    snapshots: { compared: 0, equal: 0, other_format: 0 },
    differences: 0,
    listed: [],
    notes: [],
  }),
  plan: async () => ({ stretches: [{ partition: 0, first: 0, last: 9 }], notes: [] }),
  check: async (stretch) => emptyReport([stretch]),
};

const baselines: ApiDeps['baselines'] = {
  describe: async (tenant, agent) => (isBot(tenant, agent) ? liveBaseline : undefined),
  expect: async (tenant, agent, _measure, hours) =>
    isBot(tenant, agent)
      ? { knowledge: 'ready', zoneOffsetMs: 3_600_000, hours: hours.map(() => ({ expected: 1, lower: 0, upper: 3 })) }
      : undefined,
  keep: async (tenant, { state }, shift) => ({ content: `${tenant}: ${state}${shift ? ', of an older log' : ''}` }),
  build: async () => ({
    content: 'hash',
    built: { events: 9, sessions: 2, days: 1.5, knowledge: 'cold', left_out: 0, held: 1 },
  }),
};

const things = { known: 0, top: [] };
const liveBaseline: LiveBaseline = {
  agent: 'crm/bot',
  id: 7,
  as_of: iso(at(1)),
  knowledge: {
    level: 'ready',
    sessions: 40,
    events: 200,
    weighted_sessions: 30,
    weighted_days: 9,
    sessions_per_day: 4,
    half_life_days: 14,
  },
  hours: { typical_events: 3, busiest_hour: 9, busiest_events: 20 },
  endpoints: things,
  tools: things,
  destinations: things,
  resources: things,
  amounts: [],
  growth: [],
  held: [],
  alerted: [],
};

/** Lines of the server's log. */
const logged: string[] = [];
let temporary: TemporaryStore;
let world: ApiWorld;
const keys = new Map<string, string>();
const keyOf = (tenant: string, scope: Scope) => keys.get(`${tenant}:${scope}`) ?? '';
const get = async (url: string, key = keyOf('acme', 'admin')) => {
  const answer = await world.app.inject({ url, headers: bearer(key) });
  return { status: answer.statusCode, body: answer.json() };
};
const idsOf = (body: { items: { id: string }[] }) => body.items.map((item) => item.id);

async function walk(path: string, between: () => Promise<void> = async () => {}): Promise<string[]> {
  const seen: string[] = [];
  let cursor = '';
  for (let pages = 0; pages < 50; pages++) {
    const { status, body } = await get(`${path}${path.includes('?') ? '&' : '?'}limit=2${cursor}`);
    expect(status).toBe(200);
    seen.push(...idsOf(body));
    if (body.next_cursor === undefined) return seen;
    cursor = `&cursor=${body.next_cursor}`;
    await between();
  }
  throw new Error('The pages do not end.');
}

async function fillEvents(): Promise<void> {
  const mine = [
    stored('acme', 'e1', { session: 's1' }),
    stored('acme', 'e2', {
      agent: 'crm/bot',
      agent_kind: 'assistant',
      score: 0.9,
      detectors: { exfiltration: 0.9 },
      alert_ids: ['a1'],
    }),
    stored('acme', 'e3', { session: 's2', status: 'hold', knowledge: 'stale', flags: ['skewed'] }),
    stored('acme', 'e4', { agent: '__proto__', agent_kind: '' }),
    stored('acme', 'e5', { agent: "o'brien\\\n" }),
    stored('acme', 'e1', { status: 'duplicate' }),
    stored('acme', 'e2', { status: 'conflict' }),
    stored('acme', '', { kind: 'tick', status: 'control', agent: '' }),
  ];
  await temporary.store.insert('event_log', mine);
  // A retried insert writes the same positions again.
  await temporary.store.insert('event_log', mine.slice(0, 2));
  await temporary.store.insert('event_log', [stored('globex', 'g1'), stored('globex', 'e1', { agent: 'crm/bot' })]);
}

async function fillAlerts(): Promise<void> {
  await temporary.store.insert('alert_hits', [
    hit('acme', 'a1', 'e2', { agent: 'crm/bot', time: at(10) }),
    hit('acme', 'a1', 'e3', { agent: 'crm/bot', time: at(20), opened: 0, severity: 5, session: 's2', reason: '' }),
    hit('acme', 'a2', 'e1', { time: at(30), detector: 'mass-read', severity: 2, backfill: 1 }),
    hit('acme', 'a3', 'e5', { time: at(40), agent: "o'brien\\\n" }),
    hit('globex', 'g-alert', 'g1', { time: at(30) }),
    hit('globex', 'a1', 'g1', { time: at(31), why: 'Of globex.' }),
  ]);
  const change = { alert_id: 'a2', partition: 0, time: at(50), disposition: '', note: '', by: 'ann (1)' };
  await temporary.store.insert('alert_changes', [
    { ...change, tenant: 'acme', position: 900, state: 'acknowledged' },
    {
      ...change,
      tenant: 'acme',
      position: 901,
      state: 'closed',
      disposition: 'false_positive',
      note: 'A <b>test</b>',
      time: at(51),
    },
    { ...change, tenant: 'globex', alert_id: 'a1', position: 902, state: 'closed', disposition: 'true_positive' },
  ]);
  const delivery = { alert_id: 'a1', playbook: 'page', webhook_id: 'w', target: 'soar', error: '', duration_ms: 12 };
  await temporary.store.insert('deliveries', [
    {
      ...delivery,
      tenant: 'acme',
      attempt: 1,
      time: at(10),
      outcome: 'retry',
      http_status: 500,
      error: 'status',
      next_attempt: at(11),
    },
    { ...delivery, tenant: 'acme', attempt: 2, time: at(11), outcome: 'delivered', http_status: 200, next_attempt: 0 },
    { ...delivery, tenant: 'globex', attempt: 1, time: at(10), outcome: 'failed', http_status: 0, next_attempt: 0 },
  ]);
}

async function fillDeadLetters(): Promise<void> {
  // The engine removes what is past its time by the clock of the machine, so the ends lie far ahead of both clocks.
  const expires = Date.UTC(2090, 0, 1) / 1000;
  const letter = {
    source: 'http',
    code: 'invalid_json',
    field: '',
    message: 'The record is not valid JSON.',
    raw_bytes: 3,
    raw_sha256: 'ab',
    expires,
  };
  const sealed = `sealed:${Buffer.from('{"x').toString('base64')}`;
  await temporary.store.insert('dead_letters', [
    { ...letter, tenant: 'acme', id: 'd1', received: at(1), source_position: 'r1:0', raw: sealed },
    {
      ...letter,
      tenant: 'acme',
      id: 'd2',
      received: at(2),
      source_position: 'r1:1',
      raw: 'other key',
      code: 'too_deep',
    },
    { ...letter, tenant: 'acme', id: 'd3', received: at(3), source_position: 'r1:2', raw: sealed },
    {
      ...letter,
      tenant: 'acme',
      id: 'brief',
      received: at(4),
      source_position: 'r1:3',
      raw: sealed,
      expires: BRIEF_ENDS_MS / 1000,
    },
    { ...letter, tenant: 'globex', id: 'g-dead', received: at(4), source_position: 'r2:0', raw: sealed },
  ]);
}

/** Of globex too, whose agent of that name the engine does not know. */
async function fillBaselines(): Promise<void> {
  const state = (tenant: string, place: number, clock: number) => ({
    tenant,
    partition: 0,
    agent: 'crm/bot',
    kind: 'bot',
    position: place,
    clock,
    sessions: place,
    format: STATE_FORMAT,
    state: JSON.stringify({ baseline: { position: place - 1 }, tenant }),
    summary: JSON.stringify({ baseline: place - 1 }),
  });
  await temporary.store.insert('agent_state', [
    { ...state('acme', 5, at(60)), partition: logPartition(1, 0) },
    state('acme', 10, at(0)),
    state('acme', 20, at(30)),
    { ...state('acme', 30, at(31)), format: 0 },
    { ...state('acme', 40, at(32)), sessions: 0 },
    state('globex', 90, at(50)),
  ]);
}

beforeAll(async () => {
  temporary = await openTemporaryStore();
  const { store } = temporary;
  for (const tenant of ['acme', 'globex']) {
    for (const scope of SCOPES) {
      const { key } = await createKey(
        store,
        { now: () => NOW, randomBytes },
        { tenant, name: `${scope} key`, scopes: [scope] },
      );
      keys.set(`${tenant}:${scope}`, key);
    }
  }
  const clock = { ms: NOW };
  const ring = createKeyRing({ find: (keyId) => findKey(store, keyId), now: () => clock.ms });
  const deliveries = createDeliveryStore(store);
  const forget = (keyId: string) => ring.forget(keyId);
  const keyAdministration = createKeyAdministration({ store, now: () => clock.ms, randomBytes, forget, keysMax: 12 });
  const logger = { level: 'info', stream: { write: (line: string) => void logged.push(line) } };
  world = await openApi({ store, keys: ring, clock, deliveries, baselines, verification, keyAdministration, logger });
  world.answers.describe = async (tenant, agent) =>
    tenant === 'acme' && agent === 'crm/bot' ? description : undefined;
  await fillEvents();
  await fillAlerts();
  await fillDeadLetters();
  await fillBaselines();
});

beforeEach(() => {
  world.clock.ms = NOW;
});

afterAll(async () => {
  await world?.close();
  await temporary?.close();
});

describe('alerts', () => {
  it('show what their hits and changes say', async () => {
    const { body } = await get('/v1/alerts?agent=crm%2Fbot');
    expect(body).toEqual({
      items: [
        {
          id: 'a1',
          agent: 'crm/bot',
          agent_kind: 'bot',
          detector: 'exfiltration',
          subject: 'evil.example',
          severity: 'critical',
          severity_id: 5,
          state: 'open',
          title: 'Data left to a new place',
          why: 'Sent to "acme.example".',
          score: 0.5,
          p: 0.0001,
          hit_count: 2,
          session_count: 2,
          tags: ['attack.t1567'],
          backfill: false,
          first_seen: iso(at(10)),
          last_seen: iso(at(20)),
        },
      ],
    });
  });

  it.each([
    ['', ['a3', 'a2', 'a1']],
    ['?severity=high', ['a3', 'a1']],
    ['?severity=critical', ['a1']],
    ['?detector=mass-read', ['a2']],
    ['?state=open', ['a3', 'a1']],
    ['?state=closed', ['a2']],
    [`?since=${at(15)}`, ['a3', 'a2', 'a1']],
    [`?since=${at(21)}`, ['a3', 'a2']],
    [`?until=${iso(at(30))}`, ['a1']],
    [`?agent=${encodeURIComponent("o'brien\\\n")}`, ['a3']],
    [`?agent=${encodeURIComponent("' OR 1=1 --")}`, []],
    ['?agent=g1', []],
  ])('filtered by %s', async (query, expected) => {
    const { body } = await get(`/v1/alerts${query}`);
    expect(idsOf(body)).toEqual(expected);
  });

  it('one shows hits, changes and deliveries in order', async () => {
    const { body } = await get('/v1/alerts/a1');
    expect(body.hits.map((h: { event: string }) => h.event)).toEqual(['e2', 'e3']);
    expect(body.hits[0]).toEqual({
      event: 'e2',
      time: iso(at(10)),
      session: 's1',
      opened: true,
      severity: 'high',
      severity_id: 4,
      score: 0.5,
      p: 0.0001,
      title: 'Data left to a new place',
      why: 'Sent to "acme.example".',
      reason: {
        measure: 'bytes sent',
        observed: 9,
        expected: 'none',
        bound: 1,
        sessions: 40,
        level: 'agent',
        knowledge: 'ready',
        baseline: '0:7',
        chain: [{ event: 'e2', role: 'sent' }],
      },
      tags: ['attack.t1567'],
    });
    expect(body.changes).toEqual([]);
    const delivery = { playbook: 'page', webhook_id: 'w', target: 'soar', duration_ms: 12 };
    expect(body.deliveries).toEqual([
      {
        ...delivery,
        attempt: 1,
        time: iso(at(10)),
        outcome: 'retry',
        http_status: 500,
        error: 'status',
        next_attempt: iso(at(11)),
      },
      { ...delivery, attempt: 2, time: iso(at(11)), outcome: 'delivered', http_status: 200 },
    ]);
  });

  it('one that was closed says by whom', async () => {
    const { body } = await get('/v1/alerts/a2');
    const closed = { state: 'closed', disposition: 'false_positive', note: 'A <b>test</b>' };
    expect(body).toMatchObject({ ...closed, changed: iso(at(51)), changed_by: 'ann (1)', backfill: true });
    expect(body.changes).toEqual([
      { time: iso(at(50)), state: 'acknowledged', by: 'ann (1)' },
      { time: iso(at(51)), by: 'ann (1)', ...closed },
    ]);
  });

  it('have a delivery that ended sent again, of their own tenant and not for ever', async () => {
    const triage = createApiClient(injectTransport(world.app, keyOf('acme', 'triage')));
    const by = `triage key (${keyOf('acme', 'triage').slice(3, 19)})`;
    const answer = { alert: 'a1', playbook: 'page', next_attempt: iso(NOW), by };
    expect(await triage.replayDelivery('a1', 'page')).toEqual({ ...answer, state: 'begun' });
    expect(await triage.replayDelivery('a1', 'page')).toEqual({ ...answer, state: 'under_way' });
    const { body } = await get('/v1/alerts/a1');
    const written = {
      attempt: 3,
      outcome: 'retry',
      error: `replay requested by ${by}`,
      webhook_id: 'w',
      target: 'soar',
    };
    expect(body.deliveries.slice(2)).toMatchObject([written]);
    await expect(triage.replayDelivery('a2', 'page')).rejects.toMatchObject({ status: 404, code: 'not_found' });
    await expect(triage.replayDelivery('a1', 'none')).rejects.toMatchObject({ status: 404, code: 'not_found' });
    await expect(triage.replayDelivery('g-alert', 'page')).rejects.toMatchObject({ status: 404, code: 'not_found' });
    const others = await temporary.store.query("SELECT 1 FROM deliveries WHERE tenant = 'globex' AND attempt > 1");
    expect(others).toEqual([]);
    world.clock.ms = NOW + 31 * 24 * HOUR;
    await expect(triage.replayDelivery('a1', 'page')).rejects.toMatchObject({ status: 409, code: 'cannot_replay' });
    world.clock.ms = NOW;
  });

  it('take an analyst at their word through the log', async () => {
    world.appended.length = 0;
    const client = createApiClient(injectTransport(world.app, keyOf('acme', 'triage')));
    const keyId = keyOf('acme', 'triage').slice(3, 19);
    const words = {
      agent: 'crm/bot',
      state: 'closed',
      disposition: 'benign_change',
      note: 'New release.',
      by: `triage key (${keyId})`,
    };
    const change = { state: 'closed', disposition: 'benign_change', note: 'New release.' } as const;
    expect(await client.changeAlert('a1', change)).toEqual({ ...words, alert: 'a1', received: iso(NOW) });
    expect(world.appended).toEqual([{ ...words, kind: 'disposition', tenant: 'acme', receivedMs: NOW, alertId: 'a1' }]);
  });

  it('of another tenant cannot be changed', async () => {
    world.appended.length = 0;
    const client = createApiClient(injectTransport(world.app, keyOf('acme', 'triage')));
    await expect(client.changeAlert('g-alert', { state: 'acknowledged' })).rejects.toMatchObject({
      status: 404,
      code: 'not_found',
    });
    expect(world.appended).toEqual([]);
  });
});

describe('agents', () => {
  it('are listed by id with what is stored of them', async () => {
    const { body } = await get('/v1/agents');
    const agent = (id: string, hour: number, over: object = {}) => {
      const seen = iso(at(hour));
      return {
        id,
        kind: 'bot',
        events: 1,
        sessions: 1,
        first_seen: seen,
        last_seen: seen,
        knowledge: 'ready',
        open_alerts: 0,
        ...over,
      };
    };
    const { kind: _, ...unkinded } = agent('__proto__', 4);
    expect(body).toEqual({
      items: [
        unkinded,
        agent('billing', 1, { events: 2, sessions: 2, last_seen: iso(at(3)), knowledge: 'stale' }),
        agent('crm/bot', 2, { kind: 'assistant', open_alerts: 1 }),
        agent("o'brien\\\n", 5, { open_alerts: 1 }),
      ],
    });
  });

  it('can be filtered by kind', async () => {
    expect(idsOf((await get('/v1/agents?kind=assistant')).body)).toEqual(['crm/bot']);
  });

  it('one is described by the engine', async () => {
    expect(await get('/v1/agents/crm%2Fbot')).toEqual({ status: 200, body: description });
    expect((await get('/v1/agents/crm%2Fbot', keyOf('globex', 'read'))).status).toBe(404);
  });
});

describe('baselines', () => {
  const post = async (path: string, body: object, key = keyOf('acme', 'triage')) => {
    world.appended.length = 0;
    const url = `/v1/agents/crm%2Fbot/baseline/${path}`;
    const answer = await world.app.inject({ method: 'POST', url, headers: bearer(key), payload: body });
    return { status: answer.statusCode, body: answer.json(), appended: world.appended };
  };

  it('are shown with what they can go back to', async () => {
    const { status, body } = await get('/v1/agents/crm%2Fbot/baseline', keyOf('acme', 'read'));
    const stored = [
      { id: 4, time: iso(at(60)), sessions: 5 },
      { id: 19, time: iso(at(30)), sessions: 20 },
      { id: 9, time: iso(at(0)), sessions: 10 },
    ];
    expect({ status, body }).toEqual({ status: 200, body: { ...liveBaseline, stored, changes: [] } });
    expect((await get('/v1/agents/crm%2Fbot/baseline', keyOf('globex', 'read'))).status).toBe(404);
  });

  it('are drawn as hours that end with the newest event when that is long ago', async () => {
    const { body } = await get('/v1/agents/crm%2Fbot/baseline/series?hours=3');
    expect(body).toMatchObject({ measure: 'events', unit: 'events', zone_offset_minutes: 60, band: 0.95 });
    const times = [at(-1), at(0), at(1)].map(iso);
    expect(body.points.map(({ time }: { time: string }) => time)).toEqual(times);
  });

  it('a change is a record of the log, with who said so and why', async () => {
    const text = { tenant: 'acme', agent: 'crm/bot', receivedMs: NOW, note: 'why' };
    const reset = await post('reset', { note: 'why' });
    expect(reset.appended).toEqual([{ kind: 'reset', ...text, by: expect.stringMatching(/^triage key \(/) }]);
    expect(reset.status).toBe(202);
    const rollback = await post('rollback', { to: 15, note: 'why' });
    const content = 'acme: {"baseline":{"position":4},"tenant":"acme"}';
    expect(rollback.appended).toEqual([{ kind: 'rollback', ...text, content, to: '4', by: expect.any(String) }]);
    expect(rollback.body).toMatchObject({ change: 'rollback', to: '4', to_time: iso(at(60)), note: 'why' });
    const build = await post('build', { note: 'why' });
    expect(build.appended).toEqual([
      { kind: 'rollback', ...text, content: 'hash', to: 'built', by: expect.any(String) },
    ]);
    expect(build.body).toMatchObject({ to: 'built', built: { events: 9, sessions: 2 } });
  });

  it.each([
    ['named exactly', { to: 9 }, 9],
    ['a day older than the newest', {}, 19],
  ])('a rollback reaches into the log before a move: %s', async (_what, body, id) => {
    const { appended } = await post('rollback', body);
    const content = `acme: {"baseline":{"position":${id}},"tenant":"acme"}, of an older log`;
    expect(appended).toMatchObject([{ kind: 'rollback', content, to: String(id) }]);
  });

  it.each([
    ['rollback', { to: '9' }, 'to'],
    ['rollback', { to: 9.5 }, 'to'],
    ['rollback', { from: 9 }, 'from'],
    ['reset', { note: '\ud800' }, 'note'],
    ['reset', { note: 'x'.repeat(2001) }, 'note'],
    ['build', { since: 'yesterday' }, 'since'],
  ])('%s refuses %j', async (path, body, field) => {
    const answer = await post(path, body);
    expect([answer.status, answer.appended]).toEqual([400, []]);
    expect(JSON.stringify(answer.body)).toContain(field);
  });

  it('changes nothing when the log cannot be written', async () => {
    world.answers.append = () => Promise.reject(new LogUnavailable('log_write_failed', 'away'));
    expect(await post('reset', {})).toMatchObject({ status: 503, body: { code: 'log_unavailable' }, appended: [] });
    world.answers.append = async () => {};
  });
});

describe('events', () => {
  it('show the verdict and the record, but no texts and nothing unnamed', async () => {
    const { body } = await get('/v1/events?alert=a1');
    expect(body).toEqual({
      items: [
        {
          id: 'e2',
          time: iso(at(2)),
          received: iso(at(2)),
          agent: 'crm/bot',
          agent_kind: 'assistant',
          session: 's1',
          status: 'learn',
          flags: [],
          knowledge: 'ready',
          known: { sessions: 0, events: 0 },
          score: 0.9,
          detectors: { exfiltration: 0.9 },
          alerts: ['a1'],
          event: {
            id: 'e2',
            time: iso(at(2)),
            agent: { id: 'crm/bot' },
            action: { type: 'send', name: 'mail', phase: 'completed' },
          },
        },
      ],
    });
  });

  it('show texts when asked, as strings', async () => {
    const { body } = await get('/v1/events?alert=a1&content=true');
    expect(body.items[0].content).toEqual({ prompt: '<script>acme</script>' });
  });

  it.each([
    ['', ['e5', 'e4', 'e3', 'e2', 'e1']],
    ['?agent=__proto__', ['e4']],
    [`?agent=${encodeURIComponent("o'brien\\\n")}`, ['e5']],
    [`?agent=${encodeURIComponent('a\u0000b')}`, []],
    ['?session=s2', ['e3']],
    ['?min_score=0.5', ['e2']],
    [`?since=${at(3)}&until=${at(5)}`, ['e4', 'e3']],
    ['?alert=none', []],
  ])('filtered by %s', async (query, expected) => {
    const { status, body } = await get(`/v1/events${query}`);
    expect([status, idsOf(body)]).toEqual([200, expected]);
  });
});

describe('dead letters', () => {
  it('come newest first, without expired ones and without their bytes', async () => {
    world.clock.ms = BRIEF_ENDS_MS - 1000;
    expect(idsOf((await get('/v1/dead-letters')).body)).toEqual(['brief', 'd3', 'd2', 'd1']);
    world.clock.ms = BRIEF_ENDS_MS;
    const { body } = await get('/v1/dead-letters');
    expect(idsOf(body)).toEqual(['d3', 'd2', 'd1']);
    expect(body.items[0]).toEqual({
      id: 'd3',
      received: iso(at(3)),
      source: 'http',
      source_position: 'r1:2',
      code: 'invalid_json',
      field: '',
      message: 'The record is not valid JSON.',
      raw_bytes: 3,
      raw_sha256: 'ab',
    });
  });

  it('can be filtered', async () => {
    expect(idsOf((await get('/v1/dead-letters?code=too_deep')).body)).toEqual(['d2']);
    expect(idsOf((await get(`/v1/dead-letters?since=${at(2)}`)).body)).toEqual(['brief', 'd3', 'd2']);
    expect(idsOf((await get(`/v1/dead-letters?since=${iso(at(3) + 1)}`)).body)).toEqual(['brief']);
  });

  it('show their bytes when asked, and say when they cannot be opened', async () => {
    const { body } = await get('/v1/dead-letters?raw=true');
    const shown = body.items.map(({ raw, raw_error }: { raw?: string; raw_error?: string }) => raw ?? raw_error);
    const bytes = Buffer.from('{"x').toString('base64');
    expect(shown).toEqual([bytes, bytes, 'The bytes cannot be opened with the key of this installation.', bytes]);
  });
});

describe('pages', () => {
  it('of alerts neither repeat nor miss one while newer ones open and old ones get hits', async () => {
    let next = 0;
    const seen = await walk('/v1/alerts', async () => {
      next += 1;
      await temporary.store.insert('alert_hits', [
        hit('acme', `new${next}`, `n${next}`, { time: at(60 + next) }),
        hit('acme', 'a1', `more${next}`, { time: at(70 + next), agent: 'crm/bot' }),
      ]);
    });
    expect(seen).toEqual(['a3', 'a2', 'a1']);
  });

  it('of events neither repeat nor miss one, late arrivals below the cursor included', async () => {
    let next = 0;
    const seen = await walk('/v1/events', async () => {
      next += 1;
      if (next > 1) return;
      await temporary.store.insert('event_log', [
        stored('acme', 'newest', { time: at(90) }),
        stored('acme', 'late', { time: at(0), status: 'late' }),
      ]);
    });
    expect(seen).toEqual(['e5', 'e4', 'e3', 'e2', 'e1', 'late']);
  });

  it('of events with one time hold on to the order of their ids', async () => {
    const same = ['t1', 't2', 't3', 't4', 't5'].map((id) => stored('acme', id, { agent: 'twin', time: at(80) }));
    await temporary.store.insert('event_log', same);
    expect(await walk('/v1/events?agent=twin')).toEqual(['t5', 't4', 't3', 't2', 't1']);
  });

  it.each([
    ['/v1/agents', [...AGENTS, 'twin'].sort()],
    ['/v1/dead-letters', ['brief', 'd3', 'd2', 'd1']],
  ])('of %s', async (path, expected) => {
    expect(await walk(path)).toEqual(expected);
  });

  it('of one list refuse the cursor of another', async () => {
    const { body } = await get('/v1/alerts?limit=1');
    expect((await get(`/v1/events?cursor=${body.next_cursor}`)).body.code).toBe('bad_cursor');
  });

  it('of another tenant gain nothing from a cursor', async () => {
    const { body } = await get('/v1/alerts?limit=1');
    const other = await get(`/v1/alerts?cursor=${body.next_cursor}`, keyOf('globex', 'read'));
    expect(idsOf(other.body)).toEqual(['a1', 'g-alert']);
    expect(JSON.stringify(other.body)).not.toContain('acme');
  });
});

describe('who may see what', () => {
  interface Route {
    readonly method: 'GET' | 'POST' | 'DELETE';
    readonly path: string;
    readonly scope: Scope | 'public';
  }

  const routes = (): Route[] => {
    const document = world.app.swagger() as unknown as {
      paths?: Record<string, Record<string, Record<string, unknown>>>;
    };
    return Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        method: method.toUpperCase() as Route['method'],
        path,
        scope: operation['x-picket-scope'] as Route['scope'],
      })),
    );
  };

  const send = ({ method, path }: Route, headers: Record<string, string>, keyId = '') => {
    const url = path
      .replace('/agents/{id}', '/agents/crm%2Fbot')
      .replace('/keys/{id}', `/keys/${keyId}`)
      .replace('{id}', 'a1')
      .replace('{playbook}', 'page');
    const bodies = {
      '/keys': '{"name":"made","scopes":["ingest"],"expires":"2026-03-01T12:00:01Z"}',
      '/state': '{"state":"acknowledged"}',
      '/events': '{"time":1}',
      '/verification': '{"partition":0,"first":0,"last":9}',
    };
    const body = Object.entries(bodies).find(([end]) => path.endsWith(end))?.[1] ?? '{}';
    const json = { 'content-type': 'application/json' };
    const options = method === 'POST' ? { payload: body, headers: { ...headers, ...json } } : { headers };
    return world.app.inject({ method, url, ...options });
  };

  /** The id of a key that somebody may revoke or replace; gone before it counts. */
  const passingKey = async (tenant: string) => {
    const key = { tenant, name: 'passing', scopes: ['ingest'] as const, expiresMs: NOW + 1 };
    return (await createKey(temporary.store, { now: () => NOW, randomBytes }, key)).keyId;
  };

  it('every route, with every scope', async () => {
    const cells: Record<string, number> = {};
    const expected: Record<string, number> = {};
    for (const route of routes()) {
      const others = { '/v1/log/verification': 200, '/v1/keys': 201, '/v1/keys/{id}/rotate': 201 };
      const success = route.method === 'POST' ? (others[route.path as keyof typeof others] ?? 202) : 200;
      for (const scope of ['none', 'wrong', ...SCOPES] as const) {
        const cell = `${route.method} ${route.path} with ${scope}`;
        const key = scope === 'none' ? '' : scope === 'wrong' ? 'pk_wrong' : keyOf('acme', scope);
        const target = route.path.startsWith('/v1/keys/') ? await passingKey('acme') : '';
        const answer = await send(route, key === '' ? {} : bearer(key), target);
        cells[cell] = answer.statusCode;
        const known = scope !== 'none' && scope !== 'wrong';
        const allowed = route.scope === 'public' || scope === route.scope || scope === 'admin';
        expected[cell] = allowed ? success : known ? 403 : 401;
      }
    }
    expect(Object.keys(cells).length).toBe(25 * 6);
    expect(cells).toEqual(expected);
  });

  it('nothing of acme is shown to globex on any route', async () => {
    const admin = bearer(keyOf('globex', 'admin'));
    const answers = new Map<string, string>();
    for (const route of routes().filter(({ path, method }) => path.startsWith('/v1/') && method === 'GET')) {
      const answer = await send(route, admin);
      answers.set(route.path, answer.body);
    }
    // Names and scopes of keys are words that stand for acme's elsewhere: these are compared as a whole.
    const { items } = JSON.parse(answers.get('/v1/keys') ?? '');
    answers.delete('/v1/keys');
    expect(items.map(({ id }: { id: string }) => id).sort()).toEqual(
      SCOPES.map((scope) => parseKey(keyOf('globex', scope))).sort(),
    );
    const text = [...answers.values()].join('\n');
    expect(text).toContain('g-alert');
    expect(text).toContain('g-dead');
    expect(text).toContain('Of globex.');
    expect(text).not.toMatch(/acme|"e[2-5]"|"a[23]"|"d[1-3]"|triage/);
    const events = await get('/v1/events?content=true', keyOf('globex', 'admin'));
    expect(events.body.items.map((e: { id: string; content: unknown }) => [e.id, e.content])).toEqual([
      ['e1', { prompt: '<script>globex</script>' }],
      ['g1', { prompt: '<script>globex</script>' }],
    ]);
    const alert = await get('/v1/alerts/a1', keyOf('globex', 'read'));
    expect(alert.body).toMatchObject({ hit_count: 1, state: 'closed', deliveries: [{ outcome: 'failed' }] });
    expect((await get('/v1/alerts/a2', keyOf('globex', 'read'))).status).toBe(404);
  });

  it('keys of acme can neither be revoked nor replaced by globex, and stay as they are', async () => {
    const admin = bearer(keyOf('globex', 'admin'));
    const before = (await get('/v1/keys')).body;
    const ids = [parseKey(keyOf('acme', 'read')) ?? '', parseKey(keyOf('acme', 'admin')) ?? '', 'none', '__proto__'];
    for (const id of ids) {
      const revoked = await world.app.inject({ method: 'DELETE', url: `/v1/keys/${id}`, headers: admin });
      const replaced = await world.app.inject({
        method: 'POST',
        url: `/v1/keys/${id}/rotate`,
        headers: admin,
        payload: {},
      });
      for (const answer of [revoked, replaced])
        expect([answer.statusCode, answer.json().code, answer.json().field]).toEqual([404, 'not_found', 'id']);
    }
    expect((await get('/v1/keys')).body).toEqual(before);
    expect((await get('/v1/alerts', keyOf('acme', 'read'))).status).toBe(200);
  });

  it('intake is bound to the tenant of the key', async () => {
    world.accepted.length = 0;
    const client = createApiClient(injectTransport(world.app, keyOf('globex', 'ingest')));
    const answer = await client.postEvents('{"tenant":"acme"}\n', 'application/x-ndjson', {
      gzip: true,
      idempotencyKey: 'k1',
    });
    expect(answer).toEqual({ accepted: 1, rejected: [], rejected_count: 0 });
    const [call] = world.accepted;
    expect([call?.tenant, call?.records, call?.context.idempotencyKey]).toEqual([
      'globex',
      ['{"tenant":"acme"}'],
      'k1',
    ]);
  });
});

describe('keys', () => {
  const deps = { now: () => world.clock.ms, randomBytes };
  const readerOf = (tenant: string) => createTenantReaders(temporary.store, 1)(tenant);
  const listOf = async (tenant: string) => (await listKeys(readerOf(tenant), 200, undefined, world.clock.ms)).items;
  const change = (method: 'POST' | 'DELETE', path: string, key: string, payload: object = {}) =>
    world.app.inject({ method, url: `/v1/keys${path}`, headers: bearer(key), ...(method === 'POST' && { payload }) });
  /** A tenant with an admin key. */
  const newTenant = async (tenant: string) =>
    (await createKey(temporary.store, deps, { tenant, name: 'root', scopes: ['admin'] })).key;

  it('are stored as a hash only, and listed without it', async () => {
    const { store } = temporary;
    const expiresMs = NOW + HOUR;
    const { key, keyId } = await createKey(store, deps, {
      tenant: 'initech',
      name: 'ci',
      scopes: ['ingest', 'ingest'],
      expiresMs,
    });
    const rows = await store.query<object>('SELECT * FROM api_keys');
    expect(JSON.stringify(rows)).not.toContain(key.slice(20));
    expect(await listOf('initech')).toEqual([
      { id: keyId, name: 'ci', scopes: ['ingest'], created: iso(NOW), expires: iso(expiresMs), state: 'active' },
    ]);
    expect(await listOf('nobody')).toEqual([]);
  });

  it('stop working within five seconds of being revoked by another process', async () => {
    const { store } = temporary;
    const other: KeyAdministration = createKeyAdministration({ ...deps, store, forget: () => {}, keysMax: 1000 });
    const { key, keyId } = await createKey(store, deps, { tenant: 'acme', name: 'lost', scopes: ['read'] });
    expect((await get('/v1/alerts', key)).status).toBe(200);
    await expect(other.revoke(readerOf('globex'), keyId)).rejects.toMatchObject({ code: 'not_found' });
    expect(await other.revoke(readerOf('acme'), keyId)).toMatchObject({ id: keyId, state: 'revoked' });
    expect((await get('/v1/alerts', key)).status).toBe(200);
    world.clock.ms += 5000;
    expect(await get('/v1/alerts', key)).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    expect((await findKey(store, keyId))?.revoked).toBe(true);
  });

  it('stop working when they expire', async () => {
    const expiresMs = world.clock.ms + 1000;
    const { key } = await createKey(temporary.store, deps, {
      tenant: 'acme',
      name: 'short',
      scopes: ['read'],
      expiresMs,
    });
    expect((await get('/v1/alerts', key)).status).toBe(200);
    world.clock.ms += 1000;
    expect((await get('/v1/alerts', key)).status).toBe(401);
  });

  it('are made over the API, and told once: in the answer, which nobody keeps', async () => {
    const root = await newTenant('umbrella');
    const expires = iso(NOW + HOUR);
    const answer = await change('POST', '', root, { name: 'shipper <1>', scopes: ['ingest', 'read'], expires });
    const { key, ...shown } = answer.json();
    const id = parseKey(key);
    const expected = { id, name: 'shipper <1>', scopes: ['ingest', 'read'], created: iso(NOW), expires };
    expect([answer.statusCode, answer.headers['cache-control']]).toEqual([201, 'no-store']);
    expect(shown).toEqual({ ...expected, state: 'active' });
    expect((await get('/v1/alerts', key)).status).toBe(200);
    expect((await get('/v1/dead-letters', key)).status).toBe(403);
    const { body } = await get('/v1/keys', root);
    expect(body.items).toEqual(expect.arrayContaining([shown]));
    expect(body.items).toHaveLength(2);
    const rows = await temporary.store.query<object>("SELECT * FROM api_keys WHERE tenant = 'umbrella'");
    expect(JSON.stringify([body, rows])).not.toContain(key.slice(20));
  });

  it('are revoked over the API at once, by one line of the log that names the act and not the secret', async () => {
    const root = await newTenant('hooli');
    const { id, key } = (await change('POST', '', root, { name: 'lost', scopes: ['triage'] })).json();
    expect((await get('/v1/alerts', key)).status).toBe(403);
    logged.length = 0;
    const revoked = await change('DELETE', `/${id}`, root);
    expect([revoked.statusCode, revoked.json()]).toEqual([
      200,
      { id, name: 'lost', scopes: ['triage'], created: iso(NOW), state: 'revoked' },
    ]);
    expect((await get('/v1/alerts', key)).status).toBe(401);
    expect((await change('DELETE', `/${id}`, root)).json()).toEqual(revoked.json());
    const lines = logged.map((line) => JSON.parse(line)).filter(({ audit }) => audit !== undefined);
    const line = { audit: 'key_revoked', tenant: 'hooli', keyId: id, scopes: ['triage'], by: parseKey(root) };
    expect(lines).toEqual([expect.objectContaining(line), expect.objectContaining(line)]);
    expect(logged.join('')).not.toContain(key.slice(20));
    expect(logged.join('')).not.toContain(root.slice(20));
  });

  it('that are made and replaced stand in the log without their secrets', async () => {
    const root = await newTenant('stark');
    logged.length = 0;
    const made = (await change('POST', '', root, { name: 'a', scopes: ['read'] })).json();
    const next = (await change('POST', `/${made.id}/rotate`, root)).json();
    const lines = logged.map((line) => JSON.parse(line)).filter(({ audit }) => audit !== undefined);
    const by = parseKey(root);
    expect(lines).toEqual([
      expect.objectContaining({ audit: 'key_created', tenant: 'stark', keyId: made.id, scopes: ['read'], by }),
      expect.objectContaining({ audit: 'key_rotated', tenant: 'stark', keyId: next.id, replaced: made.id, by }),
    ]);
    for (const key of [made.key, next.key, root]) expect(logged.join('')).not.toContain(key.slice(20));
  });

  it('are replaced at once, or after a grace', async () => {
    const root = await newTenant('wayne');
    const first = (await change('POST', '', root, { name: 'fwd', scopes: ['read'] })).json();
    const answer = await change('POST', `/${first.id}/rotate`, root, { grace_seconds: 60 });
    const second = answer.json();
    const shown = { name: 'fwd', scopes: ['read'], created: iso(NOW) };
    expect([answer.statusCode, answer.headers['cache-control']]).toEqual([201, 'no-store']);
    expect(second).toEqual({
      ...shown,
      id: parseKey(second.key),
      key: second.key,
      state: 'active',
      replaced: { ...shown, id: first.id, expires: iso(NOW + 60_000), state: 'active' },
    });
    const works = async (key: string) => (await get('/v1/alerts', key)).status;
    expect([await works(first.key), await works(second.key)]).toEqual([200, 200]);
    world.clock.ms += 60_000;
    expect([await works(first.key), await works(second.key)]).toEqual([401, 200]);
    const third = (await change('POST', `/${second.id}/rotate`, root)).json();
    expect(third.replaced.state).toBe('revoked');
    expect([await works(second.key), await works(third.key)]).toEqual([401, 200]);
    const again = await change('POST', `/${second.id}/rotate`, root);
    expect([again.statusCode, again.json().code]).toEqual([409, 'key_ended']);
  });

  it('that end before their grace does keep their end, and hand it on', async () => {
    const root = await newTenant('tyrell');
    const expires = iso(NOW + 1000);
    const first = (await change('POST', '', root, { name: 'brief', scopes: ['read'], expires })).json();
    const second = (await change('POST', `/${first.id}/rotate`, root, { grace_seconds: 60 })).json();
    expect([second.expires, second.replaced.expires]).toEqual([expires, expires]);
  });

  it('with scope admin: the last one of a tenant is not revoked, also not by two callers at the same time', async () => {
    const root = await newTenant('cyberdyne');
    const refused = await change('DELETE', `/${parseKey(root)}`, root);
    expect([refused.statusCode, refused.json().code, refused.json().field]).toEqual([409, 'last_admin_key', 'id']);
    const spare = (await change('POST', '', root, { name: 'spare', scopes: ['admin'] })).json();
    // One that has expired is none.
    const expired = { name: 'old', scopes: ['admin'] as const, expiresMs: NOW - 1 };
    await createKey(temporary.store, deps, { tenant: 'cyberdyne', ...expired });
    const both = await Promise.all([
      change('DELETE', `/${spare.id}`, root),
      change('DELETE', `/${parseKey(root)}`, spare.key),
    ]);
    expect(both.map(({ statusCode }) => statusCode).sort()).toEqual([200, 409]);
    const left = (await listOf('cyberdyne')).filter(({ state }) => state === 'active');
    expect(left).toHaveLength(1);
    // To replace it is no way to lose it.
    const { id } = left[0] ?? { id: '' };
    const key = id === spare.id ? spare.key : root;
    expect((await change('POST', `/${id}/rotate`, key)).statusCode).toBe(201);
  });

  it('are limited in number, counting those that work', async () => {
    const root = await newTenant('soylent');
    const make = (over: object = {}) => change('POST', '', root, { name: 'n', scopes: ['read'], ...over });
    const made = [];
    for (let count = 1; count < 12; count++) made.push((await make()).json());
    const [first] = made;
    const refused = await make();
    expect([refused.statusCode, refused.json().code, refused.json().detail]).toEqual([
      409,
      'too_many_keys',
      'This tenant has 12 keys that work, and may have 12.',
    ]);
    const graced = await change('POST', `/${first.id}/rotate`, root, { grace_seconds: 1 });
    expect([graced.statusCode, graced.json().code]).toEqual([409, 'too_many_keys']);
    expect((await change('POST', `/${first.id}/rotate`, root)).statusCode).toBe(201);
    expect((await make()).statusCode).toBe(409);
    await change('DELETE', `/${made[1].id}`, root);
    expect((await make()).statusCode).toBe(201);
  });

  it.each([
    ['a name of blanks', { name: '   ' }, 'name'],
    ['a name that moves the cursor', { name: 'a\u001b[2J' }, 'name'],
    ['a name that turns the line', { name: 'a\u202eb' }, 'name'],
    ['a name of nothing that is seen', { name: '\u3164' }, 'name'],
    ['a name of two lines', { name: 'a\nb' }, 'name'],
    ['an end in the past', { expires: iso(NOW) }, 'expires'],
    ['an end that cannot be stored', { expires: '2100-01-01T00:00:00Z' }, 'expires'],
  ])('are not made with %s', async (_what, over, field) => {
    const before = await listOf('acme');
    const answer = await change('POST', '', keyOf('acme', 'admin'), { name: 'n', scopes: ['read'], ...over });
    expect([answer.statusCode, answer.json().field]).toEqual([400, field]);
    expect(await listOf('acme')).toEqual(before);
  });

  it('come in pages that neither repeat nor miss one', async () => {
    const root = await newTenant('pages');
    // In one millisecond, and in later ones.
    for (let count = 0; count < 6; count++) {
      await change('POST', '', root, { name: `n${count}`, scopes: ['read'] });
      if (count > 2) world.clock.ms += 1;
    }
    const all = (await listOf('pages')).map(({ id }) => id);
    expect(all).toHaveLength(7);
    const seen: string[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await get(`/v1/keys?limit=2${cursor}`, root);
      seen.push(...idsOf(body));
      if (body.next_cursor === undefined) break;
      cursor = `&cursor=${body.next_cursor}`;
    }
    expect(seen).toEqual(all);
  });
});

describe('over a socket', () => {
  let url = '';
  beforeAll(async () => {
    url = await world.app.listen({ port: 0, host: '127.0.0.1' });
  });

  it('the client reads and writes as it does in the process', async () => {
    const client = createApiClient(fetchTransport({ url, key: keyOf('acme', 'admin'), fetch }));
    expect(await client.health()).toEqual({ status: 'ok' });
    expect((await client.getAlert('a2')).state).toBe('closed');
    expect(await client.getAgent('crm/bot')).toEqual(description);
    const sent = await client.postEvents(`${JSON.stringify({ a: 'x'.repeat(100_000) })}\n`, 'application/x-ndjson', {
      gzip: true,
    });
    expect(sent).toEqual({ accepted: 1, rejected: [], rejected_count: 0 });
    await expect(client.getAlert('none')).rejects.toMatchObject({ status: 404, code: 'not_found' });
  });

  it.each([
    ['headers over 16 KiB', { headers: { 'x-filler': 'x'.repeat(17 * 1024) } }, 431],
    ['no body and no type', { method: 'POST' }, 400],
    ['a type but no body', { method: 'POST', headers: { 'content-type': 'application/json' } }, 400],
  ])('%s is refused', async (_what, init, status) => {
    const headers = { ...bearer(keyOf('acme', 'ingest')), ...(init as RequestInit).headers } as Record<string, string>;
    expect((await fetch(`${url}/v1/events`, { ...init, headers })).status).toBe(status);
  });

  it('a request is answered in time when its body has been read, too', async () => {
    const { keys, ring } = keysOf([{ tenant: 'acme', scope: 'ingest' }]);
    const slow = await openApi({ keys: ring, limits: { handlerTimeoutMs: 50 } });
    slow.answers.accept = () => new Promise(() => {});
    const client = createApiClient(
      fetchTransport({ url: await slow.app.listen({ port: 0, host: '127.0.0.1' }), key: keys[0] ?? '', fetch }),
    );
    await expect(client.postEvents('{}', 'application/json')).rejects.toMatchObject({ status: 503, code: 'timed_out' });
    await slow.close();
  });

  it('memory for bodies is given back when the sender goes away', async () => {
    const key = keyOf('acme', 'ingest');
    const { port } = new URL(url);
    const head = postHead(key);
    const senders = Math.ceil(API_LIMITS.intakeBytesMax / 9_999_999) * 2;
    for (let sender = 0; sender < senders; sender++) await sendAndLeave(Number(port), head);
    const client = createApiClient(fetchTransport({ url, key, fetch }));
    await expect
      .poll(() => client.postEvents('{}', 'application/json').catch((error) => error.code))
      .toMatchObject({ accepted: 1 });
  });

  it('memory for bodies is not set aside for a sender that has gone away while its key was looked up', async () => {
    const { keys, ring } = keysOf([{ tenant: 'acme', scope: 'ingest' }]);
    const gone: (() => void)[] = [];
    const identify = (key: string) => new Promise<void>((resolve) => gone.push(resolve)).then(() => ring.identify(key));
    const slow = await openApi({ keys: { identify }, limits: { intakeBytesMax: 1024 } });
    const url = await slow.app.listen({ port: 0, host: '127.0.0.1' });
    const head = postHead(keys[0] ?? '');
    await sendAndLeave(Number(new URL(url).port), head);
    await expect.poll(() => gone.length).toBe(1);
    await expect.poll(() => promisify(slow.app.server.getConnections.bind(slow.app.server))()).toBe(0);
    gone[0]?.();
    const client = createApiClient(fetchTransport({ url, key: keys[0] ?? '', fetch }));
    const sent = client.postEvents('{}', 'application/json');
    await expect.poll(() => gone.length).toBe(2);
    gone[1]?.();
    expect(await sent).toMatchObject({ accepted: 1 });
    await slow.close();
  });
});

const postHead = (key: string): string =>
  `POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nContent-Length: 9999999\r\n\r\n{`;

/** Starts a request, never ends it, and closes the connection. */
function sendAndLeave(port: number, head: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(head, () => socket.destroy()));
    socket.on('close', () => resolve()).on('error', reject);
  });
}
