/**
 * One spelling per place. `Bob <BOB@Example.COM.>` and `bob@example.com` are the same destination, and a detector that counts
 * new ones must not be fooled by, nor cry over, a capital letter, a default port or an invisible character.
 */
import { type Destination, EVENT_LIMITS } from './event.ts';

/** Canonical form; idempotent, never empty, at most 2048 code points. What cannot be read as its kind stays as cleaned text. */
export function canonicalDestination({ kind, value }: Destination): Destination {
  const cleaned = cleanText(value);
  const spell = SPELLINGS[kind];
  return { kind, value: cutText(spell?.(cleaned) ?? cleaned, EVENT_LIMITS.valueCharsMax) };
}

/** Host name or mail domain the destination lies on, without port; undefined when its kind has none or it cannot be read. */
export function destinationHost({ kind, value }: Destination): string | undefined {
  if (kind === 'email') return value.includes('@') ? hostName(value.slice(value.lastIndexOf('@') + 1)) : undefined;
  if (kind === 'host') return hostName(value);
  if (kind === 'url') return PLAIN_URL.exec(value)?.groups?.['host'] ?? (parseUrl(value)?.hostname || hostName(value));
  return undefined;
}

/** As nearly all are written in canonical form: what is parsed as a URL would come to the same host. No number, no name in another script. */
const PLAIN_URL =
  /^https?:\/\/(?!xn--|[^/]*\.xn--)(?<host>(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,63})(?=[/?#]|$)/;

/** At most `charsMax` code points, never half of a surrogate pair. */
export function cutText(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text;
  let end = 0;
  for (let chars = 0; chars < charsMax && end < text.length; chars += 1)
    end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
  return text.slice(0, end);
}

const SPELLINGS: Partial<Record<Destination['kind'], (text: string) => string | undefined>> = {
  host: canonicalHost,
  url: canonicalUrl,
  email: canonicalEmail,
};

const PLAIN = /^[\x21-\x7e]+$/;

/**
 * NFKC, without control and format characters (zero-width, direction marks), white space collapsed. Text of nothing else is
 * percent-encoded: it is a place all the same, and must not pass for none.
 */
function cleanText(value: string): string {
  if (PLAIN.test(value)) return value;
  const spaced = value
    .toWellFormed()
    .replace(/\p{Cf}/gu, '')
    .replace(/\s+/g, ' ');
  const cleaned = spaced
    .replace(/\p{Cc}/gu, '')
    .normalize('NFKC')
    .replace(/\s+/g, ' ')
    .trim();
  return cleaned === '' ? encodeURIComponent(value.toWellFormed()) : cleaned;
}

const CANONICAL_HOST = /^(?!.{254})(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z]{2,63}$/;

function canonicalHost(text: string): string | undefined {
  if (CANONICAL_HOST.test(text) && !text.includes('xn--')) return text;
  const url = parseUrl(text.includes('://') ? text : `http://${text}`);
  if (url === undefined || url.hostname === '') return undefined;
  const port = DEFAULT_PORTS.has(url.port) ? '' : `:${url.port}`;
  return `${bareHost(url.hostname)}${port}`;
}

/** A bare host names no scheme, so the port of either web scheme says nothing. */
const DEFAULT_PORTS: ReadonlySet<string> = new Set(['', '80', '443']);

/** User and password are secrets, and a fragment never leaves the client. */
function canonicalUrl(text: string): string | undefined {
  const url = parseUrl(text);
  if (url === undefined) return undefined;
  url.username = '';
  url.password = '';
  url.hash = '';
  const host = bareHost(url.hostname);
  if (host !== url.hostname) url.hostname = host;
  return url.href;
}

function canonicalEmail(text: string): string | undefined {
  const address = /<([^<>]*)>$/.exec(text)?.[1] ?? text;
  const [, local, domain] = /^(?:mailto:)?([^\s@<>,;?:]+)@([^\s@<>,;?/\\#:]+)(?:\?.*)?$/i.exec(address.trim()) ?? [];
  if (local === undefined || domain === undefined) return undefined;
  const host = hostName(domain);
  return host === undefined ? undefined : `${local.toLowerCase()}@${host}`;
}

function hostName(text: string): string | undefined {
  if (CANONICAL_HOST.test(text) && !text.includes('xn--')) return text;
  const name = parseUrl(`http://${text}`)?.hostname;
  return name === undefined || name === '' ? undefined : bareHost(name);
}

/** Lower case also where the scheme is not the web's and URL leaves the host alone. */
function bareHost(hostname: string): string {
  return hostname.toLowerCase().replace(/\.+$/, '') || hostname;
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
