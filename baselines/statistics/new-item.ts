/**
 * How likely is the next thing an agent uses one that it never used?
 *
 * Two forecasters, because agents come in two sorts. (1) Pitman and Yor: (prior + d K) / (n + prior weight), with n decayed uses, K
 * decayed distinct items and the discount d = share of items used once; without the prior it is Good and Turing's singletons / n. Right
 * where items come back in any order; it sees at once that a fixed set of tools is exhausted. (2) The forgotten share of discoveries.
 * Right where items come in runs (a ticket is worked on for three sessions and never again): then hardly anything is a singleton, and
 * (1) alone would call every ticket a wonder. Each is weighed by e^(-its forgotten log loss), as in Vovk's aggregating algorithm.
 * Good-Turing alone was rejected: it says exactly 0 without a singleton, and in runs it is wrong by any factor.
 *
 * Learn each item once per session: uses within a session repeat each other. Six numbers, O(1).
 * Sources: Good, "The population frequencies of species", Biometrika 1953; Pitman and Yor, Annals of Probability 1997; Vovk, COLT 1990.
 * Fails in the days after a change of job, until the forecasters have lost enough to tell; and for agents that explore in bursts: uses
 * are judged as if each were drawn by itself, so a session in twenty-five that is all new is called a wonder each time. Only a count of
 * such sessions can correct that.
 */
import { advance, type DecayScale, emptyScale, fadeAt, weightAt } from './forward-decay.ts';

export interface Novelty {
  /** Decayed: uses, distinct items (by their last use), items used once, discoveries. */
  uses: number;
  distinct: number;
  singletons: number;
  discoveries: number;
  /** Decayed log loss of the discovery forecaster minus that of Pitman and Yor's. */
  advantage: number;
  readonly scale: DecayScale;
}

/** Belief before anything was seen: this share of uses is new, worth this many uses. */
export interface NoveltyPrior {
  readonly share: number;
  readonly uses: number;
}

/** What was known of an item before this use: its uses and its last; `forgotten` if it fell out of the bounded table. */
export type Before = { readonly uses: number; readonly lastMs: number } | 'forgotten' | 'new';

/**
 * Half a pseudo-count, as in the estimator of Krichevsky and Trofimov, or less where the prior says so: no forecaster ever says never.
 */
const HALF = 0.5;
const DISCOUNT_MAX = 0.98;
/** A longer session is judged as this many uses, each with the larger chance that makes up for it. */
const USES_MAX = 512;

export const emptyNovelty = (): Novelty => ({
  uses: 0,
  distinct: 0,
  singletons: 0,
  discoveries: 0,
  advantage: 0,
  scale: emptyScale(),
});

/** `settled`: false while the agent has just begun, and all it does is new: that says nothing of how often it will meet new things. */
export function learnNovelty(
  novelty: Novelty,
  before: Before,
  tMs: number,
  halfLifeMs: number,
  prior: NoveltyPrior,
  settled = true,
): void {
  const factor = advance(novelty.scale, tMs, halfLifeMs);
  if (factor !== 1) rescale(novelty, factor);
  const isNew = before === 'new';
  const weight = weightAt(novelty.scale, tMs);
  const { byItems, byDiscoveries } = forecasts(novelty, tMs, prior);
  if (settled) novelty.advantage += weight * (loss(byDiscoveries, isNew) - loss(byItems, isNew));
  novelty.uses += weight;
  novelty.distinct += weight;
  if (isNew) {
    novelty.singletons += weight;
    if (settled) novelty.discoveries += weight;
  } else if (before !== 'forgotten') replaceLastUse(novelty, before);
}

function replaceLastUse(novelty: Novelty, { uses, lastMs }: { uses: number; lastMs: number }): void {
  const last = weightAt(novelty.scale, lastMs);
  novelty.distinct = Math.max(0, novelty.distinct - last);
  if (uses === 1) novelty.singletons = Math.max(0, novelty.singletons - last);
}

const loss = (p: number, happened: boolean): number => -Math.log(happened ? p : 1 - p);

function rescale(novelty: Novelty, factor: number): void {
  novelty.uses *= factor;
  novelty.distinct *= factor;
  novelty.singletons *= factor;
  novelty.discoveries *= factor;
  novelty.advantage *= factor;
}

interface Forecasts {
  readonly byItems: number;
  readonly byDiscoveries: number;
  /** How much one new item makes the next likelier, in uses: d for Pitman and Yor, 1 for a share that is itself uncertain. */
  readonly discount: number;
  readonly uses: number;
}

function forecasts(novelty: Readonly<Novelty>, tMs: number, prior: NoveltyPrior): Forecasts {
  const fade = fadeAt(novelty.scale, tMs);
  const uses = fade * novelty.uses + prior.uses + HALF;
  const believed = prior.uses * prior.share;
  const distinct = fade * novelty.distinct;
  const discount = Math.min(DISCOUNT_MAX, (fade * novelty.singletons + Math.min(HALF, believed)) / (distinct + 1));
  const byItems = chance((believed + discount * distinct) / uses);
  const byDiscoveries = chance((believed + fade * novelty.discoveries) / uses);
  return { byItems, byDiscoveries, discount, uses };
}

const chance = (p: number): number => Math.min(1 - 1e-9, Math.max(1e-9, p));

const trustInItems = (novelty: Readonly<Novelty>, tMs: number): number =>
  1 / (1 + Math.exp(-novelty.advantage * fadeAt(novelty.scale, tMs)));

/** P(the next use is of a thing never used before). */
export function probabilityOfNew(novelty: Readonly<Novelty>, tMs: number, prior: NoveltyPrior): number {
  const { byItems, byDiscoveries } = forecasts(novelty, tMs, prior);
  const trust = trustInItems(novelty, tMs);
  return trust * byItems + (1 - trust) * byDiscoveries;
}

/**
 * P(a session that uses `uses` things meets at least `atLeast` new ones). Strangers come in groups: each makes the next likelier, as in
 * Polya's urn, P(new | i new among j) = (a + d i) / (n + j). O(uses * atLeast).
 */
export function probabilityOfNews(
  novelty: Readonly<Novelty>,
  uses: number,
  atLeast: number,
  tMs: number,
  prior: NoveltyPrior,
): number {
  if (atLeast <= 0) return 1;
  if (atLeast > uses) return 0;
  const { discount, uses: known } = forecasts(novelty, tMs, prior);
  const trust = trustInItems(novelty, tMs);
  const steps = Math.min(uses, Math.max(USES_MAX, atLeast));
  const start = probabilityOfNew(novelty, tMs, prior) * known;
  return urnTail(steps, uses / steps, atLeast, start, trust * discount + 1 - trust, known);
}

function urnTail(steps: number, stretch: number, atLeast: number, start: number, gain: number, known: number): number {
  /** met[i] = P(exactly i new so far), i < atLeast. */
  const met = new Float64Array(atLeast);
  met[0] = 1;
  let reached = 0;
  for (let j = 0; j < steps; j++) {
    for (let i = Math.min(j, atLeast - 1); i >= 0; i--) {
      const moved = (met[i] ?? 0) * Math.min(1, (stretch * (start + gain * i)) / (known + stretch * j));
      met[i] = (met[i] ?? 0) - moved;
      if (i + 1 < atLeast) met[i + 1] = (met[i + 1] ?? 0) + moved;
      else reached += moved;
    }
  }
  return Math.min(1, reached);
}
