/**
 * Goal: whatever a caller sends, the answer is a stated one: a problem with a stable code and the field, never a stack or a
 * guess. The store here is empty; what queries return is shown in the integration test.
 */
import { Writable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import type { InjectOptions } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { LogUnavailable } from '../../ingest/log.ts';
import { StoreUnavailable } from '../../store/store.ts';
import { type ApiWorld, type ApiWorldOptions, bearer, keysOf, openApi } from '../support/api-app.ts';

const { keys, ring } = keysOf([
  { tenant: 'acme', scope: 'ingest' },
  { tenant: 'acme', scope: 'read' },
  { tenant: 'acme', scope: 'triage' },
  { tenant: 'acme', scope: 'admin' },
]);
const [ingest = '', read = '', triage = '', admin = ''] = keys;
const EVENT = '{"time":1770000000000,"agent":{"id":"a"},"action":{"type":"send","name":"mail"}}';

let world: ApiWorld | undefined;
const open = async (options: ApiWorldOptions = {}) => {
  world = await openApi({ keys: ring, ...options });
  return world;
};
afterEach(async () => world?.close());

const post = (over: InjectOptions = {}): InjectOptions => ({
  method: 'POST',
  url: '/v1/events',
  payload: EVENT,
  ...over,
  headers: { ...bearer(ingest), 'content-type': 'application/json', ...over.headers },
});

describe('the key', () => {
  it.each([
    ['absent', {}],
    ['not a key', bearer('secret')],
    ['of another scheme', { authorization: `Basic ${read}` }],
    ['empty', { authorization: 'Bearer ' }],
    ['unknown', bearer('pk_0001020304050607_08090a0b0c0d0e0f101112131415161718191a1b7a40eda4')],
    ['in the URL only', {}, `/v1/alerts?key=${read}`],
  ])('when %s: 401, the same words each time', async (_what, headers, url = '/v1/alerts') => {
    const { app } = await open();
    const answer = await app.inject({ url, headers });
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.json()).toEqual({
      type: 'urn:picket:problem:unauthorized',
      title: 'Unauthorized',
      status: 401,
      code: 'unauthorized',
      detail: 'The request carries no valid API key.',
      action: 'Send a valid API key as Authorization: Bearer or X-API-Key.',
      request_id: 'request-1',
    });
  });

  it('may come as X-API-Key', async () => {
    const { app } = await open();
    expect((await app.inject({ url: '/v1/alerts', headers: { 'x-api-key': read } })).statusCode).toBe(200);
  });

  it('is asked for before the body is read, and for HEAD too', async () => {
    const { app, accepted } = await open();
    const answer = await app.inject(post({ headers: { authorization: 'Bearer x' }, payload: 'x'.repeat(1000) }));
    expect([answer.statusCode, accepted]).toEqual([401, []]);
    expect((await app.inject({ method: 'HEAD', url: '/v1/alerts' })).statusCode).toBe(401);
  });

  it('never reaches the log', async () => {
    const lines: string[] = [];
    const stream = new Writable({ write: (chunk, _encoding, done) => done(void lines.push(String(chunk))) });
    const { app } = await open({ logger: { level: 'trace', stream } });
    await app.inject({ url: `/v1/alerts?agent=${read}`, headers: bearer(read) });
    await app.inject({ url: `/v1/alerts?key=${read}`, headers: { 'x-api-key': read } });
    await app.inject(post({ headers: bearer(read) }));
    expect(lines.length).toBeGreaterThan(3);
    expect(lines.filter((line) => keys.some((key) => line.includes(key.slice(20))))).toEqual([]);
  });

  it('sends too many requests: 429 with Retry-After, but intake is not counted', async () => {
    const { app, clock } = await open({ limits: { readsPerSecond: 0.5, readBurst: 2 } });
    const get = () => app.inject({ url: '/v1/alerts', headers: bearer(read) });
    expect([(await get()).statusCode, (await get()).statusCode]).toEqual([200, 200]);
    const refused = await get();
    expect([refused.statusCode, refused.headers['retry-after'], refused.json().code]).toEqual([
      429,
      '2',
      'rate_limited',
    ]);
    clock.ms += 2000;
    expect((await get()).statusCode).toBe(200);
    const sends = await Promise.all([1, 2, 3, 4].map(() => app.inject(post())));
    expect(sends.map((answer) => answer.statusCode)).toEqual([202, 202, 202, 202]);
  });

  it('cannot be checked while the store is down: 503, not 200', async () => {
    const down = { identify: async () => Promise.reject(new StoreUnavailable('down')) };
    const { app } = await open({ keys: down });
    const answer = await app.inject({ url: '/v1/alerts', headers: bearer(read) });
    expect([answer.statusCode, answer.json().code]).toEqual([503, 'store_unavailable']);
  });
});

it('a route without a scope does not start', async () => {
  await expect(open({ addRoutes: (app) => void app.get('/v1/forgotten', async () => 'open') })).rejects.toThrow(
    'The route /v1/forgotten declares no scope.',
  );
});

describe('bad parameters name the field', () => {
  it.each([
    ['/v1/alerts?limit=0', 'limit'],
    ['/v1/alerts?limit=201', 'limit'],
    ['/v1/alerts?limit=5.5', 'limit'],
    ['/v1/alerts?limit=many', 'limit'],
    ['/v1/alerts?limit=', 'limit'],
    ['/v1/alerts?severity=grave', 'severity'],
    ['/v1/alerts?state=done', 'state'],
    ['/v1/alerts?agent=', 'agent'],
    [`/v1/alerts?agent=${'a'.repeat(257)}`, 'agent'],
    ['/v1/alerts?agent=a&agent=b', 'agent'],
    ['/v1/alerts?since=yesterday', 'since'],
    ['/v1/alerts?until=1770000000', 'until'],
    ['/v1/alerts?tenant=globex', 'tenant'],
    ['/v1/alerts?__proto__=1', '__proto__'],
    ['/v1/alerts?cursor=abc', 'cursor'],
    ['/v1/agents?cursor=abc', 'cursor'],
    ['/v1/events?cursor=abc', 'cursor'],
    ['/v1/events?min_score=2', 'min_score'],
    ['/v1/events?content=maybe', 'content'],
    ['/v1/events?content=true&limit=51', 'limit'],
    ['/v1/dead-letters?code=other', 'code'],
    ['/v1/dead-letters?cursor=abc', 'cursor'],
    ['/v1/keys?cursor=abc', 'cursor'],
    ['/v1/keys?tenant=globex', 'tenant'],
    [`/v1/agents/${'a'.repeat(257)}`, 'id'],
    [`/v1/alerts/${'a'.repeat(257)}`, 'id'],
  ])('%s', async (url, field) => {
    const { app } = await open();
    const answer = await app.inject({ url, headers: bearer(admin) });
    const { status, code, field: named, action } = answer.json();
    const expected = field === 'cursor' ? 'bad_cursor' : 'invalid_request';
    expect({ status, code, named, action: typeof action }).toEqual({
      status: 400,
      code: expected,
      named: field,
      action: 'string',
    });
  });

  it.each([
    ['/v1/alerts?limit=1000', 'The parameter "limit" must be <= 200.'],
    ['/v1/alerts?state=done', 'The parameter "state" must be one of open, acknowledged, closed.'],
    [
      '/v1/alerts?detector=foo',
      'The parameter "detector" must be one of novel-endpoint, volume-spike, mass-read, exfiltration, rare-sequence, isolation-forest.',
    ],
    [
      '/v1/alerts?severity=grave',
      'The parameter "severity" must be one of informational, low, medium, high, critical, info.',
    ],
    ['/v1/alerts?tenant=globex', 'The parameter "tenant" is unknown.'],
  ])('in the sentence as well: %s', async (url, detail) => {
    const { app } = await open();
    expect((await app.inject({ url, headers: bearer(admin) })).json()).toMatchObject({ status: 400, detail });
  });

  it.each([
    ['{"state":"done"}', 'The field "state" must be one of open, acknowledged, closed.'],
    ['{"state":"open","colour":1}', 'The field "colour" is unknown.'],
    ['{}', 'The field "state" is missing.'],
    ['[]', 'The body must be object.'],
  ])('of a body as well: %s', async (payload, detail) => {
    const { app } = await open();
    const headers = { ...bearer(triage), 'content-type': 'application/json' };
    const answer = await app.inject({ method: 'POST', url: '/v1/alerts/al_1/state', headers, payload });
    expect(answer.json()).toMatchObject({ status: 400, detail });
  });

  it.each(['info', 'informational'])('takes the severity %s', async (word) => {
    const asked: unknown[] = [];
    const query = async (_sql: string, params?: unknown) => {
      asked.push(params);
      return [];
    };
    const { app } = await open({ store: { query } });
    await app.inject({ url: `/v1/alerts?severity=${word}`, headers: bearer(admin) });
    expect(asked).toEqual([{ tenant: 'acme', severity: 1, rows: 51 }]);
  });

  it.each([
    ['/v1/%zz', 400, 'invalid_request'],
    ['/v1/agents/%ff', 400, 'invalid_request'],
    [`/v1/agents/${'a'.repeat(1100)}`, 404, 'not_found'],
    ['/v1/nothing', 404, 'not_found'],
    ['/v1/agents/', 400, 'invalid_request'],
    ['/../../etc/passwd', 404, 'not_found'],
  ])('%s is a problem too', async (url, status, code) => {
    const { app } = await open();
    const answer = await app.inject({ url, headers: bearer(admin) });
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  });

  it.each([
    ['DELETE', '/v1/alerts', 'GET, HEAD'],
    ['POST', '/v1/alerts/a1', 'GET, HEAD'],
    ['GET', '/v1/alerts/a1/state', 'POST'],
    ['HEAD', '/v1/alerts/a1/state', 'POST'],
    ['PUT', '/v1/events', 'GET, HEAD, POST'],
    ['PATCH', '/v1/keys/k', 'DELETE'],
    ['OPTIONS', '/metrics', 'GET, HEAD'],
  ] as const)(
    '%s %s is told which methods there are, without a key and whatever its body',
    async (method, url, allow) => {
      const { app } = await open();
      const body = method === 'POST' || method === 'PUT' ? { payload: '{', headers: { 'content-type': 'text/x' } } : {};
      const answer = await app.inject({ method, url, ...body });
      expect([answer.statusCode, answer.headers['allow']]).toEqual([405, allow]);
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
      if (method !== 'HEAD') expect(answer.json()).toMatchObject({ status: 405, code: 'method_not_allowed' });
    },
  );
});

it('one alert names the playbooks that are still to be told of it', async () => {
  const words = { agent: 'a', detector: 'mass-read', subject: 's', title: 't', why: 'w', state: 'open' };
  const absent = { agent_kind: '', disposition: '', changed_by: '', note: '', changed_ms: 0, backfill: 0, tags: [] };
  const numbers = { severity: 4, score: 0.5, p: 0.1, hits: 1, sessions: 1, first_seen_ms: 1, last_seen_ms: 1 };
  const row = { alert_id: 'al_1', ...words, ...numbers, ...absent };
  const query = async <Row>(sql: string) => (sql.includes('FROM alerts\n') ? [row] : []) as Row[];
  const asked: string[][] = [];
  const waiting = (...key: string[]) => {
    asked.push(key);
    return [
      { playbook: 'soar', target: 'https://soar.example', notBeforeMs: Date.UTC(2026, 2, 1) },
      { playbook: 'mail', target: 'https://mail.example' },
    ];
  };
  const { app } = await open({ store: { query }, waiting });
  const answer = await app.inject({ url: '/v1/alerts/al_1', headers: bearer(read) });
  expect(answer.json().waiting).toEqual([
    { playbook: 'soar', target: 'https://soar.example', not_before: '2026-03-01T00:00:00.000Z' },
    { playbook: 'mail', target: 'https://mail.example' },
  ]);
  expect(asked).toEqual([['acme', 'al_1']]);
  await app.close();
  // A process that sends nothing does not know, which is not the same as none.
  const { app: apart } = await open({ store: { query } });
  expect((await apart.inject({ url: '/v1/alerts/al_1', headers: bearer(read) })).json()).not.toHaveProperty('waiting');
});

describe('hostile agent ids arrive as they are', () => {
  it.each([
    'a/b',
    '__proto__',
    'constructor',
    '..',
    'a b',
    "x' OR 1=1",
    'a\u0000b',
    'a\r\nb',
    '😀'.repeat(256),
    '%2F',
    '{tenant:String}',
  ])('%j', async (id) => {
    const { app, answers } = await open();
    const asked: string[][] = [];
    answers.describe = async (...args) => void asked.push(args) as undefined;
    const answer = await app.inject({ url: `/v1/agents/${encodeURIComponent(id)}`, headers: bearer(read) });
    // A dot segment is resolved by every URL parser before it is sent; it then asks for the list's folder.
    if (id === '..') return expect(asked).toEqual([]);
    expect([answer.statusCode, answer.json().code, asked]).toEqual([404, 'not_found', [['acme', id]]]);
  });
});

describe('intake', () => {
  it('passes records on and answers 202', async () => {
    const { app, accepted } = await open();
    const headers = { 'content-type': 'application/x-ndjson', 'idempotency-key': 'batch-7' };
    const answer = await app.inject(post({ payload: `${EVENT}\n${EVENT}\n`, headers }));
    expect([answer.statusCode, answer.json()]).toEqual([202, { accepted: 2, rejected: [], rejected_count: 0 }]);
    expect(accepted).toEqual([
      { tenant: 'acme', records: [EVENT, EVENT], context: { requestId: 'request-1', idempotencyKey: 'batch-7' } },
    ]);
  });

  it.each([
    ['application/json', `[${EVENT},${EVENT}]`, 2],
    ['application/json; charset=utf-8', EVENT, 1],
    ['application/jsonl', `${EVENT}\n`, 1],
    ['application/x-ndjson', EVENT, 1],
    ['text/plain', EVENT, 1],
  ])('understands %s, plain and gzipped', async (type, payload, records) => {
    const { app, accepted } = await open();
    const headers = { 'content-type': type };
    const plain = await app.inject(post({ payload, headers }));
    const packed = await app.inject(
      post({ payload: gzipSync(payload), headers: { ...headers, 'content-encoding': 'gzip' } }),
    );
    expect([plain.statusCode, packed.statusCode]).toEqual([202, 202]);
    expect(accepted.map((call) => call.records.length)).toEqual([records, records]);
  });

  const refused = { index: 1, code: 'missing_field', field: 'agent.id', message: 'A required field is missing.' };

  it('lists what was refused beside what was accepted', async () => {
    const { app, answers } = await open({ limits: { rejectedListedMax: 1 } });
    answers.accept = async () => ({ accepted: 1, rejected: [refused, { ...refused, index: 2 }] });
    const answer = await app.inject(post());
    expect([answer.statusCode, answer.json()]).toEqual([202, { accepted: 1, rejected: [refused], rejected_count: 2 }]);
  });

  it('answers 422 with the list when nothing was accepted', async () => {
    const { app, answers } = await open();
    answers.accept = async () => ({ accepted: 0, rejected: [refused] });
    const answer = await app.inject(post());
    expect(answer.statusCode).toBe(422);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.json()).toMatchObject({ code: 'nothing_accepted', rejected: [refused], rejected_count: 1 });
  });

  it.each([
    ['queue full', new LogUnavailable('log_queue_full', 'full'), 503, 'log_unavailable', '2'],
    ['store down', new StoreUnavailable('down'), 503, 'store_unavailable', '2'],
    ['a mistake of ours', new TypeError('secret detail'), 500, 'internal', undefined],
  ])('answers for %s', async (_what, error, status, code, retryAfter) => {
    const { app, answers } = await open();
    answers.accept = async () => Promise.reject(error);
    const answer = await app.inject(post());
    expect([answer.statusCode, answer.json().code, answer.headers['retry-after']]).toEqual([status, code, retryAfter]);
    expect(answer.body).not.toContain(error.message);
  });

  it.each([
    ['another type', { headers: { 'content-type': 'application/xml' } }, 415, 'unsupported_media_type'],
    ['another encoding', { headers: { 'content-encoding': 'br' } }, 415, 'unsupported_media_type'],
    ['damaged gzip', { headers: { 'content-encoding': 'gzip' } }, 400, 'invalid_body'],
    [
      'a cut gzip',
      { payload: gzipSync(EVENT).subarray(0, 20), headers: { 'content-encoding': 'gzip' } },
      400,
      'invalid_body',
    ],
    ['no body', { payload: '' }, 400, 'invalid_body'],
    ['no record', { payload: '[]' }, 400, 'invalid_body'],
    ['too many records', { payload: '{}\n'.repeat(10_001) }, 413, 'payload_too_large'],
    ['a body over 16 MiB', { payload: Buffer.alloc(16 * 1024 * 1024 + 1) }, 413, 'payload_too_large'],
    [
      'a gzip that grows over 32 MiB',
      { payload: gzipSync(Buffer.alloc(65 * 1024 * 1024)), headers: { 'content-encoding': 'gzip' } },
      413,
      'payload_too_large',
    ],
    ['a long idempotency key', { headers: { 'idempotency-key': 'k'.repeat(257) } }, 400, 'invalid_request'],
  ])('refuses %s', async (_what, over, status, code) => {
    const { app, accepted } = await open();
    const answer = await app.inject(post(over as InjectOptions));
    expect([answer.statusCode, answer.json().code, accepted]).toEqual([status, code, []]);
  });

  it('takes no more bodies than it has memory for, and gives memory back however a request ends', async () => {
    const { app, answers } = await open({ limits: { intakeBytesMax: 20 * 1024 } });
    const release: (() => void)[] = [];
    answers.accept = () => new Promise((resolve) => release.push(() => resolve({ accepted: 1, rejected: [] })));
    const first = app.inject(post()).then((answer) => answer.statusCode);
    await expect.poll(() => release.length).toBe(1);
    const second = await app.inject(post());
    expect([second.statusCode, second.json().code, second.headers['retry-after']]).toEqual([503, 'busy', '1']);
    release[0]?.();
    expect(await first).toBe(202);
    answers.accept = async () => ({ accepted: 1, rejected: [] });
    expect((await app.inject(post({ payload: '' }))).statusCode).toBe(400);
    expect((await app.inject(post())).statusCode).toBe(202);
  });

  it('holds memory for a body whose sender was told that it takes too long, until its handler lets go of it', async () => {
    const { app, answers } = await open({ limits: { intakeBytesMax: 20 * 1024, handlerTimeoutMs: 20 } });
    const release: (() => void)[] = [];
    answers.accept = () => new Promise((resolve) => release.push(() => resolve({ accepted: 1, rejected: [] })));
    const late = await app.inject(post());
    expect([late.statusCode, late.json().code, late.headers['retry-after']]).toEqual([503, 'timed_out', '2']);
    expect((await app.inject(post())).json().code).toBe('busy');
    release[0]?.();
    answers.accept = async () => ({ accepted: 1, rejected: [] });
    await expect.poll(async () => (await app.inject(post())).statusCode).toBe(202);
  });
});

it('an answer that takes too long is a problem, and says to ask for less', async () => {
  const { app, answers } = await open({ limits: { handlerTimeoutMs: 20 } });
  answers.describe = () => new Promise(() => {});
  const answer = await app.inject({ url: '/v1/agents/slow', headers: bearer(read) });
  expect([answer.statusCode, answer.json().code]).toEqual([503, 'timed_out']);
});

describe('the state of an alert', () => {
  const change = (payload: unknown): InjectOptions => ({
    method: 'POST',
    url: '/v1/alerts/a1/state',
    headers: { ...bearer(triage), 'content-type': 'application/json' },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  });

  it.each([
    [{}, 'invalid_request', 'state'],
    [{ state: 'done' }, 'invalid_request', 'state'],
    [{ state: 1 }, 'invalid_request', 'state'],
    [{ state: 'closed' }, 'invalid_request', 'disposition'],
    [{ state: 'open', disposition: 'true_positive' }, 'invalid_request', 'disposition'],
    [{ state: 'closed', disposition: 'whatever' }, 'invalid_request', 'disposition'],
    [{ state: 'open', note: 5 }, 'invalid_request', 'note'],
    [{ state: 'open', note: 'x'.repeat(2001) }, 'invalid_request', 'note'],
    ['{"state":"open","note":"\\ud800"}', 'invalid_request', 'note'],
    [{ state: 'open', by: 'somebody else' }, 'invalid_request', 'by'],
    ['{"state":"open","__proto__":{"x":1}}', 'invalid_body', undefined],
    ['{"state":', 'invalid_body', undefined],
  ])('refuses %j', async (payload, code, field) => {
    const { app, appended } = await open();
    const answer = await app.inject(change(payload));
    const body = answer.json();
    expect([answer.statusCode, body.code, body.field, appended]).toEqual([400, code, field, []]);
  });

  it('of an alert that is not there is a 404', async () => {
    const { app, appended } = await open();
    const answer = await app.inject(change({ state: 'open' }));
    expect([answer.statusCode, answer.json().code, appended]).toEqual([404, 'not_found', []]);
  });
});

describe('keys', () => {
  const change = (url: string, payload: unknown, method: 'POST' | 'DELETE' = 'POST'): InjectOptions => ({
    method,
    url,
    headers: { ...bearer(admin), ...(method === 'POST' && { 'content-type': 'application/json' }) },
    ...(method === 'POST' && { payload: JSON.stringify(payload) }),
  });

  it.each([
    ['no name', { scopes: ['read'] }, 'name'],
    ['an empty name', { name: '', scopes: ['read'] }, 'name'],
    ['a long name', { name: 'x'.repeat(129), scopes: ['read'] }, 'name'],
    ['no scopes', { name: 'x' }, 'scopes'],
    ['an empty list of scopes', { name: 'x', scopes: [] }, 'scopes'],
    ['a scope twice', { name: 'x', scopes: ['read', 'read'] }, 'scopes'],
    ['a scope that is none', { name: 'x', scopes: ['root'] }, 'scopes.0'],
    ['a tenant', { name: 'x', scopes: ['read'], tenant: 'globex' }, 'tenant'],
    ['a secret of its own', { name: 'x', scopes: ['read'], key: 'pk_mine' }, 'key'],
    ['no time', { name: 'x', scopes: ['read'], expires: 'tomorrow' }, 'expires'],
  ])('are not made with %s', async (_what, payload, field) => {
    const { app } = await open();
    const { status, code, field: named } = (await app.inject(change('/v1/keys', payload))).json();
    expect({ status, code, named }).toEqual({ status: 400, code: 'invalid_request', named: field });
  });

  it.each([{ grace_seconds: -1 }, { grace_seconds: 0.5 }, { grace_seconds: '60' }, { grace_seconds: 7 * 86_400 + 1 }])(
    'are not replaced with %j',
    async (payload) => {
      const { app } = await open();
      const { status, field } = (await app.inject(change('/v1/keys/k1/rotate', payload))).json();
      expect({ status, field }).toEqual({ status: 400, field: 'grace_seconds' });
    },
  );
});

describe('operations', () => {
  it('healthz answers without a key and without the store', async () => {
    const { app } = await open();
    expect((await app.inject('/healthz')).json()).toEqual({ status: 'ok' });
  });

  const failing = { ready: false, checks: [{ name: 'log', ok: false, detail: 'queue full' }] };
  it.each([
    ['not ready', async () => failing, failing],
    [
      'failing itself',
      async () => Promise.reject(new Error('secret')),
      { ready: false, checks: [{ name: 'status', ok: false, detail: 'The checks themselves failed.' }] },
    ],
  ])('readyz answers 503 when %s', async (_what, ready, expected) => {
    const { app, answers } = await open();
    answers.ready = ready;
    const answer = await app.inject('/readyz');
    expect([answer.statusCode, answer.json()]).toEqual([503, expected]);
  });

  it('metrics show the counters as they are now, and routes by template', async () => {
    const { app, answers } = await open();
    answers.counters = { events_total: 3, queue_entries: 7, 'Bad name{}': 1 };
    await app.inject({ url: '/v1/agents/secret-agent', headers: bearer(read) });
    await app.inject({ url: '/nothing/secret-agent' });
    await app.inject({ url: '/v1/alerts' });
    const first = (await app.inject('/metrics')).body;
    answers.counters = { events_total: 5, queue_entries: 2, late_total: 1 };
    const second = (await app.inject('/metrics')).body;
    expect(first).toMatch(/^picket_events_total 3$/m);
    expect(first).toMatch(/^picket_queue_entries 7$/m);
    expect(second).toMatch(/^picket_events_total 5$/m);
    expect(second).toMatch(/^picket_queue_entries 2$/m);
    expect(second).toMatch(/^picket_late_total 1$/m);
    expect(second).toMatch(
      /picket_http_request_seconds_count\{method="GET",route="\/v1\/agents\/:id",status="4xx"\} 1/,
    );
    expect(second).toMatch(/picket_http_request_seconds_count\{method="GET",route="unmatched",status="4xx"\} 1/);
    expect(second).toMatch(/picket_auth_failures_total\{reason="missing"\} 1/);
    expect(second).not.toMatch(/secret-agent|acme|Bad name/);
  });
});

describe('the OpenAPI document', () => {
  interface Operation {
    operationId: string;
    summary: string;
    parameters?: { name: string; in: string; required?: boolean; schema: object }[];
    responses: Record<string, { description: string; content?: Record<string, { schema: unknown }> }>;
    security: object[];
    'x-picket-scope': string;
  }
  type Document = { openapi: string; info: object; paths: Record<string, Record<string, Operation>> };
  const documentOf = async () => (await (await open()).app.inject('/openapi.json')).json() as Document;
  const operations = ({ paths }: Document) =>
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );

  it('covers every route with the scope it has', async () => {
    const document = await documentOf();
    expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'Picket', version: '1.0.0' } });
    const listed = operations(document).map(
      ({ path, method, operation }) => `${method} ${path}: ${operation['x-picket-scope']}`,
    );
    expect(listed.sort()).toEqual([
      'delete /v1/keys/{id}: admin',
      'get /healthz: public',
      'get /metrics: public',
      'get /openapi.json: public',
      'get /readyz: public',
      'get /v1/agents/{id}/baseline/series: read',
      'get /v1/agents/{id}/baseline: read',
      'get /v1/agents/{id}/verification: admin',
      'get /v1/agents/{id}: read',
      'get /v1/agents: read',
      'get /v1/alerts/{id}: read',
      'get /v1/alerts: read',
      'get /v1/dead-letters: admin',
      'get /v1/events: read',
      'get /v1/keys: admin',
      'get /v1/log/verification: admin',
      'post /v1/agents/{id}/baseline/build: triage',
      'post /v1/agents/{id}/baseline/reset: triage',
      'post /v1/agents/{id}/baseline/rollback: triage',
      'post /v1/alerts/{id}/deliveries/{playbook}/replay: triage',
      'post /v1/alerts/{id}/state: triage',
      'post /v1/events: ingest',
      'post /v1/keys/{id}/rotate: admin',
      'post /v1/keys: admin',
      'post /v1/log/verification: admin',
    ]);
  });

  it('describes every operation fully', async () => {
    const document = await documentOf();
    const all = operations(document);
    expect(new Set(all.map(({ operation }) => operation.operationId)).size).toBe(all.length);
    for (const { path, operation } of all) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      expect(declared.map(({ name, required }) => [name, required])).toEqual(inPath.map((name) => [name, true]));
      expect(operation.summary).not.toBe('');
      expect(operation.security).toEqual(
        operation['x-picket-scope'] === 'public' ? [] : [{ bearer: [] }, { apiKey: [] }],
      );
      const statuses = Object.keys(operation.responses);
      expect(statuses.filter((status) => !/^([1-5]\d\d|[1-5]XX|default)$/.test(status))).toEqual([]);
      for (const { description } of Object.values(operation.responses)) expect(typeof description).toBe('string');
      if (path.startsWith('/v1/')) {
        expect(Object.keys(operation.responses['4XX']?.content ?? {})).toEqual(['application/problem+json']);
      }
    }
  });

  it('says of events that unknown fields are taken, and of the answer that an accepted record may end as a dead letter', async () => {
    const text = JSON.stringify((await documentOf()).paths['/v1/events']?.['post']);
    expect(text).toContain('Fields that are not named here are kept as attributes, at any level.');
    expect(text).not.toContain('per tenant');
    expect(text).toMatch(/"accepted":\{[^}]*becomes a dead letter \(id_conflict\)/);
    const { requestBody } = JSON.parse(text);
    expect(JSON.stringify(requestBody)).not.toContain('"additionalProperties":false');
  });

  it('holds no reference that leads nowhere', async () => {
    const document = await documentOf();
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref ?? '');
    const resolve = (ref: string) =>
      ref
        .slice(2)
        .split('/')
        .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], document);
    expect(refs.filter((ref) => !ref.startsWith('#/') || resolve(ref) === undefined)).toEqual([]);
  });
});
