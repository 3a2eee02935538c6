/** How far `x` has come on the way from `from` to `to`, by the logarithm; 0..1. `x` is not negative, the other two are above 0, and the way may lead down. */
export const logShare = (x: number, from: number, to: number): number =>
  Math.min(1, Math.max(0, Math.log(x / from) / Math.log(to / from)));
