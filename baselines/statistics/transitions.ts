/**
 * Which tool follows which: P(next | tool), with decayed counts in bounded memory.
 *
 * Model: interpolated Kneser-Ney smoothing, the approximate predictive of a hierarchical Pitman-Yor process with discount d = 3/4 and
 * strength 1: P(b | a) = (c(a,b) - d t(a,b)) / (c(a) + 1) + (1 + d T(a)) / (c(a) + 1) P(b). Here t is the weight of the pair's last
 * use (1 when fresh, never above its count, so nothing turns negative) and T(a) the sum over a's pairs. P(b) is smoothed the same way
 * by tool, and what is left there is the chance of a tool never seen. So the chances of all known tools and "another" sum to 1.
 * Source: Teh, "A hierarchical Bayesian language model based on Pitman-Yor processes", ACL 2006.
 *
 * At the limit of pairs the least counted leaves, and its counts with it: its chance falls back to P(b). A tool name from an event must
 * hold no NUL, which separates the pair. Fails for orders that depend on more than the tool before.
 */
import { DAY_MS } from '../periods.ts';
import { advanceHeap, type DecayedHeap, emptyDecayedHeap, type HeapItem, touchKey } from './decayed-heap.ts';
import { fadeAt, weightAt } from './forward-decay.ts';
import { emptyNovelty, learnNovelty, type Novelty } from './new-item.ts';

/** Sums over the pairs of one tool, or over all tools, in the unit of the heaps' scale. */
export interface Row {
  /** Decayed count. */
  count: number;
  /** Sum of the weights of last uses: the decayed number of distinct followers. */
  distinct: number;
  /** Entries summed here; a row without any is removed. */
  entries: number;
}

export interface Transitions {
  /** Keyed by tool, NUL, next tool. */
  readonly pairs: DecayedHeap;
  readonly tools: DecayedHeap;
  /** By the tool before; at most one per pair. */
  readonly rows: Map<string, Row>;
  readonly all: Row;
  /** Absent before the first transition, and in states of builds that did not count it: then it begins empty. */
  novelty?: Novelty;
}

export interface TransitionSettings {
  readonly halfLifeMs: number;
  /** False while the agent has just begun, and every transition is new. */
  readonly settled?: boolean;
  readonly pairsMax: number;
  readonly toolsMax: number;
}

const DISCOUNT = 0.75;
const STRENGTH = 1;
const NUL = '\0';

const emptyRow = (): Row => ({ count: 0, distinct: 0, entries: 0 });

export const emptyTransitions = (): Transitions => ({
  pairs: emptyDecayedHeap(),
  tools: emptyDecayedHeap(),
  rows: new Map(),
  all: emptyRow(),
});

/** Learns that `to` came right after `from`; `from` is '' at the start of a session. */
export function learnTransition(
  model: Transitions,
  from: string,
  to: string,
  tMs: number,
  { halfLifeMs, pairsMax, toolsMax, settled = true }: TransitionSettings,
): void {
  learnNews(model, from + NUL + to, tMs, halfLifeMs, settled);
  const factor = advanceHeap(model.pairs, tMs, halfLifeMs);
  if (factor !== 1) for (const row of model.rows.values()) rescale(row, factor);
  rescale(model.all, advanceHeap(model.tools, tMs, halfLifeMs));
  let row = model.rows.get(from);
  if (row === undefined) {
    row = emptyRow();
    model.rows.set(from, row);
  }
  const displaced = countUse(model.pairs, row, from + NUL + to, tMs, halfLifeMs, pairsMax);
  if (displaced !== undefined) forgetPair(model, displaced);
  const gone = countUse(model.tools, model.all, to, tMs, halfLifeMs, toolsMax);
  if (gone !== undefined) subtract(model.all, gone, weightAt(model.tools.scale, gone.lastMs));
}

/** Transitions closer together are one errand: only its first says how often they come back. */
const ERRAND_MS = DAY_MS / 48;
/** Belief before any was seen: nothing in particular is expected. */
const NOVELTY_PRIOR = { share: 0.1, uses: 2 };

function learnNews(model: Transitions, pair: string, tMs: number, halfLifeMs: number, settled: boolean): void {
  const known = model.pairs.items.get(pair);
  if (known !== undefined && Math.abs(tMs - known.lastMs) < ERRAND_MS) return;
  model.novelty ??= emptyNovelty();
  learnNovelty(model.novelty, known ?? 'new', tMs, halfLifeMs, NOVELTY_PRIOR, settled);
}

/** Counts one use of a key in its table and in the sums over it; returns what it displaced. */
function countUse(
  table: DecayedHeap,
  row: Row,
  key: string,
  tMs: number,
  halfLifeMs: number,
  itemsMax: number,
): HeapItem | undefined {
  const known = table.items.get(key);
  row.count += weightAt(table.scale, tMs);
  row.distinct += weightAt(table.scale, known === undefined ? tMs : Math.max(tMs, known.lastMs));
  if (known === undefined) row.entries += 1;
  else row.distinct -= weightAt(table.scale, known.lastMs);
  return touchKey(table, key, tMs, halfLifeMs, itemsMax);
}

function forgetPair(model: Transitions, pair: HeapItem): void {
  const from = pair.key.slice(0, pair.key.indexOf(NUL));
  const row = model.rows.get(from);
  if (row === undefined) return;
  subtract(row, pair, weightAt(model.pairs.scale, pair.lastMs));
  if (row.entries === 0) model.rows.delete(from);
}

function subtract(row: Row, { count }: HeapItem, last: number): void {
  row.count = Math.max(0, row.count - count);
  row.distinct = Math.max(0, row.distinct - last);
  row.entries -= 1;
}

function rescale(row: Row, factor: number): void {
  row.count *= factor;
  row.distinct *= factor;
}

export const isKnownTransition = (model: Readonly<Transitions>, from: string, to: string): boolean =>
  model.pairs.items.has(from + NUL + to);

/** How often a transition was one that had never been made; empty before the first. */
export const noveltyOf = ({ novelty }: Readonly<Transitions>): Novelty => novelty ?? emptyNovelty();

/** P(`to` comes next after `from`); for a tool never seen, the chance of any such tool. In (0, 1]. */
export function transitionProbability(model: Readonly<Transitions>, from: string, to: string, tMs: number): number {
  const single = smoothed(model.tools, model.all, to, tMs, model.tools.items.has(to) ? 0 : 1);
  const row = model.rows.get(from);
  return row === undefined ? single : smoothed(model.pairs, row, from + NUL + to, tMs, single);
}

/** One level of the hierarchy: discounted share of the key, and the rest spread as the level below says. */
function smoothed(table: Readonly<DecayedHeap>, row: Readonly<Row>, key: string, tMs: number, below: number): number {
  const fade = fadeAt(table.scale, tMs);
  const total = fade * row.count + STRENGTH;
  const backedOff = ((STRENGTH + DISCOUNT * fade * row.distinct) / total) * below;
  const item = table.items.get(key);
  if (item === undefined) return backedOff;
  const own = Math.max(0, item.count - DISCOUNT * weightAt(table.scale, item.lastMs));
  return (fade * own) / total + backedOff;
}
