/**
 * A seeded stream of random numbers: the only source of chance in the simulation.
 *
 * Generator: xoshiro128** 1.1 (D. Blackman, S. Vigna, "Scrambled linear pseudorandom number generators", 2021), written from its
 * published description; its four words come from splitmix32-style mixing of the key. Not for secrets.
 * `fork` derives the new stream from the key, never from how much was drawn: a new agent or story cannot shift the others.
 */
export interface Random {
  /** [0, 1), 32 bits of resolution. */
  uniform(): number;
  chance(probability: number): boolean;
  /** Whole number, both ends included. */
  int(min: number, max: number): number;
  /** Throws RangeError on an empty list. */
  pick<T>(list: readonly T[]): T;
  /** A key, with probability proportional to its weight. Throws RangeError when no weight is above 0. */
  weighted<K extends string>(weights: Readonly<Partial<Record<K, number>>>): K;
  /** Up to `count` different items, in random order. */
  sample<T>(list: readonly T[], count: number): T[];
  normal(): number;
  /** `median` * exp(`sigma` * normal). */
  lognormal(median: number, sigma: number): number;
  gamma(shape: number, scale: number): number;
  poisson(mean: number): number;
  /** Counts with the given mean and variance mean + mean² / shape: small shape, heavy tail. */
  negativeBinomial(mean: number, shape: number): number;
  fork(label: string): Random;
}

type Words = readonly [number, number, number, number];

const ROOT: Words = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 0x93c467e3];
/** Poisson means above this are split in two, so that exp(-mean) never underflows. */
const POISSON_MEAN_MAX = 30;

export function createRandom(seed: number | string): Random {
  return fromKey(derive(ROOT, String(seed)));
}

function fromKey(key: Words): Random {
  const nextWord = xoshiro128(key);
  const uniform = () => nextWord() / 0x1_0000_0000;
  const random: Random = {
    uniform,
    chance: (probability) => uniform() < probability,
    int: (min, max) => min + Math.floor(uniform() * (max - min + 1)),
    pick: (list) => pickFrom(list, uniform),
    weighted: (weights) => weightedFrom(weights, uniform),
    sample: (list, count) => sampleFrom(list, count, uniform),
    normal: () => normalFrom(uniform),
    lognormal: (median, sigma) => median * Math.exp(sigma * normalFrom(uniform)),
    gamma: (shape, scale) => scale * gammaFrom(shape, uniform),
    poisson: (mean) => poissonFrom(mean, uniform),
    negativeBinomial: (mean, shape) => poissonFrom((mean / shape) * gammaFrom(shape, uniform), uniform),
    fork: (label) => fromKey(derive(key, label)),
  };
  return random;
}

/** FNV-1a of the label over each word of the key, then mixed: four nearly independent words. */
function derive(key: Words, label: string): Words {
  const word = (start: number): number => {
    let hash = start ^ 0x811c9dc5;
    for (let index = 0; index < label.length; index += 1) {
      hash = Math.imul(hash ^ label.charCodeAt(index), 0x01000193);
    }
    return mix(hash + label.length);
  };
  return [word(key[0]), word(key[1]), word(key[2]), word(key[3])];
}

/** Finaliser of MurmurHash3, as splitmix32 uses it. */
function mix(value: number): number {
  let word = (value + 0x9e3779b9) | 0;
  word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  return (word ^ (word >>> 16)) >>> 0;
}

/** Whole numbers of 32 bits. */
export function xoshiro128(key: Words): () => number {
  let [a, b, c, d] = key;
  // The all-zero state would stay zero for ever.
  if ((a | b | c | d) === 0) a = 1;
  return () => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9);
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return result >>> 0;
  };
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function pickFrom<T>(list: readonly T[], uniform: () => number): T {
  if (list.length === 0) throw new RangeError('cannot pick from an empty list');
  return list[Math.floor(uniform() * list.length)] as T;
}

function weightedFrom<K extends string>(weights: Readonly<Partial<Record<K, number>>>, uniform: () => number): K {
  const entries = Object.entries(weights) as [K, number][];
  const total = entries.reduce((sum, [, weight]) => sum + weight, 0);
  if (!(total > 0)) throw new RangeError('no weight is above 0');
  let left = uniform() * total;
  for (const [name, weight] of entries) {
    left -= weight;
    if (left < 0) return name;
  }
  return (entries.at(-1) as [K, number])[0];
}

function sampleFrom<T>(list: readonly T[], count: number, uniform: () => number): T[] {
  const rest = [...list];
  const size = Math.min(count, rest.length);
  for (let index = 0; index < size; index += 1) {
    const other = index + Math.floor(uniform() * (rest.length - index));
    [rest[index], rest[other]] = [rest[other] as T, rest[index] as T];
  }
  return rest.slice(0, size);
}

/** Box and Muller (1958). */
function normalFrom(uniform: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Marsaglia and Tsang, "A simple method for generating gamma variables" (2000). Accepts within a few rounds. */
function gammaFrom(shape: number, uniform: () => number): number {
  if (shape < 1) return gammaFrom(shape + 1, uniform) * (1 - uniform()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normalFrom(uniform);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** Knuth's product method; a sum of two Poissons is a Poisson, hence the split. */
function poissonFrom(mean: number, uniform: () => number): number {
  if (mean > POISSON_MEAN_MAX) return poissonFrom(mean / 2, uniform) + poissonFrom(mean / 2, uniform);
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = uniform(); product > limit; product *= uniform()) count += 1;
  return count;
}
