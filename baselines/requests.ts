import { addDecayed, type Decayed, valueAt } from './statistics/decay.ts';

/**
 * Which acts followed which requests. A request is the set of its words' stems (hashes: the user's words themselves are not kept); the
 * same set again is the same request. Acts are tools that send, write, execute, delegate, or name where data goes.
 *
 * Never changed, only replaced: what was made of them (an index) stays true of them.
 */
export type Requests = ReadonlyMap<string, KnownRequest>;

export interface KnownRequest {
  readonly words: readonly number[];
  /** Sessions with this request, decayed; and those of them that used an act. */
  readonly sessions: Readonly<Decayed>;
  readonly acts: ReadonlyMap<string, Readonly<Decayed>>;
}

/** At the limit the request longest not made again is forgotten. */
const REQUESTS_MAX = 32;
/** Of one request. Further words and acts are not kept. */
export const REQUEST_WORDS_MAX = 48;
const ACTS_MAX = 16;

/** The requests with one more session. */
export function learnRequest(
  requests: Requests,
  words: ReadonlySet<number>,
  acts: ReadonlySet<string>,
  tMs: number,
  halfLifeMs: number,
): Requests {
  if (words.size === 0) return requests;
  const kept = keptWords(words);
  const key = keyOf(kept);
  const known = requests.get(key);
  const learned = new Map(requests);
  // Moved to the end: the first in the map is the one longest not made.
  learned.delete(key);
  if (learned.size >= REQUESTS_MAX) learned.delete(learned.keys().next().value ?? '');
  const oneMore = (before: Readonly<Decayed> | undefined): Decayed => {
    if (before === undefined) return { value: 1, atMs: tMs };
    const after = { ...before };
    addDecayed(after, 1, tMs, halfLifeMs);
    return after;
  };
  const used = new Map(known?.acts);
  for (const act of acts) if (used.has(act) || used.size < ACTS_MAX) used.set(act, oneMore(used.get(act)));
  return learned.set(key, { words: kept, sessions: oneMore(known?.sessions), acts: used });
}

/** In the order of their hashes, so that the same words are the same request in whatever order they were said. */
export function keptWords(words: ReadonlySet<number>): readonly number[] {
  const known = KEPT.get(words);
  if (known?.size === words.size) return known.kept;
  const kept = Array.from(Uint32Array.from(words).sort().subarray(0, REQUEST_WORDS_MAX));
  KEPT.set(words, { size: words.size, kept });
  return kept;
}

/** Kept as long as the words are: every act of a session asks. Words are only ever added, so that as many are the same ones. */
const KEPT = new WeakMap<ReadonlySet<number>, { readonly size: number; readonly kept: readonly number[] }>();

const keyOf = (words: readonly number[]): string => {
  let hash = 0xcbf29ce484222325n;
  for (const word of words) hash = BigInt.asUintN(64, (hash ^ BigInt(word)) * 0x100000001b3n);
  return hash.toString(36);
};

/** A request as others learn of it: what part of its sessions used which act. */
export interface RequestSummary {
  readonly key: string;
  readonly words: readonly number[];
  readonly sessions: number;
  readonly acts: readonly (readonly [string, number])[];
}

export const summariseRequests = (requests: Requests, tMs: number, halfLifeMs: number): RequestSummary[] =>
  [...requests].map(([key, { words, sessions, acts }]) => ({
    key,
    words,
    sessions: valueAt(sessions, tMs, halfLifeMs),
    acts: [...acts].map(([act, used]) => [act, valueAt(used, tMs, halfLifeMs)]),
  }));
