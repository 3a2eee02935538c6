import { parse } from 'tldts';

/**
 * Whether a token with dots in it, and without an `@`, names a host: "files.example.net" does; "RELEASE.txt", "dora.hall" and "Math.round" do not.
 *
 * A name that nobody can ask for is no place to send to. So one of its endings must be a domain at the top (publicsuffix.org, by `tldts`; any
 * script of its own) or one that is kept for private use. What stands behind a slash of a path is a file, whatever its ending; an ending that is both
 * ("notes.md" and Moldova) is a file's unless the text says otherwise: by what a URL has before a host or by what only follows one. Behind "://" any
 * ending will do: what stands there is asked for, if only in a network or by a program of its own.
 *
 * Fails for names of a program that end like a domain ("row.id", "rows.at"), and, without a scheme, for hosts of a network that made up an ending of its own. O(length).
 */
export function namesPlace(codes: Uint16Array, start: number, end: number): boolean {
  const before = signBefore(codes, start);
  if (before === IN_PATH) return false;
  for (let at = start + 1; at < end; at++) {
    if (codes[at] !== DOT) continue;
    let to = at + 1;
    while (to < end && isOfLabel(codes[to] ?? 0)) to += 1;
    const isFollowed = to < end ? codes[to] === COLON : codes[to] === SLASH;
    // Behind the last label of a host stands nothing, a port or what `scp` wants from there, or the end of a genitive.
    if (to < end && !isFollowed && codes[to] !== APOSTROPHE) continue;
    const ending = endingAt(codes, at + 1, to);
    if (ending === undefined || (before !== BEHIND_SCHEME && !isEnding(ending))) continue;
    if (before !== undefined || isFollowed || !FILES.has(ending)) return true;
  }
  return false;
}

/** Whether it stands where only a URL has a host. */
export function isInUrl(codes: Uint16Array, start: number): boolean {
  const before = signBefore(codes, start);
  return before === IN_URL || before === BEHIND_SCHEME;
}

/** What stands before a token: "https://", also as "https:\/\/" and with "www.", or a slash of a path. */
function signBefore(codes: Uint16Array, start: number): SignBefore | undefined {
  const last = codes[start - 1];
  // Before the token "www." was left out.
  if (last === DOT) return ((codes[start - 2] ?? 0) | 32) === LOWER_W ? IN_URL : undefined;
  if (last !== SLASH) return undefined;
  const first = withoutEscape(codes, start - 2);
  if (codes[first] === COLON) return IN_URL;
  if (codes[first] !== SLASH) return IN_PATH;
  return codes[withoutEscape(codes, first - 1)] === COLON ? BEHIND_SCHEME : IN_URL;
}

/** JSON may write "/" as "\\/". */
const withoutEscape = (codes: Uint16Array, at: number): number => (codes[at] === BACKSLASH ? at - 1 : at);

type SignBefore = typeof IN_URL | typeof IN_PATH | typeof BEHIND_SCHEME;
const IN_URL = 1;
const IN_PATH = 2;
const BEHIND_SCHEME = 3;
const APOSTROPHE = 39;
const LOWER_W = 119;
const SLASH = 47;
const COLON = 58;
const BACKSLASH = 92;
const DOT = 46;
const HYPHEN = 45;

const isOfLabel = (code: number): boolean =>
  (code >= 97 && code <= 122) ||
  (code >= 65 && code <= 90) ||
  (code >= 48 && code <= 57) ||
  code === HYPHEN ||
  code >= 0xc0;

/** No domain at the top has one letter, and none more than these. */
const ENDING_CHARS_MIN = 2;
const ENDING_CHARS_MAX = 24;

/** In lower case; empty for one with letters beyond ASCII. */
function endingAt(codes: Uint16Array, from: number, to: number): string | undefined {
  if (to - from < ENDING_CHARS_MIN || to - from > ENDING_CHARS_MAX) return undefined;
  let ending = '';
  for (let i = from; i < to; i++) {
    const code = codes[i] ?? 0;
    if (code >= 0xc0) return '';
    ending += String.fromCharCode(code);
  }
  return ending.toLowerCase();
}

function isEnding(ending: string): boolean {
  // Domains of other scripts are few, and their files have Latin endings.
  if (ending === '' || ending.startsWith('xn--')) return true;
  let known = ENDINGS.get(ending);
  if (known === undefined) {
    if (ENDINGS.size >= ENDINGS_MAX) ENDINGS.clear();
    known = KEPT.has(ending) || parse(`name.${ending}`, HOST).isIcann === true;
    ENDINGS.set(ending, known);
  }
  return known;
}

const HOST = { extractHostname: false, validateHostname: false };
/** Texts are full of dots, with few endings. */
const ENDINGS = new Map<string, boolean>();
const ENDINGS_MAX = 4096;

/** For documents, tests and private networks: RFC 2606, 6761, 6762 (appendix G), 7686, 9476, and what ICANN gives to nobody. Those of other registries. */
const KEPT: ReadonlySet<string> = new Set(
  'test example invalid localhost local onion alt internal intranet private corp home lan mail eth sol bit i2p crypto'.split(
    ' ',
  ),
);
/** Programs, texts and archives whose ending is a domain at the top, too. */
const FILES: ReadonlySet<string> = new Set('cc md mov ps py rs sh so zip'.split(' '));
