import { type KnownRequest, keptWords, type RequestSummary, type Requests } from './requests.ts';
import { valueAt } from './statistics/decay.ts';

/**
 * What requests lead to: the chance that a session with such a request uses an act.
 *
 * Model: nearest neighbours. Every known request speaks for the acts its sessions used, with the weight of its likeness: the squared cosine of
 * the two sets of words, each word weighing log((N + 1) / (n + 1/2)) when n of N known requests hold it, so that "the" and "please" say
 * nothing and no list of such words is needed in any language. Where no request is alike, the share of all requests that lead to the
 * act decides, as if it had been seen with a likeness of 0.6: E = (0.6 b + sum s_r share_r) / (0.6 + sum s_r), b = (sum share + 1/2) / (N + 10).
 *
 * Every distinct request has one voice, however often it was made. Fails where words are shared but not meant ("do not delete"), and for
 * requests that hand over the choice of acts ("do what the mail says"): there the result's words count, see `act-evidence.ts`.
 */
export interface RequestIndex {
  readonly requests: number;
  /** Sessions behind them, decayed. */
  readonly sessions: number;
  /** 0..1. */
  chanceOf(words: ReadonlySet<number>, act: string): number;
}

/**
 * The index of an agent's own requests, as of the newest of them: whenever it is asked for, it is the same to the bit. Kept as long as the
 * requests are, for it is asked at every act and changes once a session; it holds nothing that they do not.
 */
export function indexOf(requests: Requests, halfLifeMs: number): RequestIndex {
  const known = INDEXES.get(requests);
  if (known !== undefined) return known;
  let newestMs = 0;
  for (const { sessions } of requests.values()) newestMs = Math.max(newestMs, sessions.atMs);
  const index = indexEntries([...requests.values()].map((one) => entryOf(one, newestMs, halfLifeMs)));
  INDEXES.set(requests, index);
  return index;
}

const INDEXES = new WeakMap<Requests, RequestIndex>();

/** An index over what others learned of their requests. */
export const indexRequests = (summaries: readonly RequestSummary[]): RequestIndex =>
  indexEntries(
    summaries.map(({ words, sessions, acts }) => {
      const used = new Map(acts);
      return { words, sessions, used: (act) => used.get(act) ?? 0 };
    }),
  );

const PRIOR_LIKENESS = 0.6;
const BASE_REQUESTS = 10;

interface Entry {
  readonly words: readonly number[];
  readonly sessions: number;
  /** Sessions of it that used the act. */
  used(act: string): number;
}

const entryOf = ({ words, sessions, acts }: KnownRequest, tMs: number, halfLifeMs: number): Entry => ({
  words,
  sessions: valueAt(sessions, tMs, halfLifeMs),
  used(act) {
    const uses = acts.get(act);
    return uses === undefined ? 0 : valueAt(uses, tMs, halfLifeMs);
  },
});

const shareOf = ({ sessions, used }: Entry, act: string): number =>
  sessions > 0 ? Math.min(1, used(act) / sessions) : 0;

/** A word of known requests: what it weighs, squared, and the indexes of the requests that hold it, in their order. */
interface Word {
  square: number;
  readonly holders: number[];
}

/**
 * Made of what every request holds; what only a request that is alike needs (its norm, the shares of its acts) waits until it is. Most
 * indexes of one agent are asked once or twice.
 */
function indexEntries(entries: readonly Entry[]): RequestIndex {
  const total = entries.length;
  const squareOf = (holders: number): number => Math.log((total + 1) / (holders + 0.5)) ** 2;
  const unknownSquare = squareOf(0);
  const vocabulary = new Map<number, Word>();
  const wordsOf = entries.map(({ words }, index) => words.map((word) => held(vocabulary, word, index)));
  for (const word of vocabulary.values()) word.square = squareOf(word.holders.length);
  const norms = new Float64Array(total);
  const leading = new Map<string, number>();

  function normOf(index: number): number {
    // No norm is 0: a word would have to stand in half a request more than there are.
    if (norms[index] === 0) {
      let squares = 0;
      for (const { square } of wordsOf[index] ?? []) squares += square;
      norms[index] = Math.sqrt(squares);
    }
    return norms[index] ?? 1;
  }

  function baseOf(act: string): number {
    let led = leading.get(act);
    if (led === undefined) {
      led = 0;
      for (const entry of entries) led += shareOf(entry, act);
      // What no request led to is not kept: names of acts are anybody's.
      if (led > 0) leading.set(act, led);
    }
    return (led + 0.5) / (total + BASE_REQUESTS);
  }

  function likenesses(words: readonly number[]): Map<number, number> {
    const products = new Map<number, number>();
    let squares = 0;
    for (const word of words) {
      const known = vocabulary.get(word);
      const square = known?.square ?? unknownSquare;
      squares += square;
      if (known === undefined) continue;
      for (const index of known.holders) products.set(index, (products.get(index) ?? 0) + square);
    }
    const norm = Math.sqrt(squares);
    for (const [index, product] of products) {
      const cosine = product / (norm * normOf(index));
      products.set(index, Number.isFinite(cosine) ? cosine ** 2 : 0);
    }
    return products;
  }

  return {
    requests: total,
    sessions: entries.reduce((sum, one) => sum + one.sessions, 0),
    chanceOf(words, act) {
      let spoken = PRIOR_LIKENESS * baseOf(act);
      let heard = PRIOR_LIKENESS;
      // Cut as known requests are: a long one made again is like itself.
      for (const [index, likeness] of likenesses(keptWords(words))) {
        const entry = entries[index];
        if (entry !== undefined) spoken += likeness * shareOf(entry, act);
        heard += likeness;
      }
      return spoken / heard;
    },
  };
}

function held(vocabulary: Map<number, Word>, word: number, index: number): Word {
  let known = vocabulary.get(word);
  if (known === undefined) {
    known = { square: 0, holders: [] };
    vocabulary.set(word, known);
  }
  known.holders.push(index);
  return known;
}
