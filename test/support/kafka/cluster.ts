import { freePorts, isFree } from '../free-ports.ts';
import { startTcpProxy, type TcpProxy } from '../tcp-proxy.ts';
import { answers } from './answers.ts';
import type { KafkaUser, NodePorts, TlsListener } from './broker-config.ts';
import { classArchiveOptions } from './class-archive.ts';
import { openClusterFolder } from './folder.ts';
import { kafkaJars } from './jars.ts';
import { createKafkaNode, type KafkaNode } from './node.ts';

const START_TIMEOUT_MS = 90_000;
/** Clients, brokers, controllers, SASL, TLS. */
const PORTS_PER_NODE = 5;

export interface KafkaOptions {
  /** Each is broker and controller; 1 when absent. */
  readonly nodes?: 1 | 3;
  /** Folder with the jars; that of `kafkaJars` when absent. */
  readonly jars?: string;
  /** Kept when the cluster stops, and read again by the next one; a temporary folder when absent. */
  readonly dataDir?: string;
  /** Ports of the clients' listeners, one a node; free ones when absent. */
  readonly clientPorts?: readonly number[];
  /** Opens `saslBrokers`: SASL_PLAINTEXT with PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512. */
  readonly users?: readonly KafkaUser[];
  /** Opens `tlsBrokers`. */
  readonly tls?: TlsListener;
  /** Every broker advertises a TCP proxy to the clients of `brokers`, so that all their traffic passes it. */
  readonly proxied?: boolean;
  /** Added to `server.properties` of every node. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Those of an archive of classes, where there is one, when absent. */
  readonly jvmOptions?: readonly string[];
}

/** Nodes are named by their id, 1 to 3, as Kafka's metadata names them. */
export interface KafkaCluster {
  /** `host:port` of each node, for clients without security; that of its proxy when there is one. */
  readonly brokers: readonly string[];
  /** The same nodes without proxies in between. */
  readonly directBrokers: readonly string[];
  /** Empty unless asked for, as is `tlsBrokers`. */
  readonly saslBrokers: readonly string[];
  readonly tlsBrokers: readonly string[];
  /** The proxy in front of the node. Throws without `proxied`. */
  proxy(node: number): TcpProxy;
  /** SIGKILL. Resolves when the process is gone. */
  kill(node: number): Promise<void>;
  /** SIGSTOP: connections stay open, nobody answers. */
  pause(node: number): void;
  resume(node: number): void;
  /** On the same data and ports. Resolves when it answers and is a live broker of the cluster. */
  start(node: number): Promise<void>;
  /** SIGTERM, then `start`. */
  restart(node: number): Promise<void>;
  /** Rejects, with the end of its log, when the process of a node ends that runs now, killed by the test or not. */
  failure(): Promise<never>;
  /** The end of what it has logged: warnings and errors. */
  logTail(node: number): Promise<string>;
  /** Ends all processes and proxies and removes the folder if it is temporary. */
  stop(): Promise<void>;
}

/**
 * Real Apache Kafka as processes of this machine, in KRaft mode; resolves when every node answers. They end with this process, however
 * that ends.
 *
 * @throws {KafkaUnavailable} when there are no jars and they cannot be had.
 */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaCluster> {
  const jars = options.jars ?? (await kafkaJars({ env: process.env }));
  const jvmOptions = options.jvmOptions ?? (await classArchiveOptions(jars));
  const count = options.nodes ?? 1;
  const folder = openClusterFolder(options.dataDir, count);
  const proxies: TcpProxy[] = [];
  const nodes: KafkaNode[] = [];
  const stop = async () => {
    // What is kept is put in order; the rest needs no farewell.
    const ended = nodes.map((node) => node.end(folder.kept ? 'SIGTERM' : 'SIGKILL'));
    await Promise.all([...ended, ...proxies.map((proxy) => proxy.close())]);
    await folder.release();
  };
  try {
    const ports = await layPorts(count, options, proxies);
    const clusterId = await folder.clusterId();
    for (let nodeId = 1; nodeId <= count; nodeId += 1) {
      nodes.push(
        createKafkaNode({ ...options, jars, jvmOptions, nodeId, ports, clusterId, folder: folder.ofNode(nodeId) }),
      );
    }
    await allStarted(nodes, ports);
    return { ...addresses(ports, options), ...controls(nodes, ports, proxies), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function layPorts(count: number, options: KafkaOptions, proxies: TcpProxy[]): Promise<NodePorts[]> {
  const free = await freePorts(count * PORTS_PER_NODE);
  const all: NodePorts[] = [];
  for (let i = 0; i < count; i += 1) {
    const [any = 0, internal = 0, controller = 0, sasl = 0, tls = 0] = free.slice(i * PORTS_PER_NODE);
    const client = options.clientPorts?.[i] ?? any;
    if (!(await isFree(client))) throw new Error(`Port ${client} of 127.0.0.1 is in use.`);
    const proxy = options.proxied ? await startTcpProxy({ target: { host: '127.0.0.1', port: client } }) : undefined;
    if (proxy) proxies.push(proxy);
    all.push({ client, advertised: proxy?.port ?? client, internal, controller, sasl, tls });
  }
  return all;
}

async function allStarted(nodes: readonly KafkaNode[], ports: readonly NodePorts[]): Promise<void> {
  // Settled, not raced: whoever stops the cluster must find every process that was started.
  const starts = await Promise.allSettled(nodes.map((node) => node.start()));
  for (const start of starts) if (start.status === 'rejected') throw start.reason;
  const everyId = nodes.map((_, i) => i + 1);
  await Promise.all(nodes.map((node, i) => answering(node, ports[i], everyId)));
}

/** Resolves when the node answers, and sees `nodeIds` alive; rejects when it ends, or takes too long. */
async function answering(node: KafkaNode, ports: NodePorts | undefined, nodeIds: readonly number[]): Promise<void> {
  if (ports === undefined) throw new Error(`No ports for node ${nodeIds}.`);
  const giveUp = AbortSignal.timeout(START_TIMEOUT_MS);
  const done = new AbortController();
  try {
    await Promise.race([answers(ports.internal, nodeIds, AbortSignal.any([giveUp, done.signal])), node.failure()]);
  } finally {
    done.abort();
  }
  if (giveUp.aborted) throw new Error(`Kafka does not answer after ${START_TIMEOUT_MS} ms:\n${await node.logTail()}`);
}

function addresses(ports: readonly NodePorts[], { users, tls }: KafkaOptions) {
  const of = (name: keyof NodePorts) => ports.map((own) => `127.0.0.1:${own[name]}`);
  return {
    brokers: of('advertised'),
    directBrokers: of('internal'),
    saslBrokers: users ? of('sasl') : [],
    tlsBrokers: tls ? of('tls') : [],
  };
}

function controls(nodes: readonly KafkaNode[], ports: readonly NodePorts[], proxies: readonly TcpProxy[]) {
  const at = <T>(all: readonly T[], node: number): T => {
    const found = all[node - 1];
    if (found === undefined) throw new Error(`No node ${node}, or no proxy in front of it.`);
    return found;
  };
  const start = async (node: number) => {
    await at(nodes, node).start();
    await answering(at(nodes, node), at(ports, node), [node]);
  };
  return {
    proxy: (node: number) => at(proxies, node),
    kill: (node: number) => at(nodes, node).end('SIGKILL'),
    pause: (node: number) => at(nodes, node).pause(),
    resume: (node: number) => at(nodes, node).resume(),
    start,
    async restart(node: number) {
      await at(nodes, node).end('SIGTERM');
      await start(node);
    },
    failure: () => Promise.race(nodes.map((node) => node.failure())),
    logTail: (node: number) => at(nodes, node).logTail(),
  };
}
