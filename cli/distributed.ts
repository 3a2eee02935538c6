/** What a process needs that shares its work with others. */
import type { Config } from './config.ts';
import { CommandFailure, EXIT } from './context.ts';
import type { Foundation } from './foundation.ts';
import type { KafkaLog } from './kafka-log.ts';

/** @throws CommandFailure (usage) that says which setting is missing */
export function assertDistributed(command: string, config: Config): void {
  const missing = [
    ...(config.clickhouse === undefined ? ['CLICKHOUSE_URL: the embedded engine belongs to one process'] : []),
    ...(config.kafka === undefined ? ['KAFKA_BROKERS: the log has to be where every process reaches it'] : []),
    ...(config.masterKey === undefined
      ? ['PICKET_SECRET_KEY: all processes redact and seal with one key (make one: openssl rand -hex 32)']
      : []),
  ];
  if (missing.length === 0) return;
  const list = missing.map((line) => `  ${line}`).join('\n');
  throw new CommandFailure(
    `picket ${command} is one of several processes, and needs\n${list}\nOn one machine \`picket up\` needs none of them.`,
    EXIT.usage,
  );
}

export function kafkaOf({ kafka }: Foundation): KafkaLog {
  if (kafka === undefined)
    throw new CommandFailure('There is no Kafka in the configuration: set KAFKA_BROKERS.', EXIT.usage);
  return kafka;
}
