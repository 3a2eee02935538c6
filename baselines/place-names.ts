import { parse } from 'tldts';

/**
 * Whether a token with dots in it, and without an `@`, names a host: "files.example.net" does; "RELEASE.txt", "dora.hall" and "Math.round" do not.
 *
 * A name that nobody can ask for is no place to send to. So one of its endings must be a domain at the top (publicsuffix.org, by `tldts`; any
 * script of its own) or one that is kept for private use. What stands behind a slash of a path is a file, whatever its ending; an ending that is both
 * ("notes.md" and Moldova) is a file's unless the text says otherwise: by what a URL has before a host or by what only follows one.
 *
 * Fails for names of a program that end like a domain ("row.id", "rows.at"), and for hosts of a network that made up an ending of its own. O(length).
 */
export function namesPlace(codes: Uint16Array, start: number, end: number): boolean {
  const isUrls = codes[start - 1] === SLASH && !isInPath(codes, start);
  if (codes[start - 1] === SLASH && !isUrls) return false;
  for (let at = start + 1; at < end; at++) {
    if (codes[at] !== DOT) continue;
    const from = at + 1;
    let to = from;
    while (to < end && isOfLabel(codes[to] ?? 0)) to += 1;
    // Behind the last label of a host comes nothing, a port, or what `scp` wants from there.
    if (codes[to] === DOT && to < end) continue;
    const ending = endingAt(codes, from, to);
    if (ending !== undefined && isEnding(ending) && (isUrls || isFollowed(codes, to) || !FILES.has(ending)))
      return true;
  }
  return false;
}

/** "https://", also as "https:\/\/" and "https:/", is no path. */
function isInPath(codes: Uint16Array, start: number): boolean {
  const before = codes[start - 2];
  return before !== SLASH && before !== COLON && before !== BACKSLASH;
}

const isFollowed = (codes: Uint16Array, end: number): boolean => codes[end] === SLASH || codes[end] === COLON;

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

/** For documents, tests and private networks: RFC 2606, 6761, 6762 (appendix G), 7686, 9476, and what ICANN gives to nobody. */
const KEPT: ReadonlySet<string> = new Set(
  'test example invalid localhost local onion alt internal intranet private corp home lan mail'.split(' '),
);
/** Programs, texts and archives whose ending is a domain at the top, too. */
const FILES: ReadonlySet<string> = new Set('cc md mov pl ps py rs sh so zip'.split(' '));
