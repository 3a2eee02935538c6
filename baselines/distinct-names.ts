import { nameBytes } from './name-table.ts';
import { fnv1a } from './statistics/bounded-key.ts';
import { TokenSet } from './statistics/token-set.ts';

/**
 * Distinct names, of which it is asked how many there are and whether one is among them. The first are kept as they are, those that come when
 * these take `NAME_BYTES_MAX` as a hash of 32 bits: who touches many things is counted as before, whatever they are called. `salt` begins the
 * hashes: names that are one to one session are not to others. In the stored form a
 * hash is NUL and eight digits, and a name that looks so, as none does that means anything, is taken for the hash it tells.
 */
export class DistinctNames implements Iterable<string> {
  readonly #names = new Set<string>();
  readonly #hashes: TokenSet;
  readonly #max: number;
  readonly #seed: number;
  #bytes = 0;

  /** @param max further names are not counted; those of a stored state are there in any case */
  constructor(max: number, salt: string, names: Iterable<string> = []) {
    const stored = [...names];
    this.#max = max;
    this.#seed = fnv1a(salt);
    this.#hashes = new TokenSet(Math.max(max, stored.length));
    for (const name of stored) this.#keep(name, Number.POSITIVE_INFINITY);
  }

  get size(): number {
    return this.#names.size + this.#hashes.size;
  }

  has(name: string): boolean {
    return this.#names.has(name) || (this.#hashes.size > 0 && this.#hashes.has(this.#hashOf(name)));
  }

  add(name: string): void {
    if (this.size < this.#max && !this.has(name)) this.#keep(name, NAME_BYTES_MAX);
  }

  *[Symbol.iterator](): Iterator<string> {
    yield* this.#names;
    for (const hash of this.#hashes) yield `\u0000${hash.toString(16).padStart(HASH_DIGITS, '0')}`;
  }

  /** After the first hash all are: otherwise what was read back would have room for other names than what was stored. */
  #keep(name: string, bytesMax: number): void {
    const bytes = this.#bytes + nameBytes(name);
    if (isHash(name) || this.#hashes.size > 0 || bytes > bytesMax) this.#hashes.add(this.#hashOf(name));
    else {
      this.#names.add(name);
      this.#bytes = bytes;
    }
  }

  #hashOf(name: string): number {
    return isHash(name) ? Number.parseInt(name.slice(1), 16) : fnv1a(name, this.#seed);
  }
}

/** Some ten names of usual length, which is more than most sessions touch. */
const NAME_BYTES_MAX = 1024;
const HASH_DIGITS = 8;

const isHash = (name: string): boolean => name.startsWith('\u0000') && /^[0-9a-f]{8}$/.test(name.slice(1));
