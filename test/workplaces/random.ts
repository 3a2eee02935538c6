/** Seeded dice. One seed text gives one sequence; `fork` gives an independent one, so that a new draw in one place moves no other. */
import { createHash } from 'node:crypto';

export interface Random {
  /** In [0, 1). */
  next(): number;
  /** Whole number, both ends included. */
  int(low: number, high: number): number;
  chance(probability: number): boolean;
  /** Throws on an empty list. */
  pick<T>(list: readonly T[]): T;
  /** As `pick`, the early ones more often: what is used much stands first. */
  often<T>(list: readonly T[]): T;
  sample<T>(list: readonly T[], count: number): T[];
  shuffle<T>(list: readonly T[]): T[];
  /** Log-normal around `median`; `spread` 0.5 is mild, 1 is wild. */
  around(median: number, spread: number): number;
  hex(chars: number): string;
  digits(count: number): string;
  fork(name: string): Random;
}

export function createRandom(seed: string): Random {
  const words = createHash('sha256').update(seed).digest();
  let [a, b, c, d] = [0, 4, 8, 12].map((at) => words.readUInt32LE(at)) as [number, number, number, number];

  function draw(): number {
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  }

  const next = () => draw() / 0x1_0000_0000;
  const int = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  const at = <T>(list: readonly T[], index: number): T => {
    if (list.length === 0) throw new Error('Nothing to pick from');
    return list[Math.min(index, list.length - 1)] as T;
  };
  const shuffle = <T>(list: readonly T[]): T[] => {
    const shuffled = [...list];
    for (let last = shuffled.length - 1; last > 0; last -= 1) {
      const other = int(0, last);
      [shuffled[last], shuffled[other]] = [shuffled[other] as T, shuffled[last] as T];
    }
    return shuffled;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const letters = (count: number, alphabet: string) =>
    Array.from({ length: count }, () => alphabet[int(0, alphabet.length - 1)]).join('');

  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick: (list) => at(list, Math.floor(next() * list.length)),
    often: (list) => at(list, Math.floor(next() ** 2.2 * list.length)),
    sample: (list, count) => shuffle(list).slice(0, count),
    shuffle,
    around: (median, spread) => median * Math.exp(normal() * spread),
    hex: (chars) => letters(chars, '0123456789abcdef'),
    digits: (count) => letters(1, '123456789') + letters(count - 1, '0123456789'),
    fork: (name) => createRandom(`${seed}/${name}`),
  };
}
