/**
 * Goal: what kafkajs says is passed on at the right level, without secrets and without acting on a terminal; errors that nobody can
 * wait out are told apart, by type; a lost connection is not taken for a wrong password.
 */
import {
  type AuthenticationProviderArgs,
  KafkaJSConnectionError,
  KafkaJSError,
  KafkaJSNumberOfRetriesExceeded,
  KafkaJSProtocolError,
  type LogEntry,
  logLevel,
} from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { CONNECTION_RETRY, createKafkaClient, secureOptions } from '../../ingest/kafka/client.ts';
import { forwardTo } from '../../ingest/kafka/client-log.ts';
import { explainKafkaError, isFatal, isPassing } from '../../ingest/kafka/kafka-errors.ts';
import { createSasl } from '../../ingest/kafka/sasl.ts';

function recordingLog() {
  const lines: unknown[] = [];
  const at = (level: string) => (facts: object, message: string) => void lines.push([level, facts, message]);
  return { lines, log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } };
}

describe('log', () => {
  const entry = (namespace: string, level: logLevel, facts: object, message = 'said'): LogEntry => ({
    namespace,
    level,
    label: '',
    log: { timestamp: '2026-11-21T00:00:00Z', message, ...facts },
  });

  it.each<readonly [string, LogEntry, unknown]>([
    [
      'a failed attempt is a warning',
      entry('Connection', logLevel.ERROR, { broker: 'b:1' }),
      ['warn', { kafka: 'Connection', broker: 'b:1' }, 'said'],
    ],
    [
      'an end is an error',
      entry('Consumer', logLevel.ERROR, { groupId: 'g', retryCount: 3 }),
      ['error', { kafka: 'Consumer', groupId: 'g', retryCount: 3 }, 'said'],
    ],
    ['a warning stays one', entry('Runner', logLevel.WARN, {}), ['warn', { kafka: 'Runner' }, 'said']],
    [
      'news are for those who look for them',
      entry('Consumer', logLevel.INFO, {}),
      ['debug', { kafka: 'Consumer' }, 'said'],
    ],
    ['chatter stays chatter', entry('Connection', logLevel.DEBUG, {}), ['debug', { kafka: 'Connection' }, 'said']],
    [
      'what may hold payloads or secrets is left out',
      entry('Connection', logLevel.DEBUG, {
        sasl: { password: 'pw' },
        data: 'pw',
        payload: 'pw',
        stack: 'pw',
        memberMetadata: 'pw',
      }),
      ['debug', { kafka: 'Connection' }, 'said'],
    ],
    [
      'text of a broker is one harmless line',
      entry(
        'Connection',
        logLevel.ERROR,
        { error: 'bad\u001b[2J\r\nlevel=info', broker: { toString: () => 'b:1' } },
        'a\u202eb\nc',
      ),
      ['warn', { kafka: 'Connection', error: 'bad level=info', broker: 'b:1' }, 'ab c'],
    ],
    [
      'text of a broker has an end',
      entry('Connection', logLevel.ERROR, {}, 'x'.repeat(10_000)),
      ['warn', { kafka: 'Connection' }, `${'x'.repeat(499)}…`],
    ],
    [
      'an error in the place of a message',
      entry('BrokerPool', logLevel.ERROR, {}, new KafkaJSConnectionError('gone') as unknown as string),
      ['warn', { kafka: 'BrokerPool' }, 'KafkaJSConnectionError: gone'],
    ],
  ])('%s', (_what, logged, expected) => {
    const { lines, log } = recordingLog();
    forwardTo(log)(logged);
    expect(lines).toEqual([expected]);
  });
});

describe('retries', () => {
  it('lets a broker be away for a minute, however the dice fall', () => {
    const { initialRetryTime, factor, multiplier, maxRetryTime, retries } = CONNECTION_RETRY;
    let waitMs = initialRetryTime * (1 - factor);
    let sumMs = 0;
    for (let attempt = 0; attempt < retries; attempt += 1) {
      sumMs += waitMs;
      waitMs = Math.min(waitMs * (1 - factor) * multiplier, maxRetryTime);
    }
    expect(sumMs).toBeGreaterThan(70_000);
    expect(sumMs).toBeLessThan(100_000);
  });
});

const protocolError = (type: string, retriable = false) =>
  Object.assign(new KafkaJSProtocolError(new Error('text of the broker')), { type, retriable });

/** Its class takes a message, other than its types say. */
const refusedLogin = Object.assign(new KafkaJSError('text of the broker', { retriable: false }), {
  name: 'KafkaJSSASLAuthenticationError',
});

describe('errors', () => {
  it.each([
    ['SASL_AUTHENTICATION_FAILED', 'Kafka refused the user name or password; check kafka.sasl.'],
    ['TOPIC_AUTHORIZATION_FAILED', 'This Kafka user may not read or write the topic; grant it in the ACLs.'],
    [
      'UNKNOWN_TOPIC_OR_PARTITION',
      'The topic does not exist, or this Kafka user may not see it; create it or check its name.',
    ],
    ['UNSUPPORTED_VERSION', 'The broker does not speak this version of the protocol; use a Kafka from 2.3 to 4.'],
    ['NOT_LEADER_FOR_PARTITION', undefined],
    ['REBALANCE_IN_PROGRESS', undefined],
    ['OFFSET_OUT_OF_RANGE', undefined],
    ['NOT_COORDINATOR_FOR_GROUP', undefined],
    ['toString', undefined],
  ])('explains %s', (type, sentence) => {
    expect(explainKafkaError(protocolError(type))).toBe(sentence);
    expect(isFatal(protocolError(type))).toBe(sentence !== undefined);
  });

  const wrapped = (cause: Error) => Object.assign(new KafkaJSError(cause, { retriable: false }), { cause });
  it.each<readonly [string, unknown, boolean]>([
    ['a refused login', refusedLogin, true],
    ['a lost connection', new KafkaJSConnectionError('gone', { code: 'ECONNRESET' }), false],
    ['an unknown authority', new KafkaJSConnectionError('tls', { code: 'SELF_SIGNED_CERT_IN_CHAIN' }), true],
    ['a cause', wrapped(protocolError('GROUP_AUTHORIZATION_FAILED')), true],
    ['a cause of a cause', wrapped(wrapped(protocolError('GROUP_AUTHORIZATION_FAILED'))), true],
    [
      'exhausted retries of something passing',
      new KafkaJSNumberOfRetriesExceeded(new Error('gone'), { retryCount: 3, retryTime: 1 }),
      false,
    ],
    ['a bug', new TypeError('x is not a function'), false],
    ['a text', 'SASL_AUTHENTICATION_FAILED', false],
    ['nothing', undefined, false],
    ['a circle of causes', circle(), false],
  ])('knows whether waiting helps: %s', (_what, error, expected) => {
    expect(isFatal(error)).toBe(expected);
  });

  it.each<readonly [string, unknown, boolean]>([
    ['a lost connection', new KafkaJSConnectionError('gone', { code: 'ECONNRESET' }), true],
    ['an election', protocolError('NOT_LEADER_FOR_PARTITION', true), true],
    [
      'exhausted retries of it',
      new KafkaJSNumberOfRetriesExceeded(new Error('gone'), { retryCount: 3, retryTime: 1 }),
      true,
    ],
    ['a right that is missing', protocolError('TOPIC_AUTHORIZATION_FAILED'), false],
    ['a value that the broker does not take', protocolError('INVALID_CONFIG'), false],
    ['an unknown authority', new KafkaJSConnectionError('tls', { code: 'SELF_SIGNED_CERT_IN_CHAIN' }), false],
    ['a bug', new TypeError('x is not a function'), false],
    ['nothing', undefined, false],
  ])('knows what passes by itself: %s', (_what, error, expected) => {
    expect(isPassing(error)).toBe(expected);
  });

  it('never repeats what a broker says', () => {
    expect(explainKafkaError(refusedLogin)).not.toContain('text of the broker');
  });
});

function circle(): Error {
  const error = new KafkaJSError('round');
  return Object.assign(error, { cause: error });
}

describe('login', () => {
  const login = (error: Error) => {
    const { authenticationProvider } = createSasl({ mechanism: 'plain', username: 'u', password: 'p' });
    const logger = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };
    const args = { host: 'b', port: 9092, logger, saslAuthenticate: () => Promise.reject(error) };
    return authenticationProvider(args as unknown as AuthenticationProviderArgs).authenticate();
  };

  it('reports a connection that is lost on the way as that', async () => {
    const loss = new KafkaJSConnectionError('gone');
    await expect(login(loss)).rejects.toBe(loss);
  });

  it('reports a refused password as that', async () => {
    const refused = login(protocolError('SASL_AUTHENTICATION_FAILED'));
    await expect(refused).rejects.toMatchObject({ name: 'KafkaJSSASLAuthenticationError', retriable: false });
  });
});

describe('client', () => {
  it('never accepts a certificate that it cannot verify', () => {
    expect([secureOptions({}), secureOptions({ ca: 'c', cert: 'p', key: 'k' })]).toEqual([
      { rejectUnauthorized: true },
      { rejectUnauthorized: true, ca: 'c', cert: 'p', key: 'k' },
    ]);
  });

  it('warns of nothing when it is made, twice', () => {
    const { lines, log } = recordingLog();
    const connection = { brokers: ['b:9092'], clientId: 'c', connectTimeoutMs: 1, requestTimeoutMs: 1 };
    for (let i = 0; i < 2; i += 1) createKafkaClient(connection, log).consumer({ groupId: 'g' });
    expect(lines).toEqual([]);
  });
});
