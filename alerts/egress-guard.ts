/**
 * Where a webhook may go. Without this guard a playbook, or whoever controls the DNS name in it, could make Picket send requests
 * to the cloud metadata service or to machines behind the firewall (server-side request forgery; OWASP API7, ASVS 1.3.6).
 *
 * The same judgement is asked three times: of the URL, since Node never calls `lookup` for an address literal; of every address
 * a name resolves to; and of the address the socket is connected to, which is the only one that counts.
 */
import type { LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

export const EGRESS_CODES = {
  not_a_url: 'The address is not a URL.',
  scheme: 'Only https is allowed; http only to a private address with allow_private_network.',
  userinfo: 'A user name or password in a URL is not allowed; use headers.',
  port: 'The port is not allowed.',
  address: 'The address is not allowed.',
} as const;

export type EgressCode = keyof typeof EGRESS_CODES;

/** The guard refused. The message names the address or port, never the URL: a path may hold a secret. */
export class EgressDenied extends Error {
  override readonly name = 'EgressDenied';
  readonly code: EgressCode;

  constructor(code: EgressCode, detail = '') {
    super(detail === '' ? EGRESS_CODES[code] : `${EGRESS_CODES[code]} ${detail}`);
    this.code = code;
  }
}

export interface EgressRule {
  /**
   * Opens loopback (127.0.0.0/8, ::1), RFC 1918 and fc00::/7, and http to them. Never opens link-local, the metadata services of
   * clouds, carrier-grade NAT (100.64.0.0/10) or any address that wraps another (v4-mapped, NAT64, 6to4, Teredo).
   */
  readonly allowPrivateNetwork: boolean;
}

export interface AddressKind {
  readonly reach: 'public' | 'private' | 'never';
  /** Name of the range, for people. */
  readonly range: string;
}

/**
 * Metadata services outside 169.254.0.0/16: AWS and Google over IPv6 (inside fc00::/7), Alibaba (inside 100.64.0.0/10), Oracle's
 * old address, and Azure's wire server, which is a public address.
 */
const METADATA_NETWORKS = ['fd00:ec2::/32', 'fd20:ce::/32', '100.100.100.200/32', '192.0.0.192/32', '168.63.129.16/32'];
const PRIVATE_RANGES = new Set<string>(['private', 'loopback', 'uniqueLocal']);
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3');

/**
 * An allowlist: what is neither a known public nor a known private range is `never`. IPv6 outside 2000::/3 is not assigned, and
 * old ways to write IPv4 in IPv6 (`::127.0.0.1`) live there.
 */
export function classifyAddress(address: string): AddressKind {
  if (!ipaddr.isValid(address)) return { reach: 'never', range: 'not an address' };
  const parsed = ipaddr.parse(address);
  if (METADATA_NETWORKS.some((network) => matches(parsed, network))) return { reach: 'never', range: 'metadata' };
  const range = parsed.range();
  if (PRIVATE_RANGES.has(range)) return { reach: 'private', range };
  if (range !== 'unicast') return { reach: 'never', range };
  if (parsed.kind() === 'ipv6' && !parsed.match(GLOBAL_UNICAST)) return { reach: 'never', range: 'unassigned' };
  return { reach: 'public', range };
}

function matches(address: ipaddr.IPv4 | ipaddr.IPv6, network: string): boolean {
  const parsed = ipaddr.parseCIDR(network);
  return parsed[0].kind() === address.kind() && address.match(parsed);
}

/** Throws `EgressDenied` unless a connection to `address` over `protocol` (`https:` or `http:`) is allowed. */
export function checkAddress(address: string, protocol: string, rule: EgressRule): void {
  const { reach, range } = classifyAddress(address);
  if (reach === 'never') throw new EgressDenied('address', `${address} is in the range ${range}.`);
  if (reach === 'private' && !rule.allowPrivateNetwork) {
    throw new EgressDenied('address', `${address} is in the range ${range}; allow_private_network opens it.`);
  }
  if (reach === 'public' && protocol !== 'https:') throw new EgressDenied('scheme');
}

/** Above 1023, ports that browsers refuse to POST to (WHATWG Fetch, "port blocking"): other protocols listen there. */
const BLOCKED_PORTS = new Set([
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);

function checkPort(url: URL): void {
  const standard = url.protocol === 'https:' ? 443 : 80;
  const port = url.port === '' ? standard : Number(url.port);
  if (port !== standard && (port < 1024 || BLOCKED_PORTS.has(port))) {
    throw new EgressDenied('port', `${port} is neither ${standard} nor one of 1024 to 65535 that webhooks may use.`);
  }
}

/**
 * The URL, parsed once by WHATWG rules: what is checked is what is connected to (`0x7f.1` is 127.0.0.1 from here on).
 * Throws `EgressDenied`. A name passes: its addresses are checked by `guardedLookup`.
 */
export function checkUrl(text: string, rule: EgressRule): URL {
  if (!URL.canParse(text)) throw new EgressDenied('not_a_url');
  const url = new URL(text);
  const httpAllowed = rule.allowPrivateNetwork && url.protocol === 'http:';
  if (url.protocol !== 'https:' && !httpAllowed) throw new EgressDenied('scheme');
  if (url.username !== '' || url.password !== '') throw new EgressDenied('userinfo');
  checkPort(url);
  const host = hostOf(url);
  if (isIP(host) !== 0) checkAddress(host, url.protocol, rule);
  return url;
}

/** Host name or address, an IPv6 address without its brackets. */
export function hostOf(url: URL): string {
  return url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
}

/**
 * Wraps `lookup` so that one forbidden address refuses the name: an answer that mixes public and private addresses is how DNS
 * rebinding looks. Always asks for all addresses.
 */
export function guardedLookup(lookup: LookupFunction, check: (address: string) => void): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, answer) => {
      if (error !== null) return callback(error, '');
      try {
        const addresses = checked(answer, check);
        const [first] = addresses;
        if (options.all === true) return callback(null, addresses);
        return callback(null, first.address, first.family);
      } catch (denied) {
        return callback(denied as Error, '');
      }
    });
  };
}

function checked(
  answer: string | LookupAddress[],
  check: (address: string) => void,
): [LookupAddress, ...LookupAddress[]] {
  const [first, ...rest] = typeof answer === 'string' ? [{ address: answer, family: isIP(answer) }] : answer;
  if (first === undefined) throw new EgressDenied('address', 'The name has no address.');
  for (const { address } of [first, ...rest]) check(address);
  return [first, ...rest];
}
