/**
 * All configuration, from `picket.yaml` and the environment. The only file that reads environment variables; everything else gets
 * its settings as arguments.
 */
import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { parseYaml } from '../alerts/positioned-yaml.ts';
import { zoneOffsetAt } from '../baselines/statistics/time-zone.ts';
import {
  DIALECTS,
  type KafkaSasl,
  type KafkaSettings,
  LOG_COMPRESSIONS,
  type LogCompression,
} from '../ingest/kafka/settings.ts';
import { type SettingFault, settingFaults } from './config-faults.ts';
import { nearName } from './near-name.ts';

const text = (description: string) => Type.Optional(Type.String({ minLength: 1, description }));
const number = (minimum: number, maximum: number, description: string) =>
  Type.Optional(Type.Number({ minimum, maximum, description }));
const whole = (minimum: number, maximum: number, description: string) =>
  Type.Optional(Type.Integer({ minimum, maximum, description }));
const section = <T extends Parameters<typeof Type.Object>[0]>(properties: T) =>
  Type.Optional(Type.Object(properties, { additionalProperties: false }));

const TOPIC_NAME = '^[a-zA-Z0-9._-]{1,249}$';
const topic = (description: string) => Type.Optional(Type.String({ pattern: TOPIC_NAME, description }));

const KafkaSection = section({
  brokers: Type.Optional(
    Type.Array(Type.String({ pattern: '^[^\\s,]+:\\d{1,5}$' }), {
      minItems: 1,
      description: 'host:port of some brokers',
    }),
  ),
  client_id: text('Name in the logs and quotas of the brokers'),
  tls: section({
    enabled: Type.Optional(Type.Boolean({ description: 'Connect by TLS' })),
    ca_file: text('PEM file of the authorities to trust; absent: those of the system'),
    cert_file: text('PEM file of the client certificate'),
    key_file: text('PEM file of its key'),
  }),
  sasl: section({
    mechanism: Type.Optional(Type.Enum(['plain', 'scram-sha-256', 'scram-sha-512'])),
    username: text('User'),
    password: text('Password; better given by KAFKA_SASL_PASSWORD'),
  }),
  events_topic: topic('The log; only Picket writes it'),
  dead_letters_topic: topic('Copies of the dead letters'),
  worker_group: text('Consumer group of the workers'),
  intake_group: text('Consumer group of the intake stage'),
  partitions: whole(1, 10_000, 'Partitions of the log, when Picket creates it'),
  replication_factor: whole(1, 10, 'Replicas of the topics that Picket creates'),
  compression: Type.Optional(Type.Enum([...LOG_COMPRESSIONS], { description: 'Of what Picket writes to the log' })),
  session_timeout_ms: whole(6000, 300_000, 'A process that is silent for this long loses its partitions'),
  connect_timeout_ms: whole(100, 120_000, 'Longest wait for a connection'),
  request_timeout_ms: whole(1000, 300_000, 'Longest wait for an answer'),
  intake: Type.Optional(
    Type.Array(
      Type.Object(
        {
          topic: Type.String({ pattern: TOPIC_NAME, description: 'A topic that others write' }),
          tenant: Type.String({ minLength: 1, maxLength: 128, description: 'Every event of the topic belongs to it' }),
          dialect: Type.Optional(Type.Enum([...DIALECTS], { description: 'What its records are' })),
          keyed: Type.Optional(Type.Boolean({ description: 'All events of an agent are in one partition' })),
        },
        { additionalProperties: false },
      ),
      { maxItems: 100 },
    ),
  ),
  fuse: section({
    rejected_share: number(0.01, 1, 'Share of refused records at which an intake topic is paused'),
    window: whole(10, 1_000_000, 'Records after which the share is looked at'),
    pause_seconds: number(0.1, 86_400, 'How long the topic stays paused before it is tried again'),
  }),
});

export const ConfigSchema = Type.Object(
  {
    data_dir: text('Folder of the embedded engine, keys and snapshots'),
    playbooks_dir: text('Folder of playbook files'),
    listen: section({ host: text('Address to listen on'), port: whole(0, 65_535, 'Port; 0 takes a free one') }),
    clickhouse: section({
      url: text('ClickHouse over HTTP; absent: the embedded engine'),
      username: text('User'),
      password: text('Password; better given by CLICKHOUSE_PASSWORD'),
      database: text('Database'),
      request_timeout_ms: whole(100, 600_000, 'Longest silence of the server'),
    }),
    kafka: KafkaSection,
    baseline: section({
      half_life_days: number(1, 365, 'Age at which an observation counts half'),
      time_zone: text('IANA name, such as Europe/Berlin: hours of the week follow its clock'),
    }),
    tenants: Type.Optional(
      Type.Record(Type.String(), section({ time_zone: text('Of this tenant, instead of baseline.time_zone') }), {
        description: 'By tenant',
        maxProperties: 10_000,
      }),
    ),
    detection: section({
      alert_budget: number(0.0001, 10, 'False alerts allowed per agent and day, over all detectors'),
    }),
    limits: section({
      agents_in_memory: whole(10, 10_000_000, 'Agent states kept in memory'),
      state_mib: whole(16, 1_048_576, 'MiB that agent states may take in memory, as estimated'),
      open_sessions_mib: whole(16, 1_048_576, 'MiB of them for open and held sessions'),
      queue_entries: whole(100, 1_000_000, 'Events that may wait for the log'),
      checkpoint_records: whole(100, 10_000_000, 'Records of a partition between two checkpoints'),
    }),
    retention: section({
      dead_letter_days: number(1, 3650, 'Days until a dead letter is deleted'),
      state_days: whole(1, 3650, 'Days on which an agent acted, of which a state each is kept to go back to'),
    }),
    reconcile: section({
      every_minutes: number(0, 1440, 'Between two looks at what was stored lately; 0: never'),
      window_minutes: number(1, 43_200, 'How far back each of them looks'),
      positions: whole(1000, 100_000_000, 'Records that one of them looks at, at most'),
    }),
    log_level: Type.Optional(Type.Enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])),
  },
  { additionalProperties: false, title: 'picket.yaml' },
);

type ConfigFile = Static<typeof ConfigSchema>;

export interface Config {
  /** Where the settings came from: a file, or the defaults. */
  readonly origin: string;
  readonly dataDir: string;
  readonly playbooksDir: string;
  readonly host: string;
  readonly port: number;
  readonly clickhouse:
    | { url: string; username?: string; password?: string; database?: string; requestTimeoutMs: number }
    | undefined;
  /** Absent: the log is in the embedded engine. */
  readonly kafka: (KafkaSettings & { readonly compression: LogCompression }) | undefined;
  readonly halfLifeDays: number;
  /** IANA names: of everybody, and of tenants that have one of their own. */
  readonly timeZone: string;
  readonly tenantTimeZones: Readonly<Record<string, string>>;
  readonly alertBudget: number;
  readonly agentsInMemory: number;
  readonly stateMib: number;
  readonly openSessionsMib: number;
  readonly queueEntries: number;
  /** Absent: it hangs on the number of partitions. */
  readonly checkpointRecords: number | undefined;
  readonly deadLetterDays: number;
  readonly stateDays: number;
  readonly reconcile: { readonly everyMs: number; readonly windowMs: number; readonly positionsMax: number };
  readonly logLevel: string;
  /** 32 bytes that secrets are sealed and redacted with; absent: a file in the data folder. */
  readonly masterKey: Uint8Array | undefined;
  /** Values for `${NAME}` in playbooks. */
  readonly lookup: (name: string) => string | undefined;
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'config_invalid';
}

export interface ConfigSource {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** An explicit `--config FILE`; it must exist. */
  readonly file?: string | undefined;
}

/** @throws ConfigError naming file, line and setting, when anything is not as it must be. */
export function loadConfig({ cwd, env, file }: ConfigSource): Config {
  const inEnvironment = env['PICKET_CONFIG'];
  const named = file ?? (isBlank(inEnvironment) ? undefined : inEnvironment);
  const path = resolve(cwd, named ?? 'picket.yaml');
  if (named !== undefined && !existsSync(path)) throw new ConfigError(`${path}: no such file.`);
  const read = existsSync(path) ? readConfigFile(path) : {};
  const found = withEnvironment(read, env);
  const { listen, limits } = found;
  return {
    origin: existsSync(path) ? path : 'defaults',
    dataDir: resolve(cwd, found.data_dir ?? 'data'),
    playbooksDir: resolve(cwd, found.playbooks_dir ?? 'playbooks'),
    host: listen?.host ?? '127.0.0.1',
    port: listen?.port ?? 8321,
    clickhouse: clickhouseOf(found),
    kafka: kafkaOf(found, cwd),
    halfLifeDays: found.baseline?.half_life_days ?? 14,
    ...timeZonesOf(found, path),
    alertBudget: found.detection?.alert_budget ?? 0.02,
    agentsInMemory: limits?.agents_in_memory ?? 20_000,
    stateMib: limits?.state_mib ?? 2048,
    openSessionsMib: limits?.open_sessions_mib ?? 512,
    queueEntries: limits?.queue_entries ?? 20_000,
    checkpointRecords: limits?.checkpoint_records,
    deadLetterDays: found.retention?.dead_letter_days ?? 30,
    stateDays: found.retention?.state_days ?? 30,
    reconcile: {
      everyMs: (found.reconcile?.every_minutes ?? 10) * MINUTE_MS,
      windowMs: (found.reconcile?.window_minutes ?? 60) * MINUTE_MS,
      positionsMax: found.reconcile?.positions ?? 200_000,
    },
    logLevel: found.log_level ?? 'info',
    masterKey: masterKeyOf(env['PICKET_SECRET_KEY']),
    lookup: (name) => env[name],
  };
}

const MINUTE_MS = 60_000;

function timeZonesOf({ baseline, tenants = {} }: ConfigFile, path: string) {
  const named = Object.entries(tenants).flatMap(([tenant, settings]) =>
    settings?.time_zone === undefined ? [] : [[tenant, settings.time_zone] as const],
  );
  const timeZone = baseline?.time_zone ?? 'UTC';
  for (const zone of [timeZone, ...named.map(([, one]) => one)]) {
    if (!isTimeZone(zone))
      throw new ConfigError(
        `${path}: ${JSON.stringify(zone)} is no time zone; use an IANA name, such as Europe/Berlin.`,
      );
  }
  return { timeZone, tenantTimeZones: Object.fromEntries(named) };
}

export function isTimeZone(name: string): boolean {
  try {
    zoneOffsetAt(name);
    return true;
  } catch {
    return false;
  }
}

const validator = Compile(ConfigSchema);

function readConfigFile(path: string): ConfigFile {
  const yaml = parseYaml(readFileSync(path, 'utf8'));
  if (yaml.faults.length > 0)
    throw new ConfigError(yaml.faults.map(({ line, message }) => `${path}:${line}: ${message}`).join('\n'));
  const value: unknown = yaml.value ?? {};
  if (validator.Check(value)) return value;
  const faults = settingFaults(ConfigSchema, validator.Errors(value)).map((fault) =>
    fault.unknown ? yaml.atKey(fault.path, sentence(fault)) : yaml.at(fault.path, sentence(fault)),
  );
  const inOrder = faults.sort((one, other) => one.line - other.line || one.column - other.column);
  const shown = inOrder.slice(0, FAULTS_SHOWN_MAX).map(({ line, message }) => `${path}:${line}: ${message}`);
  if (faults.length > FAULTS_SHOWN_MAX) shown.push(`and ${faults.length - FAULTS_SHOWN_MAX} more.`);
  throw new ConfigError(shown.join('\n'));
}

const FAULTS_SHOWN_MAX = 20;
const sentence = ({ text }: SettingFault): string => (text.endsWith('?') ? text : `${text}.`);

function withEnvironment(file: ConfigFile, env: ConfigSource['env']): ConfigFile {
  const { PICKET_DATA_DIR, PICKET_PLAYBOOKS_DIR, PICKET_HOST, PICKET_PORT, PICKET_LOG_LEVEL } = env;
  const { CLICKHOUSE_URL, CLICKHOUSE_USER, CLICKHOUSE_PASSWORD, CLICKHOUSE_DATABASE } = env;
  const { KAFKA_BROKERS, KAFKA_TLS, KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD } = env;
  const kafka = {
    ...file.kafka,
    ...(KAFKA_BROKERS === undefined || KAFKA_BROKERS === '' ? {} : { brokers: KAFKA_BROKERS.split(',') }),
    ...(KAFKA_TLS === undefined || KAFKA_TLS === '' ? {} : { tls: { ...file.kafka?.tls, enabled: KAFKA_TLS === '1' } }),
  };
  const sasl = {
    ...file.kafka?.sasl,
    ...given({ mechanism: KAFKA_SASL_MECHANISM, username: KAFKA_SASL_USERNAME, password: KAFKA_SASL_PASSWORD }),
  };
  const merged: Record<string, unknown> = {
    ...file,
    kafka: Object.keys(sasl).length === 0 ? kafka : { ...kafka, sasl },
    ...given({ data_dir: PICKET_DATA_DIR, playbooks_dir: PICKET_PLAYBOOKS_DIR, log_level: PICKET_LOG_LEVEL }),
    listen: {
      ...file.listen,
      ...given({ host: PICKET_HOST, port: isBlank(PICKET_PORT) ? undefined : Number(PICKET_PORT) }),
    },
    clickhouse: {
      ...file.clickhouse,
      ...given({
        url: CLICKHOUSE_URL,
        username: CLICKHOUSE_USER,
        password: CLICKHOUSE_PASSWORD,
        database: CLICKHOUSE_DATABASE,
      }),
    },
  };
  if (validator.Check(merged)) return merged;
  // The file was right by itself.
  const faults = settingFaults(ConfigSchema, validator.Errors(merged)).map((fault) => {
    const variable = VARIABLES[fault.path.slice(0, 3).join('.')] ?? VARIABLES[fault.path.slice(0, 2).join('.')];
    return `environment: ${variable === undefined ? '' : `${variable}: `}${sentence(fault)}`;
  });
  throw new ConfigError(faults.join('\n'));
}

/** Settings that a variable overrides. */
const VARIABLES: Readonly<Record<string, string>> = {
  data_dir: 'PICKET_DATA_DIR',
  playbooks_dir: 'PICKET_PLAYBOOKS_DIR',
  log_level: 'PICKET_LOG_LEVEL',
  'listen.host': 'PICKET_HOST',
  'listen.port': 'PICKET_PORT',
  'clickhouse.url': 'CLICKHOUSE_URL',
  'clickhouse.username': 'CLICKHOUSE_USER',
  'clickhouse.password': 'CLICKHOUSE_PASSWORD',
  'clickhouse.database': 'CLICKHOUSE_DATABASE',
  'kafka.brokers': 'KAFKA_BROKERS',
  'kafka.tls.enabled': 'KAFKA_TLS',
  'kafka.sasl.mechanism': 'KAFKA_SASL_MECHANISM',
  'kafka.sasl.username': 'KAFKA_SASL_USERNAME',
  'kafka.sasl.password': 'KAFKA_SASL_PASSWORD',
};

const OURS = 'PICKET_';
const OUR_VARIABLES = [
  ...Object.values(VARIABLES).filter((name) => name.startsWith(OURS)),
  'PICKET_CONFIG',
  'PICKET_SECRET_KEY',
  'PICKET_API_KEY',
];

export interface UnknownVariable {
  readonly name: string;
  /** What may have been meant. */
  readonly near: string | undefined;
}

/** Variables that are named like ours and that nothing reads; a playbook may refer to any name. */
export const unknownVariables = (env: ConfigSource['env']): UnknownVariable[] =>
  Object.keys(env)
    .filter((name) => name.startsWith(OURS) && !OUR_VARIABLES.includes(name))
    .sort()
    .map((name) => ({ name, near: nearName(name, OUR_VARIABLES) }));

/** An empty variable counts as one that is not set, as everywhere: Compose files set them so. */
const isBlank = (value: string | undefined): value is undefined => value === undefined || value.trim() === '';

const given = (values: Record<string, string | number | undefined>): Record<string, string | number> =>
  Object.fromEntries(
    Object.entries(values).filter(
      (entry): entry is [string, string | number] => entry[1] !== undefined && entry[1] !== '',
    ),
  );

function clickhouseOf({ clickhouse }: ConfigFile): Config['clickhouse'] {
  if (clickhouse?.url === undefined) return undefined;
  const { url, username, password, database, request_timeout_ms } = clickhouse;
  // Not shown: it may hold a password.
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new ConfigError(
      'clickhouse.url (CLICKHOUSE_URL) must be an http or https URL, such as http://127.0.0.1:8123.',
    );
  }
  return {
    url,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(database === undefined ? {} : { database }),
    requestTimeoutMs: request_timeout_ms ?? 30_000,
  };
}

/** Without brokers there is no Kafka, whatever else is set. */
function kafkaOf({ kafka }: ConfigFile, cwd: string): Config['kafka'] {
  if (kafka?.brokers === undefined) return undefined;
  const { tls, sasl, fuse } = kafka;
  const pem = (name: 'ca' | 'cert' | 'key', file: string | undefined) =>
    file === undefined ? {} : { [name]: readPem(resolve(cwd, file), `kafka.tls.${name}_file`) };
  const files = { ...pem('ca', tls?.ca_file), ...pem('cert', tls?.cert_file), ...pem('key', tls?.key_file) };
  if (Object.keys(files).length > 0 && tls?.enabled === false) {
    throw new ConfigError('kafka.tls: certificate files are given, but enabled is false.');
  }
  return {
    brokers: kafka.brokers,
    clientId: kafka.client_id ?? 'picket',
    ...(tls !== undefined && tls.enabled !== false ? { tls: files } : {}),
    ...(sasl === undefined ? {} : { sasl: saslOf(sasl) }),
    connectTimeoutMs: kafka.connect_timeout_ms ?? 5000,
    requestTimeoutMs: kafka.request_timeout_ms ?? 30_000,
    eventsTopic: kafka.events_topic ?? 'picket.events',
    deadLettersTopic: kafka.dead_letters_topic ?? 'picket.dead-letters',
    workerGroup: kafka.worker_group ?? 'picket-worker',
    intakeGroup: kafka.intake_group ?? 'picket-intake',
    partitions: kafka.partitions ?? 12,
    replicationFactor: kafka.replication_factor ?? 1,
    compression: kafka.compression ?? 'none',
    sessionTimeoutMs: kafka.session_timeout_ms ?? 30_000,
    intake: (kafka.intake ?? []).map(({ topic, tenant, dialect, keyed }) => ({
      topic,
      tenant,
      dialect: dialect ?? 'picket',
      keyed: keyed ?? false,
    })),
    fuse: {
      rejectedShareMax: fuse?.rejected_share ?? 0.95,
      window: fuse?.window ?? 500,
      pauseMs: (fuse?.pause_seconds ?? 300) * 1000,
    },
  };
}

function saslOf({ mechanism, username, password }: NonNullable<NonNullable<ConfigFile['kafka']>['sasl']>): KafkaSasl {
  if (username === undefined || password === undefined) {
    throw new ConfigError('kafka.sasl: give username and password (KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD).');
  }
  return { mechanism: mechanism ?? 'scram-sha-512', username, password };
}

function readPem(path: string, setting: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new ConfigError(`${setting}: ${path} cannot be read.`);
  }
}

function masterKeyOf(value: string | undefined): Uint8Array | undefined {
  if (value === undefined || value === '') return undefined;
  const bytes = Buffer.from(value, /^[0-9a-f]{64}$/i.test(value) ? 'hex' : 'base64');
  if (bytes.length !== 32) throw new ConfigError('environment: PICKET_SECRET_KEY must be 32 bytes, in hex or base64.');
  return bytes;
}

/** Where people reach the server: an address to listen on is not always one to connect to. */
export function publicUrl(host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${isIP(reachable) === 6 ? `[${reachable}]` : reachable}:${port}`;
}

export const enginePath = (config: Config): string => join(config.dataDir, 'engine');
