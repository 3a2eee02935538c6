/**
 * A connection to a checked address. Nothing is written, not even a TLS greeting, before the connected address has passed.
 */
import { isIP, type LookupFunction, type NetConnectOpts, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { checkAddress, type EgressRule, guardedLookup, hostOf } from './egress-guard.ts';

export interface SocketDeps {
  readonly lookup: LookupFunction;
  /** `connect` of node:net. */
  readonly connect: (options: NetConnectOpts) => Socket;
  /** Certificates to trust instead of Node's own list, PEM. */
  readonly ca?: string;
}

/**
 * Resolves with a socket ready for HTTP/1.1: plain for `http:`, TLS with a verified certificate for `https:`. Rejects with
 * `EgressDenied`, or with the error of the lookup, the connection or the handshake. Aborting the signal destroys the socket.
 */
export async function connectGuarded(
  url: URL,
  rule: EgressRule,
  deps: SocketDeps,
  signal: AbortSignal,
): Promise<Socket> {
  const check = (address: string) => checkAddress(address, url.protocol, rule);
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  const lookup = guardedLookup(deps.lookup, check);
  const socket = deps.connect({ host: hostOf(url), port, lookup, noDelay: true });
  // Stays for the socket's whole life: an error between two listeners would end the process.
  socket.on('error', () => {});
  signal.addEventListener('abort', () => socket.destroy(), { once: true });
  if (signal.aborted) socket.destroy();
  await becomes(socket, 'connect');
  try {
    check(socket.remoteAddress ?? '');
  } catch (denied) {
    socket.destroy();
    throw denied;
  }
  return url.protocol === 'https:' ? secure(socket, url, deps.ca) : socket;
}

async function secure(socket: Socket, url: URL, ca: string | undefined): Promise<Socket> {
  const host = hostOf(url);
  const secured = connectTls({
    socket,
    host,
    // A server name must not be an address (RFC 6066); the certificate is then compared with `host`.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
    ALPNProtocols: ['http/1.1'],
    // Said aloud, so that NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment cannot turn it off.
    rejectUnauthorized: true,
  });
  secured.on('error', () => {});
  await becomes(secured, 'secureConnect');
  return secured;
}

function becomes(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(event, resolve);
    socket.once('error', reject);
    socket.once('close', () => reject(Object.assign(new Error('The connection closed.'), { code: 'ECONNRESET' })));
  });
}
