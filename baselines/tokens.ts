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
  let i = 0;
  while (i < text.length) {
    const code = text.charCodeAt(i);
    // Joiners before a token belong to nothing.
    if (classOf(code) < DIGIT) i += 1;
    else {
      const prefix = prefixAt(text, i, code | 32);
      i = prefix > 0 ? i + prefix : readToken(text, i, sink);
    }
  }
}

/**
 * Reads the token that begins at `start` with the words in it, and returns where it ends. Everything it keeps of the token and of the word
 * is a local variable: this is the loop that every character of every text goes through.
 */
function readToken(text: string, start: number, sink: TextSink): number {
  let hash = FNV_OFFSET;
  /** As of its last letter or digit: a token has no punctuation at its end. */
  let endHash = 0;
  let end = start;
  let letters = 0;
  let at = false;
  let dotted = false;
  let glued = false;
  let word = start;
  let wordHash = FNV_OFFSET;
  /** The hashes of the word without its last one, two and three characters: its stem is one of them. */
  let back1 = 0;
  let back2 = 0;
  let back3 = 0;
  let before = BREAK;
  let i = start;
  for (; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : SPACE;
    const now = classOf(code);
    if (before >= DIGIT && isWordEnd(before, now)) {
      sink.word?.(stemOf(text, word, i, before, wordHash, back1, back2, back3) >>> 0, i - word);
      word = i;
      wordHash = FNV_OFFSET;
    }
    before = now;
    if (now === BREAK) break;
    const folded = now === UPPER ? code | 32 : code;
    if (now === JOINER) {
      word = i + 1;
      if (code === AT) at = true;
      else if (code === DOT && end === i) {
        const next = text.charCodeAt(i + 1);
        if (isUpper(next) && i - start >= TOKEN_CHARS_MIN) {
          sink.token(endHash >>> 0, at || dotted);
          glued = true;
        } else if (letters > 0 && isLetter(next)) dotted = true;
      }
      hash = Math.imul(hash ^ folded, FNV_PRIME);
      continue;
    }
    hash = Math.imul(hash ^ folded, FNV_PRIME);
    endHash = hash;
    end = i + 1;
    if (now !== DIGIT) letters += 1;
    back3 = back2;
    back2 = back1;
    back1 = wordHash;
    wordHash = Math.imul(wordHash ^ folded, FNV_PRIME);
  }
  if (end - start >= TOKEN_CHARS_MIN) sink.token(endHash >>> 0, letters > 1 && (at || (dotted && !glued)));
  return i;
}

/** Of two characters in a row, the first of them a letter or digit: letters and digits part, and so does camelCase. */
const isWordEnd = (before: number, now: number): boolean =>
  now < DIGIT || (before === DIGIT) !== (now === DIGIT) || (now === UPPER && before === LOWER);

function stemOf(
  text: string,
  start: number,
  end: number,
  lastClass: number,
  hash: number,
  back1: number,
  back2: number,
  back3: number,
): number {
  const length = end - start;
  if (lastClass === DIGIT || length < STEM_CHARS_MIN + 1) return hash;
  const last = foldedByte(text, end - 1);
  const last2 = last | (foldedByte(text, end - 2) << 8);
  const last3 = last2 | (foldedByte(text, end - 3) << 16);
  if (length >= STEM_CHARS_MIN + 3 && (last3 === ING || last3 === IED || last3 === IES)) return back3;
  if (length >= STEM_CHARS_MIN + 2 && (last2 === ED || last2 === ES)) return back2;
  return last === LOWER_S || last === LOWER_E ? back1 : hash;
}

/** The lowest byte of a character, in lower case for ASCII. */
function foldedByte(text: string, i: number): number {
  const code = text.charCodeAt(i);
  return (isUpper(code) ? code | 32 : code) & 0xff;
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
const LOWER_S = packed('s');
const LOWER_E = packed('e');

/** Length of a prefix that says nothing about the place; `lowerCode` is the code at `i` in lower case. */
function prefixAt(text: string, i: number, lowerCode: number): number {
  if (lowerCode === LOWER_W && matchesAt(text, i, 'www.')) return 4;
  return lowerCode === LOWER_M && matchesAt(text, i, 'mailto:') ? 7 : 0;
}

function matchesAt(text: string, i: number, prefix: string): boolean {
  for (let j = 0; j < prefix.length; j++) if ((text.charCodeAt(i + j) | 32) !== prefix.charCodeAt(j)) return false;
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
