import { DAY_MS } from './periods.ts';
import { fadeAt } from './statistics/forward-decay.ts';
import type { Familiarity } from './statistics/heavy-hitters.ts';
import {
  emptyHeavyHitters,
  type HeavyHitter,
  type HeavyHitters,
  heaviest,
  learnHitter,
  recallHitter,
  recognise,
} from './statistics/heavy-hitters.ts';
import {
  emptyNovelty,
  learnNovelty,
  type Novelty,
  type NoveltyPrior,
  probabilityOfNews,
} from './statistics/new-item.ts';

/** The things of one sort that an agent uses, and how often it meets new ones. */
export interface Familiar {
  readonly things: HeavyHitters;
  readonly novelty: Novelty;
}

export const emptyFamiliar = (): Familiar => ({ things: emptyHeavyHitters(), novelty: emptyNovelty() });

/** Uses closer together are one errand: only its first says how often things come back. */
const ERRAND_MS = DAY_MS / 48;

/** Belief about novelty that has no kind to go by: nothing in particular is expected. */
const NOVELTY_PRIOR: NoveltyPrior = { share: 0.1, uses: 2 };

export function learnFamiliar(
  familiar: Familiar,
  text: string,
  tMs: number,
  bounds: { readonly halfLifeMs: number; readonly itemsMax: number; readonly settled: boolean },
): void {
  const { things, novelty } = familiar;
  const known = recallHitter(things, text);
  if (known === undefined || Math.abs(tMs - known.lastMs) >= ERRAND_MS) {
    const acquaintance = recognise(things, text);
    const before = known ?? (acquaintance === 'forgotten' ? 'forgotten' : 'new');
    learnNovelty(novelty, before, tMs, bounds.halfLifeMs, NOVELTY_PRIOR, bounds.settled);
  }
  learnHitter(things, text, tMs, bounds, known);
}

export const acquaintance = (familiar: Readonly<Familiar>, text: string): Familiarity =>
  recognise(familiar.things, text);

/** Epoch ms of the first use that is still remembered; undefined for a thing that is not. */
export const firstUse = (familiar: Readonly<Familiar>, text: string): number | undefined =>
  recallHitter(familiar.things, text)?.firstMs;

export const thingsKnown = ({ things }: Readonly<Familiar>): number => things.table.items.size;

/** Names of the things that are remembered, in no particular order. */
export const namesKnown = ({ things }: Readonly<Familiar>): Iterable<string> => things.table.items.keys();

/** Names of the things that were used so often, decayed as of the last use of anything. */
export function* namesUsed({ things }: Readonly<Familiar>, usesMin: number, tMs: number): Generator<string> {
  const { items, scale } = things.table;
  const fade = fadeAt(scale, tMs);
  for (const [name, { count }] of items) if (count * fade >= usesMin) yield name;
}

export interface Use extends HeavyHitter {
  /** Part of all uses of things that are remembered. */
  readonly share: number;
}

/** The most used things first. */
export function mostUsed(familiar: Readonly<Familiar>, tMs: number, limit: number): Use[] {
  const all = heaviest(familiar.things, tMs, Number.MAX_SAFE_INTEGER);
  const total = all.reduce((sum, { count }) => sum + count, 0);
  return all.slice(0, limit).map((one) => ({ ...one, share: total > 0 ? one.count / total : 0 }));
}

/**
 * Chance that a session meets at least `count` new things of this sort. `sessions` decayed; `prior`: the share of sessions in which
 * agents like this one meet something new, worth `priorSessions` of them.
 */
export function chanceOfNew(
  { novelty }: Readonly<Pick<Familiar, 'novelty'>>,
  count: number,
  tMs: number,
  { sessions, prior, priorSessions }: { sessions: number; prior: number; priorSessions: number },
): number {
  const uses = usesPerSession(novelty, sessions, tMs);
  // As a share of uses: a session has several, and is new when one of them is.
  const share = 1 - (1 - Math.min(prior, 0.999)) ** (1 / uses);
  return probabilityOfNews(novelty, Math.max(uses, count), count, tMs, { share, uses: priorSessions * uses });
}

const USES_PER_SESSION_MAX = 64;

function usesPerSession({ uses, scale }: Readonly<Novelty>, sessions: number, tMs: number): number {
  if (sessions < 1) return 1;
  return Math.min(USES_PER_SESSION_MAX, Math.max(1, Math.round((uses * fadeAt(scale, tMs)) / sessions)));
}

/** Things met for the first time, decayed. */
export const discoveriesAt = ({ novelty }: Readonly<Familiar>, tMs: number): number =>
  novelty.discoveries * fadeAt(novelty.scale, tMs);
