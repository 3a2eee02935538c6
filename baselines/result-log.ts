import {
  EARLIER_BYTES_MAX,
  type EarlierResults,
  earlierSource,
  emptyEarlier,
  noteEarlier,
  restoredEarlier,
  type StoredEarlier,
} from './earlier-results.ts';
import { fitted, joined, withoutFirst } from './growing-array.ts';
import { type KeptResult, KeptResults, type ResultSource } from './kept-results.ts';
import type { TokenSet } from './statistics/token-set.ts';
import type { TokenArrays } from './token-reader.ts';
import { readTokens } from './tokens.ts';

/**
 * What the results of tools said in one session, in their order: tokens, and the words they are made of. So that it can be asked not only
 * whether a value came out of a result, but what was said around it.
 *
 * Kept as hashes: tokens of 32 bits, words of 16, which is enough for a look at a few dozen of them (a word is mistaken for a given other
 * once in 65,536). Whole results leave, oldest first, when there are more than `TOKENS_MAX` tokens or `RESULTS_MAX` results, when their names take
 * up too much, or when the log takes more than what the other texts of the session leave to it; of one result
 * the first `RESULT_TOKENS_MAX` tokens are kept. Of what is not kept the tokens of several words are known (`earlier-results.ts`), and nothing of what was said
 * around them: padding makes a value speak less, but no stranger.
 */
export interface ResultLog {
  tokens: Int32Array;
  /** Words of each token. */
  wordCounts: Uint8Array;
  words: Uint16Array;
  results: KeptResults;
  /** Absent until something was not kept. */
  earlier?: EarlierResults;
}

const TOKENS_MAX = 6144;
const RESULT_TOKENS_MAX = 4096;
const WORDS_MAX = 8192;
const RESULT_WORDS_MAX = 6144;
const RESULTS_MAX = 256;
/** Of what stands beside them: ids of events, and tools, each once. Some ninety with ids of usual length. */
const SOURCE_BYTES_MAX = 4 * 1024;
/** Of one result: ids and names have two bytes a character at most. */
const ONE_SOURCE_BYTES = 768;
const TOKEN_BYTES = 5;
const WORD_BYTES = 2;
/** What a byte counts; further words of one token are not kept. */
const TOKEN_WORDS_MAX = 255;

export const emptyResultLog = (): ResultLog => ({
  tokens: NO_TOKENS,
  wordCounts: NO_COUNTS,
  words: NO_WORDS,
  results: new KeptResults(),
});

/** As a state that was read back has it. */
export type StoredResults = Omit<ResultLog, 'results' | 'earlier'> & {
  readonly results: Iterable<KeptResult>;
  readonly earlier?: StoredEarlier;
};

/** What an older build kept beyond the limits leaves with the next text. */
export function restoredResults({ results, earlier, ...arrays }: StoredResults): ResultLog {
  const restored = { ...arrays, results: new KeptResults(results) };
  return earlier === undefined ? restored : { ...restored, earlier: restoredEarlier(earlier) };
}

/** Every session begins with these, and many end with them. */
const NO_TOKENS = new Int32Array(0);
const NO_COUNTS = new Uint8Array(0);
const NO_WORDS = new Uint16Array(0);

/** @param bytesMax what the log may take */
export function appendResult(
  log: ResultLog,
  source: ResultSource,
  text: string,
  bytesMax: number = Number.POSITIVE_INFINITY,
): void {
  const read = readTokens(text, true);
  // What is left of others may grow by it: the newest must fit in all the same.
  const reserve = EARLIER_BYTES_MAX - (log.earlier?.tokens.bytes ?? 0) + ONE_SOURCE_BYTES;
  const { tokens, words } = keepOf(read, bytesMax - reserve);
  log.results.push({ source, tokens, words });
  makeRoom(log, tokens, words, bytesMax);
  if (tokens < read.tokenCount) rememberRest(log, source, read, tokens);
  const spare = (bytesMax - bytesWith(log, tokens, words)) / SPARE_BYTES;
  const room = (kept: { readonly length: number }, added: number) => Math.floor(kept.length + added + spare);
  log.wordCounts = joined(
    Uint8Array,
    log.wordCounts,
    KEPT_COUNTS.subarray(0, tokens),
    Math.min(TOKENS_MAX, room(log.wordCounts, tokens)),
  );
  log.words = joined(
    Uint16Array,
    log.words,
    KEPT_WORDS.subarray(0, words),
    Math.min(WORDS_MAX, room(log.words, words)),
  );
  log.tokens = joined(
    Int32Array,
    log.tokens,
    read.tokens.subarray(0, tokens),
    Math.min(TOKENS_MAX, room(log.tokens, tokens)),
  );
}

/** Memory that grows ahead: of each array as many places. */
const SPARE_BYTES = TOKEN_BYTES + WORD_BYTES;

/** What it takes in memory, besides what is left of earlier results. */
export const resultLogBytes = ({ tokens, wordCounts, words, results }: Readonly<ResultLog>): number =>
  tokens.buffer.byteLength + wordCounts.buffer.byteLength + words.buffer.byteLength + results.bytes;

/** Lets the oldest results go until the log takes no more than so much: its room shrinks when other texts come. */
export function shrinkResults(log: ResultLog, bytesMax: number): void {
  if (resultLogBytes(log) <= bytesMax) return;
  makeRoom(log, 0, 0, bytesMax, 0);
  if (resultLogBytes(log) <= bytesMax) return;
  log.tokens = fitted(log.tokens);
  log.wordCounts = fitted(log.wordCounts);
  log.words = fitted(log.words);
}

/** What is kept of one result until it is appended. */
const KEPT_WORDS = new Uint16Array(RESULT_WORDS_MAX);
const KEPT_COUNTS = new Uint8Array(RESULT_TOKENS_MAX);

/** Words that no token was made of (single letters) count for the token after them; those after the last kept token are kept as they are. */
function keepOf(
  { tokenCount, wordsBefore, wordCount, stems }: Readonly<TokenArrays>,
  bytesMax: number,
): Readonly<Record<'tokens' | 'words', number>> {
  let tokens = Math.min(tokenCount, RESULT_TOKENS_MAX);
  let words = 0;
  let before = 0;
  let word = 0;
  for (let token = 0; token <= tokens; token++) {
    const end = token < tokens ? (wordsBefore[token] ?? 0) : wordCount;
    const wordsEnd = Math.min(RESULT_WORDS_MAX, before + TOKEN_WORDS_MAX);
    for (; word < end && words < wordsEnd; word++) KEPT_WORDS[words++] = shortWord(stems[word] ?? 0);
    if ((token + 1) * TOKEN_BYTES + words * WORD_BYTES > bytesMax) {
      tokens = token;
      words = before;
    }
    word = end;
    if (token < tokens) KEPT_COUNTS[token] = words - before;
    before = words;
  }
  return { tokens, words };
}

/** Of a result that is not kept as a whole. */
function rememberRest(
  log: ResultLog,
  source: ResultSource,
  { tokenCount, tokens, wordsBefore }: Readonly<TokenArrays>,
  from: number,
): void {
  log.earlier ??= emptyEarlier();
  noteEarlier(log.earlier, source);
  const { tokens: known } = log.earlier;
  let before = from === 0 ? 0 : (wordsBefore[from - 1] ?? 0);
  for (let i = from; i < tokenCount && !known.isFull; i++) {
    const end = wordsBefore[i] ?? 0;
    if (end - before > 1) known.add(tokens[i] ?? 0);
    before = end;
  }
}

export const shortWord = (stem: number): number => (stem ^ (stem >>> 16)) & 0xffff;

/** For the newest, which is among the results already and stays. */
function makeRoom(log: ResultLog, tokens: number, words: number, bytesMax: number, staying = 1): void {
  let leavingTokens = 0;
  let leavingWords = 0;
  const full = () =>
    log.results.bytes > SOURCE_BYTES_MAX ||
    log.tokens.length - leavingTokens + tokens > TOKENS_MAX ||
    log.words.length - leavingWords + words > WORDS_MAX ||
    log.results.length > RESULTS_MAX ||
    bytesWith(log, tokens - leavingTokens, words - leavingWords) > bytesMax;
  while (log.results.length > staying && full()) {
    const source = log.results.at(0)?.source;
    const oldest = log.results.shift();
    rememberOldest(log, source, leavingTokens, oldest.tokens);
    leavingTokens += oldest.tokens;
    leavingWords += oldest.words;
  }
  if (leavingTokens + leavingWords === 0) return;
  log.tokens = withoutFirst(log.tokens, leavingTokens);
  log.wordCounts = withoutFirst(log.wordCounts, leavingTokens);
  log.words = withoutFirst(log.words, leavingWords);
}

const bytesWith = (log: Readonly<ResultLog>, tokens: number, words: number): number =>
  (log.tokens.length + tokens) * TOKEN_BYTES + (log.words.length + words) * WORD_BYTES + log.results.bytes;

function rememberOldest(log: ResultLog, source: ResultSource | undefined, from: number, count: number): void {
  if (count === 0) return;
  log.earlier ??= emptyEarlier();
  if (source !== undefined) noteEarlier(log.earlier, source);
  const { tokens: known } = log.earlier;
  for (let i = from; i < from + count && !known.isFull; i++)
    if ((log.wordCounts[i] ?? 0) > 1) known.add(log.tokens[i] ?? 0);
}

/** Also in one that is not kept any more. */
export const holds = ({ tokens, earlier }: Readonly<ResultLog>, token: number): boolean =>
  tokens.includes(token | 0) || earlier?.tokens.has(token) === true;

/** By its place among results as `firstResult` tells it: what was read and is not kept comes before all that is. */
export const sourceOf = (log: Readonly<ResultLog>, place: number): ResultSource | undefined =>
  place === EARLIER ? log.earlier && earlierSource(log.earlier) : log.results.at(place - 1)?.source;

export const EARLIER = 0;

/** Place of the result in which the token first appeared, of those that are kept, from 1; 0 for those that are not; -1 for none. */
export function firstResult({ tokens, results, earlier }: Readonly<ResultLog>, token: number): number {
  if (earlier?.tokens.has(token) === true) return EARLIER;
  const at = tokens.indexOf(token | 0);
  return at < 0 ? -1 : results.indexHolding(at) + 1;
}

/** Tokens on each side of a value that are looked at for what was said of it. */
const AROUND = 20;

export interface Mention {
  /** 0..1: part of the weight of `wanted` that was found around the value. */
  readonly share: number;
  readonly source: ResultSource;
}

/** Where the results speak most of `wanted` (short words, with weights) around one of the values: within 20 tokens of it. */
export function speaksMostOf(
  log: Readonly<ResultLog>,
  values: ReadonlySet<number>,
  wanted: ReadonlyMap<number, number>,
): Mention | undefined {
  let best: { readonly share: number; readonly index: number } | undefined;
  let token = 0;
  let word = 0;
  let index = 0;
  for (const { tokens, words } of log.results.sizes()) {
    const share = shareIn(log, { token, tokens, word }, values, wanted);
    if (share !== undefined && share > (best?.share ?? -1)) best = { share, index };
    token += tokens;
    word += words;
    index += 1;
  }
  const { earlier } = log;
  if (best === undefined && earlier !== undefined && someIn(earlier.tokens, values))
    return { share: SHARE_EARLIER, source: earlierSource(earlier) };
  const source = log.results.at(best?.index ?? -1)?.source;
  return best && source && { share: best.share, source };
}

/** What was said around a value is not known any more: somewhere between nothing and all. Too little to be told in an alert. */
const SHARE_EARLIER = 0.4;

function someIn(known: TokenSet, values: ReadonlySet<number>): boolean {
  for (const value of values) if (known.has(value)) return true;
  return false;
}

function shareIn(
  log: Readonly<ResultLog>,
  from: { readonly token: number; readonly tokens: number; readonly word: number },
  values: ReadonlySet<number>,
  wanted: ReadonlyMap<number, number>,
): number | undefined {
  const starts = wordStarts(log, from);
  const said = log.words.subarray(from.word, starts[from.tokens]);
  let best: number | undefined;
  for (let i = 0; i < from.tokens; i++) {
    if (!values.has((log.tokens[from.token + i] ?? 0) >>> 0)) continue;
    const first = starts[Math.max(0, i - AROUND)] ?? 0;
    const end = starts[Math.min(from.tokens, i + AROUND + 1)] ?? 0;
    best = Math.max(best ?? 0, shareOf(said, first - from.word, end - from.word, wanted));
  }
  return best;
}

function wordStarts(
  { wordCounts }: Readonly<ResultLog>,
  { token, tokens, word }: { readonly token: number; readonly tokens: number; readonly word: number },
): Uint16Array {
  const starts = new Uint16Array(tokens + 1);
  let at = word;
  for (let i = 0; i < tokens; i++) {
    starts[i] = at;
    at += wordCounts[token + i] ?? 0;
  }
  starts[tokens] = at;
  return starts;
}

/**
 * A word counts by how rarely it stands elsewhere in the same result: the field names of a listing stand in every record, and speak of
 * nothing.
 */
function shareOf(said: Uint16Array, first: number, end: number, wanted: ReadonlyMap<number, number>): number {
  const windowsElsewhere = Math.max(1, (said.length - (end - first)) / Math.max(1, end - first));
  let found = 0;
  let total = 0;
  for (const [word, weight] of wanted) {
    total += weight;
    if (!said.subarray(first, end).includes(word)) continue;
    const elsewhere = countOf(word, said, 0, first) + countOf(word, said, end, said.length);
    found += weight * Math.max(0, 1 - elsewhere / windowsElsewhere);
  }
  return total > 0 ? found / total : 0;
}

function countOf(word: number, said: Uint16Array, from: number, to: number): number {
  let count = 0;
  for (let i = from; i < to; i++) if (said[i] === word) count += 1;
  return count;
}
