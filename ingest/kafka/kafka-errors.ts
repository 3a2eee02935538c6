/** What to do about an error of kafkajs, decided by its types and codes; its texts come from brokers. */

/** By `type` of a protocol error. What is not here is worth another try, or is for the caller to judge. */
const BY_TYPE: Readonly<Record<string, string>> = {
  SASL_AUTHENTICATION_FAILED: 'Kafka refused the user name or password; check kafka.sasl.',
  UNSUPPORTED_SASL_MECHANISM: 'The broker does not offer this SASL mechanism; check kafka.sasl.mechanism.',
  ILLEGAL_SASL_STATE: 'The broker did not expect a SASL login on this port; check kafka.sasl and the port.',
  TOPIC_AUTHORIZATION_FAILED: 'This Kafka user may not read or write the topic; grant it in the ACLs.',
  GROUP_AUTHORIZATION_FAILED: 'This Kafka user may not use the consumer group; grant READ on the group in the ACLs.',
  CLUSTER_AUTHORIZATION_FAILED: 'This Kafka user may not do this on the cluster; grant it in the ACLs.',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'This Kafka user may not use the transactional id; grant it in the ACLs.',
  SECURITY_DISABLED: 'The broker has its security features turned off; configure an authorizer or remove the setting.',
  UNSUPPORTED_VERSION: 'The broker does not speak this version of the protocol; use a Kafka from 2.3 to 4.',
  UNKNOWN_TOPIC_OR_PARTITION:
    'The topic does not exist, or this Kafka user may not see it; create it or check its name.',
  INVALID_TOPIC_EXCEPTION: 'The topic has a name that Kafka does not allow; check the names of the topics.',
  INVALID_GROUP_ID: 'The consumer group has a name that Kafka does not allow; check the names of the groups.',
  INVALID_SESSION_TIMEOUT:
    "The session timeout is outside the broker's limits; change it, or the broker's group.min/max.session.timeout.ms.",
  INVALID_REPLICATION_FACTOR:
    'The replication factor is larger than the number of brokers; check kafka.replicationFactor.',
  INVALID_PARTITIONS: 'The number of partitions is not allowed; check kafka.partitions.',
  POLICY_VIOLATION: 'A policy of the cluster does not allow this topic; ask whoever runs the cluster.',
  INCONSISTENT_GROUP_PROTOCOL: 'The consumer group is in use by another program; choose a group name of its own.',
  UNSUPPORTED_COMPRESSION_TYPE: 'The broker does not know this compression; use gzip.',
  FENCED_INSTANCE_ID: 'Another consumer has taken the place of this one; give each its own instance id.',
};

const BY_NAME: Readonly<Record<string, string>> = {
  KafkaJSSASLAuthenticationError: 'Kafka refused the login; check kafka.sasl: mechanism, user name and password.',
  KafkaJSServerDoesNotSupportApiKey: 'The broker lacks a request that Picket needs; use a Kafka from 2.3 to 4.',
  KafkaJSNotImplemented:
    'The records are in a form that this client cannot handle; check the compression of the topic.',
};

/** Of Node and OpenSSL, when a certificate is not accepted. */
const BY_CODE: Readonly<Record<string, string>> = {
  SELF_SIGNED_CERT_IN_CHAIN:
    "The broker's certificate is signed by an unknown authority; put that authority in kafka.tls.ca.",
  DEPTH_ZERO_SELF_SIGNED_CERT: "The broker's certificate is self-signed; put it in kafka.tls.ca.",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "The broker's certificate is signed by an unknown authority; put that authority in kafka.tls.ca.",
  UNABLE_TO_GET_ISSUER_CERT: "The broker's certificate chain is incomplete; put its authority in kafka.tls.ca.",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    "The broker's certificate is signed by an unknown authority; put that authority in kafka.tls.ca.",
  CERT_SIGNATURE_FAILURE: "The broker's certificate is not signed by the authority in kafka.tls.ca.",
  CERT_UNTRUSTED: "The broker's certificate is not trusted; check kafka.tls.ca.",
  CERT_HAS_EXPIRED: "The broker's certificate has expired; renew it.",
  CERT_NOT_YET_VALID: "The broker's certificate is not valid yet; check the clocks.",
  CERT_REVOKED: "The broker's certificate has been revoked; renew it.",
  ERR_TLS_CERT_ALTNAME_INVALID:
    "The broker's certificate is for another host name; use the name that it is for in kafka.brokers.",
  ERR_SSL_WRONG_VERSION_NUMBER: 'The port does not speak TLS; check the port, or remove kafka.tls.',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'The port does not speak TLS; check the port, or remove kafka.tls.',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    'The broker wants a client certificate; set kafka.tls.cert and kafka.tls.key.',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE:
    'The broker misses or refuses a client certificate; check kafka.tls.cert and kafka.tls.key.',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: 'The broker refused the client certificate; check kafka.tls.cert.',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA:
    'The broker does not know the authority of the client certificate; check kafka.tls.cert.',
  ERR_OSSL_PEM_NO_START_LINE: 'A text in kafka.tls is not PEM; check ca, cert and key.',
  ERR_OSSL_X509_KEY_VALUES_MISMATCH:
    'The private key does not belong to the certificate; check kafka.tls.cert and kafka.tls.key.',
  broker_unusable: 'The broker cannot be used; see the check at start-up.',
  compression_not_supported: 'Picket does not write this compression; choose gzip or snappy.',
};

const CAUSES_MAX = 8;

/**
 * A sentence that says what is wrong and what to do, for an error that no retry will cure; undefined for all others: lost
 * connections, timeouts, elections, rebalances. Looks into the causes. Holds no text of a broker.
 */
export function explainKafkaError(error: unknown): string | undefined {
  let cause = error;
  for (let depth = 0; depth < CAUSES_MAX && cause instanceof Error; depth += 1) {
    const sentence = explainOne(cause);
    if (sentence !== undefined) return sentence;
    cause = cause.cause ?? firstOf(cause);
  }
  return undefined;
}

/** kafkajs puts what went wrong with several topics into one error. */
const firstOf = (error: Error): unknown => {
  const errors: unknown = Reflect.get(error, 'errors');
  return Array.isArray(errors) ? errors[0] : undefined;
};

/** True when trying again cannot help before somebody changes something. */
export const isFatal = (error: unknown): boolean => explainKafkaError(error) !== undefined;

/** True for a connection that was lost, a timeout, an election: the same may be done by the next try, also where kafkajs has given up its own. */
export const isPassing = (error: unknown): boolean =>
  error instanceof Error &&
  !isFatal(error) &&
  (Reflect.get(error, 'retriable') === true || error.name === 'KafkaJSNumberOfRetriesExceeded');

/** kafkajs retries this one, since a topic that was just created is unknown at first; it is told of when that has not helped. */
const FATAL_THOUGH_RETRIABLE = 'UNKNOWN_TOPIC_OR_PARTITION';

function explainOne(error: Error): string | undefined {
  const type = Reflect.get(error, 'type');
  const isPassing = Reflect.get(error, 'retriable') === true && type !== FATAL_THOUGH_RETRIABLE;
  const byType = isPassing ? undefined : lookUp(BY_TYPE, type);
  return byType ?? lookUp(BY_CODE, Reflect.get(error, 'code')) ?? lookUp(BY_NAME, error.name);
}

const lookUp = (table: Readonly<Record<string, string>>, key: unknown): string | undefined =>
  typeof key === 'string' && Object.hasOwn(table, key) ? table[key] : undefined;
