/**
 * Goal: `picket up` as people meet it: a process of its own, spoken to over HTTP. Nothing inside is touched; what it promises is read
 * back through its own API.
 */
import { existsSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/embedded-store.ts';
import { type PicketServer, runPicket, startPicket } from '../support/picket-process.ts';
import { fullestEvent } from '../support/wire-event.ts';

let folder: string;
let server: PicketServer;
beforeAll(async () => {
  folder = await temporaryFolder();
  server = await startPicket(join(folder, 'data'));
});
afterAll(async () => {
  await server.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function request(path: string, init: RequestInit = {}): Promise<Answer> {
  const headers = { authorization: `Bearer ${server.key}`, ...init.headers };
  const response = await fetch(server.url + path, { ...init, headers });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const post = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
  request('/v1/events', { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });

const lines = { 'content-type': 'application/x-ndjson' };

let count = 0;
/** An event that has just happened, with an id of its own. */
function event(fields: object = {}): Record<string, unknown> & { id: string } {
  count += 1;
  const act = { agent: { id: 'up-agent' }, action: { type: 'tool_call', name: 'crm.search' } };
  return { id: `up-${count}`, time: new Date().toISOString(), ...act, ...fields };
}

interface Item extends Record<string, unknown> {
  readonly id: string;
  readonly code: string;
  readonly field: string;
}

async function everything(path: string): Promise<Item[]> {
  const items: Item[] = [];
  for (let cursor = ''; ; ) {
    const separator = path.includes('?') ? '&' : '?';
    const { status, body } = await request(`${path}${separator}limit=100${cursor}`);
    expect([status, body]).toEqual([200, expect.anything()]);
    items.push(...(body['items'] as Item[]));
    if (body['next_cursor'] === undefined) return items;
    cursor = `&cursor=${body['next_cursor']}`;
  }
}

const visibleIds = async (agent: string): Promise<string[]> =>
  (await everything(`/v1/events?agent=${encodeURIComponent(agent)}`)).map(({ id }) => id).sort();

const idsOf = (events: readonly { id: string }[]): string[] => events.map(({ id }) => id).sort();

describe('the first start', () => {
  it('says where the admin key is, readable by its owner only', async () => {
    const file = join(server.dataDir, 'admin.key');
    expect(server.printed()).toContain(`An admin key was written to ${file}`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(server.dataDir, 'master.key'))).mode & 0o777).toBe(0o600);
    expect((await stat(server.dataDir)).mode & 0o777).toBe(0o700);
    expect(server.printed()).not.toContain(server.key);
  });

  it('answers health, readiness and metrics without a key', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics', '/openapi.json']) {
      expect([path, (await fetch(server.url + path)).status]).toEqual([path, 200]);
    }
    expect(await (await fetch(`${server.url}/metrics`)).text()).toMatch(/^picket_events_total \d+$/m);
  });
});

describe('intake', () => {
  const agent = { id: 'intake-agent' };

  it('takes an object, a list, lines and gzip', async () => {
    const sent = Array.from({ length: 7 }, () => event({ agent }));
    const text = sent.map((one) => JSON.stringify(one));
    const bodies: [string | Uint8Array<ArrayBuffer>, Record<string, string>, number][] = [
      [text[0] ?? '', {}, 1],
      [`[${text.slice(1, 3).join(',')}]`, {}, 2],
      [text.slice(3, 5).join('\n'), lines, 2],
      [gzipSync(text.slice(5).join('\n')), { ...lines, 'content-encoding': 'gzip' }, 2],
    ];
    for (const [body, headers, accepted] of bodies) {
      expect(await post(body, headers)).toEqual({ status: 202, body: { accepted, rejected: [], rejected_count: 0 } });
    }
    expect(await visibleIds(agent.id)).toEqual(idsOf(sent));
  });

  it('lists what it refused beside what it accepted: index, code, field and a sentence', async () => {
    const body = [JSON.stringify(event()), '{"time":', JSON.stringify(event({ agent: {} })), JSON.stringify(event())];
    const answer = await post(body.join('\n'), lines);
    expect(answer).toEqual({
      status: 202,
      body: {
        accepted: 2,
        rejected: [
          { index: 1, code: 'invalid_json', field: '', message: expect.stringMatching(/\.$/) },
          { index: 2, code: 'missing_field', field: 'agent', message: expect.stringMatching(/\.$/) },
        ],
        rejected_count: 2,
      },
    });
  });

  it('answers 422 when nothing was accepted', async () => {
    const { status, body } = await post('[{}, 42]');
    expect(status).toBe(422);
    expect(body).toMatchObject({
      code: 'nothing_accepted',
      rejected: [
        { index: 0, code: 'missing_field', field: 'time' },
        { index: 1, code: 'not_an_object', field: '' },
      ],
      rejected_count: 2,
    });
  });

  it('counts refused records where an alarm finds them', async () => {
    const refused = async () => {
      const metrics = await (await fetch(`${server.url}/metrics`)).text();
      return Number(/^picket_intake_rejected_total (\d+)$/m.exec(metrics)?.[1]);
    };
    const before = await refused();
    await post('[{}, 42]');
    expect(await refused()).toBe(before + 2);
  });

  it('answers 401 without a key and with a wrong one', async () => {
    for (const authorization of ['', 'Bearer pk_wrong', `Basic ${server.key}`]) {
      const headers = { authorization };
      expect(await post(JSON.stringify(event()), headers)).toMatchObject({
        status: 401,
        body: { code: 'unauthorized' },
      });
    }
  });

  it('answers 413 for a body that is too large, compressed or not', async () => {
    const large = Buffer.alloc(17 * 1024 * 1024, ' ');
    expect(await post(large)).toMatchObject({ status: 413, body: { code: 'payload_too_large' } });
    const bomb = gzipSync(Buffer.alloc(80 * 1024 * 1024, ' '));
    expect(bomb.byteLength).toBeLessThan(1024 * 1024);
    const headers = { 'content-encoding': 'gzip' };
    expect(await post(bomb, headers)).toMatchObject({ status: 413, body: { code: 'payload_too_large' } });
  });

  it('changes nothing when the same request comes twice under one idempotency key', async () => {
    const repeated = { id: 'idempotent-agent' };
    const { id: _, ...nameless } = event({ agent: repeated });
    const body = JSON.stringify([nameless, nameless]);
    const headers = { 'idempotency-key': 'order-4711' };
    for (let sent = 0; sent < 2; sent++) expect(await post(body, headers)).toMatchObject({ status: 202 });
    const ids = await visibleIds(repeated.id);
    expect(ids).toHaveLength(2);
    await post(body, { 'idempotency-key': 'order-4712' });
    expect(await visibleIds(repeated.id)).toHaveLength(4);
  });

  it('keeps the first of two events with one id, and the other content as a dead letter', async () => {
    const twin = { id: 'twin-agent' };
    const first = event({ agent: twin, outcome: 'success' });
    const other = { ...first, outcome: 'denied' };
    for (const one of [first, other, first]) expect((await post(JSON.stringify(one))).status).toBe(202);
    expect(await everything('/v1/events?agent=twin-agent')).toMatchObject([
      { id: first.id, event: { outcome: 'success' } },
    ]);
    const letters = await everything('/v1/dead-letters?code=id_conflict&raw=true');
    expect(letters).toMatchObject([{ code: 'id_conflict', field: 'id', source: 'log' }]);
    const raw = Buffer.from(String(letters[0]?.['raw']), 'base64').toString();
    expect(JSON.parse(raw)).toMatchObject({ id: first.id, outcome: 'denied' });
  });
});

describe('hostile input', () => {
  const agent = { id: 'hostile-agent' };
  const withText = (member: string) => `${JSON.stringify(event({ agent })).slice(0, -1)},${member}}`;
  const millionKeys = () => `{${Array.from({ length: 1_000_000 }, (_, index) => `"k${index}":0`).join(',')}}`;

  it('takes no neighbour with it, becomes dead letters, and does not keep the server from answering', async () => {
    const bad: [string, string][] = [
      [withText(`"x":${'['.repeat(100_000)}1${']'.repeat(100_000)}`), 'too_deep'],
      [withText('"seq":1,"seq":2'), 'duplicate_key'],
      [withText('"__proto__":{"admin":true}'), 'forbidden_key'],
      [withText('"data":{"__proto__":1}'), 'forbidden_key'],
      [withText('"seq":1e400'), 'number_range'],
      [withText('"endpoint":"a\\ud800b"'), 'lone_surrogate'],
      [millionKeys(), 'record_too_large'],
      [JSON.stringify(event({ agent, time: '1999-01-01T00:00:00Z' })), 'time_range'],
      ['nonsense', 'invalid_json'],
      ['[]', 'not_an_object'],
    ];
    const good = bad.map(() => event({ agent }));
    const health = watchHealth();
    const body = bad.map(([text], index) => `${text}\n${JSON.stringify(good[index])}`).join('\n');
    const answer = await post(body, lines);
    expect(await health.stop()).toBeGreaterThan(1);
    expect(answer).toMatchObject({ status: 202, body: { accepted: good.length, rejected_count: bad.length } });
    const rejected = answer.body['rejected'] as Item[];
    expect(rejected.map(({ code }) => code)).toEqual(bad.map(([, code]) => code));
    expect(await visibleIds(agent.id)).toEqual(idsOf(good));
    const codes = (await everything('/v1/dead-letters')).map(({ code }) => code);
    for (const [, code] of bad) expect(codes).toContain(code);
  });

  it('as a list, too', async () => {
    const listed = { id: 'listed-agent' };
    const good = [event({ agent: listed }), event({ agent: listed })];
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const body = `[${JSON.stringify(good[0])},${deep},{"a":1,"a":2},${JSON.stringify(good[1])}]`;
    expect(await post(body)).toMatchObject({ status: 202, body: { accepted: 2, rejected_count: 2 } });
    expect(await visibleIds(listed.id)).toEqual(idsOf(good));
  });

  it('accepts null for every optional field', async () => {
    const kept = new Set(['time', 'agent', 'action']);
    const nothing = Object.fromEntries(Object.keys(fullestEvent()).map((name) => [name, null]));
    const bare = event({ agent: { ...nothings(fullestEvent()['agent']), id: 'null-agent' } });
    const fields = Object.fromEntries(Object.entries(bare).filter(([name]) => kept.has(name)));
    expect(await post(JSON.stringify({ ...nothing, ...fields }))).toMatchObject({ status: 202, body: { accepted: 1 } });
    expect(await visibleIds('null-agent')).toHaveLength(1);
  });

  it.each(['__proto__', 'constructor', 'a/b?c=d&e#f %2F', '\u202e\u0000<script>', '💥'.repeat(128)])(
    'keeps an agent named %j apart and lets it be read',
    async (id) => {
      const sent = event({ agent: { id } });
      expect(await post(JSON.stringify(sent))).toMatchObject({ status: 202, body: { accepted: 1 } });
      expect(await visibleIds(id)).toEqual([sent.id]);
      const { status, body } = await request(`/v1/agents/${encodeURIComponent(id)}`);
      expect([status, body]).toEqual([200, expect.objectContaining({ agent: id })]);
    },
  );
});

const nothings = (group: unknown): object =>
  Object.fromEntries(Object.keys(group as object).map((name) => [name, null]));

/** Asks for health over and over; `stop` gives the number of answers, all of which must be good. */
function watchHealth(): { stop(): Promise<number> } {
  let going = true;
  const asked = (async () => {
    let answers = 0;
    while (going) {
      const response = await fetch(`${server.url}/healthz`, { signal: AbortSignal.timeout(2000) });
      expect(response.status).toBe(200);
      answers += 1;
    }
    return answers;
  })();
  return {
    stop() {
      going = false;
      return asked;
    },
  };
}

describe('the process', () => {
  it('refuses to share its folder, and says who has it', async () => {
    const env = { PICKET_DATA_DIR: server.dataDir };
    const { code, stdout, stderr } = await runPicket(['up', '--port', '0'], { env });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/in use by process \d+.*Is another picket running on this folder\?/s);
    expect(stderr).not.toContain('    at ');
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  });

  it('ends with 0 within ten seconds of SIGTERM, and finds everything after a restart', async () => {
    const before = await everything('/v1/events');
    const agents = await everything('/v1/agents');
    expect(before.length).toBeGreaterThan(20);
    const late = setTimeout(() => void server.kill('SIGKILL'), 10_000);
    expect(await server.kill('SIGTERM')).toMatchObject({ code: 0, stderr: '' });
    clearTimeout(late);
    const key = server.key;
    server = await startPicket(server.dataDir);
    expect(server.key).toBe(key);
    expect(server.printed()).toContain('The admin key is in');
    expect(await everything('/v1/events')).toEqual(before);
    expect(await everything('/v1/agents')).toEqual(agents);
    const again = event({ agent: { id: 'after-restart' } });
    expect((await post(JSON.stringify(again))).status).toBe(202);
    expect(await visibleIds('after-restart')).toEqual([again.id]);
  });

  it('finds everything after SIGKILL as well', async () => {
    const sent = event({ agent: { id: 'before-kill' } });
    expect((await post(JSON.stringify(sent))).status).toBe(202);
    await server.kill('SIGKILL');
    server = await startPicket(server.dataDir);
    expect(await visibleIds('before-kill')).toEqual([sent.id]);
    expect((await request('/v1/agents/before-kill')).status).toBe(200);
  });

  it('ends with 0 when it is told to stop while it starts', async () => {
    const dataDir = join(folder, 'young');
    const engine = join(dataDir, 'engine');
    const { code } = await runPicket(['up', '--port', '0'], {
      env: { PICKET_DATA_DIR: dataDir },
      async meanwhile(signal) {
        for (let waits = 0; waits < 6000 && !existsSync(engine); waits++) await sleep(10);
        signal('SIGTERM');
      },
    });
    expect(code).toBe(0);
  });
});
