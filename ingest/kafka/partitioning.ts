import { Partitioners } from 'kafkajs';

/**
 * The partition of a key among `count`, as Kafka's own clients choose it (murmur2). Computed here and sent along, so that somebody who
 * adds partitions to the topic does not tear agents from their states.
 */
export function createPartitioning(count: number): (key: string) => number {
  const choose = Partitioners.DefaultPartitioner();
  const partitionMetadata = Array.from({ length: count }, (_, partitionId) => ({
    partitionId,
    partitionErrorCode: 0,
    leader: 0,
    replicas: [],
    isr: [],
  }));
  return (key) => choose({ topic: '', partitionMetadata, message: { key, value: null } });
}
