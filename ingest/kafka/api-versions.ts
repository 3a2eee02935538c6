import { type ApiVersions, type BrokerAddress, fetchApiVersions, ProbeError } from './broker-probe.ts';
import { explainKafkaError } from './kafka-errors.ts';
import type { KafkaConnection } from './settings.ts';

/**
 * What kafkajs 2.2.4 implements of the requests that Picket sends (`src/protocol/requests` of that package), by API key. kafkajs takes
 * the lower of its best version and the broker's best, and never looks at the broker's lowest: once that is above `max` it sends
 * what the broker no longer reads.
 */
export const KAFKAJS_APIS = [
  { key: 0, name: 'Produce', min: 0, max: 7 },
  // Older answers are decoded by kafkajs itself, without bounds.
  { key: 1, name: 'Fetch', min: 11, max: 11 },
  { key: 2, name: 'ListOffsets', min: 0, max: 3 },
  { key: 3, name: 'Metadata', min: 0, max: 6 },
  { key: 8, name: 'OffsetCommit', min: 0, max: 5 },
  { key: 9, name: 'OffsetFetch', min: 1, max: 4 },
  { key: 10, name: 'FindCoordinator', min: 0, max: 2 },
  { key: 11, name: 'JoinGroup', min: 0, max: 5 },
  { key: 12, name: 'Heartbeat', min: 0, max: 3 },
  { key: 13, name: 'LeaveGroup', min: 0, max: 3 },
  { key: 14, name: 'SyncGroup', min: 0, max: 3 },
  { key: 15, name: 'DescribeGroups', min: 0, max: 2 },
  { key: 17, name: 'SaslHandshake', min: 0, max: 1 },
  { key: 18, name: 'ApiVersions', min: 0, max: 2 },
  { key: 19, name: 'CreateTopics', min: 0, max: 3 },
  { key: 22, name: 'InitProducerId', min: 0, max: 1 },
  { key: 32, name: 'DescribeConfigs', min: 0, max: 2 },
  { key: 36, name: 'SaslAuthenticate', min: 0, max: 1 },
] as const;

/** One phrase per request that this kafkajs and the broker have no common version of; empty when they get on. */
export function unsupportedApis(versions: ApiVersions): string[] {
  return KAFKAJS_APIS.flatMap(({ key, name, min, max }) => {
    const offered = versions.get(key);
    if (offered === undefined) return [`does not speak ${name}`];
    if (offered.min > max) return [`no longer speaks ${name} <= ${max} (it offers ${offered.min}..${offered.max})`];
    if (offered.max < min) return [`does not speak ${name} >= ${min} yet (it offers ${offered.min}..${offered.max})`];
    return [];
  });
}

/**
 * `usable`; `unreachable`, which may pass; or `refused`, where somebody has to change something first. The sentence names the broker,
 * what is wrong and what to do, and holds no text of the broker.
 */
export type BrokerCheck =
  | { readonly kind: 'usable' }
  | { readonly kind: 'unreachable' | 'refused'; readonly sentence: string };

/** Asks one broker for its versions. Never rejects. Sees neither the login nor the topics. */
export async function checkBroker(address: BrokerAddress): Promise<BrokerCheck> {
  const broker = `broker ${address.host}:${address.port}`;
  try {
    const unsupported = unsupportedApis(await fetchApiVersions(address));
    if (unsupported.length === 0) return { kind: 'usable' };
    return { kind: 'refused', sentence: `${broker} ${unsupported.join(', ')}: this kafkajs cannot talk to it` };
  } catch (error) {
    const kind = error instanceof ProbeError && PASSING.has(error.code) ? 'unreachable' : 'refused';
    return { kind, sentence: `${broker}: ${explain(error, address)}` };
  }
}

const PASSING: ReadonlySet<string> = new Set(['connect_failed', 'timeout', 'closed']);

function explain(error: unknown, { tls }: BrokerAddress): string {
  const sentence = explainKafkaError(error) ?? (error instanceof Error ? error.message : 'The check failed.');
  const isCutOff = error instanceof ProbeError && PASSING.has(error.code) && error.code !== 'timeout';
  // A plaintext port answers to TLS by hanging up, as a broker does that is going down.
  return tls !== undefined && isCutOff ? `${sentence} If this goes on, the port may not speak TLS.` : sentence;
}

/** Checks every broker of the settings at once. */
export async function checkBrokers(connection: KafkaConnection): Promise<BrokerCheck[]> {
  const { tls, connectTimeoutMs: timeoutMs } = connection;
  return Promise.all(
    connection.brokers.map((broker) => {
      const colon = broker.lastIndexOf(':');
      const address = { host: broker.slice(0, colon), port: Number(broker.slice(colon + 1)), timeoutMs };
      return checkBroker(tls === undefined ? address : { ...address, tls });
    }),
  );
}

/** One sentence per broker of the settings that Picket cannot work with. One that is away is none: it is waited for. */
export async function brokerFaults(connection: KafkaConnection): Promise<string[]> {
  const checks = await checkBrokers(connection);
  return checks.flatMap((check) => (check.kind === 'refused' ? [check.sentence] : []));
}
