import { LENGTH_OF_RUN, RUN_HAS_DIGIT, type Scan } from './token-reader.ts';

/**
 * Long runs of letters and digits in a text, as hashes of the stretches in them: what a card number, a key or an id is made of, and what is
 * known by a part of it. Found among the runs that the scan of the text has parted anyway: no code is looked at again but theirs.
 *
 * A stretch is `STRETCH` signs in lower case, hashed to 32 bits; of a long run every second one is taken, so that any piece of it of seven
 * signs holds one of them whole.
 */
export interface LongRuns {
  count: number;
  /** Signs of each run that stretches were taken of, and how many stretches. */
  readonly signs: Int32Array;
  readonly stretchCounts: Int32Array;
  stretchCount: number;
  readonly stretches: Int32Array;
}

export const STRETCH = 6;
export const STEP = 2;
/** With a digit in it a run of 12 is a value rather than a word; without, one of 20. */
const SIGNS_MIN = 12;
const LETTERS_MIN = 20;
/** Of one run; what is behind is not known. */
const RUN_STRETCHES_MAX = 256;
/** Of one text; further runs are not taken. */
export const RUNS_MAX = 128;
export const STRETCHES_MAX = 1024;

export const emptyLongRuns = (): LongRuns => ({
  count: 0,
  signs: new Int32Array(RUNS_MAX),
  stretchCounts: new Int32Array(RUNS_MAX),
  stretchCount: 0,
  stretches: new Int32Array(STRETCHES_MAX),
});

/** Takes the long runs of a text that was scanned. */
export function takeLongRuns(codes: Uint16Array, { count, ends, lengths }: Readonly<Scan>, into: LongRuns): void {
  for (let n = 0; n < count; n++) {
    const run = lengths[n] ?? 0;
    const length = run & LENGTH_OF_RUN;
    if (length < SIGNS_MIN || (length < LETTERS_MIN && (run & RUN_HAS_DIGIT) === 0)) continue;
    if (into.count >= RUNS_MAX || into.stretchCount >= STRETCHES_MAX) return;
    const end = ends[n] ?? 0;
    takeRun(codes, end - length, end, into);
  }
}

function takeRun(codes: Uint16Array, start: number, end: number, into: LongRuns): void {
  const room = Math.min(RUN_STRETCHES_MAX, STRETCHES_MAX - into.stretchCount);
  const first = into.stretchCount;
  let hash = 0;
  let taken = 0;
  let i = start;
  for (; i < end && taken < room; i++) {
    const code = codes[i] ?? 0;
    // A sentence of a script without blanks is no value.
    if (code >= 128) return;
    hash = (Math.imul(hash, BASE) + folded(code)) | 0;
    const behind = i - start - STRETCH;
    if (behind >= 0) hash = (hash - Math.imul(folded(codes[i - STRETCH] ?? 0), BASE_POWER)) | 0;
    if (behind >= -1 && (behind + 1) % STEP === 0) into.stretches[first + taken++] = hash;
  }
  into.signs[into.count] = (taken - 1) * STEP + STRETCH;
  into.stretchCounts[into.count] = taken;
  into.stretchCount = first + taken;
  into.count += 1;
}

/** Calls back with the hash of every stretch of a text of ASCII letters and digits. */
export function eachStretch(run: string, emit: (hash: number) => void): void {
  let hash = 0;
  for (let i = 0; i < run.length; i++) {
    hash = (Math.imul(hash, BASE) + folded(run.charCodeAt(i))) | 0;
    if (i >= STRETCH) hash = (hash - Math.imul(folded(run.charCodeAt(i - STRETCH)), BASE_POWER)) | 0;
    if (i >= STRETCH - 1) emit(hash);
  }
}

/** Bit 5 is set in digits and small letters. */
const folded = (code: number): number => code | 32;

/** A hash that can roll: Karp, Rabin, "Efficient randomized pattern-matching algorithms", 1987; here modulo 2^32. */
const BASE = 0x01000193;
const BASE_POWER = Array.from({ length: STRETCH }).reduce<number>((power) => Math.imul(power, BASE), 1);
