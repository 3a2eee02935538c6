import { holdersOf, vocabularyOf, wordsOf } from './request-vocabulary.ts';
import { keptWords, type RequestSummary, type Requests } from './requests.ts';
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
  const all = [...requests.values()];
  let newestMs = 0;
  for (const { sessions } of all) newestMs = Math.max(newestMs, sessions.atMs);
  const index = indexRequestList({
    words: all.map(({ words }) => words),
    sessions: all.map(({ sessions }) => valueAt(sessions, newestMs, halfLifeMs)),
    used(request, act) {
      const uses = all[request]?.acts.get(act);
      return uses === undefined ? 0 : valueAt(uses, newestMs, halfLifeMs);
    },
  });
  INDEXES.set(requests, index);
  return index;
}

const INDEXES = new WeakMap<Requests, RequestIndex>();

/** An index over what others learned of their requests. */
export function indexRequests(summaries: readonly RequestSummary[]): RequestIndex {
  const acts = summaries.map((one) => new Map(one.acts));
  return indexRequestList({
    words: summaries.map(({ words }) => words),
    sessions: summaries.map(({ sessions }) => sessions),
    used: (request, act) => acts[request]?.get(act) ?? 0,
  });
}

const PRIOR_LIKENESS = 0.6;
const BASE_REQUESTS = 10;

/** Requests by their index. */
interface RequestList {
  /** Distinct words of each. */
  readonly words: readonly (readonly number[])[];
  readonly sessions: readonly number[];
  /** Sessions with the request that used the act. */
  used(request: number, act: string): number;
}

/** What only a request that is alike needs (its norm, the shares of its acts) waits until it is. */
function indexRequestList(list: RequestList): RequestIndex {
  const total = list.words.length;
  const vocabulary = vocabularyOf(list.words);
  const { starts, holders } = vocabulary;
  /** What a word weighs, squared, by how many requests hold it; 0: not asked for yet. No word weighs nothing. */
  const squares = new Float64Array(total + 1);
  const norms = new Float64Array(total);
  const leading = new Map<string, number>();

  function squareOf(held: number): number {
    let square = squares[held] ?? 0;
    if (square === 0) {
      square = Math.log((total + 1) / (held + 0.5)) ** 2;
      squares[held] = square;
    }
    return square;
  }

  const shareOf = (request: number, act: string): number => {
    const sessions = list.sessions[request] ?? 0;
    return sessions > 0 ? Math.min(1, list.used(request, act) / sessions) : 0;
  };

  function normOf(request: number): number {
    // No norm is 0: a word would have to stand in half a request more than there are.
    if (norms[request] === 0) {
      let sum = 0;
      for (const word of wordsOf(vocabulary, request)) sum += squareOf(holdersOf(vocabulary, word));
      norms[request] = Math.sqrt(sum);
    }
    return norms[request] ?? 1;
  }

  function baseOf(act: string): number {
    let led = leading.get(act);
    if (led === undefined) {
      led = 0;
      for (let request = 0; request < total; request++) led += shareOf(request, act);
      // What no request led to is not kept: names of acts are anybody's.
      if (led > 0) leading.set(act, led);
    }
    return (led + 0.5) / (total + BASE_REQUESTS);
  }

  let latest: Likenesses | undefined;

  /** Kept for the words that were asked for last: every act of a session asks with the same. */
  function likenesses(words: readonly number[]): Likenesses {
    if (latest?.words === words) return latest;
    const products = new Float64Array(total);
    const requests: number[] = [];
    let sum = 0;
    for (const word of words) {
      const number = vocabulary.numbers.indexOf(word);
      const square = squareOf(holdersOf(vocabulary, number));
      sum += square;
      if (number < 0) continue;
      for (let i = starts[number] ?? 0; i < (starts[number + 1] ?? 0); i++) {
        const request = holders[i] ?? 0;
        if (products[request] === 0) requests.push(request);
        products[request] = (products[request] ?? 0) + square;
      }
    }
    const norm = Math.sqrt(sum);
    for (const request of requests) {
      const cosine = (products[request] ?? 0) / (norm * normOf(request));
      products[request] = Number.isFinite(cosine) ? cosine ** 2 : 0;
    }
    latest = { words, requests, likeness: products };
    return latest;
  }

  return {
    requests: total,
    sessions: list.sessions.reduce((sum, one) => sum + one, 0),
    chanceOf(words, act) {
      let spoken = PRIOR_LIKENESS * baseOf(act);
      let heard = PRIOR_LIKENESS;
      // Cut as known requests are: a long one made again is like itself.
      const { requests, likeness } = likenesses(keptWords(words));
      for (const request of requests) {
        const alike = likeness[request] ?? 0;
        spoken += alike * shareOf(request, act);
        heard += alike;
      }
      return spoken / heard;
    },
  };
}

/** Requests that share a word with the one at hand, in the order in which its words meet them. */
interface Likenesses {
  readonly words: readonly number[];
  readonly requests: readonly number[];
  /** By request, 0..1. */
  readonly likeness: Float64Array;
}
