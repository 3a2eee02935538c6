/** Goal: a bounded key is a function of its text alone, however often and in whatever order texts are asked for. */
import { describe, expect, it } from 'vitest';
import { boundedKey, fnv1a } from '../../../baselines/statistics/bounded-key.ts';

const byFormula = (text: string): string =>
  text.length <= 160 ? text : `${text.slice(0, 151)}#${fnv1a(text).toString(16)}`;

const TEXTS = Array.from({ length: 40 }, (_, i) => `${'name/'.repeat(20 + i)}${i}`);
const ODD = ['\u0000', '"\\', '\ud800', '\u2028', 'é', '😀'].map((part) => part.repeat(200));

describe('boundedKey', () => {
  it('is the head of a long text and its hash, and a short text itself', () => {
    for (const text of [...TEXTS, ...ODD, '', 'x'.repeat(160), 'x'.repeat(161)])
      expect(boundedKey(text)).toBe(byFormula(text));
  });

  it('is the same each time, also when others were asked for in between', () => {
    for (let round = 0; round < 3; round++)
      for (const text of [...TEXTS, ...TEXTS.toReversed(), ...ODD]) expect(boundedKey(text)).toBe(byFormula(text));
  });
});
