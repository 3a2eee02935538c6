/**
 * Credibility means: how much should a group (an hour of the week) be judged by its own counts, and how much by the group above it
 * (all such hours)?
 *
 * Bühlmann and Straub: own counts have variance D mean / n after n decayed hours; true means vary by v above^2 around the level above.
 * The best linear estimate is Z own + (1 - Z) above with Z = n / (n + D / (v above)). For gamma priors and Poisson counts it is the
 * Bayes estimate. Sources: Bühlmann and Straub, "Glaubwürdigkeit für Schadensätze", 1970; Bühlmann and Gisler, "A Course in
 * Credibility Theory and its Applications", 2005, chapter 4.
 *
 * v is learned without a pass over the groups: (count - above)(own mean so far - above) has the expectation v above^2, because noise
 * that is past and noise that is new are independent. One forgotten average per level, O(1) a count.
 */
export interface Estimate {
  readonly mean: number;
  /** Variance of the estimate, not of the counts. */
  readonly variance: number;
}

/** `sum` and `hours` decayed; `spread` = D; `variation` = v > 0; `above.mean` > 0. With no hours the answer is the level above. */
export function credible(sum: number, hours: number, above: Estimate, spread: number, variation: number): Estimate {
  const borrowed = spread / (above.mean * variation);
  const mean = (sum + borrowed * above.mean) / (hours + borrowed);
  const trust = borrowed / (hours + borrowed);
  return { mean, variance: (spread * mean) / (hours + borrowed) + trust * trust * above.variance };
}

/** Decayed sums whose ratio estimates v. */
export interface Variation {
  product: number;
  level: number;
}

/** Hours of belief in the prior v. */
const PRIOR_HOURS = 48;
/** Groups are never taken for equal, or the level above would silence them for ever. */
const VARIATION_MIN = 0.01;
const VARIATION_MAX = 20;
/** A group that makes up nearly all of the one above says nothing about how they differ. */
const APART_MIN = 0.1;

export const emptyVariation = (): Variation => ({ product: 0, level: 0 });

/**
 * Learns from one count: `own` and `above` are the means before it, `weight` its weight. `apart` in [0, 1] is the share of the group
 * above that lies outside this group: being inside hides the rest of the difference.
 */
export function learnVariation(
  variation: Variation,
  weight: number,
  count: number,
  own: number,
  above: number,
  apart: number,
): void {
  if (apart < APART_MIN) return;
  variation.product += (weight * (count - above) * (own - above)) / apart;
  variation.level += weight * above * above;
}

/** The estimate of v; `fade` brings the sums to now, `overall` is the mean over all hours, and sets the unit of the prior. */
export function variationOf(
  { product, level }: Readonly<Variation>,
  fade: number,
  overall: number,
  prior: number,
): number {
  const belief = PRIOR_HOURS * overall * overall;
  const estimate = (belief * prior + fade * product) / (belief + fade * level);
  return Math.min(VARIATION_MAX, Math.max(VARIATION_MIN, estimate));
}
