import { randomInt } from 'node:crypto';

/**
 * A set of 32-bit hashes in the order in which they came, which takes 6.5 to 16 bytes a hash and no object for any. It stops growing at a limit
 * of at most 2^15, and what comes later is not in it.
 *
 * Open addressing over the hashes in their order. Texts choose the hashes, so the places they are looked for at depend on a number that nobody
 * outside this process knows; nothing else does. Source: Dietzfelbinger and others, "A reliable randomized algorithm for the closest-pair
 * problem", Journal of Algorithms 1997 (multiply-shift).
 */
export class TokenSet implements Iterable<number> {
  readonly #max: number;
  #size = 0;
  #hashes = NO_HASHES;
  /** Index of a hash plus 1; 0 is empty. */
  #places = NO_PLACES;
  /** Hashes that the places are for. */
  #room = 0;
  /** 32 less the bits of a place. */
  #shift = 32;

  constructor(max: number, hashes: Iterable<number> = []) {
    if (max > TOKENS_MAX) throw new RangeError(`a token set holds at most ${TOKENS_MAX} hashes`);
    this.#max = max;
    for (const hash of hashes) this.add(hash);
  }

  get size(): number {
    return this.#size;
  }

  get isFull(): boolean {
    return this.#size >= this.#max;
  }

  /** What so many take in memory. Of its size alone: what is kept must not depend on whether a process has been started anew. */
  get bytes(): number {
    if (this.#size === 0) return 0;
    const bits = bitsFor(Math.max(ROOM_MIN, this.#size));
    return 4 * Math.min(this.#max, roomIn(bits)) + 2 * 2 ** bits;
  }

  /** The hash may be signed or not. */
  has(hash: number): boolean {
    return this.#size > 0 && this.#places[this.#placeOf(hash | 0)] !== 0;
  }

  add(hash: number): void {
    if (this.#size >= this.#room) {
      if (this.#size >= this.#max) return;
      this.#grow();
    }
    const signed = hash | 0;
    const place = this.#placeOf(signed);
    if (this.#places[place] !== 0 || this.#size >= this.#max) return;
    this.#hashes[this.#size] = signed;
    this.#size += 1;
    this.#places[place] = this.#size;
  }

  /** Its index in their order, whether it is there already or comes in now; -1 for one that finds no room. */
  put(hash: number): number {
    const signed = hash | 0;
    if (this.#size >= this.#room && this.#size < this.#max) this.#grow();
    if (this.#places.length === 0) return -1;
    const place = this.#placeOf(signed);
    const index = this.#places[place] ?? 0;
    if (index > 0) return index - 1;
    if (this.#size >= this.#max) return -1;
    this.#hashes[this.#size] = signed;
    this.#size += 1;
    this.#places[place] = this.#size;
    return this.#size - 1;
  }

  /** Its index in the order in which they came; -1 for none. */
  indexOf(hash: number): number {
    return this.#size === 0 ? -1 : (this.#places[this.#placeOf(hash | 0)] ?? 0) - 1;
  }

  /** The first `count` of them. Written out: this is done for every text, and hashes in a row are not looked up one by one. */
  addAll(hashes: Int32Array, count: number): void {
    for (let from = 0; from < count && !this.isFull; ) {
      // Room for all at once, or each doubling would look up again what is there; but not for a long text that repeats itself.
      if (this.#size >= this.#room) this.#grow(Math.min(this.#size + count - from, GROWN_MAX + 4 * this.#size));
      const places = this.#places;
      const kept = this.#hashes;
      const shift = this.#shift;
      const mask = places.length - 1;
      const room = this.#room;
      let size = this.#size;
      for (; from < count && size < room; from++) {
        const hash = hashes[from] ?? 0;
        let place = Math.imul(hash ^ SECRET, MULTIPLIER) >>> shift;
        let index = places[place] ?? 0;
        while (index !== 0 && kept[index - 1] !== hash) {
          place = (place + 1) & mask;
          index = places[place] ?? 0;
        }
        if (index !== 0) continue;
        kept[size] = hash;
        size += 1;
        places[place] = size;
      }
      this.#size = size;
    }
  }

  copy(): TokenSet {
    const copy = new TokenSet(this.#max);
    copy.#size = this.#size;
    const { hashes, places } = arraysOf(this.#hashes.length, this.#places.length);
    hashes.set(this.#hashes);
    places.set(this.#places);
    copy.#hashes = hashes;
    copy.#places = places;
    copy.#room = this.#room;
    copy.#shift = this.#shift;
    return copy;
  }

  clear(): void {
    this.#size = 0;
    this.#hashes = NO_HASHES;
    this.#places = NO_PLACES;
    this.#room = 0;
    this.#shift = 32;
  }

  /** Unsigned, in their order. */
  *[Symbol.iterator](): Iterator<number> {
    for (let i = 0; i < this.#size; i++) yield (this.#hashes[i] ?? 0) >>> 0;
  }

  /** Where the hash is, or would be. */
  #placeOf(signed: number): number {
    const places = this.#places;
    const mask = places.length - 1;
    let place = Math.imul(signed ^ SECRET, MULTIPLIER) >>> this.#shift;
    for (;;) {
      const index = places[place] ?? 0;
      if (index === 0 || this.#hashes[index - 1] === signed) return place;
      place = (place + 1) & mask;
    }
  }

  #grow(wanted = 2 * this.#size): void {
    const room = Math.max(ROOM_MIN, this.#size + 1, Math.min(wanted, this.#max));
    const bits = bitsFor(room);
    const before = this.#hashes;
    this.#room = Math.min(this.#max, roomIn(bits));
    const { hashes, places } = arraysOf(this.#room, 2 ** bits);
    const mask = places.length - 1;
    hashes.set(before);
    for (let i = 0; i < this.#size; i++) {
      let place = Math.imul((before[i] ?? 0) ^ SECRET, MULTIPLIER) >>> (32 - bits);
      while (places[place] !== 0) place = (place + 1) & mask;
      places[place] = i + 1;
    }
    this.#shift = 32 - bits;
    this.#hashes = hashes;
    this.#places = places;
  }
}

/** Half of the places are taken at most, of many four fifths: a look takes some steps more then, and a place is two bytes. */
const roomIn = (bits: number): number => (bits < DENSE_BITS ? 2 ** (bits - 1) : Math.floor(0.8 * 2 ** bits));
const DENSE_BITS = 10;

function bitsFor(room: number): number {
  const bits = 33 - Math.clz32(room - 1);
  return bits > DENSE_BITS && room <= roomIn(bits - 1) ? bits - 1 : bits;
}

/** In one piece of memory, unless they are so small that the runtime keeps them among its objects: it is asked for many. */
function arraysOf(hashes: number, places: number) {
  if (hashes <= ROOM_MIN) return { hashes: new Int32Array(hashes), places: new Uint16Array(places) };
  const memory = new ArrayBuffer(4 * hashes + 2 * places);
  return { hashes: new Int32Array(memory, 0, hashes), places: new Uint16Array(memory, 4 * hashes, places) };
}

const TOKENS_MAX = 2 ** 15;
const ROOM_MIN = 16;
/** Hashes that an empty set makes room for at once. */
const GROWN_MAX = 512;
const NO_HASHES = new Int32Array(0);
const NO_PLACES = new Uint16Array(0);
const SECRET = randomInt(2 ** 32) | 0;
const MULTIPLIER = randomInt(2 ** 31) * 2 + 1;
