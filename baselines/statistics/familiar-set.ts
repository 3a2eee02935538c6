import { addDecayed, type Decayed, emptyDecayed, valueAt } from './decay.ts';

/** What is remembered about one familiar thing. */
export interface Familiar {
  count: Decayed;
  firstMs: number;
  lastMs: number;
}

/**
 * A bounded set of things an agent uses (endpoints, destinations, ...), with counts and first and last use.
 *
 * At the limit the least counted thing leaves and is kept in a Bloom filter of 8,192 bits with 4 probes: "was ever here" stays
 * known, at a false "yes" of about 2 % after 1,000 evictions, and the counts are lost.
 */
export interface FamiliarSet {
  readonly items: Map<string, Familiar>;
  readonly evicted: Uint32Array;
  /** Decayed number of uses over all things. */
  readonly uses: Decayed;
  /** Decayed number of new things met after the agent's first sessions, in which everything is new. */
  readonly discoveries: Decayed;
}

const FILTER_WORDS = 256;
const FILTER_BITS_MASK = FILTER_WORDS * 32 - 1;
const PROBES = 4;
const KEY_CHARS_MAX = 160;

export const emptyFamiliarSet = (): FamiliarSet => ({
  items: new Map(),
  evicted: new Uint32Array(FILTER_WORDS),
  uses: emptyDecayed(),
  discoveries: emptyDecayed(),
});

/** FNV-1a over UTF-16 code units, 32 bits. Source: draft-eastlake-fnv. */
export function fnv1a(text: string, seed = 0x811c9dc5): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Long keys are kept by their head and a hash, so that an attacker's 2,000-character name costs what any other costs. */
export const boundedKey = (text: string): string =>
  text.length <= KEY_CHARS_MAX ? text : `${text.slice(0, KEY_CHARS_MAX - 9)}#${fnv1a(text).toString(16)}`;

export type Familiarity = 'known' | 'forgotten' | 'new';

export function familiarity(set: FamiliarSet, text: string): Familiarity {
  const key = boundedKey(text);
  if (set.items.has(key)) return 'known';
  return inFilter(set.evicted, key) ? 'forgotten' : 'new';
}

export const recall = (set: FamiliarSet, text: string): Familiar | undefined => set.items.get(boundedKey(text));

/** `discovering`: a new thing counts as a discovery, that is, the agent has been known for a while. */
export function learnFamiliar(
  set: FamiliarSet,
  text: string,
  tMs: number,
  { halfLifeMs, itemsMax, discovering }: { halfLifeMs: number; itemsMax: number; discovering: boolean },
): void {
  const key = boundedKey(text);
  addDecayed(set.uses, 1, tMs, halfLifeMs);
  const known = set.items.get(key);
  if (known !== undefined) {
    addDecayed(known.count, 1, tMs, halfLifeMs);
    known.lastMs = Math.max(known.lastMs, tMs);
    return;
  }
  if (discovering) addDecayed(set.discoveries, 1, tMs, halfLifeMs);
  if (set.items.size >= itemsMax) evictLeast(set, tMs, halfLifeMs);
  set.items.set(key, { count: { value: 1, atMs: tMs }, firstMs: tMs, lastMs: tMs });
}

function evictLeast(set: FamiliarSet, tMs: number, halfLifeMs: number): void {
  let least: string | undefined;
  let leastCount = Number.POSITIVE_INFINITY;
  for (const [key, { count }] of set.items) {
    const value = valueAt(count, tMs, halfLifeMs);
    if (value < leastCount) {
      leastCount = value;
      least = key;
    }
  }
  if (least === undefined) return;
  set.items.delete(least);
  for (const bit of probes(least)) set.evicted[bit >>> 5] = (set.evicted[bit >>> 5] ?? 0) | (1 << (bit & 31));
}

const inFilter = (filter: Uint32Array, key: string): boolean =>
  probes(key).every((bit) => ((filter[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0);

/** Double hashing (Kirsch and Mitzenmacher, 2006): two hashes give all probes. */
function probes(key: string): number[] {
  const a = fnv1a(key);
  const b = fnv1a(key, a ^ 0x9e3779b9) | 1;
  return Array.from({ length: PROBES }, (_, i) => (a + Math.imul(i, b)) & FILTER_BITS_MASK);
}

/** The most used things with their share of all uses, most used first. */
export function mostUsed(
  set: FamiliarSet,
  tMs: number,
  halfLifeMs: number,
  limit: number,
): { value: string; count: number; share: number; firstMs: number; lastMs: number }[] {
  const total = valueAt(set.uses, tMs, halfLifeMs);
  return [...set.items]
    .map(([value, { count, firstMs, lastMs }]) => ({ value, count: valueAt(count, tMs, halfLifeMs), firstMs, lastMs }))
    .sort((x, y) => y.count - x.count || (x.value < y.value ? -1 : 1))
    .slice(0, limit)
    .map((item) => ({ ...item, share: total > 0 ? item.count / total : 0 }));
}
