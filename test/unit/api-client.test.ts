/** Goal: the client sends exactly what the API expects, hostile ids included, and turns every other answer into ApiProblem. */
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createApiClient, fetchTransport, type TransportRequest } from '../../api/client.ts';

function recording(status = 200, body = '{"items":[]}') {
  const sent: TransportRequest[] = [];
  const client = createApiClient(async (request) => {
    sent.push(request);
    return { status, body };
  });
  return { sent, client };
}

describe('requests', () => {
  it.each([
    ['listAlerts', '/v1/alerts?agent=a%2Fb%26c&limit=5', (c) => c.listAlerts({ agent: 'a/b&c', limit: 5 })],
    ['listAlerts without filters', '/v1/alerts', (c) => c.listAlerts()],
    ['getAlert', '/v1/alerts/..%2F..%2Fx%3Fy', (c) => c.getAlert('../../x?y')],
    ['listAgents', '/v1/agents?kind=bot', (c) => c.listAgents({ kind: 'bot' })],
    ['getAgent', '/v1/agents/__proto__', (c) => c.getAgent('__proto__')],
    ['getBaseline', '/v1/agents/a%2Fb/baseline', (c) => c.getBaseline('a/b')],
    [
      'getBaselineSeries',
      '/v1/agents/a/baseline/series?measure=rows&hours=24',
      (c) => c.getBaselineSeries('a', { measure: 'rows', hours: 24 }),
    ],
    ['health', '/healthz', (c) => c.health()],
  ] as [string, string, (client: ReturnType<typeof createApiClient>) => Promise<unknown>][])(
    '%s asks for %s',
    async (_name, path, ask) => {
      const { sent, client } = recording();
      await ask(client);
      expect(sent).toEqual([{ method: 'GET', path, headers: {} }]);
    },
  );

  it('changeAlert sends JSON', async () => {
    const { sent, client } = recording(202);
    await client.changeAlert('a 1', { state: 'closed', disposition: 'true_positive' });
    expect(sent).toEqual([
      {
        method: 'POST',
        path: '/v1/alerts/a%201/state',
        headers: { 'content-type': 'application/json' },
        body: '{"state":"closed","disposition":"true_positive"}',
      },
    ]);
  });

  it('replayDelivery sends an empty object', async () => {
    const { sent, client } = recording(202);
    await client.replayDelivery('a 1', 'on/call');
    const headers = { 'content-type': 'application/json' };
    const path = '/v1/alerts/a%201/deliveries/on%2Fcall/replay';
    expect(sent).toEqual([{ method: 'POST', path, headers, body: '{}' }]);
  });

  it.each([
    ['reset', (c) => c.resetBaseline('a/b', { note: 'n' })],
    ['rollback', (c) => c.rollBackBaseline('a/b', { note: 'n' })],
    ['build', (c) => c.buildBaseline('a/b', { note: 'n' })],
  ] as [string, (client: ReturnType<typeof createApiClient>) => Promise<unknown>][])(
    'a %s sends JSON',
    async (word, ask) => {
      const { sent, client } = recording(202);
      await ask(client);
      const headers = { 'content-type': 'application/json' };
      expect(sent).toEqual([
        { method: 'POST', path: `/v1/agents/a%2Fb/baseline/${word}`, headers, body: '{"note":"n"}' },
      ]);
    },
  );

  it('keys are listed, made, replaced and revoked', async () => {
    const { sent, client } = recording();
    await client.listKeys({ limit: 2, cursor: 'c' });
    await client.createKey({ name: 'n', scopes: ['read'] });
    await client.rotateKey('a/b', { grace_seconds: 60 });
    await client.revokeKey('a/b');
    const headers = { 'content-type': 'application/json' };
    expect(sent).toEqual([
      { method: 'GET', path: '/v1/keys?limit=2&cursor=c', headers: {} },
      { method: 'POST', path: '/v1/keys', headers, body: '{"name":"n","scopes":["read"]}' },
      { method: 'POST', path: '/v1/keys/a%2Fb/rotate', headers, body: '{"grace_seconds":60}' },
      { method: 'DELETE', path: '/v1/keys/a%2Fb', headers: {} },
    ]);
  });

  it('postEvents can compress', async () => {
    const { sent, client } = recording(202, '{"accepted":1,"rejected":[]}');
    await client.postEvents('{}\n', 'application/x-ndjson', { gzip: true, idempotencyKey: 'k' });
    const [request] = sent;
    expect(request?.headers).toEqual({
      'content-type': 'application/x-ndjson',
      'content-encoding': 'gzip',
      'idempotency-key': 'k',
    });
    expect(gunzipSync(request?.body as Uint8Array).toString()).toBe('{}\n');
  });

  it('over fetch sends the key as a header and follows no redirect', async () => {
    const seen: unknown[] = [];
    const fetch = (async (url: string, init: RequestInit) => {
      seen.push([url, init.headers, init.redirect]);
      return new Response('{"status":"ok"}');
    }) as unknown as typeof globalThis.fetch;
    await createApiClient(fetchTransport({ url: 'http://localhost:7070/', key: 'pk_x', fetch })).health();
    expect(seen).toEqual([['http://localhost:7070/healthz', { authorization: 'Bearer pk_x' }, 'error']]);
  });
});

describe('answers', () => {
  it('that are problems become ApiProblem', async () => {
    const body = JSON.stringify({
      status: 404,
      code: 'not_found',
      detail: 'There is no such alert.',
      action: 'Check.',
    });
    await expect(recording(404, body).client.getAlert('x')).rejects.toMatchObject({
      name: 'ApiProblem',
      status: 404,
      code: 'not_found',
      detail: 'There is no such alert.',
      message: 'There is no such alert. Check.',
    });
  });

  it.each([
    [502, '<html>bad gateway</html>'],
    [200, '<html>login</html>'],
  ])('that are no JSON (%i) become ApiProblem without their text', async (status, body) => {
    const error = { name: 'ApiProblem', status, code: 'unknown', message: `The API answered ${status}.` };
    await expect(recording(status, body).client.health()).rejects.toMatchObject(error);
  });
});
