/**
 * Forward decay: exponential forgetting for whole tables at the cost of one cell.
 *
 * An observation at t enters with weight 2^((t - landmark) / half-life), so newer ones simply weigh more and nothing that is
 * already stored changes. A stored sum, seen at t, is worth sum * 2^(-(t - landmark) / half-life). Late observations need no case
 * of their own. Equal to the definition "age a counts 2^(-a / half-life)" up to rounding.
 *
 * Weights would grow for ever: every `REBASE_HALF_LIVES` the owner multiplies all its sums by the factor that `advance` returns.
 * It is a power of two, so moving the landmark loses no bit. Source: Cormode, Shkapenyuk, Srivastava, Xu, "Forward decay: a
 * practical time decay model for streaming systems", ICDE 2009.
 *
 * Fails when a time is wrong by decades: one observation from the far future makes everything before it weightless. The event
 * contract refuses such times.
 */
export interface DecayScale {
  /** Instant (epoch ms) at which an observation weighs 1. */
  landmarkMs: number;
  /** Kept with the sums: a changed setting must not reinterpret what was weighed under the old one. 0 while empty. */
  halfLifeMs: number;
}

/** 448 days at a half-life of 14 days; weights stay below 2^33. */
const REBASE_HALF_LIVES = 32;

export const emptyScale = (): DecayScale => ({ landmarkMs: 0, halfLifeMs: 0 });

/** Prepares for an observation at `tMs`. Every sum kept under this scale must be multiplied by the result; it is 1 nearly always. */
export function advance(scale: DecayScale, tMs: number, halfLifeMs: number): number {
  if (scale.halfLifeMs !== halfLifeMs) return changeHalfLife(scale, tMs, halfLifeMs);
  const halfLives = Math.floor((tMs - scale.landmarkMs) / halfLifeMs);
  if (halfLives < REBASE_HALF_LIVES) return 1;
  scale.landmarkMs += halfLives * halfLifeMs;
  return 2 ** -halfLives;
}

function changeHalfLife(scale: DecayScale, tMs: number, halfLifeMs: number): number {
  const factor = scale.halfLifeMs === 0 ? 1 : fadeAt(scale, tMs);
  scale.landmarkMs = tMs;
  scale.halfLifeMs = halfLifeMs;
  return factor;
}

/** Weight of an observation at `tMs`, in the unit of the stored sums. Call `advance` first when it is going to be stored. */
export const weightAt = (scale: Readonly<DecayScale>, tMs: number): number =>
  exp2((tMs - scale.landmarkMs) / scale.halfLifeMs);

/** What one unit of a stored sum is worth at `tMs`; 0 while nothing was stored. */
export const fadeAt = (scale: Readonly<DecayScale>, tMs: number): number =>
  scale.halfLifeMs === 0 ? 0 : exp2((scale.landmarkMs - tMs) / scale.halfLifeMs);

/** Four times as fast as `2 ** x`, and was most of the cost of an update. */
const exp2 = (x: number): number => Math.exp(x * Math.LN2);
