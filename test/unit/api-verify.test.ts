/** Goal: verification over the API is for administrators, the log as a whole for those of the tenant that runs Picket. */
import { afterEach, describe, expect, it } from 'vitest';
import { type RangeReport, STRETCH_POSITIONS_MAX } from '../../api/schemas/verify.ts';
import { DEFAULT_TENANT } from '../../cli/tenant.ts';
import { CannotVerify } from '../../cli/verify/agent-run.ts';
import { createApiVerification } from '../../cli/verify/api-verification.ts';
import { emptyReport } from '../../cli/verify/range-check.ts';
import { type ApiWorld, bearer, keysOf, openApi } from '../support/api-app.ts';

const { keys, ring } = keysOf([
  { tenant: DEFAULT_TENANT, scope: 'admin' },
  { tenant: DEFAULT_TENANT, scope: 'triage' },
  { tenant: 'globex', scope: 'admin' },
]);
const [operator = '', analyst = '', stranger = ''] = keys;
const worlds: ApiWorld[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

async function open(release: Promise<void> = Promise.resolve()) {
  const asked: unknown[] = [];
  const verification = createApiVerification(
    {
      agent: async (wish) => {
        asked.push(wish);
        await release;
        throw new CannotVerify('no_start', 'It was judged otherwise.');
      },
      plan: async (range) => {
        asked.push(range);
        return { stretches: [{ partition: 0, first: 0, last: 9 }], notes: [] };
      },
      check: async (stretch, repair): Promise<RangeReport> => {
        asked.push([stretch, repair]);
        return emptyReport([stretch]);
      },
    },
    new AbortController().signal,
  );
  const world = await openApi({ keys: ring, verification });
  worlds.push(world);
  return { ...world, asked };
}

const CHECK = {
  method: 'POST',
  url: '/v1/log/verification',
  payload: { partition: 0, first: 0, last: 9, repair: true },
} as const;

describe('verification over the API', () => {
  it('plans and checks for the operator', async () => {
    const { app, asked } = await open();
    const headers = bearer(operator);
    const url = '/v1/log/verification?partition=3&since=2026-01-01T00:00:00Z';
    expect((await app.inject({ url, headers })).json()).toEqual({
      stretches: [{ partition: 0, first: 0, last: 9 }],
      notes: [],
    });
    expect((await app.inject({ ...CHECK, headers })).statusCode).toBe(200);
    expect(asked).toEqual([
      { partition: 3, sinceMs: Date.UTC(2026, 0, 1) },
      [{ partition: 0, first: 0, last: 9 }, true],
    ]);
  });

  it.each([
    ['an analyst', analyst],
    ['an administrator of another tenant', stranger],
  ])('shows the log as a whole to nobody else: %s', async (_who, key) => {
    const { app, asked } = await open();
    const headers = bearer(key);
    expect((await app.inject({ ...CHECK, headers })).statusCode).toBe(403);
    expect((await app.inject({ url: '/v1/log/verification', headers })).statusCode).toBe(403);
    expect(asked).toEqual([]);
  });

  it('verifies agents of the tenant of the key, and says why one cannot be', async () => {
    const { app, asked } = await open();
    const answer = await app.inject({
      url: '/v1/agents/a1/verification?mode=replay&from=7',
      headers: bearer(stranger),
    });
    expect([answer.statusCode, answer.json()]).toMatchObject([
      409,
      { code: 'cannot_verify', detail: 'It was judged otherwise.' },
    ]);
    expect(asked).toEqual([{ tenant: 'globex', agent: 'a1', mode: 'replay', from: 7 }]);
    expect((await app.inject({ url: '/v1/agents/a1/verification', headers: bearer(analyst) })).statusCode).toBe(403);
  });

  it('does one at a time', async () => {
    let release = () => {};
    const { app } = await open(new Promise((resolve) => (release = resolve)));
    const first = app.inject({ url: '/v1/agents/a1/verification', headers: bearer(operator) });
    await new Promise(setImmediate);
    const second = await app.inject({ url: '/v1/agents/a1/verification', headers: bearer(operator) });
    expect([second.statusCode, second.json().code]).toEqual([503, 'busy']);
    release();
    expect((await first).statusCode).toBe(409);
  });

  it('refuses a stretch that one answer cannot be about', async () => {
    const { app } = await open();
    const payload = { partition: 0, first: 0, last: STRETCH_POSITIONS_MAX };
    const answer = await app.inject({ ...CHECK, payload, headers: bearer(operator) });
    expect([answer.statusCode, answer.json().field]).toEqual([400, 'last']);
  });
});
