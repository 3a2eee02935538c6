/** Goal: distinct names are counted however many and however long they are, in little room, and as before once they were stored and read. */
import { describe, expect, it } from 'vitest';
import { DistinctNames } from '../../baselines/distinct-names.ts';

const names = (count: number, chars: number, sign = '-') =>
  Array.from({ length: count }, (_, i) => `customers/${i}`.padEnd(chars, sign));
const stored = (kept: DistinctNames) => [...kept].reduce((sum, name) => sum + name.length, 0);

function filled(all: readonly string[], max = 256): DistinctNames {
  const kept = new DistinctNames(max, 'session');
  for (const name of all) kept.add(name);
  return kept;
}

describe('distinct names', () => {
  it('are kept as they are while they are few', () => {
    const few = names(12, 20);
    expect([...filled([...few, ...few])]).toEqual(few);
  });

  it.each([20, 160])('are counted, each once, when they are many of %i characters', (chars) => {
    const many = names(200, chars);
    const kept = filled([...many, ...many]);
    expect(kept.size).toBe(200);
    expect(many.every((name) => kept.has(name))).toBe(true);
    expect(names(200, chars, '+').some((name) => kept.has(name))).toBe(false);
  });

  it('take room for their number, not for their length', () => {
    expect(stored(filled(names(256, 160)))).toBeLessThan(6000);
  });

  it('are not counted beyond their number', () => {
    const kept = filled(names(300, 20));
    expect([kept.size, kept.has(names(300, 20)[255] ?? ''), kept.has(names(300, 20)[256] ?? '')]).toEqual([
      256,
      true,
      false,
    ]);
  });

  it.each([
    ['few', names(10, 20)],
    ['many', names(200, 160)],
    ['more than are counted', names(300, 160)],
    ['that look like hashes', ['\u00001234abcd', ...names(5, 20), '\u000000000000', '\u00001234abc', '\u00001234ABCD']],
  ])('are the same once they were stored and read: %s', (_, all) => {
    const kept = filled(all);
    const read = new DistinctNames(256, 'session', kept);
    expect([...read]).toEqual([...kept]);
    for (const more of [...names(400, 30, '+'), ...all]) {
      expect(read.has(more)).toBe(kept.has(more));
      read.add(more);
      kept.add(more);
    }
    expect([...read]).toEqual([...kept]);
  });

  it('of an old state are all kept, however many and long', () => {
    const old = new Set(names(300, 160));
    expect([...new DistinctNames(256, 'session', old)]).toEqual([...old]);
  });
});
