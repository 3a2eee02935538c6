/**
 * Goal: the chance of a product of small p-values is what it is by simulation, what Fisher's method says where every p-value counts, and falls with
 * every decade.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { truncatedProduct } from '../../baselines/statistics/truncated-product.ts';
import { createRandom } from '../../cli/simulate/random.ts';

const LOG_TENTH = Math.LN10;
const counts = fc.integer({ min: 1, max: 12 });
const products = fc.double({ min: 0.01, max: 60, noNaN: true });
const shares = fc.double({ min: 0.01, max: 0.95, noNaN: true });

describe('the truncated product', () => {
  it('is the p itself for one value at or below the bound', () => {
    for (const p of [0.1, 0.05, 1e-3, 1e-9])
      expect(truncatedProduct(-Math.log(p), 1, LOG_TENTH, 0.1)).toBeCloseTo(p, 12);
  });

  it('is what is worked out by hand for two of 0.01', () => {
    // One of two below 0.1 with such a product: 2 x 0.9 x 1e-4; both: 1e-4 x (1 + ln 100).
    const byHand = 1.8e-4 + 1e-4 * (1 + Math.log(100));
    expect(truncatedProduct(-2 * Math.log(0.01), 2, LOG_TENTH, 0.1)).toBeCloseTo(byHand, 12);
  });

  it('comes true as often as it says', () => {
    const random = createRandom('truncated-product');
    const rounds = 40_000;
    for (const [n, share] of [
      [4, 0.1],
      [4, 0.5],
      [8, 0.2],
    ] as const) {
      // A share of p-values is uniform below 0.1, the others above count for nothing.
      const draw = () => (random.chance(share) ? LOG_TENTH - Math.log(1 - random.uniform()) : 0);
      const product = () => Array.from({ length: n }, draw).reduce((sum, one) => sum + one, 0);
      let rarer = 0;
      for (let i = 0; i < rounds; i++) if (truncatedProduct(product(), n, LOG_TENTH, share) <= 0.05) rarer += 1;
      expect(rarer / rounds).toBeLessThanOrEqual(0.05 + 0.004);
      if (share === 0.5) expect(rarer / rounds).toBeGreaterThan(0.046);
    }
  });

  it('is a chance, smaller for a smaller product, larger for more values and where more are low anyway', () => {
    fc.assert(
      fc.property(products, counts, shares, (product, n, share) => {
        const chance = truncatedProduct(product, n, LOG_TENTH, share);
        expect(chance).toBeGreaterThanOrEqual(0);
        expect(chance).toBeLessThanOrEqual(1);
        expect(truncatedProduct(product + 1, n, LOG_TENTH, share)).toBeLessThanOrEqual(chance + 1e-12);
        expect(truncatedProduct(product, n + 1, LOG_TENTH, share)).toBeGreaterThanOrEqual(chance - 1e-12);
        expect(truncatedProduct(product, n, LOG_TENTH, Math.min(0.95, share * 1.5))).toBeGreaterThanOrEqual(
          chance - 1e-12,
        );
      }),
    );
  });
});
