import { startKafka } from './cluster.ts';
import { KafkaUnavailable, kafkaJars } from './jars.ts';
import { makeClassArchive } from './make-class-archive.ts';

/** Kafka 4.1. */
const IMAGE = 'confluentinc/cp-kafka:8.1.1';
const CLIENT_PORT_OF_IMAGE = 9093;

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ProvidedKafka {
  readonly kind: 'given' | 'docker' | 'jars';
  readonly brokers: readonly string[];
  stop(): Promise<void>;
}

export interface NoKafka {
  /** Why, with all that the tools have said. */
  readonly skipped: string;
}

/**
 * A broker for tests: that of `KAFKA_BROKERS`; else one in Docker, if an engine answers; else Apache Kafka from its jars. Says in one
 * loud line on standard error when there is none.
 *
 * @throws when there is none and `PICKET_REQUIRE_KAFKA=1`, and when Kafka is there but does not start.
 */
export async function provideKafka(env: Environment): Promise<ProvidedKafka | NoKafka> {
  const given = (env['KAFKA_BROKERS'] ?? '').split(',').filter((broker) => broker.trim() !== '');
  if (given.length > 0) return { kind: 'given', brokers: given.map((broker) => broker.trim()), stop: async () => {} };
  const docker = await inDocker();
  if (!('skipped' in docker)) return docker;
  const jars = await jarsOrReason(env);
  if (typeof jars !== 'string') return noKafka(`${docker.skipped}\n${jars.skipped}`, env);
  // Here, once a run and before every other broker: those that a test starts find it, and where it cannot be made it is tried once.
  await makeClassArchive(jars);
  const cluster = await startKafka({ jars });
  return { kind: 'jars', brokers: cluster.brokers, stop: cluster.stop };
}

/** The jars, for tests that start, kill and pause brokers of their own; or why there are none, said like `provideKafka` does. */
export async function provideKafkaJars(env: Environment): Promise<string | NoKafka> {
  const jars = await jarsOrReason(env);
  return typeof jars === 'string' ? jars : noKafka(jars.skipped, env);
}

async function jarsOrReason(env: Environment): Promise<string | NoKafka> {
  try {
    return await kafkaJars({ env });
  } catch (error) {
    if (error instanceof KafkaUnavailable) return { skipped: error.message };
    throw error;
  }
}

function noKafka(reason: string, env: Environment): NoKafka {
  if (env['PICKET_REQUIRE_KAFKA'] === '1') throw new Error(`PICKET_REQUIRE_KAFKA=1, but there is no Kafka. ${reason}`);
  process.stderr.write(`\n!!! KAFKA TESTS ARE SKIPPED: ${reason}\n\n`);
  return { skipped: reason };
}

async function inDocker(): Promise<ProvidedKafka | NoKafka> {
  // Loaded only when they are needed: they are large.
  const { getContainerRuntimeClient } = await import('testcontainers');
  try {
    await getContainerRuntimeClient();
  } catch (error) {
    return { skipped: `No Docker: ${(error as Error).message}` };
  }
  try {
    const { KafkaContainer } = await import('@testcontainers/kafka');
    const container = await new KafkaContainer(IMAGE).start();
    const brokers = [`${container.getHost()}:${container.getMappedPort(CLIENT_PORT_OF_IMAGE)}`];
    return { kind: 'docker', brokers, stop: async () => void (await container.stop()) };
  } catch (error) {
    return { skipped: `Docker, but no Kafka in it: ${(error as Error).message}` };
  }
}
