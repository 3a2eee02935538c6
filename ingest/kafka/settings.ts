/** Everything Picket needs to know about a Kafka cluster; read from `picket.yaml` in one place. */

export interface KafkaTls {
  /** PEM texts; absent: the system's certificate authorities, no client certificate. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface KafkaSasl {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly username: string;
  readonly password: string;
}

/** How to reach the cluster. */
export interface KafkaConnection {
  /** `host:port`, at least one. */
  readonly brokers: readonly string[];
  /** Shown in the broker's logs and quotas. */
  readonly clientId: string;
  /** Absent: plaintext. */
  readonly tls?: KafkaTls;
  readonly sasl?: KafkaSasl;
  /** Longest wait for a connection, and for the answer to a request. */
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
}

export const LOG_COMPRESSIONS = ['none', 'gzip', 'snappy'] as const;
export type LogCompression = (typeof LOG_COMPRESSIONS)[number];

export const DIALECTS = ['picket'] as const;
export type Dialect = (typeof DIALECTS)[number];

/** A topic that others write: anything, with any key. */
export interface IntakeTopic {
  readonly topic: string;
  /** Every event of the topic belongs to this tenant, whatever it says of itself. */
  readonly tenant: string;
  readonly dialect: Dialect;
  /** Its producers promise that all events of an agent are in one partition, so that their order is kept. */
  readonly keyed: boolean;
}

/** When an intake topic is taken for broken: a bad deployment must not turn a whole topic into dead letters. */
export interface FuseSettings {
  /** Share of refused records at which the topic is paused, 0..1, */
  readonly rejectedShareMax: number;
  /** among this many of its latest records. */
  readonly window: number;
  /** How long it stays paused before it is tried again. */
  readonly pauseMs: number;
}

export interface KafkaSettings extends KafkaConnection {
  /** The log: only Picket writes it. A later epoch of the log is `<eventsTopic>.<epoch>`. */
  readonly eventsTopic: string;
  readonly deadLettersTopic: string;
  readonly workerGroup: string;
  readonly intakeGroup: string;
  /** Of the events topic, when Picket creates it. */
  readonly partitions: number;
  /** Of the topics that Picket creates. */
  readonly replicationFactor: number;
  /** A member that is silent for this long loses its partitions. */
  readonly sessionTimeoutMs: number;
  readonly intake: readonly IntakeTopic[];
  readonly fuse: FuseSettings;
}
