import { isInUrl, namesPlace } from './place-names.ts';
import { isRunSign, mayDisguise, RUN_CHARS_MIN } from './plain-text.ts';
import { FNV_OFFSET, FNV_PRIME } from './statistics/bounded-key.ts';

/**
 * The loop that every character of every text goes through: hashes of tokens and of stems of words into flat arrays. What counts as either
 * is told in `tokens.ts`.
 *
 * Two tables and no calls in the inner loops, and few branches on where a word ends, which nobody can foretell. Hashes stay signed here, so
 * that each is a 32-bit integer wherever it is passed on.
 */

/** What texts say, in their order. Arrays are longer than what is in them. */
export interface TokenArrays {
  tokenCount: number;
  /** Hashes, signed. */
  tokens: Int32Array;
  /** 1: the token looks like a place or a person in a network. */
  addresses: Uint8Array;
  /** Words that had been told when the token was: its own are the last of them. */
  wordsBefore: Int32Array;
  wordCount: number;
  /** Hashes, signed, of stems; and lengths of whole words. */
  stems: Int32Array;
  wordLengths: Int32Array;
}

export const emptyTokenArrays = (): TokenArrays => ({
  tokenCount: 0,
  tokens: new Int32Array(0),
  addresses: new Uint8Array(0),
  wordsBefore: new Int32Array(0),
  wordCount: 0,
  stems: new Int32Array(0),
  wordLengths: new Int32Array(0),
});

/** Makes room for what `chars` characters can hold at most: no word and no token is shorter than one. What was in them is lost. */
export function clearFor(arrays: TokenArrays, chars: number): void {
  arrays.tokenCount = 0;
  arrays.wordCount = 0;
  if (arrays.tokens.length >= chars) return;
  const room = Math.max(ROOM_MIN, 2 * chars);
  arrays.tokens = new Int32Array(room);
  arrays.addresses = new Uint8Array(room);
  arrays.wordsBefore = new Int32Array(room);
  arrays.stems = new Int32Array(room);
  arrays.wordLengths = new Int32Array(room);
}

const ROOM_MIN = 4096;

/** What one look at each code tells, before any question is asked. */
export interface Scan {
  /** Runs of letters and digits. */
  count: number;
  /** Index behind each run's last code. */
  ends: Int32Array;
  /** Codes of each run, and what they are: bits `DIGITS`, `SMALL`, `CAPITALS`. */
  lengths: Int32Array;
  /** By code: hash of its run up to and with it. */
  hashes: Int32Array;
  /** Something in it may be disguised. */
  suspect: boolean;
  /** It may hold a run of signs long enough to be encoded. */
  long: boolean;
}

export const emptyScan = (): Scan => ({
  count: 0,
  ends: new Int32Array(0),
  lengths: new Int32Array(0),
  hashes: new Int32Array(0),
  suspect: false,
  long: false,
});

/**
 * Looks at the first `length` codes; a 0 must follow them. No branch depends on what a code is, since where words end cannot be foretold:
 * every code writes an end, and only a true one is counted.
 */
export function scanCodes(codes: Uint16Array, length: number, into: Scan): void {
  if (into.ends.length <= length) {
    const room = Math.max(ROOM_MIN, 2 * length + 1);
    into.ends = new Int32Array(room);
    into.lengths = new Int32Array(room);
    into.hashes = new Int32Array(room);
  }
  const { ends, lengths, hashes } = into;
  let count = 0;
  let run = 0;
  let hash = FNV_OFFSET;
  let signs = 0;
  let signsEver = 0;
  let kinds = 0;
  for (let i = 0; i <= length; i++) {
    const code = codes[i] ?? 0;
    const kind = KINDS[code] ?? 0;
    kinds |= kind;
    /** All bits set in a run, none outside. */
    const inside = kind >> 31;
    signs = (signs + 1) & (0 - (kind & SIGN));
    signsEver |= signs;
    ends[count] = i;
    lengths[count] = run;
    count = (count + (~inside & ((0 - run) >>> 31))) | 0;
    hash = FNV_OFFSET ^ ((FNV_OFFSET ^ Math.imul(hash ^ (code | (kind & FOLD)), FNV_PRIME)) & inside);
    hashes[i] = hash;
    run = ((run + 1) | (kind & SORTS)) & inside;
  }
  into.count = count;
  into.suspect = (kinds & SUSPECT) !== 0;
  // A run that grows sign by sign passes every number up to its length.
  into.long = signsEver >= RUN_CHARS_MIN;
}

/** Appends what the codes say that were looked at. Without `words` only tokens are looked for. */
export function readScanned(
  codes: Uint16Array,
  { count, ends, lengths, hashes }: Readonly<Scan>,
  into: TokenArrays,
  words: boolean,
): void {
  const { tokens, addresses, wordsBefore, stems, wordLengths } = into;
  for (let n = 0; n < count; n++) {
    const end = ends[n] ?? 0;
    const run = lengths[n] ?? 0;
    const length = run & ~SORTS;
    if (CLASSES[codes[end] ?? 0] === JOINER || (words && !isOneWord(run))) {
      const breakAt = readToBreak(codes, end - length, into, words);
      while (n + 1 < count && (ends[n + 1] ?? 0) <= breakAt) n += 1;
      continue;
    }
    // One word, which is the token: nearly all are like that.
    if (words) {
      const cut = endingOf(codes, end, length);
      stems[into.wordCount] = hashes[end - 1 - cut] ?? 0;
      wordLengths[into.wordCount] = length;
      into.wordCount += 1;
    }
    const at = into.tokenCount;
    tokens[at] = hashes[end - 1] ?? 0;
    addresses[at] = 0;
    wordsBefore[at] = into.wordCount;
    into.tokenCount = at + (length >= TOKEN_CHARS_MIN ? 1 : 0);
  }
}

/** Letters of one size, or digits. "The" may be one too, which the careful look finds out. */
const isOneWord = (run: number): boolean => {
  const sorts = run & SORTS;
  return sorts === SMALL || sorts === DIGITS || sorts === CAPITALS;
};

/** Reads from `start`, where a run begins, up to what parts tokens, and returns where that is. */
function readToBreak(codes: Uint16Array, start: number, into: TokenArrays, words: boolean): number {
  let i = start;
  for (;;) {
    const code = codes[i] ?? 0;
    const now = CLASSES[code] ?? BREAK;
    if (now === BREAK) return i;
    // Joiners before a token belong to nothing.
    if (now === JOINER) i += 1;
    else {
      const prefix = prefixAt(codes, i, code | 32);
      if (prefix > 0) i += prefix;
      else i = words ? readWords(codes, i, into) : readToken(codes, i, into);
    }
  }
}

/** Reads the token that begins at `start`, and returns where it ends. */
function readToken(codes: Uint16Array, start: number, into: TokenArrays): number {
  let i = start;
  let code = codes[i] ?? 0;
  let now = CLASSES[code] ?? BREAK;
  let hash = FNV_OFFSET;
  let endHash = 0;
  let end = start;
  let letters = 0;
  let kind = PLAIN;
  for (;;) {
    while (now >= DIGIT) {
      hash = Math.imul(hash ^ (code | ((now & UPPER) << 3)), FNV_PRIME);
      letters += LETTERS[now] ?? 0;
      i += 1;
      code = codes[i] ?? 0;
      now = CLASSES[code] ?? BREAK;
    }
    // A token has no punctuation at its end: it is as of its last letter or digit.
    endHash = hash;
    end = i;
    if (now === BREAK) break;
    do {
      if (code === AT) kind |= HAS_AT;
      else if (code === DOT && end === i) kind = dotAt(codes, start, i, endHash, letters, kind, into);
      hash = Math.imul(hash ^ code, FNV_PRIME);
      i += 1;
      code = codes[i] ?? 0;
      now = CLASSES[code] ?? BREAK;
    } while (now === JOINER);
    if (now === BREAK) break;
  }
  if (end - start >= TOKEN_CHARS_MIN) tell(into, endHash, letters > 1 && isAddress(kind, codes, start, end));
  return i;
}

/** The same word by word. A word is digits, or letters up to the next capital after a small one. */
function readWords(codes: Uint16Array, start: number, into: TokenArrays): number {
  let i = start;
  let code = codes[i] ?? 0;
  let now = CLASSES[code] ?? BREAK;
  let hash = FNV_OFFSET;
  let endHash = 0;
  let end = start;
  let letters = 0;
  let kind = PLAIN;
  for (;;) {
    while (now >= DIGIT) {
      const word = i;
      const first = now;
      let wordHash = FNV_OFFSET;
      let back1 = 0;
      let back2 = 0;
      let back3 = 0;
      let follows = 0;
      do {
        const folded = code | ((now & UPPER) << 3);
        hash = Math.imul(hash ^ folded, FNV_PRIME);
        // The stem is the word's hash without up to three of its last letters.
        back3 = back2;
        back2 = back1;
        back1 = wordHash;
        wordHash = Math.imul(wordHash ^ folded, FNV_PRIME);
        follows = FOLLOWS[now] ?? 0;
        i += 1;
        code = codes[i] ?? 0;
        now = CLASSES[code] ?? BREAK;
      } while (((follows >> now) & 1) === 1);
      const chars = i - word;
      let stem = wordHash;
      if (first !== DIGIT) {
        letters += chars;
        const cut = endingOf(codes, i, chars);
        if (cut > 0) stem = cut === 1 ? back1 : cut === 2 ? back2 : back3;
      }
      into.stems[into.wordCount] = stem;
      into.wordLengths[into.wordCount] = chars;
      into.wordCount += 1;
    }
    endHash = hash;
    end = i;
    if (now === BREAK) break;
    do {
      if (code === AT) kind |= HAS_AT;
      else if (code === DOT && end === i) kind = dotAt(codes, start, i, endHash, letters, kind, into);
      hash = Math.imul(hash ^ code, FNV_PRIME);
      i += 1;
      code = codes[i] ?? 0;
      now = CLASSES[code] ?? BREAK;
    } while (now === JOINER);
    if (now === BREAK) break;
  }
  if (end - start >= TOKEN_CHARS_MIN) tell(into, endHash, letters > 1 && isAddress(kind, codes, start, end));
  return i;
}

/** "EXAMPLE.COM" is a host in capitals; "example.com.Then" is one that a sentence follows: what stands before is told as well. */
function dotAt(
  codes: Uint16Array,
  start: number,
  i: number,
  hash: number,
  letters: number,
  kind: number,
  into: TokenArrays,
): number {
  const next = codes[i + 1] ?? 0;
  if (isUpper(next) && !isUpper(codes[i - 1] ?? 0) && i - start >= TOKEN_CHARS_MIN) {
    tell(into, hash, isAddress(kind, codes, start, i));
    // Hosts go by any case: "https://Relay.Example".
    return kind | (isInUrl(codes, start) ? DOTTED : GLUED);
  }
  // No domain at the top has one letter: "Sp. z o.o." and "z.B." are no hosts.
  const isLabel = isLetter(next) && (CLASSES[codes[i + 2] ?? 0] ?? BREAK) >= DIGIT;
  return letters > 0 && isLabel ? kind | DOTTED : kind;
}

function tell(into: TokenArrays, hash: number, address: boolean): void {
  const at = into.tokenCount;
  into.tokens[at] = hash;
  into.addresses[at] = address ? 1 : 0;
  into.wordsBefore[at] = into.wordCount;
  into.tokenCount = at + 1;
}

/** What a token was seen to hold. */
const PLAIN = 0;
const HAS_AT = 1;
const DOTTED = 2;
const GLUED = 4;
const isAddress = (kind: number, codes: Uint16Array, start: number, end: number): boolean =>
  (kind & HAS_AT) !== 0 || ((kind & (DOTTED | GLUED)) === DOTTED && namesPlace(codes, start, end));

/** Length of the ending that the stem of the word before `end` goes without. */
function endingOf(codes: Uint16Array, end: number, length: number): number {
  if (length < STEM_CHARS_MIN + 1) return 0;
  const last = foldedByte(codes[end - 1] ?? 0);
  // Nothing else ends like this: most words are done with here.
  if (ENDS_STEM[last] === 0) return 0;
  const last2 = last | (foldedByte(codes[end - 2] ?? 0) << 8);
  const last3 = last2 | (foldedByte(codes[end - 3] ?? 0) << 16);
  if (length >= STEM_CHARS_MIN + 3 && (last3 === ING || last3 === IED || last3 === IES)) return 3;
  if (length >= STEM_CHARS_MIN + 2 && (last2 === ED || last2 === ES)) return 2;
  return last === LOWER_S || last === LOWER_E ? 1 : 0;
}

/** The lowest byte of a character, in lower case for ASCII. */
const foldedByte = (code: number): number => (isUpper(code) ? code | 32 : code) & 0xff;

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
/** A bit of its own: times 8 it is what turns a capital into lower case. */
const UPPER = 4;

/** By class: whether it is a letter, and the classes (as bits) that go on with its word. */
const LETTERS = Uint8Array.of(0, 0, 0, 1, 1);
const FOLLOWS = Uint8Array.of(0, 0, 1 << DIGIT, 1 << LOWER, (1 << LOWER) | (1 << UPPER));

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
const ENDS_STEM = Uint8Array.from({ length: 256 }, (_, byte) => ('sedg'.includes(String.fromCharCode(byte)) ? 1 : 0));

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

/** Latin-1 signs, general punctuation (no-break spaces, curly quotes, dashes) and CJK punctuation part words as ASCII's do. */
const classBeyondAscii = (code: number): number =>
  code < 0xc0 || (code >= 0x2000 && code <= 0x206f) || (code >= 0x3000 && code <= 0x301f) ? BREAK : LOWER;

function classOfAscii(char: string): number {
  if (/[0-9]/.test(char)) return DIGIT;
  if (/[a-z]/.test(char)) return LOWER;
  if (/[A-Z]/.test(char)) return UPPER;
  return "_@.-+:'~".includes(char) ? JOINER : BREAK;
}

const CLASSES = Uint8Array.from({ length: 2 ** 16 }, (_, code) =>
  code < 128 ? classOfAscii(String.fromCharCode(code)) : classBeyondAscii(code),
);

/**
 * What a scan needs to know of a code, in bits, so that one look and no question tells. The highest is set for what words are made of, and `FOLD`
 * is what turns a capital into lower case.
 */
const SIGN = 1;
const SUSPECT = 2;
const FOLD = 32;
const DIGITS = 1 << 24;
const SMALL = 1 << 25;
const CAPITALS = 1 << 26;
const SORTS = DIGITS | SMALL | CAPITALS;
/** Of a run's length in a scan: the number itself, and the bit that says there are digits in it. */
export const LENGTH_OF_RUN = ~SORTS;
export const RUN_HAS_DIGIT = DIGITS;
const INSIDE = 1 << 31;
const KINDS_BY_CLASS = [0, 0, INSIDE | DIGITS, INSIDE | SMALL, INSIDE | CAPITALS | FOLD] as const;
const KINDS = Int32Array.from(
  CLASSES,
  (type, code) => (KINDS_BY_CLASS[type] ?? 0) | (isRunSign(code) ? SIGN : 0) | (mayDisguise(code) ? SUSPECT : 0),
);
