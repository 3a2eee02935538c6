export interface KafkaUser {
  readonly username: string;
  readonly password: string;
}

export interface TlsListener {
  /** PEM texts of the broker. */
  readonly certificate: string;
  readonly key: string;
  /** PEM of the authority that signs clients' certificates; absent: clients need none. */
  readonly clientAuthority?: string;
}

/** All ports of one node. */
export interface NodePorts {
  readonly client: number;
  /** What clients are told to connect to; differs from `client` behind a proxy. */
  readonly advertised: number;
  readonly internal: number;
  readonly controller: number;
  readonly sasl: number;
  readonly tls: number;
}

export interface BrokerConfig {
  readonly nodeId: number;
  /** Of every node of the cluster, in the order of their ids, which start with 1. */
  readonly ports: readonly NodePorts[];
  readonly dataDir: string;
  readonly users?: readonly KafkaUser[];
  readonly tls?: TlsListener;
  /** Override everything else. */
  readonly properties?: Readonly<Record<string, string>>;
}

export const SCRAM_MECHANISMS = ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;

/**
 * `server.properties` of a node that is broker and controller. Brokers and controllers talk over listeners of their own, so that a proxy
 * in front of the clients' listener cuts nothing but clients.
 */
export function brokerProperties(config: BrokerConfig): string {
  const own = config.ports[config.nodeId - 1];
  if (own === undefined) throw new Error(`No ports for node ${config.nodeId}.`);
  const properties = {
    ...listeners(config, own),
    ...quorum(config),
    ...smallAndQuick(config.ports.length),
    'log.dirs': config.dataDir,
    ...config.properties,
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${escapeValue(value)}\n`)
    .join('');
}

function listeners({ users, tls }: BrokerConfig, own: NodePorts): Record<string, string> {
  const all = [
    { name: 'CLIENT', protocol: 'PLAINTEXT', port: own.client, advertised: own.advertised },
    { name: 'INTERNAL', protocol: 'PLAINTEXT', port: own.internal, advertised: own.internal },
    ...(users ? [{ name: 'SASL', protocol: 'SASL_PLAINTEXT', port: own.sasl, advertised: own.sasl }] : []),
    ...(tls ? [{ name: 'TLS', protocol: 'SSL', port: own.tls, advertised: own.tls }] : []),
  ];
  const controller = { name: 'CONTROLLER', protocol: 'PLAINTEXT', port: own.controller };
  return {
    listeners: [...all, controller].map(({ name, port }) => `${name}://127.0.0.1:${port}`).join(','),
    'advertised.listeners': all.map(({ name, advertised }) => `${name}://127.0.0.1:${advertised}`).join(','),
    'listener.security.protocol.map': [...all, controller].map(({ name, protocol }) => `${name}:${protocol}`).join(','),
    'inter.broker.listener.name': 'INTERNAL',
    'controller.listener.names': 'CONTROLLER',
    ...(users ? saslProperties(users) : {}),
    ...(tls ? tlsProperties(tls) : {}),
  };
}

function saslProperties(users: readonly KafkaUser[]): Record<string, string> {
  const security = 'org.apache.kafka.common.security';
  const known = users.map(({ username, password }) => ` user_${username}="${password}"`).join('');
  const scram = SCRAM_MECHANISMS.map((mechanism) => [
    `listener.name.sasl.${mechanism.toLowerCase()}.sasl.jaas.config`,
    `${security}.scram.ScramLoginModule required;`,
  ]);
  return {
    'listener.name.sasl.sasl.enabled.mechanisms': ['PLAIN', ...SCRAM_MECHANISMS].join(','),
    'listener.name.sasl.plain.sasl.jaas.config': `${security}.plain.PlainLoginModule required${known};`,
    ...Object.fromEntries(scram),
  };
}

function tlsProperties({ certificate, key, clientAuthority }: TlsListener): Record<string, string> {
  const prefix = 'listener.name.tls.ssl';
  return {
    [`${prefix}.keystore.type`]: 'PEM',
    [`${prefix}.keystore.certificate.chain`]: certificate,
    [`${prefix}.keystore.key`]: key,
    ...(clientAuthority && {
      [`${prefix}.client.auth`]: 'required',
      [`${prefix}.truststore.type`]: 'PEM',
      [`${prefix}.truststore.certificates`]: clientAuthority,
    }),
  };
}

function quorum({ nodeId, ports }: BrokerConfig): Record<string, string> {
  return {
    'process.roles': 'broker,controller',
    'node.id': String(nodeId),
    'controller.quorum.voters': ports.map(({ controller }, i) => `${i + 1}@127.0.0.1:${controller}`).join(','),
  };
}

/** A cluster for tests: it notices a lost node and forms a group in seconds, and spends little on topics of its own. */
function smallAndQuick(nodes: number): Record<string, string> {
  return {
    'auto.create.topics.enable': 'false',
    'default.replication.factor': String(nodes),
    'offsets.topic.replication.factor': String(nodes),
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': String(nodes),
    'transaction.state.log.min.isr': String(Math.min(nodes, 2)),
    'transaction.state.log.num.partitions': '4',
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '1000',
    'broker.heartbeat.interval.ms': '300',
    'broker.session.timeout.ms': '3000',
    'replica.lag.time.max.ms': '5000',
    'log.cleaner.dedupe.buffer.size': String(8 * 1024 * 1024),
    'num.network.threads': '2',
    'num.io.threads': '4',
  };
}

/** As `java.util.Properties` reads it back: PEM texts have several lines. */
const escapeValue = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
