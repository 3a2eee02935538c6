/** Bytes in a buffer that grows. Whole numbers as varints: seven bits a byte, lowest first. */
export interface ByteWriter {
  byte(value: number): void;
  /** 0 to 2^53 - 1. */
  varint(value: number): void;
  float(value: number): void;
  word(value: number): void;
  /**
   * A byte in front, the length in bytes, and UTF-8.
   * @returns false, with nothing written, for text with half a surrogate pair in it: UTF-8 does not have it
   */
  text(front: number, value: string): boolean;
  raw(bytes: Uint8Array): void;
  /** What was written; valid until the next write. */
  done(): Buffer;
}

const START_BYTES = 4096;
const VARINT_BYTES_MAX = 8;
/** Of one UTF-16 unit in UTF-8. */
const UNIT_BYTES_MAX = 3;
const LONE_SURROGATE = /[\ud800-\udfff]/u;

export function createByteWriter(): ByteWriter {
  let buffer = Buffer.allocUnsafe(START_BYTES);
  let view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  let at = 0;

  function room(bytes: number): void {
    if (at + bytes <= buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, at + bytes));
    buffer.copy(larger, 0, 0, at);
    buffer = larger;
    view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }

  function byte(value: number): void {
    if (at >= buffer.length) room(1);
    buffer[at++] = value;
  }

  function varint(value: number): void {
    room(VARINT_BYTES_MAX);
    let rest = value;
    for (; rest >= 0x80000000; rest = Math.floor(rest / 0x80)) buffer[at++] = (rest % 0x80) | 0x80;
    for (; rest >= 0x80; rest >>>= 7) buffer[at++] = (rest & 0x7f) | 0x80;
    buffer[at++] = rest;
  }

  /** Most texts are short and plain: a loop is faster than a call into the runtime. */
  function text(front: number, value: string): boolean {
    const { length } = value;
    room(length * UNIT_BYTES_MAX + 2 * VARINT_BYTES_MAX);
    const start = at;
    buffer[at++] = front;
    varint(length);
    for (let i = 0; i < length; i++) {
      const unit = value.charCodeAt(i);
      if (unit > 0x7f) return otherText(front, value, start);
      buffer[at++] = unit;
    }
    return true;
  }

  function otherText(front: number, value: string, start: number): boolean {
    at = start;
    if (LONE_SURROGATE.test(value)) return false;
    buffer[at++] = front;
    varint(Buffer.byteLength(value));
    at += buffer.write(value, at);
    return true;
  }

  return {
    byte,
    varint,
    float(value) {
      room(8);
      view.setFloat64(at, value, true);
      at += 8;
    },
    word(value) {
      room(4);
      view.setUint32(at, value, true);
      at += 4;
    },
    text,
    raw(bytes) {
      room(bytes.length);
      buffer.set(bytes, at);
      at += bytes.length;
    },
    done: () => buffer.subarray(0, at),
  };
}
