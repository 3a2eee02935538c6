import { KeptResults, type ResultSource } from './kept-results.ts';
import { type LongRuns, STRETCHES_MAX } from './long-runs.ts';
import { nameBytes } from './name-table.ts';

export interface KeptValue {
  readonly source: ResultSource;
  /** Of the value, as far as it is kept. */
  readonly signs: number;
  readonly stretches: number;
  /** Absent until a piece of it left. */
  readonly left?: LeftPieces;
}

/** What has left of a value, up to and with some event. */
export interface LeftPieces {
  /** By stretch: 1 where it has left. */
  readonly covered: Uint8Array;
  readonly pieces: number;
  readonly calls: number;
  /** Events of the first calls. */
  readonly events: readonly string[];
}

/** What the ids of calls may take that are kept for the words of an alert; further ones are not kept, and count all the same. */
const EVENT_BYTES_MAX = 1024;

/** Memory that grows ahead is twice what is used, at most. */
export const GROWN = 2;

/** The values of a value log, in their order, each as four numbers; values of one result share its source. */
export class KeptValues implements Iterable<KeptValue> {
  /** With the number of their values as tokens. */
  readonly #sources = new KeptResults();
  /** Values of the first source that have left. */
  #gone = 0;
  #numbers = new Uint16Array(0);
  #length = 0;
  /** Of all values, one after the other; made when the first piece leaves. */
  #covered = NONE_COVERED;
  /** Ids of calls, by the place of the value among all there ever were. */
  readonly #events = new Map<number, readonly string[]>();
  #eventBytes = 0;
  #before = 0;

  /** As they were stored, whatever the limits. */
  constructor(values: Iterable<KeptValue> = []) {
    const stored = [...values];
    for (const [i, { source, signs, stretches }] of stored.entries())
      this.#add(signs, stretches, isSame(source, stored[i - 1]?.source) ? undefined : source);
    for (const [i, { left }] of stored.entries()) if (left !== undefined) this.#note(i, left, Number.POSITIVE_INFINITY);
  }

  get length(): number {
    return this.#length;
  }

  /** What they may take in memory. Of what is kept alone: that must not depend on whether a process has been started anew. */
  get bytes(): number {
    if (this.#length === 0) return 0;
    const numbers = GROWN * NUMBERS * Uint16Array.BYTES_PER_ELEMENT * this.#length;
    return numbers + STRETCHES_MAX + this.#eventBytes + this.#sources.bytes;
  }

  /** What their sources take up. */
  get sourceBytes(): number {
    return this.#sources.bytes;
  }

  push(source: ResultSource, { count, signs, stretchCounts }: Readonly<LongRuns>): void {
    for (let i = 0; i < count; i++) this.#add(signs[i] ?? 0, stretchCounts[i] ?? 0, i === 0 ? source : undefined);
  }

  /** @returns how many stretches it had */
  shift(): number {
    const stretches = this.#numbers[STRETCHES] ?? 0;
    this.#numbers.copyWithin(0, NUMBERS, this.#length * NUMBERS);
    this.#covered.copyWithin(0, stretches);
    this.#covered.fill(0, this.#covered.length - stretches);
    this.#forgetEvents(this.#before);
    this.#length -= 1;
    this.#before += 1;
    this.#gone += 1;
    if (this.#gone === this.#sources.first()?.tokens) {
      this.#sources.shift();
      this.#gone = 0;
    }
    return stretches;
  }

  at(index: number): KeptValue {
    const source = this.#sources.at(this.#sources.indexHolding(index + this.#gone))?.source ?? NO_SOURCE;
    const at = index * NUMBERS;
    const value = { source, signs: this.#numbers[at + SIGNS] ?? 0, stretches: this.#numbers[at + STRETCHES] ?? 0 };
    const pieces = this.#numbers[at + PIECES] ?? 0;
    if (pieces === 0) return value;
    const from = this.#stretchesBefore(index);
    const covered = this.#covered.slice(from, from + value.stretches);
    const events = this.#events.get(this.#before + index) ?? NO_EVENTS;
    return { ...value, left: { covered, pieces, calls: this.#numbers[at + CALLS] ?? 0, events } };
  }

  /** Without what takes longer to read. */
  *sizes(): Iterable<Pick<KeptValue, 'signs' | 'stretches'>> {
    for (let at = 0; at < this.#length * NUMBERS; at += NUMBERS)
      yield { signs: this.#numbers[at + SIGNS] ?? 0, stretches: this.#numbers[at + STRETCHES] ?? 0 };
  }

  *[Symbol.iterator](): Iterator<KeptValue> {
    for (let i = 0; i < this.#length; i++) yield this.at(i);
  }

  /** What has left of a value by now. */
  note(index: number, left: LeftPieces): void {
    this.#note(index, left, EVENT_BYTES_MAX);
  }

  #note(index: number, { covered, pieces, calls, events }: LeftPieces, eventBytesMax: number): void {
    // A state that an older build stored holds more.
    if (this.#covered.length === 0)
      this.#covered = new Uint8Array(Math.max(STRETCHES_MAX, this.#stretchesBefore(this.#length)));
    this.#covered.set(covered, this.#stretchesBefore(index));
    this.#numbers[index * NUMBERS + PIECES] = Math.min(pieces, NUMBER_MAX);
    this.#numbers[index * NUMBERS + CALLS] = Math.min(calls, NUMBER_MAX);
    const known = this.#events.get(this.#before + index) ?? NO_EVENTS;
    const more = bytesOf(events) - bytesOf(known);
    if (more === 0 || this.#eventBytes + more > eventBytesMax) return;
    this.#events.set(this.#before + index, events);
    this.#eventBytes += more;
  }

  #forgetEvents(place: number): void {
    this.#eventBytes -= bytesOf(this.#events.get(place) ?? NO_EVENTS);
    this.#events.delete(place);
  }

  /** Without a source, of the newest one. */
  #add(signs: number, stretches: number, source: ResultSource | undefined): void {
    if (source === undefined) this.#sources.countOn();
    else this.#sources.push({ source, tokens: 1, words: 0 });
    const at = this.#length * NUMBERS;
    if (at >= this.#numbers.length) {
      const before = this.#numbers;
      this.#numbers = new Uint16Array(Math.max(2 * before.length, 4 * NUMBERS));
      this.#numbers.set(before);
    }
    this.#numbers.set([signs, stretches, 0, 0], at);
    this.#length += 1;
  }

  #stretchesBefore(index: number): number {
    let stretches = 0;
    for (let at = STRETCHES; at < index * NUMBERS; at += NUMBERS) stretches += this.#numbers[at] ?? 0;
    return stretches;
  }
}

const isSame = (one: ResultSource, other: ResultSource | undefined): boolean =>
  one.event === other?.event && one.action === other.action && one.external === other.external;

function bytesOf(events: readonly string[]): number {
  let bytes = 0;
  for (const event of events) bytes += nameBytes(event);
  return bytes;
}

/** Numbers of one value, by their places. */
const SIGNS = 0;
const STRETCHES = 1;
const PIECES = 2;
const CALLS = 3;
const NUMBERS = 4;
/** More than so many pieces and calls say no more. */
const NUMBER_MAX = 0xffff;
const NONE_COVERED = new Uint8Array(0);
const NO_EVENTS: readonly string[] = [];
const NO_SOURCE: ResultSource = { event: '', action: '', external: false };
