import { describe, inject } from 'vitest';
import { type KafkaCluster, type KafkaOptions, startKafka } from './cluster.ts';
import { provideKafkaJars } from './provider.ts';

/** Tests over the broker of the run, which they share: each makes topics and groups of its own. Skipped, with the reason, without one. */
export function describeWithKafka(name: string, tests: (brokers: readonly string[]) => void): void {
  const skipped = inject('kafkaSkipped');
  if (skipped !== undefined) describe.skip(`${name} (no Kafka: ${firstLine(skipped)})`, () => tests([]));
  else describe(name, () => tests(inject('kafkaBrokers')));
}

/**
 * Tests that start brokers of their own, to kill and to pause them. Skipped, loudly, where Kafka cannot run from its jars. To be awaited
 * at the top of the file.
 */
export async function describeWithOwnKafka(
  name: string,
  tests: (start: (options?: KafkaOptions) => Promise<KafkaCluster>) => void,
): Promise<void> {
  const jars = await provideKafkaJars(process.env);
  if (typeof jars === 'string') describe(name, () => tests((options) => startKafka({ jars, ...options })));
  else describe.skip(`${name} (no Kafka jars: ${firstLine(jars.skipped)})`, () => tests(startKafka));
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';
