/** Records of bytes one behind the other, in one array: the first leave, new ones come last. A record begins with its length, in two bytes. */
export class RecordQueue {
  readonly #bytesUsual: number;
  #bytes = NO_BYTES;
  #from = 0;
  #to = 0;
  #newest = 0;
  #length = 0;

  /** @param bytesUsual up to so many bytes the array doubles when it is full; beyond, it grows to what is needed */
  constructor(bytesUsual: number) {
    this.#bytesUsual = bytesUsual;
  }

  /** Records. */
  get length(): number {
    return this.#length;
  }

  get byteLength(): number {
    return this.#to - this.#from;
  }

  /** Where the records are, from `start` to `end`; only until one is added. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get start(): number {
    return this.#from;
  }

  get end(): number {
    return this.#to;
  }

  /** Where the newest begins, if there is any. */
  get newest(): number {
    return this.#newest;
  }

  /** Where the record behind the one at `at` begins. */
  behind(at: number): number {
    return at + shortAt(this.#bytes, at);
  }

  add(record: Uint8Array): void {
    if (this.#to + record.length > this.#bytes.length) this.#makeRoom(record.length);
    this.#bytes.set(record, this.#to);
    this.#newest = this.#to;
    this.#to += record.length;
    this.#length += 1;
  }

  dropFirst(): void {
    this.#from = this.behind(this.#from);
    this.#length -= 1;
  }

  /** What has left leaves a gap in front, which is closed when there is no room behind. */
  #makeRoom(more: number): void {
    const before = this.#bytes;
    const kept = this.#to - this.#from;
    const room = kept + more;
    if (room > before.length)
      this.#bytes = new Uint8Array(Math.max(ROOM_MIN, room, Math.min(2 * room, this.#bytesUsual)));
    if (this.#bytes === before) before.copyWithin(0, this.#from, this.#to);
    else this.#bytes.set(before.subarray(this.#from, this.#to));
    this.#from = 0;
    this.#to = kept;
  }
}

const NO_BYTES = new Uint8Array(0);
const ROOM_MIN = 256;

export const shortAt = (from: Uint8Array, at: number): number => (from[at] ?? 0) | ((from[at + 1] ?? 0) << 8);
