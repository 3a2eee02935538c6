import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePorts } from './free-ports.ts';
import { createPipe, type Pipe, type Traffic } from './tcp-pipe.ts';

export interface ProxyStats {
  /** Connections taken since the start. */
  readonly accepted: number;
  readonly open: number;
  readonly bytesToTarget: number;
  readonly bytesToClient: number;
  /** Bytes of responses thrown away by `dropResponses`. */
  readonly bytesDropped: number;
  /** Chunks of bytes that came from clients. */
  readonly chunks: number;
}

/** What is between a client and a server, with faults to order. A fault holds until it is taken back. */
export interface TcpProxy {
  readonly port: number;
  /** `host:port`. */
  readonly address: string;
  /** New connections are refused (ECONNREFUSED); those that are open stay. */
  refuse(): void;
  /** Takes back `refuse`, on the same port. */
  accept(): Promise<void>;
  /** Black hole: connections stay open and can be opened, but nothing arrives on either side, not even that the other has gone. */
  pauseTraffic(): void;
  /** What was held back arrives now, in order. */
  resumeTraffic(): void;
  /** Resets (RST) every open connection, on both sides. */
  cut(): void;
  /** The same when so many more chunks of bytes have come from clients, 1 or more: the last of them does not arrive. Once. */
  cutAt(chunks: number): void;
  /** Every byte arrives this much later, in both directions; 0 takes it back. */
  delay(ms: number): void;
  /**
   * Requests arrive and take effect, their responses are lost. Taken back in the middle of a response it would give the client
   * garbage: `cut` the connections first.
   */
  dropResponses(): void;
  passResponses(): void;
  stats(): ProxyStats;
  close(): Promise<void>;
}

export interface TcpProxyOptions {
  /** A target that refuses looks like one that accepts and resets. */
  readonly target: { readonly host: string; readonly port: number };
  /** A free one when absent. */
  readonly port?: number;
}

interface Link {
  readonly sockets: readonly Socket[];
  readonly pipes: readonly Pipe[];
}

interface Faults extends Traffic {
  dropsResponses: boolean;
  /** Told of every chunk from a client; false drops it. */
  passesRequest: () => boolean;
}

type Counts = { -readonly [K in Exclude<keyof ProxyStats, 'open'>]: number };

/** A TCP proxy on 127.0.0.1 in front of `target`. */
export async function startTcpProxy(options: TcpProxyOptions): Promise<TcpProxy> {
  const port = options.port ?? (await freePorts(1))[0] ?? 0;
  const faults: Faults = { paused: false, delayMs: 0, dropsResponses: false, passesRequest: () => true };
  const counts: Counts = { accepted: 0, bytesToTarget: 0, bytesToClient: 0, bytesDropped: 0, chunks: 0 };
  const links = new Set<Link>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    counts.accepted += 1;
    const link = openLink(client, options, faults, counts);
    links.add(link);
    for (const socket of link.sockets) {
      socket.once('close', () => link.sockets.every((one) => one.destroyed) && links.delete(link));
    }
  });
  const cut = () => {
    for (const socket of [...links].flatMap((link) => link.sockets)) socket.resetAndDestroy();
    links.clear();
  };
  await listen(server, port);
  return {
    port,
    address: `127.0.0.1:${port}`,
    ...orders(faults, links),
    cut,
    cutAt(chunks) {
      const last = counts.chunks + chunks;
      faults.passesRequest = () => {
        if (counts.chunks < last) return true;
        faults.passesRequest = () => true;
        cut();
        return false;
      };
    },
    refuse() {
      // Open connections stay, and with them the server as an object: there is no end to wait for.
      if (server.listening) server.close();
    },
    async accept() {
      if (!server.listening) await listen(server, port);
    },
    stats: () => ({ ...counts, open: links.size }),
    async close() {
      if (server.listening) server.close();
      const gone = [...links].flatMap(({ sockets }) =>
        sockets.filter((one) => !one.closed).map((one) => once(one, 'close')),
      );
      cut();
      await Promise.all(gone);
    },
  };
}

function openLink(client: Socket, { target: { host, port } }: TcpProxyOptions, faults: Faults, counts: Counts): Link {
  const target = connect({ host, port, allowHalfOpen: true, noDelay: true });
  const toTarget = createPipe(client, target, faults, (bytes) => {
    counts.chunks += 1;
    if (!faults.passesRequest()) return false;
    counts.bytesToTarget += bytes.length;
    return true;
  });
  const toClient = createPipe(target, client, faults, (bytes) => {
    counts[faults.dropsResponses ? 'bytesDropped' : 'bytesToClient'] += bytes.length;
    return !faults.dropsResponses;
  });
  return { sockets: [client, target], pipes: [toTarget, toClient] };
}

function orders(faults: Faults, links: ReadonlySet<Link>) {
  return {
    pauseTraffic() {
      faults.paused = true;
    },
    resumeTraffic() {
      faults.paused = false;
      for (const { pipes } of links) for (const pipe of pipes) pipe.flush();
    },
    delay(ms: number) {
      faults.delayMs = ms;
    },
    dropResponses() {
      faults.dropsResponses = true;
    },
    passResponses() {
      faults.dropsResponses = false;
    },
  };
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}
