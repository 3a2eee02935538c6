/**
 * Goal: an operator's word on a baseline does what it says, over the API and the real engine, with restarts in between: a reset forgets,
 * a rollback brings back what there was, a build from stored events gives what live learning gave, and no tenant sees or touches
 * another's. Two tenants have an agent of the same name; both do their daily work in sessions of six calls.
 */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiProblem, createApiClient, injectTransport } from '../../api/client.ts';
import { createKey } from '../../api/key-store.ts';
import { SCOPES, type Scope } from '../../api/keys.ts';
import { encodeTagged, readableState, type StoredState } from '../../baselines/state-codec.ts';
import { createStateStore } from '../../baselines/state-store.ts';
import { type App, startApp } from '../../cli/app.ts';
import { buildBaseline } from '../../cli/baseline/build.ts';
import { loadConfig } from '../../cli/config.ts';
import { createLogger } from '../../cli/logger.ts';
import { settingsOf } from '../../cli/scoring-settings.ts';
import { DETECTORS } from '../../detectors/registry.ts';
import { createScoring } from '../../detectors/scoring.ts';
import { temporaryFolder } from '../support/embedded-store.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A Monday. */
const START = Date.UTC(2026, 0, 5);

/** The last of four days, in SQL. */
const cut = `fromUnixTimestamp64Milli(toInt64(${START + 3 * DAY}), 'UTC')`;

const folder = await temporaryFolder();
const clock = { ms: START };
const keys = new Map<string, string>();
const failures: unknown[] = [];
let app: App;

async function start(): Promise<void> {
  const env = { PICKET_DATA_DIR: join(folder, 'data'), PICKET_PLAYBOOKS_DIR: join(folder, 'none') };
  const config = loadConfig({ cwd: folder, env });
  const logger = createLogger('silent');
  app = await startApp(config, { now: () => clock.ms, logger, onFailure: (error) => failures.push(error) });
  await app.api.ready();
}

async function restart(): Promise<void> {
  await app.stop();
  await start();
}

const clientOf = (tenant: string, scope: Scope = 'triage') =>
  createApiClient(injectTransport(app.api, keys.get(`${tenant}:${scope}`) ?? ''));
const reader = (tenant: string) => clientOf(tenant, 'read');

/** One session an hour from 8 to 17, of six calls each. */
function workday(agent: string, day: number, over: object = {}): object[] {
  return Array.from({ length: 60 }, (_, index) => ({
    id: `${agent}-${day}-${index}`,
    time: START + day * DAY + (8 + Math.floor(index / 6)) * HOUR + (index % 6) * 60_000,
    agent: { id: agent, kind: 'desk', version: '1' },
    session: { id: `${agent}-${day}-${Math.floor(index / 6)}` },
    principal: { id: 'u1', kind: 'user' },
    action: { type: 'tool_call', name: index % 2 === 0 ? 'search' : 'open' },
    endpoint: index % 2 === 0 ? 'desk.search' : 'desk.open',
    resources: [{ name: `queue-${index % 3}`, kind: 'table' }],
    data: { rows: 10 + (index % 4), bytes_received: 1000 + index },
    ...over,
  }));
}

async function send(tenant: string, events: readonly object[]): Promise<void> {
  const records = events.map((event) => Buffer.from(JSON.stringify(event)));
  const newest = Math.max(...events.map((event) => (event as { time: number }).time));
  clock.ms = Math.max(clock.ms, newest);
  const { accepted } = await app.intake.accept(tenant, records, { requestId: `r${newest}${tenant}` });
  expect(accepted).toBe(events.length);
}

/** The log's clock moves on, and a word on no alert makes the agent's state hear of it: whatever is idle is learned. */
async function settle(tenant: string, agent: string): Promise<void> {
  clock.ms += 3 * HOUR;
  const word = { kind: 'disposition', tenant, agent, alertId: 'none', state: 'acknowledged', by: 'test' } as const;
  await app.log.append([
    { kind: 'tick', receivedMs: clock.ms },
    { ...word, receivedMs: clock.ms },
  ]);
}

/** Baseline and detectors' memory as stored last. */
async function storedBaseline(tenant: string, agent: string): Promise<{ baseline: unknown; slots: object }> {
  await restart();
  const [row] = await app.store.query<StoredState>(
    'SELECT format, state FROM agent_state WHERE tenant = {tenant:String} AND agent = {agent:String} ORDER BY position DESC LIMIT 1',
    { tenant, agent },
  );
  const text = row === undefined ? '{}' : readableState({ format: Number(row.format), state: row.state });
  const { baseline, slots } = JSON.parse(text) as { baseline: unknown; slots: Record<string, unknown> };
  const { 'alert-book': _, ...learned } = slots;
  return { baseline, slots: learned };
}

beforeAll(async () => {
  await start();
  for (const tenant of ['acme', 'globex']) {
    for (const scope of SCOPES) {
      const deps = { now: () => clock.ms, randomBytes };
      const { key } = await createKey(app.store, deps, { tenant, name: scope, scopes: [scope] });
      keys.set(`${tenant}:${scope}`, key);
    }
  }
  for (let day = 0; day < 4; day++) {
    await send('acme', workday('a1', day));
    await send('acme', workday('only-acme', day));
    if (day === 1) await restart();
  }
  await send('globex', workday('a1', 0, { endpoint: 'globex.secret', agent: { id: 'a1', kind: 'other' } }));
  await settle('acme', 'a1');
  await restart();
});

afterAll(async () => {
  await app?.stop();
  await rm(folder, { recursive: true, force: true });
  expect(failures).toEqual([]);
});

describe('reading', () => {
  it('says what is normal and how much is known', async () => {
    const baseline = await reader('acme').getBaseline('a1');
    expect(baseline).toMatchObject({
      agent: 'a1',
      kind: 'desk',
      knowledge: { level: 'ready', sessions: 40, events: 240, half_life_days: 14, first: '2026-01-05T08:00:00.000Z' },
      endpoints: { known: 2 },
      destinations: { known: 0, top: [] },
      resources: { known: 3 },
      growth: expect.any(Array),
      held: [],
      alerted: [],
      changes: [],
    });
    expect(baseline.endpoints.top.map(({ value, share }) => [value, share])).toEqual([
      ['desk.open', 0.5],
      ['desk.search', 0.5],
    ]);
    const rows = baseline.amounts.find(({ measure, per }) => measure === 'rows' && per === 'session');
    expect(rows).toMatchObject({ unit: 'rows read', active_share: 1 });
    expect(Math.abs((rows?.p50 ?? 0) - 69)).toBeLessThan(5);
    expect(baseline.stored.map(({ id, time, sessions }) => [id === baseline.id, time.slice(0, 10), sessions])).toEqual([
      [true, '2026-01-08', 40],
      [false, '2026-01-06', expect.any(Number)],
    ]);
  });

  it('counts hours as they were, against what is expected now', async () => {
    const series = await reader('acme').getBaselineSeries('a1', { hours: 72 });
    expect(series).toMatchObject({ measure: 'events', unit: 'events', knowledge: 'ready', band: 0.95, seasonal: true });
    expect(series.points.length).toBe(72);
    const noon = series.points.find(({ time }) => time === '2026-01-08T12:00:00.000Z');
    expect(noon?.observed).toBe(6);
    expect(noon?.lower).toBeLessThanOrEqual(noon?.expected ?? 0);
    expect(noon?.upper).toBeGreaterThanOrEqual(6);
    const night = series.points.find(({ time }) => time === '2026-01-08T03:00:00.000Z');
    expect(night?.observed).toBe(0);
    expect(night?.expected).toBeLessThan(noon?.expected ?? 0);
    const rows = await reader('acme').getBaselineSeries('a1', { measure: 'rows', hours: 24 });
    expect(rows.points.find(({ time }) => time === '2026-01-08T12:00:00.000Z')?.observed).toBe(67);
    expect(rows.seasonal).toBe(false);
  });

  it('can be asked by SQL', async () => {
    const rows = await app.store.query(
      `SELECT kind, toString(clock) AS clock, sessions, events, toString(first_event) AS first, top_endpoints, top_resources, held_sessions
       FROM agent_baselines WHERE tenant = 'acme' AND agent = 'a1'`,
    );
    expect(rows).toEqual([
      {
        kind: 'desk',
        clock: '2026-01-08 17:05:00.000',
        sessions: 40,
        events: 240,
        first: '2026-01-05 08:00:00.000',
        top_endpoints: expect.arrayContaining(['desk.search', 'desk.open']),
        top_resources: expect.arrayContaining(['queue-0', 'queue-1', 'queue-2']),
        held_sessions: 0,
      },
    ]);
  });

  it.each([
    ['hours=0', 'hours'],
    ['hours=841', 'hours'],
    ['measure=secrets', 'measure'],
    ['since=1', 'since'],
  ])('refuses %s', async (query, field) => {
    const headers = { authorization: `Bearer ${keys.get('acme:read')}` };
    const answer = await app.api.inject({ url: `/v1/agents/a1/baseline/series?${query}`, headers });
    expect(answer.statusCode).toBe(400);
    expect(answer.body).toContain(field);
  });
});

describe('another tenant', () => {
  it('sees its own agent of that name, and none that it does not have', async () => {
    const own = await reader('globex').getBaseline('a1');
    expect(own.endpoints.top.map(({ value }) => value)).toEqual(['globex.secret']);
    expect(JSON.stringify(own)).not.toContain('desk.search');
    const series = await reader('globex').getBaselineSeries('a1', { hours: 24 * 35 });
    expect(series.points.reduce((sum, { observed }) => sum + observed, 0)).toBe(60);
    const globex = clientOf('globex');
    for (const ask of [
      () => reader('globex').getBaseline('only-acme'),
      () => reader('globex').getBaselineSeries('only-acme'),
      () => globex.resetBaseline('only-acme', {}),
      () => globex.rollBackBaseline('only-acme', {}),
      () => globex.buildBaseline('only-acme', {}),
    ])
      await expect(ask()).rejects.toMatchObject({ status: 404, code: 'not_found', problem: { field: 'id' } });
  });

  it('cannot go back to a baseline that is not its own', async () => {
    const { id } = await reader('acme').getBaseline('a1');
    const refused = await clientOf('globex')
      .rollBackBaseline('a1', { to: id })
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ status: 404, problem: { field: 'to' } });
    expect(await clientOf('globex').rollBackBaseline('a1', { to: 1e9 })).toMatchObject({
      to_time: '2026-01-05T17:05:00.000Z',
    });
    expect((await reader('globex').getBaseline('a1')).endpoints.top.map(({ value }) => value)).toEqual([
      'globex.secret',
    ]);
  });

  it('changes nothing of acme by a reset', async () => {
    const before = await reader('acme').getBaseline('a1');
    await clientOf('globex').resetBaseline('a1', {});
    expect(await reader('acme').getBaseline('a1')).toEqual(before);
    expect((await reader('globex').getBaseline('a1')).knowledge.level).toBe('cold');
  });
});

describe('changes', () => {
  it('ask for a key that may triage', async () => {
    await expect(clientOf('acme', 'read').resetBaseline('a1', {})).rejects.toMatchObject({ status: 403 });
    await expect(clientOf('acme', 'ingest').rollBackBaseline('a1', {})).rejects.toMatchObject({ status: 403 });
  });

  it('reset and rollback: forgotten, and back as it was, over restarts', async () => {
    const before = await storedBaseline('acme', 'a1');
    const { id, as_of } = await reader('acme').getBaseline('a1');
    expect(await clientOf('acme').resetBaseline('a1', { note: 'poisoned?' })).toMatchObject({
      agent: 'a1',
      change: 'reset',
      note: 'poisoned?',
    });
    await restart();
    const cold = await reader('acme').getBaseline('a1');
    expect(cold.knowledge).toMatchObject({ level: 'cold', sessions: 0, events: 0 });
    expect(cold.endpoints).toEqual({ known: 0, top: [] });
    expect(await clientOf('acme').rollBackBaseline('a1', { to: id })).toMatchObject({
      change: 'rollback',
      to: String(id),
      to_time: as_of,
    });
    expect(await storedBaseline('acme', 'a1')).toEqual(before);
    const { changes } = await reader('acme').getBaseline('a1');
    expect(changes).toEqual([
      { change: 'rollback', time: expect.any(String), to: String(id), by: expect.stringMatching(/^triage \(/) },
      { change: 'reset', time: expect.any(String), by: expect.stringMatching(/^triage \(/), note: 'poisoned?' },
    ]);
  });

  it('without an id it goes back a day or more', async () => {
    const { stored } = await reader('acme').getBaseline('a1');
    const earlier = stored.at(-1);
    const answer = await clientOf('acme').rollBackBaseline('a1', {});
    expect([answer.to, answer.to_time]).toEqual([String(earlier?.id), earlier?.time]);
    expect((await reader('acme').getBaseline('a1')).knowledge.sessions).toBe(earlier?.sessions);
  });

  it('an id before the first is answered with those there are', async () => {
    const { stored } = await reader('acme').getBaseline('a1');
    const refused = await clientOf('acme')
      .rollBackBaseline('a1', { to: 0 })
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ApiProblem);
    const { code, detail } = refused as ApiProblem;
    expect(code).toBe('not_found');
    for (const { id, time } of stored) expect(detail).toContain(`${id} (${time})`);
  });
});

describe('a build', () => {
  it('of a clean history is what live learning gave', async () => {
    const live = await storedBaseline('acme', 'only-acme');
    await settle('acme', 'only-acme');
    const settled = await storedBaseline('acme', 'only-acme');
    expect(settled).not.toEqual(live);
    await clientOf('acme').resetBaseline('only-acme', {});
    const answer = await clientOf('acme').buildBaseline('only-acme', { note: 'again' });
    expect(answer).toMatchObject({
      change: 'rollback',
      to: 'built',
      built: { events: 240, sessions: 40, days: 3.4, knowledge: 'ready', left_out: 0, held: 0 },
    });
    expect(await storedBaseline('acme', 'only-acme')).toEqual(settled);
  });

  it('takes events since a time only', async () => {
    const since = new Date(START + 2 * DAY).toISOString();
    const { built } = await clientOf('acme').buildBaseline('only-acme', { since });
    expect(built).toMatchObject({ events: 120, sessions: 20 });
    await expect(clientOf('acme').buildBaseline('only-acme', { since: '2026-02-01T00:00:00Z' })).rejects.toMatchObject({
      code: 'not_found',
      problem: { field: 'since' },
    });
  });

  it('knows what analysts have decided since: attacks are left out, false alarms are learned, the rest waits', async () => {
    const exports = ['attack', 'export', 'open'].map((name, index) => ({
      ...workday('a2', index)[0],
      id: `a2-${name}`,
      session: { id: `a2-${name}` },
      endpoint: `desk.${name}`,
      data: { rows: 2_000_000 },
    }));
    for (const event of exports) await send('acme', [event]);
    await settle('acme', 'a2');
    const items = (await reader('acme').listAlerts({ agent: 'a2', detector: 'mass-read' })).items;
    const hits = await Promise.all(items.map(({ id }) => reader('acme').getAlert(id)));
    const alertOf = (event: string) => hits.find((alert) => alert.hits.some((hit) => hit.event === event))?.id ?? '';
    await clientOf('acme').changeAlert(alertOf('a2-attack'), { state: 'closed', disposition: 'true_positive' });
    await clientOf('acme').changeAlert(alertOf('a2-export'), { state: 'closed', disposition: 'false_positive' });
    const { built } = await clientOf('acme').buildBaseline('a2', {});
    expect(built).toMatchObject({ events: 2, sessions: 1, left_out: 1, held: 1 });
    const { endpoints, held } = await reader('acme').getBaseline('a2');
    expect(endpoints.top.map(({ value }) => value)).toEqual(['desk.export']);
    expect(held).toMatchObject([{ session: 'a2-open', alerts: [alertOf('a2-open')], moved_sensitive: false }]);
  });
});

describe('a log that was moved to other partitions', () => {
  it('is built from as if it were one', async () => {
    const settings = settingsOf(loadConfig({ cwd: folder, env: {} }));
    const scoring = createScoring(DETECTORS, settings.baseline);
    const deps = { store: app.store, scoring, settings, now: () => clock.ms, eventsMax: 1000 };
    await app.store.command(
      `INSERT INTO event_log SELECT * REPLACE('moved' AS tenant, toUInt32(if(time < ${cut}, 3, 65539)) AS partition,
         toUInt64(if(time < ${cut}, position, position % 60 + 1)) AS position)
       FROM (SELECT * FROM event_log WHERE tenant = 'acme' AND agent = 'only-acme' AND kind = 'event')`,
    );
    const places = await app.store.query(
      `SELECT partition, count() AS events, min(position) < 100 AS anew FROM event_log FINAL WHERE tenant = 'moved' GROUP BY partition ORDER BY partition`,
    );
    expect(places).toEqual([
      { partition: 3, events: 180, anew: expect.anything() },
      { partition: 65_539, events: 60, anew: 1 },
    ]);
    const whole = await buildBaseline('acme', 'only-acme', 0, deps);
    const moved = await buildBaseline('moved', 'only-acme', 0, deps);
    if (typeof whole === 'string' || typeof moved === 'string') throw new Error('There are events.');
    expect(moved.events).toBe(whole.events);
    expect(encodeTagged({ ...moved.state.baseline, position: 0 })).toBe(
      encodeTagged({ ...whole.state.baseline, position: 0 }),
    );
  });

  it('is not built from beyond a limit', async () => {
    const settings = settingsOf(loadConfig({ cwd: folder, env: {} }));
    const scoring = createScoring(DETECTORS, settings.baseline);
    const deps = { store: app.store, scoring, settings, now: () => clock.ms };
    expect(await buildBaseline('acme', 'only-acme', 0, { ...deps, eventsMax: 239 })).toBe('too many');
    expect(await buildBaseline('acme', 'only-acme', 0, { ...deps, eventsMax: 240 })).toMatchObject({ events: 240 });
  });
});

describe('what a reset forgot', () => {
  it('outlives the states that were stored after it', async () => {
    const states = createStateStore(app.store, { encode: () => ({}), decode: () => {} }, 'test');
    const row = (position: number, sessions: number) => ({
      tenant: 'acme',
      agent: 'reset',
      partition: 9,
      position,
      clock: START,
      sessions,
      format: 0,
      state: '{}',
    });
    await app.store.insert('agent_state', [row(1, 4), row(2, 5), row(3, 0), row(4, 0)]);
    await states.prune(9, 4);
    const kept = await app.store.query('SELECT position FROM agent_state WHERE partition = 9 ORDER BY position');
    expect(kept.map((one) => Number((one as { position: number }).position))).toEqual([2, 4]);
  });
});
