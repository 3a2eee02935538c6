/** Goal: results come out as they went in, whatever their names, and take up what is said of them. */
import { describe, expect, it } from 'vitest';
import { type KeptResult, KeptResults } from '../../baselines/kept-results.ts';
import { createRandom } from '../../cli/simulate/random.ts';

function results(seed: string, count: number): KeptResult[] {
  const random = createRandom(`kept-results/${seed}`);
  return Array.from({ length: count }, (_, i) => ({
    source: {
      event: random.pick([`${i}`, `é-${i}`, `ж-${i}`, `\ud83d-${i}`, '', 'x'.repeat(128), 'ж'.repeat(128)]),
      action: random.pick(['read_page', 'read_mail', `tool_${i}`, '']),
      external: random.int(0, 1) === 0,
    },
    tokens: random.pick([0, 1, 255, 256, 4096]),
    words: random.pick([0, 6144]),
  }));
}

describe('kept results', () => {
  it('come out as they went in, and the oldest leave', () => {
    const all = results('whole', 300);
    const kept = new KeptResults(all.slice(0, 200));
    for (const [i, one] of all.slice(200).entries()) {
      expect(kept.shift()).toEqual({ tokens: all[i]?.tokens, words: all[i]?.words });
      kept.push(one);
    }
    expect([...kept]).toEqual(all.slice(100));
    expect([...kept.sizes()]).toEqual(all.slice(100).map(({ tokens, words }) => ({ tokens, words })));
    expect([kept.length, kept.at(0), kept.at(199), kept.at(200), kept.at(-1)]).toEqual([
      200,
      all[100],
      all[299],
      undefined,
      undefined,
    ]);
  });

  it('know which of them holds a token', () => {
    const kept = new KeptResults(
      [3, 0, 2].map((tokens) => ({ source: { event: 'e', action: 'a', external: false }, tokens, words: 0 })),
    );
    expect([0, 2, 3, 4, 5].map((token) => kept.indexHolding(token))).toEqual([0, 0, 2, 2, -1]);
  });

  it('take up their ids, and each tool once', () => {
    const one = (event: string, action: string) => ({
      source: { event, action, external: false },
      tokens: 0,
      words: 0,
    });
    const bytes = (...all: KeptResult[]) => new KeptResults(all).bytes;
    const tool = bytes(one('', 'read_page')) - bytes(one('', ''));
    expect(bytes(one('1234', 'read_page'), one('ж', 'read_page'))).toBe(bytes(one('', ''), one('', '')) + tool + 4 + 2);
    const left = new KeptResults([one('1234', 'read_page')]);
    left.shift();
    expect(left.bytes).toBe(0);
  });
});
