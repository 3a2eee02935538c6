/**
 * "Was it ever here?" for keys that fell out of a bounded table, in constant memory, for ever.
 *
 * Two Bloom filters of 8,192 bits with 7 probes. New keys go into the younger one; when it has taken 700, the older is emptied and
 * becomes the younger. So the last 700 to 1,400 keys are remembered for certain, older ones are not, and the false "yes" of a full
 * filter, (1 - e^(-7 * 700 / 8192))^7 = 0.4 %, twice at most, holds however many keys went through: below 1 %.
 * Sources: Bloom, CACM 1970; double hashing: Kirsch and Mitzenmacher, "Less hashing, same performance", 2006.
 *
 * Fails against someone who chooses keys to collide: the hash has no secret. All they gain is "forgotten" where "new" was due.
 */
import { fnv1a } from './bounded-key.ts';

export interface RotatingFilter {
  /** Swapped at each rotation. */
  younger: Uint32Array;
  older: Uint32Array;
  /** Keys in the younger filter. */
  taken: number;
}

const WORDS = 256;
const BITS_MASK = WORDS * 32 - 1;
const PROBES = 7;
const KEYS_MAX = 700;

/** Nothing has left yet: nearly every table is in this state for ever. */
const NONE = new Uint32Array(0);

export const emptyRotatingFilter = (): RotatingFilter => ({
  younger: NONE,
  older: NONE,
  taken: 0,
});

/** A key is a text or its 32-bit hash. */
export function remember(filter: RotatingFilter, key: string | number): void {
  const start = startOf(key);
  const step = stepOf(key, start);
  if (isIn(filter.younger, start, step)) return;
  if (filter.younger.length === 0) filter.younger = new Uint32Array(WORDS);
  if (filter.taken >= KEYS_MAX) rotate(filter);
  filter.taken += 1;
  for (let i = 0; i < PROBES; i++) {
    const bit = (start + Math.imul(i, step)) & BITS_MASK;
    filter.younger[bit >>> 5] = (filter.younger[bit >>> 5] ?? 0) | (1 << (bit & 31));
  }
}

export function remembers({ younger, older }: Readonly<RotatingFilter>, key: string | number): boolean {
  const start = startOf(key);
  const step = stepOf(key, start);
  return isIn(younger, start, step) || isIn(older, start, step);
}

function rotate(filter: RotatingFilter): void {
  const emptied = filter.older.length === 0 ? new Uint32Array(WORDS) : filter.older.fill(0);
  filter.older = filter.younger;
  filter.younger = emptied;
  filter.taken = 0;
}

function isIn(bits: Uint32Array, start: number, step: number): boolean {
  for (let i = 0; i < PROBES; i++) {
    const bit = (start + Math.imul(i, step)) & BITS_MASK;
    if (((bits[bit >>> 5] ?? 0) & (1 << (bit & 31))) === 0) return false;
  }
  return true;
}

/** FNV leaves its low bits poorly mixed for short keys; the finaliser of MurmurHash3 spreads them. */
function mixed(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return (twice ^ (twice >>> 16)) >>> 0;
}

const startOf = (key: string | number): number => mixed(typeof key === 'number' ? key : fnv1a(key));
/** Odd, so that the probes visit different bits. */
const stepOf = (key: string | number, start: number): number =>
  mixed(typeof key === 'number' ? Math.imul(key, 0x9e3779b1) ^ start : fnv1a(key, start ^ 0x9e3779b9)) | 1;
