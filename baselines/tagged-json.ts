import { decodeHeap, encodeHeap, isDecayedHeap } from './statistics/decayed-heap.ts';
import { isStoredAsList, isStoredAsSet } from './stored-forms.ts';

/** JSON text of a tree with maps, sets and typed arrays, and back. Numbers keep every bit: the shortest form that reads back the same. */
export const encodeTagged = (value: unknown): string => JSON.stringify(value, tagContainers);
export const decodeTagged = (text: string): unknown => JSON.parse(text, untagContainers);

// JSON knows no maps, sets and typed arrays. Tags cannot clash with data: field names of the state are fixed, and everything
// that comes from events stands in arrays or as a value.
function tagContainers(_key: string, value: unknown): unknown {
  if (isDecayedHeap(value)) return { $heap: encodeHeap(value) };
  if (value instanceof Map) return { $map: [...value] };
  if (typeof value !== 'object' || value === null) return value;
  if (isStoredAsSet(value)) return { $set: [...value] };
  if (isStoredAsList(value)) return [...value];
  if (value instanceof Float64Array) return { $f64: [...value] };
  if (value instanceof Uint32Array) return { $u32: sparse(value) };
  if (value instanceof Int32Array) return { $i32: base64(value) };
  if (value instanceof Uint16Array) return { $u16: base64(value) };
  if (value instanceof Uint8Array) return { $u8: base64(value) };
  return value;
}

function untagContainers(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const tagged = value as {
    $map?: [unknown, unknown][];
    $set?: unknown[];
    $f64?: number[];
    $u32?: [number, number[]];
    $i32?: string;
    $u16?: string;
    $u8?: string;
    $heap?: unknown;
  };
  if (tagged.$heap !== undefined) return decodeHeap(tagged.$heap);
  if (tagged.$map !== undefined) return new Map(tagged.$map);
  if (tagged.$set !== undefined) return new Set(tagged.$set);
  if (tagged.$f64 !== undefined) return Float64Array.from(tagged.$f64);
  if (tagged.$u32 !== undefined) return dense(tagged.$u32);
  if (tagged.$i32 !== undefined) return new Int32Array(bytesOf(tagged.$i32));
  if (tagged.$u16 !== undefined) return new Uint16Array(bytesOf(tagged.$u16));
  if (tagged.$u8 !== undefined) return new Uint8Array(bytesOf(tagged.$u8));
  return value;
}

/** Every platform that Node.js runs on is little-endian. */
const base64 = ({ buffer, byteOffset, byteLength }: ArrayBufferView): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');

const bytesOf = (text: string): ArrayBuffer => new Uint8Array(Buffer.from(text, 'base64')).buffer;

/** Eviction filters are empty for nearly every agent: length, then index and value of each word that is not 0. */
const sparse = (words: Uint32Array): [number, number[]] => [
  words.length,
  [...words].flatMap((word, i) => (word === 0 ? [] : [i, word])),
];

function dense([length, pairs]: [number, number[]]): Uint32Array {
  const words = new Uint32Array(length);
  for (let i = 0; i < pairs.length; i += 2) words[pairs[i] ?? 0] = pairs[i + 1] ?? 0;
  return words;
}
