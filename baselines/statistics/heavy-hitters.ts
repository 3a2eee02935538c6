/**
 * The things an agent uses, bounded, with decayed counts and first and last use; and whether a thing that is not among them was here
 * before. `decayed-heap.ts` finds who leaves, `rotating-filter.ts` remembers who left.
 *
 * Fails under a flood of one-time names: after as many as the table holds, everything used as rarely is "forgotten", and after some
 * hundred more it is "new" again. What is used more often than once per flood stays.
 */

import { boundedKey } from './bounded-key.ts';
import {
  type DecayedHeap,
  decodeHeap,
  emptyDecayedHeap,
  encodeHeap,
  type HeapItem,
  touchItem,
} from './decayed-heap.ts';
import { fadeAt } from './forward-decay.ts';
import { emptyRotatingFilter, type RotatingFilter, remember, remembers } from './rotating-filter.ts';

export interface HeavyHitters {
  readonly table: DecayedHeap;
  readonly left: RotatingFilter;
}

export interface HeavyHitter {
  readonly key: string;
  /** Decayed count since it entered. */
  readonly count: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

export const emptyHeavyHitters = (): HeavyHitters => ({ table: emptyDecayedHeap(), left: emptyRotatingFilter() });

export type Familiarity = 'known' | 'forgotten' | 'new';

/** `forgotten`: it was here and left, or, in less than 1 % of cases, it is new. */
export function recognise(hitters: Readonly<HeavyHitters>, text: string): Familiarity {
  const key = boundedKey(text);
  if (hitters.table.items.has(key)) return 'known';
  return remembers(hitters.left, key) ? 'forgotten' : 'new';
}

/** The item as it stands before the next `learnHitter`, for `learnNovelty`. */
export const recallHitter = (hitters: Readonly<HeavyHitters>, text: string): HeapItem | undefined =>
  hitters.table.items.get(boundedKey(text));

/** `known`: what `recallHitter` says of the text, for who has asked. */
export function learnHitter(
  hitters: HeavyHitters,
  text: string,
  tMs: number,
  { halfLifeMs, itemsMax }: { readonly halfLifeMs: number; readonly itemsMax: number },
  known = recallHitter(hitters, text),
): void {
  const displaced = touchItem(hitters.table, known, boundedKey(text), tMs, halfLifeMs, itemsMax);
  if (displaced !== undefined) remember(hitters.left, displaced.key);
}

/** The most used first; ties by key, so that the answer does not depend on history. */
export function heaviest(hitters: Readonly<HeavyHitters>, tMs: number, limit: number): HeavyHitter[] {
  const fade = fadeAt(hitters.table.scale, tMs);
  return [...hitters.table.heap]
    .sort((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1))
    .slice(0, limit)
    .map(({ key, count, firstMs, lastMs }) => ({ key, count: count * fade, firstMs, lastMs }));
}

/** JSON value; the filters as typed arrays are left to the state codec. */
export const encodeHitters = ({ table, left }: Readonly<HeavyHitters>): unknown => ({ table: encodeHeap(table), left });

export function decodeHitters(json: unknown): HeavyHitters {
  const { table, left } = json as { table: unknown; left: RotatingFilter };
  return { table: decodeHeap(table), left };
}
