import type { ActValue, ActValues } from './act-values.ts';
import type { Provenance } from './provenance.ts';
import type { ResultSource } from './result-log.ts';

/** What an act carries away of what its session has read. */
export interface Carried {
  /** Distinct tokens of its arguments that stand in results, and neither in the user's words nor in history. */
  readonly tokens: number;
  /** The result that holds most of them. */
  readonly source: ResultSource;
}

/**
 * Destinations are where it goes, not what goes there; and an answer quotes the letter that it answers, so that results which name a destination do
 * not count. Undefined when nothing is carried that the session shows.
 */
export function carriedBy(
  { destinations, targets, texts }: ActValues,
  { user, context, results }: Readonly<Pick<Provenance, 'user' | 'context' | 'results'>>,
): Carried | undefined {
  const told = new Set<number>();
  for (const { tokens } of [...targets, ...texts])
    for (const token of tokens) if (!user.has(token) && !context.has(token)) told.add(token | 0);
  if (told.size === 0) return undefined;

  const read = new Set<number>();
  let best: { readonly tokens: number; readonly source: ResultSource } | undefined;
  let from = 0;
  for (const result of results.results) {
    const tokens = results.tokens.subarray(from, from + result.tokens);
    from += result.tokens;
    if (destinations.some((place) => isNamedIn(tokens, place))) continue;
    const held = new Set<number>();
    for (const token of tokens) if (told.has(token)) held.add(token);
    for (const token of held) read.add(token);
    if (held.size > (best?.tokens ?? 0)) best = { tokens: held.size, source: result.source };
  }
  return best === undefined ? undefined : { tokens: read.size, source: best.source };
}

const isNamedIn = (result: Int32Array, { tokens }: ActValue): boolean =>
  tokens.length > 0 && tokens.every((token) => result.includes(token | 0));
