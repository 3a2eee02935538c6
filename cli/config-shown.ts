/** The settings in force, by the names that `picket.yaml` has for them. Credentials stay out: people paste this into tickets. */
import type { Config } from './config.ts';

export function shownConfig(config: Config) {
  const { clickhouse, kafka, tenantTimeZones, reconcile } = config;
  return {
    origin: config.origin,
    engine: clickhouse === undefined ? 'embedded' : new URL(clickhouse.url).host,
    secret_key: config.masterKey === undefined ? 'file' : 'environment',
    data_dir: config.dataDir,
    playbooks_dir: config.playbooksDir,
    listen: { host: config.host, port: config.port },
    ...(clickhouse !== undefined && { clickhouse: shownClickhouse(clickhouse) }),
    ...(kafka !== undefined && { kafka: shownKafka(kafka) }),
    baseline: { half_life_days: config.halfLifeDays, time_zone: config.timeZone },
    tenants: Object.fromEntries(Object.entries(tenantTimeZones).map(([name, time_zone]) => [name, { time_zone }])),
    detection: { alert_budget: config.alertBudget },
    limits: {
      agents_in_memory: config.agentsInMemory,
      state_mib: config.stateMib,
      open_sessions_mib: config.openSessionsMib,
      queue_entries: config.queueEntries,
      checkpoint_records: config.checkpointRecords,
    },
    retention: { dead_letter_days: config.deadLetterDays, state_days: config.stateDays },
    reconcile: {
      every_minutes: reconcile.everyMs / MINUTE_MS,
      window_minutes: reconcile.windowMs / MINUTE_MS,
      positions: reconcile.positionsMax,
    },
    log_level: config.logLevel,
  };
}

const MINUTE_MS = 60_000;

const shownClickhouse = ({ url, database, requestTimeoutMs }: NonNullable<Config['clickhouse']>) => ({
  url: withoutSecrets(url),
  ...(database !== undefined && { database }),
  request_timeout_ms: requestTimeoutMs,
});

/** User, password and query of a URL may be credentials. */
const withoutSecrets = (url: string): string => {
  const { origin, pathname } = new URL(url);
  return pathname === '/' ? origin : origin + pathname;
};

const shownKafka = ({ tls, sasl, fuse, ...kafka }: NonNullable<Config['kafka']>) => ({
  brokers: kafka.brokers,
  client_id: kafka.clientId,
  tls: { enabled: tls !== undefined },
  ...(sasl !== undefined && { sasl: { mechanism: sasl.mechanism } }),
  events_topic: kafka.eventsTopic,
  dead_letters_topic: kafka.deadLettersTopic,
  worker_group: kafka.workerGroup,
  intake_group: kafka.intakeGroup,
  partitions: kafka.partitions,
  replication_factor: kafka.replicationFactor,
  compression: kafka.compression,
  session_timeout_ms: kafka.sessionTimeoutMs,
  connect_timeout_ms: kafka.connectTimeoutMs,
  request_timeout_ms: kafka.requestTimeoutMs,
  intake: kafka.intake,
  fuse: { rejected_share: fuse.rejectedShareMax, window: fuse.window, pause_seconds: fuse.pauseMs / 1000 },
});
