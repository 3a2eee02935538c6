/** A message of the Kafka protocol is shorter than it says, or says something impossible. */
export class WireError extends Error {
  override readonly name = 'WireError';
}

/** Seven groups of seven bits are below 2^53. */
const EXACT_FACTOR_MAX = 128 ** 6;

/**
 * Reads the primitive types of the Kafka protocol (https://kafka.apache.org/protocol#protocol_types) in order. Every read checks
 * that its bytes are there and throws `WireError` if not: lengths and counts were written by somebody else.
 */
export class WireReader {
  readonly bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get remaining(): number {
    return this.bytes.length - this.at;
  }

  int8(): number {
    return this.bytes.readInt8(this.advance(1));
  }

  int16(): number {
    return this.bytes.readInt16BE(this.advance(2));
  }

  int32(): number {
    return this.bytes.readInt32BE(this.advance(4));
  }

  int64(): bigint {
    return this.bytes.readBigInt64BE(this.advance(8));
  }

  /** Zigzag, at most five bytes. */
  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.bytes[this.advance(1)] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
    throw new WireError('A varint is longer than five bytes.');
  }

  /** Zigzag, at most ten bytes; a bigint where a number would not be exact. */
  varlong(): number | bigint {
    const start = this.at;
    let value = 0;
    for (let factor = 1; factor <= EXACT_FACTOR_MAX; factor *= 128) {
      const byte = this.bytes[this.advance(1)] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    this.at = start;
    return this.longVarlong();
  }

  private longVarlong(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.bytes[this.advance(1)] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
    }
    throw new WireError('A varlong is longer than ten bytes.');
  }

  /** A view, not a copy. */
  take(byteCount: number): Buffer {
    const start = this.advance(byteCount);
    return this.bytes.subarray(start, start + byteCount);
  }

  /** `null` where the length is -1. */
  varintBytes(): Buffer | null {
    const byteCount = this.varint();
    return byteCount === -1 ? null : this.take(byteCount);
  }

  string(): string {
    return this.take(this.int16()).toString('utf8');
  }

  /** Elements of at least `elementBytesMin` bytes each: a count that the message cannot hold is refused before anything is made. */
  array<T>(elementBytesMin: number, read: () => T): T[] {
    const count = this.int32();
    if (count === -1) return [];
    if (count < 0 || count * elementBytesMin > this.remaining) {
      throw new WireError(`An array of ${count} elements does not fit in ${this.remaining} bytes.`);
    }
    return Array.from({ length: count }, read);
  }

  private advance(byteCount: number): number {
    const start = this.at;
    if (byteCount < 0 || byteCount > this.remaining) {
      throw new WireError(`${byteCount} bytes were announced where ${this.remaining} are left.`);
    }
    this.at = start + byteCount;
    return start;
  }
}
