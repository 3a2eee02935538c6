import { decodedRuns, plainText } from './plain-text.ts';
import { fnv1a } from './statistics/bounded-key.ts';

/** What one pass over a text finds, in the text's order. */
export interface TextSink {
  /**
   * A token of two characters or more ended; its words have been told before. `address`: it looks like a place or a person in a network
   * (an `@`, or a dot between letters).
   */
  token(hash: number, address: boolean): void;
  /** Stem of a word of letters, or a number; `length` of the whole word. */
  word?(stem: number, length: number): void;
}

/**
 * Reads a text once: 32-bit hashes of its tokens and of the stems of its words.
 *
 * Tokens are runs of letters, digits and `_ @ . - + : ' ~` (so addresses, hosts, account numbers and ids stay whole), in lower case for
 * ASCII, without punctuation at their ends, without a leading `www.` or `mailto:`. Path and query parts of a URL are tokens of their own.
 * Where a sentence was glued to an address ("example.com.Then") the part before the dot is told as well.
 *
 * Words are letters or digits in a row, parted at `camelCase` too. A stem is a word without one of the endings `ing ied ies ed es s e`, if
 * three characters remain: crude, but "invite", "invited" and "inviting" are one, in any order of magnitude of text.
 *
 * Disguises are undone first, and what encoded runs stand for is read after the rest (`plain-text.ts`).
 */
export function readText(text: string, sink: TextSink): void {
  const plain = plainText(text);
  readPlain(plain, sink);
  for (const decoded of decodedRuns(plain)) readPlain(decoded, sink);
}

/** Tokens only. */
export const eachToken = (text: string, emit: (hash: number) => void): void => readText(text, { token: emit });

/** Hashes of the tokens that make up one value; the scheme of a URL tells nothing about the place and is left out. */
export function tokensOf(value: string): number[] {
  const hashes: number[] = [];
  eachToken(value, (hash) => {
    if (!SCHEMES.has(hash)) hashes.push(hash);
  });
  return hashes;
}

/** Stems of the words of a name or a text, each once. */
export function stemsOf(text: string): Set<number> {
  const stems = new Set<number>();
  readText(text, { token: () => {}, word: (stem) => stems.add(stem) });
  return stems;
}

function readPlain(text: string, sink: TextSink): void {
  const token = new TokenRun(sink);
  const word = sink.word === undefined ? undefined : new WordRun(sink.word.bind(sink));
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : SPACE;
    const kind = code < 128 ? (ASCII_KINDS[code] ?? BREAK) : kindBeyondAscii(code);
    const prefix = kind === WORD && token.length === 0 ? prefixAt(text, i, code | 32) : 0;
    if (prefix > 0) {
      i += prefix - 1;
      word?.take(SPACE, BREAK);
      continue;
    }
    word?.take(code, kind);
    if (kind === BREAK || (kind === JOINER && token.length === 0)) {
      token.end();
      continue;
    }
    token.take(code, kind, text.charCodeAt(i + 1));
  }
}

class TokenRun {
  length = 0;
  readonly #sink: TextSink;
  #hash = FNV_OFFSET;
  /** As of its last letter or digit: a token has no punctuation at its end. */
  #endHash = 0;
  #endLength = 0;
  #at = false;
  #dotted = false;
  #glued = false;
  #letters = 0;
  /** Its last character is a capital. */
  #upper = false;

  constructor(sink: TextSink) {
    this.#sink = sink;
  }

  take(code: number, kind: number, next: number): void {
    if (code === DOT && this.#endLength === this.length) {
      // "EXAMPLE.COM" is a host in capitals; "example.com.Then" is one that a sentence follows.
      if (isUpper(next) && !this.#upper && this.length >= TOKEN_CHARS_MIN) this.#glue();
      else if (this.#letters > 0 && isLetter(next)) this.#dotted = true;
    } else if (code === AT) this.#at = true;
    this.#hash = Math.imul(this.#hash ^ (isUpper(code) ? code | 32 : code), FNV_PRIME);
    this.length++;
    this.#upper = isUpper(code);
    if (kind !== WORD) return;
    if (isLetter(code)) this.#letters++;
    this.#endHash = this.#hash;
    this.#endLength = this.length;
  }

  end(): void {
    if (this.#endLength >= TOKEN_CHARS_MIN)
      this.#sink.token(this.#endHash >>> 0, this.#letters > 1 && (this.#at || (this.#dotted && !this.#glued)));
    if (this.length === 0) return;
    this.length = 0;
    this.#hash = FNV_OFFSET;
    this.#endLength = 0;
    this.#letters = 0;
    this.#at = false;
    this.#dotted = false;
    this.#glued = false;
  }

  #glue(): void {
    this.#sink.token(this.#endHash >>> 0, this.#at || this.#dotted);
    this.#glued = true;
  }
}

/** Keeps the hashes of the last three lengths of a word: its stem is one of them. */
class WordRun {
  readonly #emit: (stem: number, length: number) => void;
  #length = 0;
  #hash = FNV_OFFSET;
  #back1 = 0;
  #back2 = 0;
  #back3 = 0;
  /** The last three letters, the newest in the lowest byte. */
  #last = 0;
  #class = BREAK;
  #lower = false;

  constructor(emit: (stem: number, length: number) => void) {
    this.#emit = emit;
  }

  take(code: number, kind: number): void {
    if (kind !== WORD) {
      if (this.#length > 0) this.#end();
      return;
    }
    const digit = code >= 48 && code <= 57;
    const upper = isUpper(code);
    const kindNow = digit ? DIGITS : LETTERS;
    if (this.#length > 0 && (kindNow !== this.#class || (upper && this.#lower))) this.#end();
    this.#class = kindNow;
    this.#lower = !upper && !digit;
    const folded = upper ? code | 32 : code;
    this.#back3 = this.#back2;
    this.#back2 = this.#back1;
    this.#back1 = this.#hash;
    this.#hash = Math.imul(this.#hash ^ folded, FNV_PRIME);
    this.#last = ((this.#last << 8) | (folded & 0xff)) & 0xffffff;
    this.#length++;
  }

  #end(): void {
    this.#emit(this.#stem() >>> 0, this.#length);
    this.#length = 0;
    this.#hash = FNV_OFFSET;
    this.#last = 0;
  }

  #stem(): number {
    if (this.#class === DIGITS || this.#length < STEM_CHARS_MIN + 1) return this.#hash;
    if (this.#length >= STEM_CHARS_MIN + 3 && ENDINGS_OF_3.has(this.#last)) return this.#back3;
    if (this.#length >= STEM_CHARS_MIN + 2 && ENDINGS_OF_2.has(this.#last & 0xffff)) return this.#back2;
    return ENDINGS_OF_1.has(this.#last & 0xff) ? this.#back1 : this.#hash;
  }
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const TOKEN_CHARS_MIN = 2;
const STEM_CHARS_MIN = 3;
const SPACE = 32;
const DOT = 46;
const AT = 64;
const LOWER_M = 109;
const LOWER_W = 119;
const BREAK = 0;
const WORD = 1;
/** Belongs to a token only between word characters. */
const JOINER = 2;
const LETTERS = 1;
const DIGITS = 2;

const isUpper = (code: number): boolean => code >= 65 && code <= 90;
const isLetter = (code: number): boolean => ((code | 32) >= 97 && (code | 32) <= 122) || code >= 0xc0;

const packed = (ending: string): number => [...ending].reduce((sum, char) => (sum << 8) | char.charCodeAt(0), 0);
const ENDINGS_OF_3: ReadonlySet<number> = new Set(['ing', 'ied', 'ies'].map(packed));
const ENDINGS_OF_2: ReadonlySet<number> = new Set(['ed', 'es'].map(packed));
const ENDINGS_OF_1: ReadonlySet<number> = new Set(['s', 'e'].map(packed));

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
