import { joined, withoutFirst } from './growing-array.ts';
import { KeptResults, type ResultSource } from './kept-results.ts';
import type { TokenArrays } from './token-reader.ts';
import { readTokens } from './tokens.ts';

/**
 * What the results of tools said in one session, in their order: tokens, and the words they are made of. So that it can be asked not only
 * whether a value came out of a result, but what was said around it.
 *
 * Kept as hashes: tokens of 32 bits, words of 16, which is enough for a look at a few dozen of them (a word is mistaken for a given other
 * once in 65,536). Whole results leave, oldest first, when there are more than `TOKENS_MAX` tokens or `RESULTS_MAX` results, or their names take
 * up too much; of one result
 * the first `RESULT_TOKENS_MAX` tokens are kept. A value that only occurs in what is not kept counts as named by nobody, which
 * says less than a result would: padding is an evasion.
 */
export interface ResultLog {
  tokens: Int32Array;
  /** Words of each token. */
  wordCounts: Uint8Array;
  words: Uint16Array;
  results: KeptResults;
}

const TOKENS_MAX = 6144;
const RESULT_TOKENS_MAX = 4096;
const WORDS_MAX = 8192;
const RESULT_WORDS_MAX = 6144;
const RESULTS_MAX = 256;
/** Of what stands beside them: ids of events, and tools, each once. Some hundred and eighty with ids of usual length. */
const SOURCE_BYTES_MAX = 8 * 1024;
/** What a byte counts; further words of one token are not kept. */
const TOKEN_WORDS_MAX = 255;

export const emptyResultLog = (): ResultLog => ({
  tokens: NO_TOKENS,
  wordCounts: NO_COUNTS,
  words: NO_WORDS,
  results: new KeptResults(),
});

/** Every session begins with these, and many end with them. */
const NO_TOKENS = new Int32Array(0);
const NO_COUNTS = new Uint8Array(0);
const NO_WORDS = new Uint16Array(0);

export function appendResult(log: ResultLog, source: ResultSource, text: string): void {
  const read = readTokens(text, true);
  const { tokens, words } = keepOf(read);
  log.results.push({ source, tokens, words });
  makeRoom(log, tokens, words);
  log.wordCounts = joined(Uint8Array, log.wordCounts, KEPT_COUNTS.subarray(0, tokens), TOKENS_MAX);
  log.words = joined(Uint16Array, log.words, KEPT_WORDS.subarray(0, words), WORDS_MAX);
  log.tokens = joined(Int32Array, log.tokens, read.tokens.subarray(0, tokens), TOKENS_MAX);
}

/** What is kept of one result until it is appended. */
const KEPT_WORDS = new Uint16Array(RESULT_WORDS_MAX);
const KEPT_COUNTS = new Uint8Array(RESULT_TOKENS_MAX);

/** Words that no token was made of (single letters) count for the token after them; those after the last kept token are kept as they are. */
function keepOf({
  tokenCount,
  wordsBefore,
  wordCount,
  stems,
}: Readonly<TokenArrays>): Readonly<Record<'tokens' | 'words', number>> {
  const tokens = Math.min(tokenCount, RESULT_TOKENS_MAX);
  let words = 0;
  let before = 0;
  let word = 0;
  for (let token = 0; token <= tokens; token++) {
    const end = token < tokens ? (wordsBefore[token] ?? 0) : wordCount;
    const wordsEnd = Math.min(RESULT_WORDS_MAX, before + TOKEN_WORDS_MAX);
    for (; word < end && words < wordsEnd; word++) KEPT_WORDS[words++] = shortWord(stems[word] ?? 0);
    word = end;
    if (token < tokens) KEPT_COUNTS[token] = words - before;
    before = words;
  }
  return { tokens, words };
}

export const shortWord = (stem: number): number => (stem ^ (stem >>> 16)) & 0xffff;

/** For the newest, which is among the results already. */
function makeRoom(log: ResultLog, tokens: number, words: number): void {
  let leavingTokens = 0;
  let leavingWords = 0;
  const full = () =>
    log.results.bytes > SOURCE_BYTES_MAX ||
    log.tokens.length - leavingTokens + tokens > TOKENS_MAX ||
    log.words.length - leavingWords + words > WORDS_MAX ||
    log.results.length > RESULTS_MAX;
  while (log.results.length > 1 && full()) {
    const oldest = log.results.shift();
    leavingTokens += oldest.tokens;
    leavingWords += oldest.words;
  }
  if (leavingTokens + leavingWords === 0) return;
  log.tokens = withoutFirst(log.tokens, leavingTokens);
  log.wordCounts = withoutFirst(log.wordCounts, leavingTokens);
  log.words = withoutFirst(log.words, leavingWords);
}

export const holds = ({ tokens }: Readonly<ResultLog>, token: number): boolean => tokens.includes(token | 0);

/** Index of the result in which the token first appeared, of those that are kept; -1 for none. */
export function firstResult({ tokens, results }: Readonly<ResultLog>, token: number): number {
  const at = tokens.indexOf(token | 0);
  return at < 0 ? -1 : results.indexHolding(at);
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
  const source = log.results.at(best?.index ?? -1)?.source;
  return best && source && { share: best.share, source };
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
