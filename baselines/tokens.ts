import { fnv1a } from './statistics/bounded-key.ts';

/**
 * One linear pass over a text: calls `emit` with a 32-bit hash of every word-like token of two characters or more.
 *
 * Tokens are runs of letters, digits and `_ @ . - + : ' ~` (so addresses, hosts, account numbers and ids stay whole), in lower
 * case for ASCII, without punctuation at their ends, without a leading `www.` or `mailto:`. Path and query parts of a URL are tokens of
 * their own. No substrings are made: the pass costs no memory.
 */
export function eachToken(text: string, emit: (hash: number) => void): void {
  let hash = FNV_OFFSET;
  let length = 0;
  let endHash = 0;
  let endLength = 0;
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : SPACE;
    const kind = code < 128 ? (ASCII_KINDS[code] ?? BREAK) : kindBeyondAscii(code);
    if (kind === BREAK || (kind === JOINER && length === 0)) {
      if (endLength >= TOKEN_CHARS_MIN) emit(endHash >>> 0);
      hash = FNV_OFFSET;
      length = 0;
      endLength = 0;
      continue;
    }
    const prefix = length === 0 ? prefixAt(text, i, code | 32) : 0;
    if (prefix > 0) {
      i += prefix - 1;
      continue;
    }
    hash = Math.imul(hash ^ (code >= 65 && code <= 90 ? code | 32 : code), FNV_PRIME);
    length++;
    if (kind === WORD) {
      endHash = hash;
      endLength = length;
    }
  }
}

/** Hashes of the tokens that make up one value; the scheme of a URL tells nothing about the place and is left out. */
export function tokensOf(value: string): number[] {
  const hashes: number[] = [];
  eachToken(value, (hash) => {
    if (!SCHEMES.has(hash)) hashes.push(hash);
  });
  return hashes;
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const TOKEN_CHARS_MIN = 2;
const SPACE = 32;
const LOWER_M = 109;
const LOWER_W = 119;
const BREAK = 0;
const WORD = 1;
/** Belongs to a token only between word characters. */
const JOINER = 2;

/** Length of a prefix that says nothing about the place; `lowerCode` is the code at `i` in lower case. */
function prefixAt(text: string, i: number, lowerCode: number): number {
  if (lowerCode === LOWER_W && matchesAt(text, i, 'www.')) return 4;
  return lowerCode === LOWER_M && matchesAt(text, i, 'mailto:') ? 7 : 0;
}

function matchesAt(text: string, i: number, prefix: string): boolean {
  for (let j = 0; j < prefix.length; j++) if ((text.charCodeAt(i + j) | 32) !== prefix.charCodeAt(j)) return false;
  return true;
}

/** Latin-1 signs, general punctuation (no-break spaces, curly quotes, dashes) and CJK punctuation part words as ASCII's do. */
const kindBeyondAscii = (code: number): number =>
  code < 0xc0 || (code >= 0x2000 && code <= 0x206f) || (code >= 0x3000 && code <= 0x301f) ? BREAK : WORD;

const SCHEMES: ReadonlySet<number> = new Set(['http', 'https', 'mailto', 'ftp'].map((scheme) => fnv1a(scheme)));

const ASCII_KINDS = Uint8Array.from({ length: 128 }, (_, code) => {
  const char = String.fromCharCode(code);
  if (/[A-Za-z0-9]/.test(char)) return WORD;
  return "_@.-+:'~".includes(char) ? JOINER : BREAK;
});
