/** Goal: what a session remembers of sensitive reads stays within limits, and nobody hides a restricted read behind many that are less. */
import { describe, expect, it } from 'vitest';
import type { SensitiveRead } from '../../baselines/flow.ts';
import { noteSensitive } from '../../baselines/sensitive-reads.ts';

const read = (i: number, classification: 'confidential' | 'restricted', chars = 10): SensitiveRead => ({
  event: `${i}`,
  resource: `customers/${i}`.padEnd(chars, '-'),
  classification,
  rows: i,
});

function noted(...reads: SensitiveRead[]): SensitiveRead[] {
  const all: SensitiveRead[] = [];
  for (const one of reads) noteSensitive(all, one);
  return all;
}

const confidential = (count: number, chars?: number) =>
  Array.from({ length: count }, (_, i) => read(i, 'confidential', chars));

describe('sensitive reads', () => {
  it('are kept in their order up to their number', () => {
    expect(noted(...confidential(30))).toEqual(confidential(16));
  });

  it('are fewer where names are long, but never none', () => {
    expect(noted(...confidential(30, 160)).length).toBeLessThan(9);
    expect(noted(read(1, 'restricted', 5000)).length).toBe(1);
  });

  it.each([10, 160])('make room for a restricted one behind many of %i characters', (chars) => {
    const all = noted(...confidential(30, chars), read(99, 'restricted', chars));
    expect(all.at(-1)).toEqual(read(99, 'restricted', chars));
    expect(all.slice(0, -1)).toEqual(confidential(all.length - 1, chars));
  });

  it('do not make room for a second one', () => {
    const full = noted(...confidential(30), read(99, 'restricted'));
    noteSensitive(full, read(100, 'restricted'));
    expect(full.map(({ event }) => event)).toEqual([...Array.from({ length: 15 }, (_, i) => `${i}`), '99']);
  });
});
