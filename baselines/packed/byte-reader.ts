/** What a `ByteWriter` wrote. Reading beyond the end throws a RangeError. */
export interface ByteReader {
  byte(): number;
  varint(): number;
  float(): number;
  word(): number;
  text(): string;
  /** A copy of the next bytes, aligned for any typed array. */
  raw(length: number): ArrayBuffer;
  /** Bytes that are left: what counts that come from the bytes may not exceed. */
  left(): number;
}

export function createByteReader(bytes: Uint8Array): ByteReader {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;

  function skip(length: number): number {
    const start = at;
    at += length;
    if (at > buffer.length) throw new RangeError('packed value ends too early');
    return start;
  }

  const byte = (): number => buffer[skip(1)] ?? 0;

  function varint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const next = byte();
      value += (next & 0x7f) * scale;
      if (next < 0x80) return value;
      scale *= 0x80;
      if (scale > Number.MAX_SAFE_INTEGER) throw new RangeError('packed number is too long');
    }
  }

  function text(): string {
    const length = varint();
    const start = skip(length);
    return buffer.toString('utf8', start, start + length);
  }

  return {
    byte,
    varint,
    float: () => view.getFloat64(skip(8), true),
    word: () => view.getUint32(skip(4), true),
    text,
    raw(length) {
      const start = skip(length);
      return Uint8Array.prototype.slice.call(buffer, start, start + length).buffer as ArrayBuffer;
    },
    left: () => buffer.length - at,
  };
}
