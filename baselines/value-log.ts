import { joined, withoutFirst } from './growing-array.ts';
import type { ResultSource } from './kept-results.ts';
import { GROWN, type KeptValue, KeptValues, type LeftPieces } from './kept-values.ts';
import { type LongRuns, RUNS_MAX, STEP, STRETCH, STRETCHES_MAX } from './long-runs.ts';

/**
 * The long values that the results of one session held (`long-runs.ts`), and how much of each has left in pieces since. Stretches of all values
 * lie one behind the other, in the order in which they were read. When there are more than `STRETCHES_MAX` of them, or `RUNS_MAX` values, or the
 * results that they come from take too much, the oldest values go: pieces of those are not recognised.
 */
export interface ValueLog {
  stretches: Int32Array;
  readonly values: KeptValues;
}

/** Some forty results with ids of usual length: as a rule several values are from one. */
const SOURCE_BYTES_MAX = 2 * 1024;
const EVENTS_MAX = 8;

export const emptyValueLog = (): ValueLog => ({ stretches: new Int32Array(0), values: new KeptValues() });

export const restoredValueLog = (stored: {
  readonly stretches: Int32Array;
  readonly values: Iterable<KeptValue>;
}): ValueLog => ({ ...stored, values: new KeptValues(stored.values) });

export function appendValues(log: ValueLog, source: ResultSource, runs: Readonly<LongRuns>): void {
  log.values.push(source, runs);
  makeRoom(log, runs);
  log.stretches = joined(Int32Array, log.stretches, runs.stretches.subarray(0, runs.stretchCount), STRETCHES_MAX);
}

/** What it may take in memory; see `KeptValues.bytes`. */
export const valueLogBytes = ({ stretches, values }: Readonly<ValueLog>): number =>
  stretches.BYTES_PER_ELEMENT * Math.min(STRETCHES_MAX, GROWN * stretches.length) + values.bytes;

/** For those of the newest result, which are among the values already. */
function makeRoom(log: ValueLog, { count, stretchCount }: Readonly<LongRuns>): void {
  const { values } = log;
  let leaving = 0;
  const isFull = () =>
    values.length > RUNS_MAX ||
    values.sourceBytes > SOURCE_BYTES_MAX ||
    log.stretches.length - leaving + stretchCount > STRETCHES_MAX;
  while (values.length > count && isFull()) leaving += values.shift();
  if (leaving > 0) log.stretches = withoutFirst(log.stretches, leaving);
}

/** A run of letters and digits that leaves, in the clear or as an encoded one stands for. */
export interface LeavingRun {
  readonly text: string;
  readonly signs: number;
  /** Whether some text of the session holds it as it is: asked only for runs that are part of a value. */
  isRead(): boolean;
}

/** What leaves with one event: which runs hold a stretch. */
export interface LeavingRuns {
  holding(stretch: number): readonly LeavingRun[] | undefined;
}

/** A value of which this event takes a piece that has not left before. */
export interface Departure {
  readonly value: KeptValue;
  /** Of the value in its log. */
  readonly index: number;
  /** With this event. */
  readonly left: LeftPieces;
  /** Signs of the value that have left with it. */
  readonly signs: number;
}

/** What of a run must be a piece of the value; the rest may be a number in front of it. */
const PIECE_SHARE = 0.75;
/** Signs at the two ends of a piece that no stretch need hold. */
const ENDS = 2 * (STEP - 1);

/** Values of which the runs are pieces: not the values themselves, and nothing that was read as it is. One look at all that is kept. */
export function departures(log: Readonly<ValueLog>, runs: LeavingRuns, event: string): Departure[] {
  const found: Departure[] = [];
  let at = 0;
  let index = 0;
  for (const { stretches } of log.values.sizes()) {
    const held = heldStretches(log.stretches, at, stretches, runs);
    const departure = held && departureOf(log.values.at(index), index, held, event);
    if (departure !== undefined) found.push(departure);
    at += stretches;
    index += 1;
  }
  return found;
}

/** Values that a run holds whole which counts. One look at all that is kept. */
export function wholeIn(
  log: Readonly<ValueLog>,
  runs: LeavingRuns,
  counts: (run: LeavingRun) => boolean,
): readonly KeptValue[] {
  const whole: KeptValue[] = [];
  let at = 0;
  let index = 0;
  for (const { signs, stretches } of log.values.sizes()) {
    const held = heldStretches(log.stretches, at, stretches, runs);
    if (held !== undefined && [...held].some(([run, indexes]) => isWhole(indexes, signs) && counts(run)))
      whole.push(log.values.at(index));
    at += stretches;
    index += 1;
  }
  return whole;
}

const isWhole = (indexes: readonly number[], signs: number): boolean => signsOf(indexes) + ENDS >= signs;

/** Indexes of stretches of the value, by run; undefined for none. */
type Held = ReadonlyMap<LeavingRun, readonly number[]>;

function heldStretches(all: Int32Array, from: number, count: number, runs: LeavingRuns): Held | undefined {
  let held: Map<LeavingRun, number[]> | undefined;
  for (let i = 0; i < count; i++) {
    const holding = runs.holding(all[from + i] ?? 0);
    if (holding === undefined) continue;
    held ??= new Map();
    for (const run of holding) {
      const indexes = held.get(run);
      if (indexes === undefined) held.set(run, [i]);
      else indexes.push(i);
    }
  }
  return held;
}

function departureOf(value: KeptValue, index: number, held: Held, event: string): Departure | undefined {
  const before = value.left;
  const covered = new Uint8Array(value.stretches);
  if (before !== undefined) covered.set(before.covered);
  let pieces = 0;
  for (const [run, indexes] of held) {
    if (isWhole(indexes, value.signs)) return undefined;
    const signs = signsOf(indexes);
    const isNew = indexes.some((index) => covered[index] === 0);
    if (!isNew || signs + ENDS < PIECE_SHARE * run.signs || run.isRead()) continue;
    for (const index of indexes) covered[index] = 1;
    pieces += 1;
  }
  if (pieces === 0) return undefined;
  const events = before?.events ?? [];
  const left = {
    covered,
    pieces: pieces + (before?.pieces ?? 0),
    calls: 1 + (before?.calls ?? 0),
    events: events.length < EVENTS_MAX ? [...events, event] : events,
  };
  return { value, index, left, signs: signsOf([...covered.keys()].filter((index) => covered[index] === 1)) };
}

/** Signs that the stretches cover together; `indexes` ascend. */
function signsOf(indexes: readonly number[]): number {
  let signs = 0;
  let end = 0;
  for (const index of indexes) {
    const start = index * STEP;
    signs += start + STRETCH - Math.max(start, end);
    end = start + STRETCH;
  }
  return signs;
}

/** Calls after which a value counts as gone in pieces; or so many pieces, by however many calls. */
const CALLS_MIN = 2;
const PIECES_MIN = 3;
/** How much of it must have left: a share, and a number of signs that is enough of any. */
const GONE_SHARE = 0.6;
const GONE_SIGNS = 48;

export const isGone = ({ value, left, signs }: Departure): boolean =>
  (left.calls >= CALLS_MIN || left.pieces >= PIECES_MIN) && signs >= Math.min(GONE_SHARE * value.signs, GONE_SIGNS);

export function noteDepartures({ values }: ValueLog, found: readonly Departure[]): void {
  for (const { index, left } of found) values.note(index, left);
}
