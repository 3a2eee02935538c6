import { type DecayedHeap, isDecayedHeap } from '../statistics/decayed-heap.ts';
import { isStoredAsList, isStoredAsSet } from '../stored-forms.ts';
import { type ByteWriter, createByteWriter } from './byte-writer.ts';
import { NAME_NUMBERS, SHAPE_TREE } from './known-names.ts';
import {
  forecast,
  isWhole,
  NEAR,
  NEAR_BACK,
  RECENT,
  RECENT_MAX,
  REMEMBERED_FROM,
  SHAPED,
  SHAPED_END,
  SMALL,
  SMALL_END,
  STEP_BACK,
  TAG,
  TEXT,
  TEXT_END,
} from './tags.ts';

/**
 * A tree of plain objects, arrays, maps, sets, typed arrays, texts, numbers and booleans as bytes, exact to the bit: the same value gives the
 * same bytes, and `pack(unpack(bytes))` gives the same again. Fields that are undefined are left out.
 *
 * What comes twice is written once: texts, and numbers that take more than three bytes, are numbered as they come. Field names and other words
 * of the program have numbers from the start (`known-names.ts`).
 *
 * @throws TypeError for anything else, such as a bigint or a function: a mistake of the program
 */
export function pack(value: unknown): Buffer {
  const out = createByteWriter();
  const numbers = createNumberWriter(out);
  const texts = createTextWriter(out);
  writeValue(value, { out, numbers, texts });
  return out.done();
}

interface NumberWriter {
  write(value: number): void;
  /** Numbers that are likely to follow one another. */
  writeAll(values: Float64Array): void;
}

interface Packing {
  readonly out: ByteWriter;
  readonly numbers: NumberWriter;
  readonly texts: (text: string) => void;
}

function writeValue(value: unknown, to: Packing): void {
  if (typeof value === 'number') to.numbers.write(value);
  else if (typeof value === 'string') to.texts(value);
  else if (typeof value === 'object' && value !== null) writeContainer(value, to);
  else to.out.byte(plainTag(value));
}

function plainTag(value: unknown): number {
  if (value === null) return TAG.null;
  if (value === true) return TAG.true;
  if (value === false) return TAG.false;
  throw new TypeError(`a state holds no ${typeof value}`);
}

function writeContainer(value: object, to: Packing): void {
  if (isStoredAsList(value)) writeList(TAG.array, value.length, value, to);
  else if (value instanceof Map) writeMap(value, to);
  else if (isStoredAsSet(value)) writeList(TAG.set, value.size, value, to);
  else if (ArrayBuffer.isView(value)) writeTyped(value, to);
  else if (isDecayedHeap(value)) writeHeap(value, to);
  else writeObject(value as Record<string, unknown>, to);
}

function writeList(tag: number, count: number, items: Iterable<unknown>, to: Packing): void {
  to.out.byte(tag);
  to.out.varint(count);
  for (const item of items) writeValue(item, to);
}

function writeMap(map: ReadonlyMap<unknown, unknown>, to: Packing): void {
  to.out.byte(TAG.map);
  to.out.varint(map.size);
  for (const [key, value] of map) {
    writeValue(key, to);
    writeValue(value, to);
  }
}

function writeObject(value: Readonly<Record<string, unknown>>, to: Packing): void {
  const names = Object.keys(value).filter((name) => value[name] !== undefined);
  const shape = shapeOf(names);
  if (shape !== undefined) to.out.byte(SHAPED + shape);
  else {
    to.out.byte(TAG.object);
    to.out.varint(names.length);
  }
  for (const name of names) {
    if (shape === undefined) to.texts(name);
    writeValue(value[name], to);
  }
}

function shapeOf(names: readonly string[]): number | undefined {
  let node = SHAPE_TREE;
  for (const name of names) {
    const next = node.next.get(name);
    if (next === undefined) return undefined;
    node = next;
  }
  return node.shape !== undefined && node.shape < SHAPED_END - SHAPED ? node.shape : undefined;
}

/** Keys, counts, uses, first and last use, each for itself: one like the other. */
function writeHeap({ heap, scale }: DecayedHeap, { out, numbers, texts }: Packing): void {
  out.byte(TAG.heap);
  out.varint(heap.length);
  numbers.write(scale.landmarkMs);
  numbers.write(scale.halfLifeMs);
  for (const { key } of heap) texts(key);
  for (const { count } of heap) numbers.write(count);
  for (const { uses } of heap) numbers.write(uses);
  for (const { firstMs } of heap) numbers.write(firstMs);
  for (const { lastMs } of heap) numbers.write(lastMs);
}

const RAW_TAGS = [
  [Int32Array, TAG.ints],
  [Uint16Array, TAG.shorts],
  [Uint8Array, TAG.bytes],
] as const;

function writeTyped(value: ArrayBufferView, { out, numbers }: Packing): void {
  if (value instanceof Float64Array) writeFloats(value, out, numbers);
  else if (value instanceof Uint32Array) writeWords(value, out);
  else writeRaw(value, out);
}

function writeRaw(value: ArrayBufferView, out: ByteWriter): void {
  const found = RAW_TAGS.find(([make]) => value instanceof make);
  if (found === undefined) throw new TypeError(`a state holds no ${value.constructor.name}`);
  const [{ BYTES_PER_ELEMENT }, tag] = found;
  out.byte(tag);
  out.varint(value.byteLength / BYTES_PER_ELEMENT);
  out.raw(bytesOf(value));
}

/** Every platform that Node.js runs on is little-endian. */
const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Tables grow ahead of what is in them. */
function writeFloats(value: Float64Array, out: ByteWriter, numbers: NumberWriter): void {
  let used = value.length;
  while (used > 0 && Object.is(value[used - 1], 0)) used -= 1;
  out.byte(TAG.floats);
  out.varint(value.length);
  out.varint(used);
  numbers.writeAll(value.subarray(0, used));
}

/** Filters: hardly any bit is set, or about half of them. */
function writeWords(value: Uint32Array, out: ByteWriter): void {
  const bits = bitsIn(value);
  if (bits >= value.length * 4) {
    out.byte(TAG.words);
    out.varint(value.length);
    out.raw(bytesOf(value));
    return;
  }
  out.byte(TAG.bits);
  out.varint(value.length);
  out.varint(bits);
  let before = 0;
  eachBit(value, (bit) => {
    out.varint(bit - before);
    before = bit;
  });
}

function bitsIn(words: Uint32Array): number {
  let count = 0;
  for (const word of words) for (let rest = word; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

function eachBit(words: Uint32Array, visit: (bit: number) => void): void {
  for (let i = 0; i < words.length; i++) {
    for (let rest = words[i] ?? 0; rest !== 0; rest &= rest - 1) visit(32 * i + 31 - Math.clz32(rest & -rest));
  }
}

function createTextWriter(out: ByteWriter): (text: string) => void {
  const known = new Map<string, number>();

  function writeNew(text: string): void {
    const nul = text.indexOf('\u0000');
    if (nul >= 0) {
      out.byte(TAG.pair);
      write(text.slice(0, nul));
      write(text.slice(nul + 1));
      return;
    }
    if (!out.text(TAG.text, text)) writeHalves(text);
  }

  function writeHalves(text: string): void {
    out.byte(TAG.halves);
    out.varint(text.length);
    out.raw(Buffer.from(text, 'utf16le'));
  }

  function write(text: string): void {
    const name = NAME_NUMBERS.get(text);
    if (name !== undefined) {
      out.byte(TAG.name);
      out.varint(name);
      return;
    }
    const place = known.get(text);
    if (place === undefined) {
      known.set(text, known.size);
      writeNew(text);
    } else if (place < TEXT_END - TEXT) out.byte(TEXT + place);
    else {
      out.byte(TAG.again);
      out.varint(place);
    }
  }
  return write;
}

function createNumberWriter(out: ByteWriter): NumberWriter {
  const known = new Map<number, number>();
  /** The last number that was written by its distance. */
  let instant = 0;

  function write(value: number): void {
    if (isWhole(value)) writeWhole(value);
    else writeFraction(value);
  }

  function writeWhole(value: number): void {
    if (value >= 0 && value < SMALL_END) out.byte(SMALL + value);
    else if (value > -REMEMBERED_FROM && value < REMEMBERED_FROM) {
      out.byte(value < 0 ? TAG.negative : TAG.whole);
      out.varint(Math.abs(value));
    } else if (!writeKnown(value)) {
      if (value >= 0 && value < 2 ** 32) {
        out.byte(TAG.word);
        out.word(value);
      } else writeInstant(value);
    }
  }

  function writeInstant(value: number): void {
    const distance = value - instant;
    if (Number.isSafeInteger(distance)) {
      out.byte(distance < 0 ? TAG.before : TAG.after);
      out.varint(Math.abs(distance));
      instant = value;
    } else writeFloat(value);
  }

  function writeFraction(value: number): void {
    if (value === 0) out.byte(TAG.negativeZero);
    else if (!writeKnown(value)) writeFloat(value);
  }

  function writeFloat(value: number): void {
    out.byte(TAG.float);
    out.float(value);
  }

  /** @returns false for a number that comes for the first time; it is remembered */
  function writeKnown(value: number): boolean {
    const place = known.get(value);
    if (place === undefined) {
      known.set(value, known.size);
      return false;
    }
    const distance = known.size - place;
    if (distance <= RECENT_MAX) out.byte(RECENT + distance - 1);
    else {
      out.byte(TAG.remembered);
      out.varint(distance);
    }
    return true;
  }

  function writeAll(values: Float64Array): void {
    const steps = createSteps();
    for (const value of values) {
      const tag = steps.tagOf(value);
      if (tag !== undefined) out.byte(tag);
      else if (isWhole(value) && value >= 0 && value < SMALL_END) {
        // As one byte it would be read as a step.
        out.byte(TAG.whole);
        out.varint(value);
      } else write(value);
      steps.passed(value);
    }
  }

  return { write, writeAll };
}

/** Numbers of a table that follow from those before them, as one byte; undefined for the others. */
function createSteps() {
  const both = new Float64Array(2);
  const halves = new Int32Array(both.buffer);
  let whole = 0;
  let before = 0;
  let twoBefore = 0;

  function nearTag(value: number): number | undefined {
    if (!Number.isFinite(value)) return undefined;
    both[0] = value;
    both[1] = forecast(before, twoBefore);
    if (halves[1] !== halves[3]) return undefined;
    const units = ((halves[0] ?? 0) >>> 0) - ((halves[2] ?? 0) >>> 0) + NEAR_BACK;
    return units >= 0 && units < 2 * NEAR_BACK ? NEAR + units : undefined;
  }

  return {
    tagOf(value: number): number | undefined {
      if (!isWhole(value)) return nearTag(value);
      const step = value - whole + STEP_BACK;
      return step >= 0 && step < SMALL_END ? SMALL + step : undefined;
    },
    passed(value: number): void {
      if (isWhole(value)) whole = value;
      twoBefore = before;
      before = value;
    },
  };
}
