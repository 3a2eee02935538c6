import { Kafka, logLevel, type RetryOptions } from 'kafkajs';
import { forwardTo, type KafkaLog } from './client-log.ts';
import { registerCodecs } from './codecs.ts';
import { installFetchDecoding } from './fetch-response.ts';
import { createSasl } from './sasl.ts';
import type { KafkaConnection, KafkaTls } from './settings.ts';

/**
 * Waits 80 ms at first and then up to 5 s between attempts: together at least 70 s, however the dice fall, so that a broker may be
 * away for a minute. Every attempt is logged; after the last one the call rejects with KafkaJSNumberOfRetriesExceeded.
 *
 * Producers and consumers need fewer of their own: each of their attempts may contain all of these.
 */
export const CONNECTION_RETRY = {
  initialRetryTime: 100,
  factor: 0.2,
  multiplier: 2,
  maxRetryTime: 5_000,
  retries: 22,
} as const satisfies RetryOptions;

/** A client of one cluster; connects when it is used. Changes how kafkajs decodes records, for the whole process. */
export function createKafkaClient(connection: KafkaConnection, log: KafkaLog): Kafka {
  registerCodecs();
  installFetchDecoding();
  const { brokers, clientId, tls, sasl, connectTimeoutMs, requestTimeoutMs } = connection;
  return new Kafka({
    brokers: [...brokers],
    clientId,
    connectionTimeout: connectTimeoutMs,
    authenticationTimeout: requestTimeoutMs,
    requestTimeout: requestTimeoutMs,
    retry: { ...CONNECTION_RETRY },
    logLevel: logLevel.INFO,
    logCreator: () => forwardTo(log),
    ...(tls === undefined ? {} : { ssl: secureOptions(tls) }),
    ...(sasl === undefined ? {} : { sasl: createSasl(sasl) }),
  });
}

/** Never less than a verified certificate. */
export const secureOptions = ({ ca, cert, key }: KafkaTls) => ({
  rejectUnauthorized: true,
  ...(ca === undefined ? {} : { ca }),
  ...(cert === undefined ? {} : { cert }),
  ...(key === undefined ? {} : { key }),
});
