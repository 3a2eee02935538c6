import { emptyLongRuns, type LongRuns, takeLongRuns } from './long-runs.ts';
import { decodedRuns, plainText } from './plain-text.ts';
import { fnv1a } from './statistics/bounded-key.ts';
import { codesOf } from './text-codes.ts';
import { clearFor, emptyScan, emptyTokenArrays, readScanned, scanCodes, type TokenArrays } from './token-reader.ts';

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
  const { tokenCount, tokens, addresses, wordsBefore, wordCount, stems, wordLengths } = readTokens(
    text,
    sink.word !== undefined,
  );
  let word = 0;
  const tellWords = (end: number) => {
    for (; word < end; word++) sink.word?.((stems[word] ?? 0) >>> 0, wordLengths[word] ?? 0);
  };
  for (let i = 0; i < tokenCount; i++) {
    tellWords(wordsBefore[i] ?? 0);
    sink.token((tokens[i] ?? 0) >>> 0, addresses[i] === 1);
  }
  tellWords(wordCount);
}

/**
 * The same in arrays, for those to whom a call for each token is too dear. Valid until the next text is read, which takes the same arrays:
 * whoever asks must be done before. The text before is not read again: a prompt is read for the score, and then to be remembered.
 */
export function readTokens(text: string, words: boolean): Readonly<TokenArrays> {
  if (text === newest.text && (newest.words || !words)) return READ;
  newest.text = undefined;
  let plain = text;
  let codes = codesOf(text);
  scanCodes(codes, text.length, SCAN);
  if (SCAN.suspect) {
    plain = plainText(text);
    codes = codesOf(plain);
    scanCodes(codes, plain.length, SCAN);
  }
  const decoded = SCAN.long ? decodedRuns(plain, codes) : [];
  clearFor(
    READ,
    decoded.reduce((sum, one) => sum + one.length, plain.length),
  );
  LONG.count = 0;
  LONG.stretchCount = 0;
  if (words) takeLongRuns(codes, SCAN, LONG);
  readScanned(codes, SCAN, READ, words);
  for (const one of decoded) {
    codes = codesOf(one);
    scanCodes(codes, one.length, SCAN);
    if (words) takeLongRuns(codes, SCAN, LONG);
    readScanned(codes, SCAN, READ, words);
  }
  newest.words = words;
  if (text.length <= REMEMBERED_CHARS_MAX) newest.text = text;
  return READ;
}

/** Long runs of letters and digits in the text that was read last, with its words. */
export const longRunsRead = (): Readonly<LongRuns> => LONG;

const READ = emptyTokenArrays();
const LONG = emptyLongRuns();
const SCAN = emptyScan();
const newest: { text: string | undefined; words: boolean } = { text: undefined, words: false };
/** What contents are cut to. */
const REMEMBERED_CHARS_MAX = 64 * 1024;

/** Tokens only. */
export const eachToken = (text: string, emit: (hash: number) => void): void => readText(text, { token: emit });

/** Hashes of the tokens that make up one value; the scheme of a URL tells nothing about the place and is left out. */
export function tokensOf(value: string): number[] {
  const { tokenCount, tokens } = readTokens(value, false);
  const hashes: number[] = [];
  for (let i = 0; i < tokenCount; i++) {
    const hash = (tokens[i] ?? 0) >>> 0;
    if (!SCHEMES.has(hash)) hashes.push(hash);
  }
  return hashes;
}

/**
 * A number that is written in groups ("FR60 2532 2107", "+48 274-965"), or with "00" for a "+", as the one token that it is without them; undefined
 * for all else.
 */
export function ungrouped(value: string): number | undefined {
  if (value.length > GROUPED_CHARS_MAX || !(GROUPED.test(value) || INTERNATIONAL.test(value))) return undefined;
  const [token, ...others] = tokensOf(value.replace(/[\s()/-]/g, '').replace(/^00(?=[1-9])/, ''));
  return others.length === 0 ? token : undefined;
}

const GROUPED_CHARS_MAX = 64;
const INTERNATIONAL = /^00[1-9]\d{5,}$/;
const GROUPED = /^(?=(?:\D*\d){6})\+?\(?[A-Za-z]{0,2}\d[\dA-Za-z]*\)?(?:[\s/-]{1,3}\(?[\dA-Za-z]+\)?)+$/;

/** Stems of the words of a name or a text, each once. */
export function stemsOf(text: string): Set<number> {
  const { wordCount, stems } = readTokens(text, true);
  const found = new Set<number>();
  for (let i = 0; i < wordCount; i++) found.add((stems[i] ?? 0) >>> 0);
  return found;
}

export const SCHEMES: ReadonlySet<number> = new Set(['http', 'https', 'mailto', 'ftp'].map((scheme) => fnv1a(scheme)));
