import { keptWords, type RequestSummary, type Requests, summariseRequests } from './requests.ts';

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
  const newestMs = Math.max(0, ...[...requests.values()].map(({ sessions }) => sessions.atMs));
  const index = indexRequests(summariseRequests(requests, newestMs, halfLifeMs));
  INDEXES.set(requests, index);
  return index;
}

const INDEXES = new WeakMap<Requests, RequestIndex>();

const PRIOR_LIKENESS = 0.6;
const BASE_REQUESTS = 10;

/**
 * Made of what every request holds; what only a request that is alike needs (its norm, the shares of its acts) waits until it is. Most
 * indexes of one agent are asked once or twice.
 */
export function indexRequests(summaries: readonly RequestSummary[]): RequestIndex {
  const holders = holdersOf(summaries);
  const total = summaries.length;
  const norms = new Float64Array(total).fill(Number.NaN);
  const leading = new Map<string, number>();

  const weightOf = (word: number): number => Math.log((total + 1) / ((holders.get(word)?.length ?? 0) + 0.5));
  const normOf = (words: readonly number[]): number => {
    let squares = 0;
    for (const word of words) squares += weightOf(word) ** 2;
    return Math.sqrt(squares);
  };
  function knownNorm(index: number): number {
    let norm = norms[index] ?? 1;
    if (Number.isNaN(norm)) {
      norm = normOf(summaries[index]?.words ?? []);
      norms[index] = norm;
    }
    return norm;
  }

  function baseOf(act: string): number {
    let led = leading.get(act);
    if (led === undefined) {
      led = 0;
      for (const summary of summaries) led += shareOf(summary, act);
      // What no request led to is not kept: names of acts are anybody's.
      if (led > 0) leading.set(act, led);
    }
    return (led + 0.5) / (total + BASE_REQUESTS);
  }

  function likenesses(words: readonly number[]): Map<number, number> {
    const products = new Map<number, number>();
    let squares = 0;
    for (const word of words) {
      const square = weightOf(word) ** 2;
      squares += square;
      for (const index of holders.get(word) ?? []) products.set(index, (products.get(index) ?? 0) + square);
    }
    const norm = Math.sqrt(squares);
    for (const [index, product] of products) {
      const cosine = product / (norm * knownNorm(index));
      products.set(index, Number.isFinite(cosine) ? cosine ** 2 : 0);
    }
    return products;
  }

  return {
    requests: total,
    sessions: summaries.reduce((sum, one) => sum + one.sessions, 0),
    chanceOf(words, act) {
      let spoken = PRIOR_LIKENESS * baseOf(act);
      let heard = PRIOR_LIKENESS;
      // Cut as known requests are: a long one made again is like itself.
      for (const [index, likeness] of likenesses(keptWords(words))) {
        spoken += likeness * shareOf(summaries[index], act);
        heard += likeness;
      }
      return spoken / heard;
    },
  };
}

/** Indexes of the requests that hold a word, in their order. */
function holdersOf(summaries: readonly RequestSummary[]): Map<number, number[]> {
  const holders = new Map<number, number[]>();
  for (let index = 0; index < summaries.length; index++) {
    for (const word of summaries[index]?.words ?? []) {
      const known = holders.get(word);
      if (known === undefined) holders.set(word, [index]);
      else known.push(index);
    }
  }
  return holders;
}

/** Part of the request's sessions that used the act; 0 for an act it never led to. */
function shareOf(summary: RequestSummary | undefined, act: string): number {
  if (summary === undefined || summary.sessions <= 0) return 0;
  for (const [name, used] of summary.acts) if (name === act) return Math.min(1, used / summary.sessions);
  return 0;
}
