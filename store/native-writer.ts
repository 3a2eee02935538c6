const BYTES_MIN = 1024;
/** Most texts are short, and a call into the runtime pays only for longer ones. */
const NEAR_CHARS = 48;
const LOW = 2 ** 32;

/** Bytes of the format Native: little-endian numbers, texts after their length. Grows as needed; its owner bounds what is written. */
export class NativeWriter {
  #buffer: Buffer;
  #at = 0;

  constructor(expectedBytes: number) {
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(BYTES_MIN, expectedBytes));
  }

  /** A view of what was written; ends the use of the writer. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#at);
  }

  /** LEB128 of an integer >= 0. */
  size(value: number): void {
    this.#reserve(10);
    this.#at = putSize(this.#buffer, this.#at, value);
  }

  text(value: string): void {
    if (value.length <= NEAR_CHARS && this.#nearText(value)) return;
    const length = Buffer.byteLength(value);
    this.#reserve(length + 10);
    this.#at = putSize(this.#buffer, this.#at, length);
    this.#at += this.#buffer.write(value, this.#at, length === value.length ? 'latin1' : 'utf8');
  }

  /** ASCII of at most 48 characters; false, with nothing written, for anything else. */
  #nearText(value: string): boolean {
    const { length } = value;
    this.#reserve(length + 1);
    const buffer = this.#buffer;
    const start = this.#at + 1;
    for (let index = 0; index < length; index += 1) {
      const code = value.charCodeAt(index);
      if (code > 0x7f) return false;
      buffer[start + index] = code;
    }
    buffer[this.#at] = length;
    this.#at = start + length;
    return true;
  }

  /** The lowest 1, 2 or 4 bytes of an integer, in two's complement. */
  integers(values: readonly number[], width: 1 | 2 | 4): void {
    this.#reserve(values.length * width);
    const buffer = this.#buffer;
    let at = this.#at;
    for (const value of values) {
      for (let shift = 0; shift < width * 8; shift += 8) buffer[at++] = value >>> shift;
    }
    this.#at = at;
  }

  /** Integers that a double holds exactly, negative ones too. */
  longs(values: readonly number[]): void {
    this.#reserve(values.length * 8);
    let at = this.#at;
    for (const value of values) {
      const high = Math.floor(value / LOW);
      at = this.#buffer.writeUInt32LE(value - high * LOW, at);
      at = this.#buffer.writeInt32LE(high | 0, at);
    }
    this.#at = at;
  }

  /** Zero has no sign, as in JSON. */
  doubles(values: readonly number[]): void {
    this.#reserve(values.length * 8);
    for (const value of values) this.#at = this.#buffer.writeDoubleLE(value + 0, this.#at);
  }

  #reserve(bytes: number): void {
    const needed = this.#at + bytes;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(grown, 0, 0, this.#at);
    this.#buffer = grown;
  }
}

function putSize(buffer: Buffer, start: number, value: number): number {
  let at = start;
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) buffer[at++] = (rest % 0x80) | 0x80;
  buffer[at++] = rest;
  return at;
}
