import type { ResultSource } from './kept-results.ts';
import { TokenSet } from './statistics/token-set.ts';

/**
 * What is left of the results that were pushed out of a log, and of what was behind the end of those that are in it: the tokens of several words, which
 * addresses, ids and keys are. Who plants a place and has the agent read on until the result is gone has still planted it.
 *
 * A token that comes when there are `TOKENS_MAX` is not kept, and nobody can tell any more what was not read: see `mayHaveBeenRead`. Nor, from the first on, of numbers and channels, which are one word.
 */
export interface EarlierResults {
  readonly tokens: TokenSet;
  /** The newest result that is among them. */
  event: string;
  /** One of them came from outside. */
  external: boolean;
}

/** As many as 1,024 places are enough for. */
const TOKENS_MAX = 819;
/** In memory, when they are all there. */
export const EARLIER_BYTES_MAX = 4 * TOKENS_MAX + 2 * 1024;

export const emptyEarlier = (): EarlierResults => ({ tokens: new TokenSet(TOKENS_MAX), event: '', external: false });

export type StoredEarlier = Omit<EarlierResults, 'tokens'> & { readonly tokens: Iterable<number> };

export const restoredEarlier = (stored: StoredEarlier): EarlierResults => ({
  ...stored,
  tokens: new TokenSet(TOKENS_MAX, stored.tokens),
});

export function noteEarlier(earlier: EarlierResults, { event, external }: ResultSource): void {
  earlier.event = event;
  earlier.external ||= external;
}

/**
 * Whether a value of which nobody knows where it came from may be from a result that is not kept: then it counts as if it were. Of words that are neither
 * place nor number it is never said: agents make up some for every act, and nobody plants them.
 */
export const mayHaveBeenRead = (
  earlier: Readonly<EarlierResults> | undefined,
  text: string,
  isAddress: boolean,
): boolean => earlier !== undefined && (isAddress ? earlier.tokens.isFull : /^#|\d{6}/.test(text));

/** No tool has this name: what an agent does with values of results that are gone is a habit of its own. */
const ACTION = 'results that are not kept';

export const earlierSource = ({ event, external }: Readonly<EarlierResults>): ResultSource => ({
  event,
  action: ACTION,
  external,
});
