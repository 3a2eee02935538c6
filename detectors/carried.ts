import type { ActValue, ActValues } from '../baselines/act-values.ts';
import { earlierSource } from '../baselines/earlier-results.ts';
import type { ResultSource } from '../baselines/kept-results.ts';
import type { Provenance } from '../baselines/provenance.ts';
import { logShare } from '../baselines/statistics/log-share.ts';

/** What an act carries to places that are new, and that neither the user nor history named, of what its session has read. */
export interface Carried {
  /** Distinct tokens that stand in results, and neither in the user's words nor in history. */
  readonly tokens: number;
  /** The result that holds most of them. */
  readonly source: ResultSource;
  /** The places, as the act has them. */
  readonly to: readonly string[];
}

/** An answer quotes the letter that it answers: what stands so close to a mention of the place, on each side, does not count. */
const QUOTED_TOKENS = 64;

/**
 * Looks for what the act was told (its arguments, and what an address of the web holds besides its host) in the results of the session. Undefined when
 * there are no such places, or nothing is carried there that the session shows.
 */
export function carriedTo(
  places: readonly ActValue[],
  values: ActValues,
  { user, context, results }: Readonly<Pick<Provenance, 'user' | 'context' | 'results'>>,
): Carried | undefined {
  if (places.length === 0) return undefined;
  const isSaid = (token: number) => user.has(token) || context.has(token);
  const told = toldBy(places, values, isSaid);
  if (told.size === 0) return undefined;

  const names = new Set(places.flatMap(nameOf).filter((token) => !isSaid(token)));
  const read = new Set<number>();
  const best = { tokens: 0, index: -1 };
  let from = 0;
  let index = 0;
  for (const { tokens } of results.results.sizes()) {
    const held = heldBy(results.tokens.subarray(from, from + tokens), told, names);
    from += tokens;
    for (const token of held) read.add(token);
    if (held.size > best.tokens) Object.assign(best, { tokens: held.size, index });
    index += 1;
  }
  const { earlier } = results;
  // Where the place was mentioned there is not known any more: at least a mention is no copy.
  if (earlier !== undefined)
    for (const token of told) if (earlier.tokens.has(token) && !names.has(token)) read.add(token);
  const source =
    results.results.at(best.index)?.source ?? (read.size > 0 ? earlier && earlierSource(earlier) : undefined);
  return source && { tokens: read.size, source, to: places.map(({ text }) => text) };
}

/** Signed, as results have them. What a place is known by is among them, and stands in quotes only: in mentions of itself. */
function toldBy(
  places: readonly ActValue[],
  { targets, texts }: ActValues,
  isSaid: (token: number) => boolean,
): ReadonlySet<number> {
  const told = new Set<number>();
  const add = (token: number) => void (isSaid(token) || told.add(token | 0));
  for (const { tokens } of [...places, ...targets, ...texts]) tokens.forEach(add);
  return told;
}

/** What a mention of the place is known by: its address, or all of it where it holds none (a number, a channel). */
const nameOf = ({ tokens, addresses }: ActValue): readonly number[] =>
  (addresses.length > 0 ? addresses : tokens).map((token) => token | 0);

function heldBy(result: Int32Array, told: ReadonlySet<number>, names: ReadonlySet<number>): ReadonlySet<number> {
  const held = new Set<number>();
  const quotes = quotesIn(result, names);
  for (let i = 0; i < result.length; i++) {
    const token = result[i] ?? 0;
    if (told.has(token) && quotes?.[i] !== 1) held.add(token);
  }
  return held;
}

/** 1 for each token beside a mention; undefined without one. */
function quotesIn(result: Int32Array, names: ReadonlySet<number>): Uint8Array | undefined {
  let quotes: Uint8Array | undefined;
  for (let i = 0; i < result.length; i++) {
    if (!names.has(result[i] ?? 0)) continue;
    quotes ??= new Uint8Array(result.length);
    quotes.fill(1, Math.max(0, i - QUOTED_TOKENS), i + QUOTED_TOKENS + 1);
  }
  return quotes;
}

/**
 * An answer to a stranger holds some tokens of what was read, one in ten more than `from`; a copy of it holds more. In full from `to` on
 * (docs/adr/0034).
 */
const COPY = { from: 12, to: 24 } as const;

/** How far what is carried is a copy of what was read: 0..1. */
export const copyShare = (carried: Carried | undefined): number =>
  carried === undefined ? 0 : logShare(carried.tokens, COPY.from, COPY.to);
