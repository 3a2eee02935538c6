import { createHash } from 'node:crypto';
import { type Kafka, type Message, Partitioners } from 'kafkajs';
import type { DeadLetter } from '../dead-letter.ts';
import { seal } from '../sealing.ts';
import { partitionKey } from './envelope.ts';

export interface DeadLetterTopic {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Resolves when all replicas in sync have the letters. A letter that is written again is there twice: tell it by source and position. */
  write(letters: readonly DeadLetter[]): Promise<void>;
}

const RAW_BYTES_KEPT = 64 * 1024;
const REQUEST_LETTERS_MAX = 16;

/**
 * A copy of the dead letters for consumers of Kafka: what was wrong in headers, what was sent as the value, sealed as in the store
 * (AES-256-GCM under the key of `deriveKey(master, 'dead-letters')`), because refused bytes may hold anything.
 */
export function createDeadLetterTopic(kafka: Kafka, options: { topic: string; sealKey: Uint8Array }): DeadLetterTopic {
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
    retry: { retries: 3 },
  });
  return {
    start: () => producer.connect(),
    stop: () => producer.disconnect(),
    async write(letters) {
      for (let i = 0; i < letters.length; i += REQUEST_LETTERS_MAX) {
        const messages = letters.slice(i, i + REQUEST_LETTERS_MAX).map((letter) => messageOf(letter, options.sealKey));
        await producer.send({ topic: options.topic, acks: -1, messages });
      }
    },
  };
}

function messageOf(letter: DeadLetter, sealKey: Uint8Array): Message {
  const { tenant, receivedMs, source, sourcePosition, code, field, message, raw } = letter;
  return {
    key: partitionKey(tenant, source),
    value: seal(sealKey, raw.subarray(0, RAW_BYTES_KEPT)),
    timestamp: String(receivedMs),
    headers: {
      schema: 'picket.dead-letter/1',
      tenant,
      source,
      source_position: sourcePosition,
      code,
      field,
      message,
      received: String(receivedMs),
      raw_bytes: String(raw.byteLength),
      raw_sha256: createHash('sha256').update(raw).digest('hex'),
    },
  };
}
