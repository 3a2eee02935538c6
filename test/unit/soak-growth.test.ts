/** The growth that the soak reports: that it finds a leak, and takes no spike for one. */
import { expect, it } from 'vitest';
import { growthShare, type Sample } from '../bench/soak-growth.ts';

const samples = (heap: (n: number) => number): Sample[] =>
  Array.from({ length: 60 }, (_, n) => ({ atMs: n * 10_000, heap: heap(n), rss: 0, states: 0 }));

it.each([
  ['nothing', () => 1e8, 0],
  ['a tenth', (n: number) => 1e8 + (n / 59) * 1e7, 0.095],
  ['spikes only', (n: number) => (n % 7 === 6 ? 3e8 : 1e8), 0],
  ['a tooth of a saw', (n: number) => 1e8 + (n % 5) * 1e6, 0],
])('finds %s', (_, heap, share) => {
  expect(growthShare(samples(heap), (sample) => sample.heap)).toBeCloseTo(share, 2);
});

it('says nothing of one sample', () => {
  expect(growthShare(samples(() => 1).slice(0, 1), ({ heap }) => heap)).toBeNaN();
});
