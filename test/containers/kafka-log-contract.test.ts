/** The contract of the log, over the broker that deploy/compose.yaml describes. */
import { afterAll, beforeAll } from 'vitest';
import { describeWithContainers } from '../support/container-describe.ts';
import { type KafkaContainer, startComposeKafka } from '../support/container-kafka.ts';
import { logContract } from '../support/log-contract.ts';

describeWithContainers('the log in Kafka', () => {
  let kafka: KafkaContainer | undefined;

  beforeAll(async () => {
    kafka = await startComposeKafka();
  });

  afterAll(() => kafka?.stop());

  logContract(() => kafka?.brokers ?? []);
});
