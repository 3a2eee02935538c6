/**
 * Goal: a login or a certificate that is right works; one that is wrong ends at once with a sentence that says what to change, and
 * never in endless attempts. Method: a real broker with SASL and TLS ports, and one that asks for client certificates.
 */
import type { Kafka } from 'kafkajs';
import { Partitioners } from 'kafkajs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { brokerFaults } from '../../ingest/kafka/api-versions.ts';
import { createKafkaClient } from '../../ingest/kafka/client.ts';
import { explainKafkaError } from '../../ingest/kafka/kafka-errors.ts';
import type { KafkaConnection, KafkaSasl, KafkaTls } from '../../ingest/kafka/settings.ts';
import type { KafkaCluster } from '../support/kafka/cluster.ts';
import { describeWithOwnKafka } from '../support/kafka/describe.ts';
import { createTopic } from '../support/kafka/topic.ts';
import { TEST_CERTIFICATE, TEST_KEY } from '../support/test-certificate.ts';

/** Of somebody who has signed nothing here. */
const OTHER_AUTHORITY = `-----BEGIN CERTIFICATE-----
MIIBjzCCATWgAwIBAgIUfd4HOnfzVyURpGQsadEySOP9YDowCgYIKoZIzj0EAwIw
HDEaMBgGA1UEAwwRYW5vdGhlciBhdXRob3JpdHkwIBcNMjYxMTIxMTI0MzU5WhgP
MjEyNjEwMjgxMjQzNTlaMBwxGjAYBgNVBAMMEWFub3RoZXIgYXV0aG9yaXR5MFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEP8GD4+mLV08UepkL6GRU6M6i4v2zdQHk
Eb16qQavChy+BKyskGE6UAlL93tmmG/6GjcfxcSWd7j4X+esaft32KNTMFEwHQYD
VR0OBBYEFBx846Eof5352paleZDWPqK+fjYiMB8GA1UdIwQYMBaAFBx846Eof535
2paleZDWPqK+fjYiMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIg
YGeS4O/EdEHmMxKHNQIyrykx7OQQfGBmffvCi2Cu0zkCIQDb0X7woonofEsVvdAu
hIkqXFAyU7uUVjac5FbaEa9RVA==
-----END CERTIFICATE-----
`;

const USER = { username: 'picket', password: 'correct-horse' };
const MECHANISMS: readonly KafkaSasl['mechanism'][] = ['plain', 'scram-sha-256', 'scram-sha-512'];

interface Security {
  readonly tls?: KafkaTls;
  readonly sasl?: KafkaSasl;
}

const connectionTo = (brokers: readonly string[], security: Security): KafkaConnection => ({
  brokers,
  clientId: 'security',
  connectTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  ...security,
});

/** A client, and every line that it logs. */
function connect(brokers: readonly string[], security: Security): { client: Kafka; lines: string[] } {
  const lines: string[] = [];
  const write = (level: string) => (facts: object, message: string) =>
    void lines.push(`${level} ${message} ${JSON.stringify(facts)}`);
  const log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  return { client: createKafkaClient(connectionTo(brokers, security), log), lines };
}

/** Writes a record to the topic; resolves with its offset. */
async function write(client: Kafka, topic: string): Promise<string | undefined> {
  const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const [written] = await producer.send({ topic, messages: [{ value: 'x' }] });
  await producer.disconnect();
  return written?.baseOffset;
}

/** What is said about the error of a connection that must fail. */
async function refusal(client: Kafka): Promise<string | undefined> {
  const admin = client.admin();
  try {
    await admin.connect();
    return 'connected';
  } catch (error) {
    return explainKafkaError(error);
  } finally {
    await admin.disconnect();
  }
}

await describeWithOwnKafka('security', (startKafka) => {
  let kafka: KafkaCluster;
  beforeAll(async () => {
    kafka = await startKafka({ users: [USER], tls: { certificate: TEST_CERTIFICATE, key: TEST_KEY } });
  });
  afterAll(() => kafka.stop());

  it.each(MECHANISMS)('%s logs in', async (mechanism) => {
    const topic = await createTopic(kafka.brokers);
    const { client, lines } = connect(kafka.saslBrokers, { sasl: { mechanism, ...USER } });
    expect(await write(client, topic)).toBe('0');
    expect(lines).toEqual([]);
  });

  it.each(MECHANISMS)('%s with a wrong password is refused once, and the password is in no line', async (mechanism) => {
    const password = 'wrong-secret';
    const { client, lines } = connect(kafka.saslBrokers, { sasl: { mechanism, username: USER.username, password } });
    expect(await refusal(client)).toBe('Kafka refused the login; check kafka.sasl: mechanism, user name and password.');
    // Of the request, of the login, and of the connection.
    expect(lines.length).toBeLessThanOrEqual(3);
    expect(lines.join()).not.toContain(password);
  });

  it('a login is refused on a port without logins', async () => {
    const { client } = connect(kafka.brokers, { sasl: { mechanism: 'plain', ...USER } });
    expect(await refusal(client)).toBe(
      'The broker did not expect a SASL login on this port; check kafka.sasl and the port.',
    );
  });

  it('TLS with the right authority works', async () => {
    const topic = await createTopic(kafka.brokers);
    const tls = { ca: TEST_CERTIFICATE };
    expect(await brokerFaults(connectionTo(kafka.tlsBrokers, { tls }))).toEqual([]);
    expect(await write(connect(kafka.tlsBrokers, { tls }).client, topic)).toBe('0');
  });

  it.each<readonly [string, KafkaTls]>([
    ['no authority', {}],
    ['another authority', { ca: OTHER_AUTHORITY }],
  ])('TLS with %s is refused before anything is sent', async (_what, tls) => {
    expect(await brokerFaults(connectionTo(kafka.tlsBrokers, { tls }))).toEqual([
      `broker ${kafka.tlsBrokers[0]}: The broker's certificate is self-signed; put it in kafka.tls.ca.`,
    ]);
  });

  it('a plaintext client is told of the TLS port', async () => {
    expect(await brokerFaults(connectionTo(kafka.tlsBrokers, {}))).toEqual([
      `broker ${kafka.tlsBrokers[0]}: The port speaks TLS; set kafka.tls, or use the plaintext port.`,
    ]);
  });
});

await describeWithOwnKafka('client certificates', (startKafka) => {
  let kafka: KafkaCluster;
  beforeAll(async () => {
    const tls = { certificate: TEST_CERTIFICATE, key: TEST_KEY, clientAuthority: TEST_CERTIFICATE };
    kafka = await startKafka({ tls });
  });
  afterAll(() => kafka.stop());

  it('one that the broker knows opens the port', async () => {
    const topic = await createTopic(kafka.brokers);
    const tls = { ca: TEST_CERTIFICATE, cert: TEST_CERTIFICATE, key: TEST_KEY };
    expect(await brokerFaults(connectionTo(kafka.tlsBrokers, { tls }))).toEqual([]);
    expect(await write(connect(kafka.tlsBrokers, { tls }).client, topic)).toBe('0');
  });

  it('none is refused', async () => {
    const tls = { ca: TEST_CERTIFICATE };
    expect(await brokerFaults(connectionTo(kafka.tlsBrokers, { tls }))).toEqual([
      `broker ${kafka.tlsBrokers[0]}: The broker misses or refuses a client certificate; check kafka.tls.cert and kafka.tls.key.`,
    ]);
  });
});
