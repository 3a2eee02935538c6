/** Goal: each fault of the proxy is what a client would see of the real one, and ends when it is taken back. The target echoes. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

/** Long enough that a loopback echo would have been there. */
const QUIET_MS = 100;

let target: Server;
let proxy: TcpProxy;
/** What has reached the target, and by which sockets. */
let received: string;
let targetSockets: Socket[];

beforeEach(async () => {
  received = '';
  targetSockets = [];
  target = createServer((socket) => {
    targetSockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      received += String(bytes);
      socket.write(bytes);
    });
  });
  target.listen(0, '127.0.0.1');
  await once(target, 'listening');
  proxy = await startTcpProxy({ target: { host: '127.0.0.1', port: (target.address() as AddressInfo).port } });
});

afterEach(async () => {
  await proxy.close();
  target.close();
});

interface Client {
  readonly socket: Socket;
  /** All it has received. */
  text(): string;
  /** Resolves when it has received this and nothing else. */
  receives(text: string): Promise<void>;
  /** The code of the error that closed it; undefined after an orderly end. */
  readonly closed: Promise<string | undefined>;
}

function client(): Client {
  const socket = connect(proxy.port, '127.0.0.1');
  let all = '';
  let code: string | undefined;
  socket.on('data', (bytes) => {
    all += String(bytes);
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    code = error.code;
  });
  return {
    socket,
    text: () => all,
    receives: (text) => expect.poll(() => all, { timeout: 5_000 }).toBe(text),
    closed: new Promise((resolve) => socket.once('close', () => resolve(code))),
  };
}

async function connected(): Promise<Client> {
  const one = client();
  one.socket.write('hello');
  await one.receives('hello');
  return one;
}

describe('a proxy without faults', () => {
  it('passes bytes both ways and counts them', async () => {
    const one = await connected();

    expect(received).toBe('hello');
    expect(proxy.stats()).toEqual({
      accepted: 1,
      open: 1,
      bytesToTarget: 5,
      bytesToClient: 5,
      bytesDropped: 0,
      chunks: 1,
    });
    one.socket.destroy();
  });

  it('passes more than it may hold, whole and in order', async () => {
    const one = await connected();
    const lines = Array.from({ length: 400_000 }, (_, i) => `${i}\n`).join('');

    one.socket.write(lines);

    await one.receives(`hello${lines}`);
  });

  it('passes the end: a client that has ended is answered until the server ends too', async () => {
    const one = await connected();

    one.socket.end('bye');

    expect(await one.closed).toBeUndefined();
    expect(one.text()).toBe('hellobye');
    await expect.poll(() => proxy.stats().open).toBe(0);
  });

  it('resets the client when the target does', async () => {
    const one = await connected();

    targetSockets[0]?.resetAndDestroy();

    expect(await one.closed).toBe('ECONNRESET');
  });
});

describe('faults', () => {
  it('refuse: new connections fail, open ones live, and accept takes it back on the same port', async () => {
    const old = await connected();

    proxy.refuse();
    expect(await client().closed).toBe('ECONNREFUSED');
    old.socket.write(' again');
    await old.receives('hello again');

    await proxy.accept();
    await connected();
  });

  it('pauseTraffic: nothing arrives, not even an end; resumeTraffic delivers it in order', async () => {
    const one = await connected();

    proxy.pauseTraffic();
    one.socket.write(' one');
    one.socket.write(' two');
    one.socket.end();
    await sleep(QUIET_MS);
    expect([received, one.text(), targetSockets[0]?.readableEnded]).toEqual(['hello', 'hello', false]);

    proxy.resumeTraffic();
    await one.receives('hello one two');
    expect(await one.closed).toBeUndefined();
  });

  it('pauseTraffic: connections can be opened, and wait', async () => {
    proxy.pauseTraffic();
    const one = client();
    one.socket.write('hello');
    await once(one.socket, 'connect');
    await sleep(QUIET_MS);
    expect([received, one.text()]).toEqual(['', '']);

    proxy.resumeTraffic();
    await one.receives('hello');
  });

  it('cut: both sides see a reset, new connections work', async () => {
    const one = await connected();

    proxy.cut();

    expect(await one.closed).toBe('ECONNRESET');
    await expect.poll(() => targetSockets[0]?.errored).toMatchObject({ code: 'ECONNRESET' });
    expect(proxy.stats().open).toBe(0);
    await connected();
  });

  it('delay: bytes come later, in order; 0 takes it back', async () => {
    const one = await connected();
    const delayMs = 300;

    proxy.delay(delayMs);
    const sentAt = performance.now();
    one.socket.write(' a');
    await sleep(20);
    one.socket.write(' b');
    await one.receives('hello a b');
    // Timers may fire a millisecond early; there and back is twice the delay.
    expect(performance.now() - sentAt).toBeGreaterThan(2 * delayMs - 5);

    proxy.delay(0);
    one.socket.write(' c');
    await one.receives('hello a b c');
  });

  it('dropResponses: requests arrive, answers are lost for good', async () => {
    const one = await connected();

    proxy.dropResponses();
    one.socket.write(' lost');
    await expect.poll(() => proxy.stats().bytesDropped).toBe(5);
    proxy.passResponses();
    one.socket.write(' kept');

    await one.receives('hello kept');
    expect(received).toBe('hello lost kept');
  });

  it('close: ends listener and connections', async () => {
    const one = await connected();

    await proxy.close();

    expect(await one.closed).toBe('ECONNRESET');
    expect(await client().closed).toBe('ECONNREFUSED');
  });
});
