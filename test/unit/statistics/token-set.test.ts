/** Goal: a token set is a set in the order of arrival, up to its limit, whichever way hashes come into it. */
import { describe, expect, it } from 'vitest';
import { TokenSet } from '../../../baselines/statistics/token-set.ts';

/** Signed, with repeats; multiples of a power of two, so that many share their lowest bits. */
const HASHES = Int32Array.from({ length: 6000 }, (_, i) => Math.imul((i * 7919) % 5000, 0x00010000) ^ (i % 3));
const expected = (limit: number): number[] =>
  [...new Set(HASHES.map((hash) => hash))].map((hash) => hash >>> 0).slice(0, limit);

const oneByOne = (limit: number): TokenSet => new TokenSet(limit, HASHES);
const allAtOnce = (limit: number): TokenSet => {
  const set = new TokenSet(limit);
  set.addAll(HASHES, 17);
  set.addAll(HASHES, HASHES.length);
  return set;
};

describe.each([
  ['one by one', oneByOne],
  ['all at once', allAtOnce],
])('hashes that come %s', (_name, setOf) => {
  it.each([1, 15, 16, 17, 4096])('are kept in their order, at most %i', (limit) => {
    const set = setOf(limit);
    expect([[...set], set.size, set.isFull]).toEqual([expected(limit), limit, true]);
  });

  it('are found, signed or not, and others are not', () => {
    const set = setOf(4096);
    const kept = new Set(set);
    for (const hash of HASHES) {
      expect([set.has(hash), set.has(hash >>> 0)]).toEqual([kept.has(hash >>> 0), kept.has(hash >>> 0)]);
    }
    expect(set.has(0x7abcdef1)).toBe(false);
  });
});

describe('a token set', () => {
  it('does not follow what its copy takes in', () => {
    const set = new TokenSet(8, [1, 2]);
    const copy = set.copy();
    copy.add(3);
    expect([[...set], [...copy], set.has(3)]).toEqual([[1, 2], [1, 2, 3], false]);
  });

  it('is empty once cleared, and takes in again', () => {
    const set = new TokenSet(4, [1, 2]);
    set.clear();
    expect([[...set], set.has(1)]).toEqual([[], false]);
    set.add(2);
    expect([...set]).toEqual([2]);
  });

  it.each([1, 15, 16, 17, 4096])('numbers what comes in by its order, at most %i, and nothing else', (limit) => {
    const set = new TokenSet(limit);
    const order = expected(limit);
    const numberOf = (hash: number) => order.indexOf(hash >>> 0);
    expect(set.indexOf(1)).toBe(-1);
    for (const hash of HASHES) expect(set.put(hash)).toBe(numberOf(hash));
    for (const hash of HASHES)
      expect([set.indexOf(hash), set.put(hash >>> 0)]).toEqual([numberOf(hash), numberOf(hash)]);
    expect([[...set], set.indexOf(0x7abcdef1)]).toEqual([order, -1]);
  });

  it('refuses a limit that its places cannot number', () => {
    expect(() => new TokenSet(40_000)).toThrow(RangeError);
  });
});
