import { stemsOf } from './tokens.ts';

/** What is kept of one tool's name. */
type Weights = ReadonlyMap<number, number>;

/** In how many of an agent's tools' names each word stands: what all names share ("get", the product) tells none apart. */
export interface ToolWords {
  readonly tools: number;
  readonly counts: ReadonlyMap<number, number>;
}

export function countToolWords(names: Iterable<string>): ToolWords {
  const counts = new Map<number, number>();
  let tools = 0;
  for (const name of names) {
    tools += 1;
    for (const stem of stemsOf(name)) counts.set(stem, (counts.get(stem) ?? 0) + 1);
  }
  return { tools, counts };
}

/**
 * The same of the tools an agent knows, by name. They are asked for at every act and hardly ever change, so they are counted again only when the
 * names are others, and kept as long as the table is.
 */
export function toolWordsOf(tools: ReadonlyMap<string, unknown>): ToolWords {
  const known = COUNTED.get(tools);
  if (known !== undefined && areNames(known.names, tools)) return known.words;
  const names = [...tools.keys()];
  const words = countToolWords(names);
  COUNTED.set(tools, { names, words });
  return words;
}

const COUNTED = new WeakMap<ReadonlyMap<string, unknown>, { readonly names: string[]; readonly words: ToolWords }>();

function areNames(names: readonly string[], tools: ReadonlyMap<string, unknown>): boolean {
  if (names.length !== tools.size) return false;
  let i = 0;
  for (const name of tools.keys()) if (names[i++] !== name) return false;
  return true;
}

/** The words of one tool's name with what each tells: log((tools + 1) / tools with the word), > 0. */
export function weighWords(name: string, words: ToolWords): Weights {
  const kept = WEIGHTS.get(words) ?? new Map<string, Weights>();
  const known = kept.get(name);
  if (known !== undefined) return known;
  if (kept.size === 0) WEIGHTS.set(words, kept);
  if (kept.size >= WEIGHTS_MAX) kept.clear();
  const { tools, counts } = words;
  const weights = new Map<number, number>();
  for (const stem of stemsOf(name)) weights.set(stem, Math.log((tools + 1) / Math.max(1, counts.get(stem) ?? 1)));
  kept.set(name, weights);
  return weights;
}

/** Kept as long as the names of all tools are the same: every act asks. At the limit, which only names that nobody knows reach, all are made anew. */
const WEIGHTS_MAX = 64;
const WEIGHTS = new WeakMap<ToolWords, Map<string, Weights>>();

/** Part of the weight of a name that stands in a text, 0..1. */
export function spokenPart(weights: ReadonlyMap<number, number>, words: ReadonlySet<number>): number {
  let spoken = 0;
  let total = 0;
  for (const [stem, weight] of weights) {
    total += weight;
    if (words.has(stem)) spoken += weight;
  }
  return total > 0 ? spoken / total : 0;
}
