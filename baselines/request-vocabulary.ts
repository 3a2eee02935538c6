import { TokenSet } from './statistics/token-set.ts';

/** Which requests hold which words, in flat arrays: most indexes of one agent's requests are asked once or twice, and then made anew. */
export interface RequestVocabulary {
  /** Words by number, in the order in which they were first met. */
  readonly numbers: TokenSet;
  /** Numbers of the words of all requests, one request behind the other, and where each ends. */
  readonly words: Uint16Array;
  readonly ends: Int32Array;
  /** Where in `holders` the requests of a word begin, and where those of the last word end. */
  readonly starts: Int32Array;
  /** By word: the requests that hold it, in their order. */
  readonly holders: Uint16Array;
}

/** More than the requests of an agent or its kind have; further words would count as ones that no request holds. */
const WORDS_MAX = 2 ** 15;
const NO_WORD = WORDS_MAX;

/** `requests`: distinct words of each. */
export function vocabularyOf(requests: readonly (readonly number[])[]): RequestVocabulary {
  let total = 0;
  for (const { length } of requests) total += length;
  const numbers = new TokenSet(WORDS_MAX);
  const words = new Uint16Array(total);
  const ends = new Int32Array(requests.length);
  let at = 0;
  for (let request = 0; request < requests.length; request++) {
    for (const word of requests[request] ?? []) {
      const number = numbers.put(word);
      words[at++] = number < 0 ? NO_WORD : number;
    }
    ends[request] = at;
  }
  return { numbers, words, ends, ...holdersBy(numbers.size, words, ends) };
}

/** Counts the holders of each word, which tells where they begin, and puts them there. */
function holdersBy(count: number, words: Uint16Array, ends: Int32Array): Pick<RequestVocabulary, 'starts' | 'holders'> {
  // Two further on than where they belong: counting and putting move them there.
  const starts = new Int32Array(count + 2);
  for (const word of words) if (word < count) starts[word + 2] = (starts[word + 2] ?? 0) + 1;
  for (let word = 2; word < starts.length; word++) starts[word] = (starts[word] ?? 0) + (starts[word - 1] ?? 0);
  const holders = new Uint16Array(words.length);
  let at = 0;
  for (let request = 0; request < ends.length; request++)
    for (; at < (ends[request] ?? 0); at++) {
      const word = words[at] ?? NO_WORD;
      if (word >= count) continue;
      const place = starts[word + 1] ?? 0;
      holders[place] = request;
      starts[word + 1] = place + 1;
    }
  return { starts, holders };
}

/** How many requests hold the word; 0 for the number of none. */
export const holdersOf = ({ starts }: Readonly<RequestVocabulary>, word: number): number =>
  word < 0 ? 0 : (starts[word + 1] ?? 0) - (starts[word] ?? 0);

/** Numbers of the words of one request. */
export const wordsOf = ({ words, ends }: Readonly<RequestVocabulary>, request: number): Uint16Array =>
  words.subarray(request === 0 ? 0 : ends[request - 1], ends[request]);
