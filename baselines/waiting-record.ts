import type { LearnedEvent } from './learned-event.ts';
import type { Sums } from './measures.ts';
import type { NameTable } from './name-table.ts';
import { shortAt } from './record-queue.ts';

/**
 * An event that waits to be learned, as bytes: objects take ten times as much, and the collector looks at each of them. Names are numbers of a
 * `NameTable`; what was done (type, endpoint, tool, and the tool before) is one number, for sessions do few things over and over. Exact for any
 * number. How long a record is follows from the event alone, whatever else waits, so that limits may go by it.
 *
 *     length 2 | parts 1 | act 2 | time | receipt | lists: count, 2 for each name | values: count, 4 each | sums
 */
const LISTS = ['destinations', 'hosts', 'resources', 'flows'] as const;
/** Parts that a record has: the lists that are not empty by their places, and these. */
const VALUES = 1 << LISTS.length;
const SUMS = VALUES << 1;
/** Its times are not whole, and stand there as they are. */
const ODD_TIMES = SUMS << 1;

const PARTS_AT = 2;
const ACT_AT = 3;
const TIME_AT = 5;
const LENGTH_MAX = 0xffff;

/** What a record is written to until it is kept. */
const bytes = new Uint8Array(LENGTH_MAX);
/** Where the next number is written, or read. */
let at = 0;

/**
 * The names are taken into the table.
 * @returns the record; valid until another is written
 */
export function writeRecord(event: LearnedEvent, act: number, names: NameTable): Uint8Array {
  const parts = partsOf(event);
  bytes[PARTS_AT] = parts;
  at = ACT_AT;
  writeShort(act);
  writeTimes(event, parts);
  for (const list of LISTS) if (event[list].length > 0) writeNames(event[list], names);
  if ((parts & VALUES) !== 0) writeValues(event.values);
  if ((parts & SUMS) !== 0) writeSums(event.sums);
  const length = at;
  at = 0;
  writeShort(length);
  return bytes.subarray(0, length);
}

function partsOf({ destinations, hosts, resources, flows, values, sums, timeMs, receivedMs }: LearnedEvent): number {
  let parts = destinations.length > 0 ? 1 : 0;
  if (hosts.length > 0) parts |= 2;
  if (resources.length > 0) parts |= 4;
  if (flows.length > 0) parts |= 8;
  if (values.length > 0) parts |= VALUES;
  if (!isOneEvent(sums)) parts |= SUMS;
  return isWhole(timeMs) && isWhole(receivedMs) ? parts : parts | ODD_TIMES;
}

const isWhole = (value: number): boolean => Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0);

/** As one of which nothing is told. */
const isOneEvent = ({ events, rows, bytes_received, bytes_sent, tokens, cost_micro_usd }: Sums): boolean =>
  events === 1 &&
  isNone(rows) &&
  isNone(bytes_received) &&
  isNone(bytes_sent) &&
  isNone(tokens) &&
  isNone(cost_micro_usd);

const isNone = (amount: number): boolean => Object.is(amount, 0);

function writeTimes({ timeMs, receivedMs }: LearnedEvent, parts: number): void {
  if ((parts & ODD_TIMES) !== 0) {
    writeFloat(timeMs);
    writeFloat(receivedMs);
    return;
  }
  writeWhole(timeMs);
  const lag = receivedMs - timeMs;
  writeWhole(lag < 0 ? -2 * lag - 1 : 2 * lag);
}

function writeNames(list: readonly string[], names: NameTable): void {
  writeWhole(list.length);
  for (const name of list) writeShort(names.take(name));
}

function writeValues(values: readonly number[]): void {
  writeWhole(values.length);
  for (const value of values) {
    writeShort(value & 0xffff);
    writeShort(value >>> 16);
  }
}

function writeSums(sums: Sums): void {
  writeAmount(sums.events);
  writeAmount(sums.rows);
  writeAmount(sums.bytes_received);
  writeAmount(sums.bytes_sent);
  writeAmount(sums.tokens);
  writeAmount(sums.cost_micro_usd);
}

/** A whole number one higher, since 0 says that it is none. */
function writeAmount(amount: number): void {
  writeWhole(isWhole(amount) ? amount + 1 : 0);
  if (!isWhole(amount)) writeFloat(amount);
}

/** Seven bits a byte, lowest first: 0 to 2^53. */
function writeWhole(value: number): void {
  let rest = value;
  for (; rest >= 0x80000000; rest = Math.floor(rest / 0x80)) bytes[at++] = (rest % 0x80) | 0x80;
  for (; rest >= 0x80; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80;
  bytes[at++] = rest;
}

function writeShort(value: number): void {
  bytes[at++] = value & 0xff;
  bytes[at++] = value >>> 8;
}

const ONE_FLOAT = new Float64Array(1);
const BYTES_OF_FLOAT = new Uint8Array(ONE_FLOAT.buffer);

function writeFloat(value: number): void {
  ONE_FLOAT[0] = value;
  bytes.set(BYTES_OF_FLOAT, at);
  at += BYTES_OF_FLOAT.length;
}

export const recordAct = (from: Uint8Array, start: number): number => shortAt(from, start + ACT_AT);

/** When it happened, and when it was received, without a look at the rest. */
export function recordTimes(from: Uint8Array, start: number): Pick<LearnedEvent, 'timeMs' | 'receivedMs'> {
  at = start + TIME_AT;
  return readTimes(from, from[start + PARTS_AT] ?? 0);
}

/** What a record says besides what was done. */
export function readRecord(
  from: Uint8Array,
  start: number,
  names: NameTable,
): Omit<LearnedEvent, 'type' | 'endpoint' | 'tool' | 'after'> {
  const parts = from[start + PARTS_AT] ?? 0;
  at = start + TIME_AT;
  const { timeMs, receivedMs } = readTimes(from, parts);
  const list = (part: number) => ((parts & part) === 0 ? NONE : readNames(from, names));
  return {
    timeMs,
    receivedMs,
    destinations: list(1),
    hosts: list(2),
    resources: list(4),
    flows: list(8),
    values: (parts & VALUES) === 0 ? NONE : readValues(from),
    sums: readSums(from, parts),
  };
}

/** Calls back with the number of each name in a record. */
export function eachNameNumber(from: Uint8Array, start: number, visit: (name: number) => void): void {
  const parts = from[start + PARTS_AT] ?? 0;
  at = start + TIME_AT;
  readTimes(from, parts);
  for (let part = 1; part < VALUES; part <<= 1) {
    if ((parts & part) === 0) continue;
    for (let left = readWhole(from); left > 0; left--) visit(readShort(from));
  }
}

/** One list for all events that name nothing of a sort: most do not. */
const NONE: readonly never[] = [];

function readTimes(from: Uint8Array, parts: number): Pick<LearnedEvent, 'timeMs' | 'receivedMs'> {
  if ((parts & ODD_TIMES) !== 0) return { timeMs: readFloat(from), receivedMs: readFloat(from) };
  const timeMs = readWhole(from);
  const lag = readWhole(from);
  return { timeMs, receivedMs: timeMs + (lag % 2 === 0 ? lag / 2 : -(lag + 1) / 2) };
}

function readNames(from: Uint8Array, names: NameTable): string[] {
  const list: string[] = [];
  for (let left = readWhole(from); left > 0; left--) list.push(names.name(readShort(from)));
  return list;
}

function readValues(from: Uint8Array): number[] {
  const values: number[] = [];
  for (let left = readWhole(from); left > 0; left--) values.push(readShort(from) + 0x10000 * readShort(from));
  return values;
}

const readSums = (from: Uint8Array, parts: number): Sums =>
  (parts & SUMS) === 0
    ? { events: 1, rows: 0, bytes_received: 0, bytes_sent: 0, tokens: 0, cost_micro_usd: 0 }
    : {
        events: readAmount(from),
        rows: readAmount(from),
        bytes_received: readAmount(from),
        bytes_sent: readAmount(from),
        tokens: readAmount(from),
        cost_micro_usd: readAmount(from),
      };

function readAmount(from: Uint8Array): number {
  const amount = readWhole(from);
  return amount === 0 ? readFloat(from) : amount - 1;
}

function readWhole(from: Uint8Array): number {
  let value = 0;
  for (let unit = 1; ; unit *= 0x80) {
    const byte = from[at++] ?? 0;
    value += (byte & 0x7f) * unit;
    if (byte < 0x80) return value;
  }
}

function readShort(from: Uint8Array): number {
  at += 2;
  return shortAt(from, at - 2);
}

function readFloat(from: Uint8Array): number {
  for (let i = 0; i < BYTES_OF_FLOAT.length; i++) BYTES_OF_FLOAT[i] = from[at++] ?? 0;
  return ONE_FLOAT[0] ?? 0;
}
