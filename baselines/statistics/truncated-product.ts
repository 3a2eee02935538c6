/**
 * The chance that of `n` independent p-values those of at most tau have a product as small as this one, where a share `share` of all p-values is
 * that low: tau itself if they are uniform, more where claims of the sort come true more often than they say.
 *
 * P(W <= w) = sum over k = 1..n of C(n, k) share^k (1 - share)^(n - k) G(k), where G(k) is the chance that k values, uniform below tau, have such a
 * product: 1 where tau^k is below w already, otherwise e^(-x) times the sum over s < k of x^s / s!, x = k ln tau - ln w. Natural logarithms with
 * the sign turned: `logProduct` = -ln w, `logTau` = -ln tau, both above 0. Two of 0.01 among two, share = tau = 0.1: 7.4e-4. O(n^2).
 *
 * Source: Zaykin, Zhivotovsky, Westfall, Weir, "Truncated product method for combining p-values", Genetic Epidemiology 2002; there share = tau.
 */
export function truncatedProduct(logProduct: number, n: number, logTau: number, share: number): number {
  let binomial = (1 - share) ** n;
  let chance = 0;
  for (let k = 1; k <= n; k++) {
    binomial *= (((n - k + 1) / k) * share) / (1 - share);
    chance += binomial * productBelow(logProduct - k * logTau, k);
  }
  return Math.min(1, chance);
}

/** P(a gamma variable of shape k is at least x). */
function productBelow(x: number, k: number): number {
  if (x <= 0) return 1;
  let term = 1;
  let sum = 1;
  for (let s = 1; s < k; s++) {
    term *= x / s;
    sum += term;
  }
  return Math.exp(-x) * sum;
}
