/**
 * A bounded table of keys with decayed counts, from which the least counted leaves without a search.
 *
 * Counts are kept in forward-decay weights, whose order time does not change; so a binary min-heap stays valid while everything
 * decays. A use costs O(log n) at worst, on average about two comparisons, and allocates only for a new key.
 *
 * A count is exact since its key entered the table; what it had before it last left is lost, so counts never overstate. Fails for keys
 * that come back more rarely than others are new: they leave every time. `rotating-filter.ts` still remembers that they were here.
 */
import { advance, type DecayScale, emptyScale, fadeAt, weightAt } from './forward-decay.ts';

export interface HeapItem {
  readonly key: string;
  /** Decayed count, in the unit of the heap's scale: multiply by `fadeAt`. */
  count: number;
  /** Uses since it entered, not decayed. */
  uses: number;
  readonly firstMs: number;
  lastMs: number;
  /** Its index in `heap`. */
  place: number;
}

export interface DecayedHeap {
  readonly items: Map<string, HeapItem>;
  /** The same items; the parent of i is (i - 1) >> 1 and counts no more than i. */
  readonly heap: HeapItem[];
  readonly scale: DecayScale;
}

export const emptyDecayedHeap = (): DecayedHeap => ({ items: new Map(), heap: [], scale: emptyScale() });

/** Brings the scale to `tMs`. `touchKey` does it too; owners of sums in the same unit call it first, to learn the factor. */
export function advanceHeap(table: DecayedHeap, tMs: number, halfLifeMs: number): number {
  const factor = advance(table.scale, tMs, halfLifeMs);
  if (factor !== 1) for (const item of table.heap) item.count *= factor;
  return factor;
}

/** Counts one use of `key`. At the limit a new key displaces the least counted one, which is returned. */
export const touchKey = (
  table: DecayedHeap,
  key: string,
  tMs: number,
  halfLifeMs: number,
  itemsMax: number,
): HeapItem | undefined => touchItem(table, table.items.get(key), key, tMs, halfLifeMs, itemsMax);

/** The same for who has looked the key up already; `known` undefined: it is not in the table. */
export function touchItem(
  table: DecayedHeap,
  known: HeapItem | undefined,
  key: string,
  tMs: number,
  halfLifeMs: number,
  itemsMax: number,
): HeapItem | undefined {
  advanceHeap(table, tMs, halfLifeMs);
  const weight = weightAt(table.scale, tMs);
  if (known === undefined)
    return enter(table, { key, count: weight, uses: 1, firstMs: tMs, lastMs: tMs, place: 0 }, itemsMax);
  known.count += weight;
  known.uses += 1;
  known.lastMs = Math.max(known.lastMs, tMs);
  sink(table.heap, known);
  return undefined;
}

function enter(table: DecayedHeap, item: HeapItem, itemsMax: number): HeapItem | undefined {
  table.items.set(item.key, item);
  const { heap } = table;
  const least = heap[0];
  if (heap.length < itemsMax || least === undefined) {
    item.place = heap.length;
    heap.push(item);
    rise(heap, item);
    return undefined;
  }
  table.items.delete(least.key);
  put(heap, item, 0);
  sink(heap, item);
  return least;
}

function put(heap: HeapItem[], item: HeapItem, place: number): void {
  heap[place] = item;
  item.place = place;
}

function rise(heap: HeapItem[], item: HeapItem): void {
  while (item.place > 0) {
    const { place } = item;
    const parent = heap[(place - 1) >> 1];
    if (parent === undefined || parent.count <= item.count) return;
    put(heap, item, parent.place);
    put(heap, parent, place);
  }
}

function sink(heap: HeapItem[], item: HeapItem): void {
  for (;;) {
    const { place } = item;
    const left = heap[2 * place + 1];
    const right = heap[2 * place + 2];
    const lesser = right !== undefined && left !== undefined && right.count < left.count ? right : left;
    if (lesser === undefined || lesser.count >= item.count) return;
    put(heap, item, lesser.place);
    put(heap, lesser, place);
  }
}

/** Decayed count of a key; 0 for one that is not in the table. */
export const countOf = (table: Readonly<DecayedHeap>, key: string, tMs: number): number =>
  (table.items.get(key)?.count ?? 0) * fadeAt(table.scale, tMs);

export const isDecayedHeap = (value: unknown): value is DecayedHeap =>
  typeof value === 'object' && value !== null && 'heap' in value && 'items' in value && value.items instanceof Map;

/** JSON value: items in heap order, so that a restored table goes on bit for bit. */
export const encodeHeap = ({ heap, scale }: Readonly<DecayedHeap>): unknown => ({
  scale: [scale.landmarkMs, scale.halfLifeMs],
  heap: heap.map(({ key, count, uses, firstMs, lastMs }) => [key, count, uses, firstMs, lastMs]),
});

export function decodeHeap(json: unknown): DecayedHeap {
  const { scale, heap } = json as { scale: [number, number]; heap: [string, number, number, number, number][] };
  const items = heap.map(([key, count, uses, firstMs, lastMs], place) => ({
    key,
    count,
    uses,
    firstMs,
    lastMs,
    place,
  }));
  return {
    items: new Map(items.map((item) => [item.key, item])),
    heap: items,
    scale: { landmarkMs: scale[0], halfLifeMs: scale[1] },
  };
}
