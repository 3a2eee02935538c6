/**
 * Goal: one POST cannot be led astray, kept waiting or flooded by its receiver.
 * Method: real servers on loopback that misbehave in one way each; name servers and connections that lie are arguments.
 */
import { lookup } from 'node:dns';
import { connect, createServer, type LookupFunction, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { SocketDeps } from '../../alerts/guarded-socket.ts';
import { createHttpPost, POST_LIMITS, type PostRequest } from '../../alerts/http-post.ts';
import { systemTimers } from '../../alerts/timers.ts';
import { TEST_CERTIFICATE } from '../support/test-certificate.ts';
import { type Answer, status, type WebhookReceiver, webhookReceiver } from '../support/webhook-receiver.ts';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function receiver(answers: Answer[], options?: { tls?: boolean }): Promise<WebhookReceiver> {
  const server = await webhookReceiver(answers, options);
  closers.push(() => server.close());
  return server;
}

/** A server below HTTP: `serve` gets each connection. */
async function rawServer(serve: (socket: Socket) => void): Promise<{ origin: string; bytes(): number }> {
  let bytes = 0;
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      bytes += chunk.length;
    });
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(() => resolve()));
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { origin: `http://127.0.0.1:${port}`, bytes: () => bytes };
}

const systemLookup: LookupFunction = (host, options, callback) => lookup(host, options, callback);

function post(url: string, request: Partial<PostRequest> = {}, deps: Partial<SocketDeps> = {}) {
  const send = createHttpPost({ lookup: systemLookup, connect, timers: systemTimers, ...deps });
  return send({
    url,
    headers: { 'x-one': '1' },
    body: '{"a":"ü"}',
    timeoutMs: 5_000,
    allowPrivateNetwork: true,
    signal: new AbortController().signal,
    ...request,
  });
}

describe('an honest receiver', () => {
  it('gets the whole request and its status counts', async () => {
    const server = await receiver([status(202)]);
    expect(await post(`${server.origin}/hook/a?b=c#d`)).toEqual({
      kind: 'answered',
      status: 202,
      retryAfter: undefined,
    });
    expect(server.received).toEqual([
      {
        method: 'POST',
        path: '/hook/a?b=c',
        body: '{"a":"ü"}',
        headers: { 'x-one': '1', host: `127.0.0.1:${server.port}`, 'content-length': '10', connection: 'close' },
      },
    ]);
  });

  it('is reached by name over TLS with a trusted certificate', async () => {
    const server = await receiver([status(200)], { tls: true });
    const result = await post(`https://localhost:${server.port}/`, {}, { ca: TEST_CERTIFICATE });
    expect(result).toEqual({ kind: 'answered', status: 200, retryAfter: undefined });
  });

  it('is reached by address over TLS', async () => {
    const server = await receiver([status(200)], { tls: true });
    expect(await post(server.origin, {}, { ca: TEST_CERTIFICATE })).toMatchObject({ kind: 'answered', status: 200 });
  });

  it('may ask for a pause', async () => {
    const server = await receiver([status(429, { 'retry-after': '120' })]);
    expect(await post(server.origin)).toEqual({ kind: 'answered', status: 429, retryAfter: '120' });
  });
});

describe('the guard', () => {
  it('refuses loopback without a connection unless it is allowed', async () => {
    const server = await receiver([status(200)]);
    for (const url of [
      `https://127.0.0.1:${server.port}/`,
      `https://localhost:${server.port}/`,
      `https://0x7f.1:${server.port}/`,
    ]) {
      expect(await post(url, { allowPrivateNetwork: false })).toMatchObject({ kind: 'failed', code: 'denied' });
    }
    expect(server.connections()).toBe(0);
  });

  it('refuses a name with one private address among public ones', async () => {
    const server = await receiver([status(200)]);
    const lying: LookupFunction = (_host, _options, callback) =>
      callback(null, [
        { address: '93.184.215.14', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ]);
    const url = `https://soar.example.com:${server.port}/`;
    expect(await post(url, { allowPrivateNetwork: false }, { lookup: lying })).toMatchObject({
      kind: 'failed',
      code: 'denied',
    });
    expect(server.connections()).toBe(0);
  });

  it('looks at the connected address before the first byte, whatever the checks before it saw', async () => {
    const server = await rawServer(() => {});
    const { port } = new URL(server.origin);
    const elsewhere: SocketDeps['connect'] = () => connect({ host: '127.0.0.1', port: Number(port) });
    const result = await post('https://93.184.215.14/', { allowPrivateNetwork: false }, { connect: elsewhere });
    expect(result).toMatchObject({ kind: 'failed', code: 'denied' });
    expect(result).toMatchObject({ detail: expect.stringContaining('127.0.0.1 is in the range loopback') });
    expect(server.bytes()).toBe(0);
  });

  it('does not speak to a receiver whose certificate is not trusted', async () => {
    const server = await receiver([status(200)], { tls: true });
    expect(await post(server.origin)).toEqual({
      kind: 'failed',
      code: 'network',
      detail: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
    expect(server.received).toEqual([]);
  });

  it.each([301, 302, 303, 307, 308])('does not follow a %d', async (code) => {
    const second = await receiver([status(200)]);
    const first = await receiver([status(code, { location: `${second.origin}/internal` })]);
    expect(await post(first.origin)).toMatchObject({ kind: 'answered', status: code });
    expect(second.connections()).toBe(0);
  });
});

describe('a receiver that misbehaves', () => {
  it('sends 10 MB: the rest is not read', async () => {
    let written = 0;
    const flood: Answer = (response) => {
      const chunk = Buffer.alloc(64 * 1024);
      const more = () => {
        while (written < 10 * 1024 * 1024) {
          written += chunk.length;
          if (!response.write(chunk)) return response.once('drain', more);
        }
        return response.end();
      };
      response.writeHead(200);
      more();
    };
    const server = await receiver([flood]);
    expect(await post(server.origin)).toMatchObject({ kind: 'answered', status: 200 });
    // Beyond the cap only what the buffers of both sockets hold can have left the receiver.
    expect(written).toBeLessThan(10 * 1024 * 1024);
  });

  it('drips its body without end: the status counts, and the connection is closed', async () => {
    let closed = () => {};
    const gone = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const server = await receiver([
      (response, request) => {
        response.writeHead(200);
        const drip = setInterval(() => response.write('x'), 20);
        request.socket.on('close', () => {
          clearInterval(drip);
          closed();
        });
      },
    ]);
    // The body's limit is cut short; all other limits are real.
    const timers = {
      after: (ms: number, run: () => void) => systemTimers.after(ms === POST_LIMITS.bodyMsMax ? 100 : ms, run),
    };
    const send = createHttpPost({ lookup: systemLookup, connect, timers });
    const { signal } = new AbortController();
    const request = {
      url: server.origin,
      headers: {},
      body: '{}',
      timeoutMs: 5_000,
      allowPrivateNetwork: true,
      signal,
    };
    expect(await send(request)).toMatchObject({ kind: 'answered', status: 200 });
    await gone;
  });

  it.each<[string, (socket: Socket) => void]>([
    ['says nothing', () => {}],
    ['drips its headers', (socket) => drip(socket, 'HTTP/1.1 200 OK\r\nx-long: ')],
    ['says 100 Continue for ever', (socket) => drip(socket, '', 'HTTP/1.1 100 Continue\r\n\r\n')],
  ])('%s: the attempt ends at its limit', async (_what, serve) => {
    const server = await rawServer(serve);
    expect(await post(server.origin, { timeoutMs: 150 })).toEqual({
      kind: 'failed',
      code: 'headers_timeout',
      detail: '',
    });
  });

  it('never ends its TLS handshake', async () => {
    const server = await rawServer(() => {});
    const url = server.origin.replace('http:', 'https:');
    expect(await post(url, { timeoutMs: 100 })).toEqual({ kind: 'failed', code: 'connect_timeout', detail: '' });
  });

  it.each<[string, string, (socket: Socket) => void]>([
    ['resets the connection', 'ECONNRESET', (socket) => socket.once('data', () => socket.resetAndDestroy())],
    ['closes without an answer', 'ECONNRESET', (socket) => socket.once('data', () => socket.end())],
    ['does not speak HTTP', 'HPE_INVALID_CONSTANT', (socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n')],
    [
      'sends headers without end',
      'HPE_HEADER_OVERFLOW',
      (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(200_000)}`),
    ],
  ])('%s', async (_what, detail, serve) => {
    const server = await rawServer(serve);
    expect(await post(server.origin)).toEqual({ kind: 'failed', code: 'network', detail });
  });

  it('is not there', async () => {
    const server = await webhookReceiver([status(200)]);
    await server.close();
    expect(await post(server.origin)).toEqual({ kind: 'failed', code: 'network', detail: 'ECONNREFUSED' });
  });

  it('an attempt can be ended from this side', async () => {
    const server = await rawServer(() => controller.abort());
    const controller = new AbortController();
    expect(await post(server.origin, { signal: controller.signal })).toEqual({
      kind: 'failed',
      code: 'aborted',
      detail: '',
    });
    expect(await post(server.origin, { signal: controller.signal })).toEqual({
      kind: 'failed',
      code: 'aborted',
      detail: '',
    });
  });
});

function drip(socket: Socket, start: string, piece = 'x'): void {
  socket.write(start);
  const timer = setInterval(() => socket.write(piece), 10);
  socket.on('close', () => clearInterval(timer));
}
