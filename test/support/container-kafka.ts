import { GenericContainer, getContainerRuntimeClient, type StartedTestContainer, Wait } from 'testcontainers';
import { composeService } from './container-compose.ts';
import { freePorts } from './free-ports.ts';

const START_TIMEOUT_MS = 180_000;
const OUTSIDE_PORT = 9094;

export interface KafkaContainer {
  readonly brokers: readonly string[];
  stop(): Promise<void>;
}

/**
 * The broker of deploy/compose.yaml: its image, settings and health check. One listener more, for clients outside of its network; its
 * port has to be known before it starts, because a broker tells clients where it is.
 */
export async function startComposeKafka(): Promise<KafkaContainer> {
  const { image, environment = {}, healthcheck } = composeService('kafka');
  if (healthcheck?.test === undefined) throw new Error('The kafka service of deploy/compose.yaml has no health check.');
  const [port = 0] = await freePorts(1);
  const { host } = (await getContainerRuntimeClient()).info.containerRuntime;
  const outside = {
    KAFKA_LISTENERS: `${environment['KAFKA_LISTENERS']},OUTSIDE://:${OUTSIDE_PORT}`,
    KAFKA_ADVERTISED_LISTENERS: `${environment['KAFKA_ADVERTISED_LISTENERS']},OUTSIDE://${host}:${port}`,
    KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: `${environment['KAFKA_LISTENER_SECURITY_PROTOCOL_MAP']},OUTSIDE:PLAINTEXT`,
  };
  const container: StartedTestContainer = await new GenericContainer(image)
    .withHostname('kafka')
    .withEnvironment({ ...environment, ...outside })
    .withExposedPorts({ container: OUTSIDE_PORT, host: port })
    .withHealthCheck({ test: healthcheck.test, interval: 2_000, timeout: 10_000, retries: 30, startPeriod: 1_000 })
    .withWaitStrategy(Wait.forHealthCheck())
    .withStartupTimeout(START_TIMEOUT_MS)
    .start();
  return { brokers: [`${host}:${port}`], stop: async () => void (await container.stop()) };
}
