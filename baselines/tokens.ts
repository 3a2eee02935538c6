import { fnv1a } from './statistics/familiar-set.ts';

/**
 * One linear pass over a text: calls `emit` with a 32-bit hash of every word-like token of two characters or more.
 *
 * Tokens are runs of letters, digits and `_ @ . - + : ' ~` (so addresses, hosts, account numbers and ids stay whole), in lower
 * case for ASCII, without punctuation at their ends, without a leading `www.`. Path and query parts of a URL are tokens of
 * their own. No substrings are made: the pass costs no memory.
 */
export function eachToken(text: string, emit: (hash: number) => void): void {
  let hash = FNV_OFFSET;
  let length = 0;
  let endHash = 0;
  let endLength = 0;
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : SPACE;
    const kind = code < 128 ? (ASCII_KINDS[code] ?? BREAK) : WORD;
    if (kind === BREAK || (kind === JOINER && length === 0)) {
      if (endLength >= TOKEN_CHARS_MIN) emit(endHash >>> 0);
      hash = FNV_OFFSET;
      length = 0;
      endLength = 0;
      continue;
    }
    if (length === 0 && code === LOWER_W && text.startsWith('www.', i)) {
      i += 3;
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
const LOWER_W = 119;
const BREAK = 0;
const WORD = 1;
/** Belongs to a token only between word characters. */
const JOINER = 2;

const SCHEMES: ReadonlySet<number> = new Set(['http', 'https', 'mailto', 'ftp'].map((scheme) => fnv1a(scheme)));

const ASCII_KINDS = Uint8Array.from({ length: 128 }, (_, code) => {
  const char = String.fromCharCode(code);
  if (/[A-Za-z0-9]/.test(char)) return WORD;
  return "_@.-+:'~".includes(char) ? JOINER : BREAK;
});
