import type { DecayedHeap } from '../statistics/decayed-heap.ts';
import { type ByteReader, createByteReader } from './byte-reader.ts';
import { NAMES, SHAPES } from './known-names.ts';
import {
  forecast,
  isWhole,
  NEAR,
  NEAR_BACK,
  RECENT,
  RECENT_MAX,
  SHAPED,
  SHAPED_END,
  SMALL_END,
  STEP_BACK,
  TAG,
  TEXT,
} from './tags.ts';

/**
 * The value that `pack` wrote.
 * @throws RangeError for bytes that it did not write: cut off, or with forms and names that only a later build knows
 */
export function unpack(bytes: Uint8Array): unknown {
  const from = createByteReader(bytes);
  const value = readValue(from.byte(), { from, numbers: createNumberReader(from), texts: createTextReader(from) });
  if (from.left() > 0) throw new RangeError('packed value goes on after its end');
  return value;
}

interface NumberReader {
  /** Undefined: the tag is of no number. */
  read(tag: number): number | undefined;
  readAll(into: Float64Array): void;
}

interface Unpacking {
  readonly from: ByteReader;
  readonly numbers: NumberReader;
  /** Undefined: the tag is of no text. */
  readonly texts: (tag: number) => string | undefined;
}

function readValue(tag: number, packed: Unpacking): unknown {
  const number = packed.numbers.read(tag);
  if (number !== undefined) return number;
  if (tag >= SHAPED && tag < SHAPED_END) return readShaped(tag - SHAPED, packed);
  return packed.texts(tag) ?? readOther(tag, packed);
}

function readOther(tag: number, packed: Unpacking): unknown {
  if (tag === TAG.null) return null;
  if (tag === TAG.true || tag === TAG.false) return tag === TAG.true;
  if (tag === TAG.array) return readItems(packed);
  if (tag === TAG.set) return new Set(readItems(packed));
  if (tag === TAG.map) return readMap(packed);
  if (tag === TAG.object) return readObject(packed);
  if (tag === TAG.heap) return readHeap(packed);
  return readTyped(tag, packed);
}

/** Each of so many things takes a byte at least: a count that is wrong must not take memory. */
function countIn({ from }: Unpacking): number {
  const count = from.varint();
  if (count > from.left()) throw new RangeError('packed count is too large');
  return count;
}

function readItems(packed: Unpacking): unknown[] {
  const items: unknown[] = [];
  for (let left = countIn(packed); left > 0; left--) items.push(readValue(packed.from.byte(), packed));
  return items;
}

function readMap(packed: Unpacking): Map<unknown, unknown> {
  const map = new Map<unknown, unknown>();
  for (let left = countIn(packed); left > 0; left--) {
    const key = readValue(packed.from.byte(), packed);
    map.set(key, readValue(packed.from.byte(), packed));
  }
  return map;
}

function readShaped(shape: number, packed: Unpacking): object {
  const names = SHAPES[shape];
  if (names === undefined) throw new RangeError(`packed shape ${shape} is not known to this build`);
  const value: Record<string, unknown> = {};
  for (const name of names) value[name] = readValue(packed.from.byte(), packed);
  return value;
}

function readObject(packed: Unpacking): object {
  const fields: [string, unknown][] = [];
  for (let left = countIn(packed); left > 0; left--) {
    const name = textIn(packed);
    fields.push([name, readValue(packed.from.byte(), packed)]);
  }
  return Object.fromEntries(fields);
}

function textIn({ from, texts }: Unpacking): string {
  const text = texts(from.byte());
  if (text === undefined) throw new RangeError('packed value has something else where a text must be');
  return text;
}

function numberIn({ from, numbers }: Unpacking): number {
  const number = numbers.read(from.byte());
  if (number === undefined) throw new RangeError('packed value has something else where a number must be');
  return number;
}

function readHeap(packed: Unpacking): DecayedHeap {
  const count = countIn(packed);
  const scale = { landmarkMs: numberIn(packed), halfLifeMs: numberIn(packed) };
  const column = <T>(read: (packed: Unpacking) => T): T[] => Array.from({ length: count }, () => read(packed));
  const keys = column(textIn);
  const [counts, uses, first, last] = [column(numberIn), column(numberIn), column(numberIn), column(numberIn)];
  const heap = keys.map((key, place) => ({
    key,
    count: counts?.[place] ?? 0,
    uses: uses?.[place] ?? 0,
    firstMs: first?.[place] ?? 0,
    lastMs: last?.[place] ?? 0,
    place,
  }));
  return { items: new Map(heap.map((item) => [item.key, item])), heap, scale };
}

/** Longer tables than any that a state has: one that is wrong must not take memory. */
const TABLE_MAX = 2 ** 20;

function readTyped(tag: number, packed: Unpacking): unknown {
  const { from } = packed;
  const length = from.varint();
  if (length > TABLE_MAX) throw new RangeError('packed table is too long');
  if (tag === TAG.floats) return readFloats(length, packed);
  if (tag === TAG.words) return new Uint32Array(from.raw(4 * length));
  if (tag === TAG.bits) return readBits(length, from);
  if (tag === TAG.ints) return new Int32Array(from.raw(4 * length));
  if (tag === TAG.shorts) return new Uint16Array(from.raw(2 * length));
  if (tag === TAG.bytes) return new Uint8Array(from.raw(length));
  throw new RangeError(`packed form ${tag} is not known to this build`);
}

function readFloats(length: number, { from, numbers }: Unpacking): Float64Array {
  const table = new Float64Array(length);
  const used = from.varint();
  if (used > length) throw new RangeError('packed table is longer than itself');
  numbers.readAll(table.subarray(0, used));
  return table;
}

function readBits(length: number, from: ByteReader): Uint32Array {
  const words = new Uint32Array(length);
  let bit = 0;
  for (let left = from.varint(); left > 0; left--) {
    bit += from.varint();
    if (bit >= 32 * length) throw new RangeError('packed bit lies outside of its table');
    words[bit >>> 5] = (words[bit >>> 5] ?? 0) | (1 << (bit & 31));
  }
  return words;
}

function createTextReader(from: ByteReader): (tag: number) => string | undefined {
  const known: string[] = [];

  function readNew(read: () => string): string {
    // Its number is given before what is in it: a pair holds texts of its own.
    const place = known.push('') - 1;
    const text = read();
    known[place] = text;
    return text;
  }

  const halves = (): string => Buffer.from(from.raw(2 * from.varint())).toString('utf16le');
  const pair = (): string => {
    const first = part();
    return `${first}\u0000${part()}`;
  };
  const part = (): string => given(read(from.byte()));

  function given(text: string | undefined): string {
    if (text === undefined) throw new RangeError('packed text or name is not known to this build');
    return text;
  }

  function read(tag: number): string | undefined {
    if (tag >= TEXT) return given(known[tag - TEXT]);
    if (tag === TAG.name) return given(NAMES[from.varint()]);
    if (tag === TAG.again) return given(known[from.varint()]);
    if (tag === TAG.text) return readNew(from.text);
    if (tag === TAG.halves) return readNew(halves);
    return tag === TAG.pair ? readNew(pair) : undefined;
  }
  return read;
}

function createNumberReader(from: ByteReader): NumberReader {
  const known: number[] = [];
  let instant = 0;

  function remembered(distance: number): number {
    const value = known[known.length - distance];
    if (value === undefined) throw new RangeError('packed number was never written');
    return value;
  }

  function keep(value: number): number {
    known.push(value);
    return value;
  }

  function readInstant(distance: number): number {
    instant += distance;
    return keep(instant);
  }

  function read(tag: number): number | undefined {
    if (tag < SMALL_END) return tag;
    if (tag < RECENT + RECENT_MAX) return remembered(tag - RECENT + 1);
    switch (tag) {
      case TAG.float:
        return keep(from.float());
      case TAG.whole:
        return from.varint();
      case TAG.negative:
        return -from.varint();
      case TAG.word:
        return keep(from.word());
      case TAG.after:
        return readInstant(from.varint());
      case TAG.before:
        return readInstant(-from.varint());
      case TAG.remembered:
        return remembered(from.varint());
      case TAG.negativeZero:
        return -0;
      default:
        return undefined;
    }
  }

  return { read, readAll: (into) => readSteps(into, from, read) };
}

/** The other side of `createSteps`. */
function readSteps(into: Float64Array, from: ByteReader, read: (tag: number) => number | undefined): void {
  const both = new Float64Array(1);
  const halves = new Uint32Array(both.buffer);
  let whole = 0;

  function near(units: number, i: number): number {
    both[0] = forecast(into[i - 1] ?? 0, into[i - 2] ?? 0);
    halves[0] = (halves[0] ?? 0) + units;
    return both[0];
  }

  function next(tag: number, i: number): number | undefined {
    if (tag < SMALL_END) return whole + (tag - STEP_BACK);
    return tag >= NEAR && tag < NEAR + 2 * NEAR_BACK ? near(tag - NEAR - NEAR_BACK, i) : read(tag);
  }

  for (let i = 0; i < into.length; i++) {
    const value = next(from.byte(), i);
    if (value === undefined) throw new RangeError('packed table has something else where a number must be');
    into[i] = value;
    if (isWhole(value)) whole = value;
  }
}
