/**
 * Goal: before Picket begins, each broker is asked what it speaks; whatever answers, or does not, ends in a sentence that says what
 * to do, in bounded time and memory. Method: TCP servers that answer badly, and the real broker.
 */
import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { brokerFaults, checkBroker, KAFKAJS_APIS } from '../../ingest/kafka/api-versions.ts';
import { fetchApiVersions } from '../../ingest/kafka/broker-probe.ts';
import { describeWithKafka } from '../support/kafka/describe.ts';
import { TEST_CERTIFICATE, TEST_KEY } from '../support/test-certificate.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A server that hands each connection's bytes to `answer`; resolves with its port. */
function serve(answer: (socket: Socket, request: Buffer) => void, secure = false): Promise<number> {
  const sockets: Socket[] = [];
  const onSocket = (socket: Socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', (request: Buffer) => answer(socket, request));
  };
  const server = secure ? createTlsServer({ cert: TEST_CERTIFICATE, key: TEST_KEY }, onSocket) : createServer(onSocket);
  closers.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

interface Api {
  readonly key: number;
  readonly min: number;
  readonly max: number;
}

/** Answers with `apis`, under the correlation id of the request. */
function versionsAnswer(request: Buffer, apis: readonly Api[], errorCode = 0): Buffer {
  const answer = Buffer.alloc(14 + apis.length * 6);
  answer.writeInt32BE(answer.length - 4, 0);
  request.copy(answer, 4, 8, 12);
  answer.writeInt16BE(errorCode, 8);
  answer.writeInt32BE(apis.length, 10);
  for (const [i, { key, min, max }] of apis.entries()) {
    for (const [j, value] of [key, min, max].entries()) answer.writeInt16BE(value, 14 + i * 6 + j * 2);
  }
  return answer;
}

const raisedFetch: Api[] = KAFKAJS_APIS.map((api) => (api.name === 'Fetch' ? { ...api, min: 12, max: 17 } : api));
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('a broker that', () => {
  const check = (port: number, timeoutMs = 5_000) => checkBroker({ host: '127.0.0.1', port, timeoutMs });

  it.each<readonly [string, (socket: Socket, request: Buffer) => void, string, string]>([
    [
      'has left this kafkajs behind',
      (socket, request) => socket.end(versionsAnswer(request, raisedFetch)),
      'refused',
      'no longer speaks Fetch <= 11 (it offers 12..17): this kafkajs cannot talk to it',
    ],
    [
      'refuses the question',
      (socket, request) => socket.end(versionsAnswer(request, [], 35)),
      'refused',
      ': The broker refused to list its API versions (error 35).',
    ],
    [
      'is a web server',
      (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
      'refused',
      ': The broker announces an answer of 1213486160 bytes; is it Kafka?',
    ],
    [
      'announces a negative length',
      (socket) => socket.end(hex('ffffffff')),
      'refused',
      ': What answers on this port does not speak the Kafka protocol; check the address.',
    ],
    [
      'answers another question',
      (socket) => socket.end(hex('0000000a 00000001 0000 00000000')),
      'refused',
      ': What answers on this port does not speak the Kafka protocol; check the address.',
    ],
    [
      'announces more than it holds',
      (socket) => socket.end(hex('0000000a 7069636b 0000 7fffffff')),
      'refused',
      ': What answers on this port does not speak the Kafka protocol; check the address.',
    ],
    [
      'wants TLS',
      (socket) => socket.end(hex('15 0303 0002 0246')),
      'refused',
      ': The port speaks TLS; set kafka.tls, or use the plaintext port.',
    ],
    [
      'hangs up in the middle of its answer',
      (socket) => socket.end(hex('0000000a 7069636b 00')),
      'unreachable',
      ': The broker closed the connection without an answer.',
    ],
  ])('%s', async (_what, answer, kind, sentence) => {
    const port = await serve(answer);
    expect(await check(port)).toEqual({
      kind,
      sentence: expect.stringMatching(new RegExp(`^broker 127.0.0.1:${port}`)),
    });
    expect(await check(port)).toEqual({ kind, sentence: expect.stringContaining(sentence) });
  });

  it('answers in pieces', async () => {
    const port = await serve((socket, request) => {
      for (const byte of versionsAnswer(request, KAFKAJS_APIS)) socket.write(Buffer.from([byte]));
    });
    expect(await check(port)).toEqual({ kind: 'usable' });
  });

  it('is silent', async () => {
    const port = await serve(() => {});
    const sentence = `broker 127.0.0.1:${port}: The broker did not answer within 200 ms.`;
    expect(await check(port, 200)).toEqual({ kind: 'unreachable', sentence });
  });

  it('is not there', async () => {
    const port = await serve(() => {});
    for (const close of closers.splice(0)) close();
    const sentence = `broker 127.0.0.1:${port}: The connection failed (ECONNREFUSED).`;
    expect(await check(port)).toEqual({ kind: 'unreachable', sentence });
  });

  it('speaks TLS', async () => {
    const port = await serve((socket, request) => socket.end(versionsAnswer(request, KAFKAJS_APIS)), true);
    const tls = { ca: TEST_CERTIFICATE };
    expect(await checkBroker({ host: '127.0.0.1', port, timeoutMs: 5_000, tls })).toEqual({ kind: 'usable' });
  });

  it('has a certificate of an unknown authority', async () => {
    const port = await serve((socket) => socket.end(), true);
    expect(await checkBroker({ host: '127.0.0.1', port, timeoutMs: 5_000, tls: {} })).toEqual({
      kind: 'refused',
      sentence: `broker 127.0.0.1:${port}: The broker's certificate is self-signed; put it in kafka.tls.ca.`,
    });
  });

  it('is asked with certificates that are none', async () => {
    const check = await checkBroker({ host: '127.0.0.1', port: 1, timeoutMs: 5_000, tls: { cert: 'not PEM' } });
    expect(check).toEqual({
      kind: 'refused',
      sentence: 'broker 127.0.0.1:1: A text in kafka.tls is not PEM; check ca, cert and key.',
    });
  });
});

describeWithKafka('the real broker', (brokers) => {
  const connection = { clientId: 'c', connectTimeoutMs: 5_000, requestTimeoutMs: 5_000 };

  it('speaks everything that Picket needs', async () => {
    expect(await brokerFaults({ ...connection, brokers })).toEqual([]);
  });

  it('has raised its floor already, but not above this kafkajs', async () => {
    const [host = '', port = ''] = (brokers[0] ?? '').split(':');
    const versions = await fetchApiVersions({ host, port: Number(port), timeoutMs: 5_000 });
    // KIP-896; a check that always finds 0 would find nothing.
    expect(versions.get(1)?.min).toBeGreaterThanOrEqual(4);
  });

  it('is no fault while it is away', async () => {
    const port = await serve(() => {});
    for (const close of closers.splice(0)) close();
    expect(await brokerFaults({ ...connection, brokers: [`127.0.0.1:${port}`] })).toEqual([]);
  });
});
