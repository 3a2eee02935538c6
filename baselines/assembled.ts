import { EARLIER, firstResult, type ResultLog } from './result-log.ts';
import { FNV_OFFSET, FNV_PRIME } from './statistics/bounded-key.ts';

/**
 * A place that stands in no result, but is put together from tokens of results: "write to drop@" in one and "collector.example" in another. As it
 * is used it is one token, which nobody ever read.
 */

/** Shorter pieces stand in every text. */
const PIECE_SIGNS_MIN = 3;
/** With more, chance puts together what nobody meant. */
const PIECES_MAX = 4;
/** Longer places are not looked at: the work goes with the square of it. */
const SIGNS_MAX = 96;

/**
 * Place (`result-log.ts`) of the latest result of those that hold the pieces, each where it first stands; -1 if it cannot be put together from two to four of them,
 * of two results or more, one of which is no plain word: "mail" and "example" stand in many a text, "collector.example" does not; and one
 * directory holds names and hosts of the same people. Joints are between signs of any
 * sort; what stands at one may be lost, as in "drop@", for a token ends with a letter or digit.
 */
export function assembledFrom(results: Readonly<ResultLog>, place: string): number {
  if (newest.tokens !== results.tokens || newest.place !== place) {
    Object.assign(newest, { tokens: results.tokens, place, index: assemble(results, place.toLowerCase()) });
  }
  return newest.index;
}

/** The answer for the place asked for last: an event asks for it several times. */
const newest: { tokens: Int32Array; place: string; index: number } = {
  tokens: new Int32Array(0),
  place: '',
  index: -1,
};

interface Way {
  readonly pieces: number;
  readonly latest: number;
  readonly earliest: number;
  /** One of the pieces is no plain word. */
  readonly telling: boolean;
}

function assemble(results: Readonly<ResultLog>, text: string): number {
  const { earlier } = results;
  if (text.length > SIGNS_MAX || (results.results.length < 2 && earlier === undefined)) return -1;
  MAYBE.fill(0);
  if (earlier !== undefined) for (const token of earlier.tokens) MAYBE[placeOf(token)] = 1;
  for (let i = 0; i < results.tokens.length; i++) MAYBE[placeOf(results.tokens[i] ?? 0)] = 1;
  /** By index: the way to it that began first. */
  const ways: (Way | undefined)[] = [{ pieces: 0, latest: -1, earliest: Number.POSITIVE_INFINITY, telling: false }];
  for (let start = 0; start < text.length; start++) {
    const so = ways[start];
    if (so !== undefined && so.pieces < PIECES_MAX) goOn(results, text, start, so, ways);
  }
  const whole = ways[text.length];
  // Those that are not kept are one place, and were many.
  const isOfSeveral = whole !== undefined && (whole.earliest < whole.latest || whole.latest === EARLIER);
  return isOfSeveral && whole.telling ? whole.latest : -1;
}

function goOn(results: Readonly<ResultLog>, text: string, start: number, so: Way, ways: (Way | undefined)[]): void {
  let hash = FNV_OFFSET;
  let joints = 0;
  for (let end = start + 1; end <= text.length; end++) {
    const code = text.charCodeAt(end - 1);
    hash = Math.imul(hash ^ code, FNV_PRIME);
    if (isJoint(code)) joints += 1;
    if (end - start < PIECE_SIGNS_MIN || isJoint(code) || MAYBE[placeOf(hash)] === 0) continue;
    const index = firstResult(results, hash);
    if (index < 0) continue;
    const way = {
      pieces: so.pieces + 1,
      latest: Math.max(so.latest, index),
      earliest: Math.min(so.earliest, index),
      telling: so.telling || joints > 0,
    };
    ways[end] ??= way;
    if (end < text.length && isJoint(text.charCodeAt(end))) ways[end + 1] ??= way;
  }
}

/** Signs that a token may hold, but neither begin nor end with. */
const isJoint = (code: number): boolean => '@.-_+:'.includes(String.fromCharCode(code));

/** Most stretches of a place are no token: one look tells. */
const MAYBE = new Uint8Array(2 ** 14);
const placeOf = (token: number): number => Math.imul(token, 0x9e3779b1) >>> 18;
