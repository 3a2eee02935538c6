import { decodedRuns, plainText } from './plain-text.ts';
import { fnv1a } from './statistics/bounded-key.ts';
import { codesOf } from './text-codes.ts';

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
  const codes = codesOf(plain);
  const decoded = decodedRuns(plain, codes);
  readPlain(codes, plain.length, sink);
  for (const one of decoded) readPlain(codesOf(one), one.length, sink);
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

function readPlain(codes: Uint16Array, length: number, sink: TextSink): void {
  let i = 0;
  while (i < length) {
    const code = codes[i] ?? 0;
    // Joiners before a token belong to nothing.
    if (classOf(code) < DIGIT) i += 1;
    else {
      const prefix = prefixAt(codes, i, code | 32);
      i = prefix > 0 ? i + prefix : readToken(codes, i, sink);
    }
  }
}

/**
 * Reads the token that begins at `start`, word by word, and returns where it ends. What it keeps is in local variables: this is the loop that
 * every character of every text goes through.
 */
function readToken(codes: Uint16Array, start: number, sink: TextSink): number {
  let i = start;
  let code = codes[i] ?? 0;
  let now = classOf(code);
  let hash = FNV_OFFSET;
  let endHash = 0;
  let end = start;
  let letters = 0;
  let at = false;
  let dotted = false;
  let glued = false;
  while (now !== BREAK) {
    if (now === JOINER) {
      if (code === AT) at = true;
      else if (code === DOT && end === i) {
        const next = codes[i + 1] ?? 0;
        // "EXAMPLE.COM" is a host in capitals; "example.com.Then" is one that a sentence follows.
        if (isUpper(next) && !isUpper(codes[i - 1] ?? 0) && i - start >= TOKEN_CHARS_MIN) {
          sink.token(endHash >>> 0, at || dotted);
          glued = true;
        } else if (letters > 0 && isLetter(next)) dotted = true;
      }
      hash = Math.imul(hash ^ code, FNV_PRIME);
      i += 1;
      code = codes[i] ?? 0;
      now = classOf(code);
      continue;
    }
    // A word: digits, or letters up to the next capital after a small one. Its stem is its hash without up to three of its last letters.
    const word = i;
    const isNumber = now === DIGIT;
    let wordHash = FNV_OFFSET;
    let back1 = 0;
    let back2 = 0;
    let back3 = 0;
    let before = now;
    do {
      const folded = now === UPPER ? code | 32 : code;
      hash = Math.imul(hash ^ folded, FNV_PRIME);
      back3 = back2;
      back2 = back1;
      back1 = wordHash;
      wordHash = Math.imul(wordHash ^ folded, FNV_PRIME);
      before = now;
      i += 1;
      code = codes[i] ?? 0;
      now = classOf(code);
    } while (isNumber ? now === DIGIT : now > DIGIT && (now !== UPPER || before !== LOWER));
    if (!isNumber) letters += i - word;
    // A token has no punctuation at its end: it is as of its last letter or digit.
    endHash = hash;
    end = i;
    if (sink.word !== undefined) {
      const cut = isNumber ? 0 : endingOf(codes, i, i - word);
      const stem = cut === 0 ? wordHash : cut === 1 ? back1 : cut === 2 ? back2 : back3;
      sink.word(stem >>> 0, i - word);
    }
  }
  if (end - start >= TOKEN_CHARS_MIN) sink.token(endHash >>> 0, letters > 1 && (at || (dotted && !glued)));
  return i;
}

/** Length of the ending that the stem of the word before `end` goes without. */
function endingOf(codes: Uint16Array, end: number, length: number): number {
  if (length < STEM_CHARS_MIN + 1) return 0;
  const last = foldedByte(codes[end - 1] ?? 0);
  // Nothing else ends like this: most words are done with here.
  if (last !== LOWER_S && last !== LOWER_E && last !== LOWER_D && last !== LOWER_G) return 0;
  const last2 = last | (foldedByte(codes[end - 2] ?? 0) << 8);
  const last3 = last2 | (foldedByte(codes[end - 3] ?? 0) << 16);
  if (length >= STEM_CHARS_MIN + 3 && (last3 === ING || last3 === IED || last3 === IES)) return 3;
  if (length >= STEM_CHARS_MIN + 2 && (last2 === ED || last2 === ES)) return 2;
  return last === LOWER_S || last === LOWER_E ? 1 : 0;
}

/** The lowest byte of a character, in lower case for ASCII. */
const foldedByte = (code: number): number => (isUpper(code) ? code | 32 : code) & 0xff;

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const TOKEN_CHARS_MIN = 2;
const STEM_CHARS_MIN = 3;
const DOT = 46;
const AT = 64;
const LOWER_M = 109;
const LOWER_W = 119;
/** Classes of characters; from `DIGIT` on, words are made of them. */
const BREAK = 0;
/** Belongs to a token only between word characters. */
const JOINER = 1;
const DIGIT = 2;
const LOWER = 3;
const UPPER = 4;

const isUpper = (code: number): boolean => code >= 65 && code <= 90;
const isLetter = (code: number): boolean => ((code | 32) >= 97 && (code | 32) <= 122) || code >= 0xc0;

const packed = (ending: string): number => [...ending].reduce((sum, char) => (sum << 8) | char.charCodeAt(0), 0);
const ING = packed('ing');
const IED = packed('ied');
const IES = packed('ies');
const ED = packed('ed');
const ES = packed('es');
const LOWER_D = packed('d');
const LOWER_G = packed('g');
const LOWER_S = packed('s');
const LOWER_E = packed('e');

/** Length of a prefix that says nothing about the place; `lowerCode` is the code at `i` in lower case. */
function prefixAt(codes: Uint16Array, i: number, lowerCode: number): number {
  if (lowerCode === LOWER_W && matchesAt(codes, i, 'www.')) return 4;
  return lowerCode === LOWER_M && matchesAt(codes, i, 'mailto:') ? 7 : 0;
}

/** The text ends with a 0, which no prefix holds. */
function matchesAt(codes: Uint16Array, i: number, prefix: string): boolean {
  for (let j = 0; j < prefix.length; j++) if (((codes[i + j] ?? 0) | 32) !== prefix.charCodeAt(j)) return false;
  return true;
}

const classOf = (code: number): number => (code < 128 ? (ASCII_CLASSES[code] ?? BREAK) : classBeyondAscii(code));

/** Latin-1 signs, general punctuation (no-break spaces, curly quotes, dashes) and CJK punctuation part words as ASCII's do. */
const classBeyondAscii = (code: number): number =>
  code < 0xc0 || (code >= 0x2000 && code <= 0x206f) || (code >= 0x3000 && code <= 0x301f) ? BREAK : LOWER;

const SCHEMES: ReadonlySet<number> = new Set(['http', 'https', 'mailto', 'ftp'].map((scheme) => fnv1a(scheme)));

const ASCII_CLASSES = Uint8Array.from({ length: 128 }, (_, code) => {
  const char = String.fromCharCode(code);
  if (/[0-9]/.test(char)) return DIGIT;
  if (/[a-z]/.test(char)) return LOWER;
  if (/[A-Z]/.test(char)) return UPPER;
  return "_@.-+:'~".includes(char) ? JOINER : BREAK;
});
