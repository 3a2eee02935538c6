/**
 * What `JSON.parse` lets through and an audit trail must not: deep nesting, a key named twice, `__proto__`, numbers that
 * change when read, and halves of surrogate pairs. RFC 8259 section 4 leaves duplicate keys to the reader; two readers of one
 * event would then see two events.
 */
import { EVENT_LIMITS } from './event.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

const FIELD_CHARS_MAX = 256;

/** Most strings are short, and a native search pays only for long ones. */
const NEAR_BYTES = 32;

/** Index of the quote that ends the string opened at `open`; the length of the bytes when it never ends. */
function stringEnd(bytes: Uint8Array, open: number): number {
  let at = open + 1;
  const far = Math.min(at + NEAR_BYTES, bytes.length);
  while (at < far) {
    const byte = bytes[at];
    if (byte === QUOTE) return at;
    at += byte === BACKSLASH ? 2 : 1;
  }
  for (;;) {
    const quote = bytes.indexOf(QUOTE, at);
    if (quote === -1) return bytes.length;
    if (!isEscaped(bytes, quote, at)) return quote;
    at = quote + 1;
  }
}

/** An odd number of backslashes since `from` stands before the quote. */
function isEscaped(bytes: Uint8Array, quote: number, from: number): boolean {
  let first = quote;
  while (first > from && bytes[first - 1] === BACKSLASH) first -= 1;
  return (quote - first) % 2 === 1;
}

/**
 * One linear pass without recursion, for bytes that may not be JSON at all. Returns the number of members (colons outside
 * strings), or -1 as soon as the nesting exceeds `EVENT_LIMITS.depthMax`.
 */
export function countMembers(bytes: Uint8Array): number {
  let members = 0;
  let depth = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) at = stringEnd(bytes, at);
    else if (byte === COLON) members += 1;
    else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
      depth += 1;
      if (depth > EVENT_LIMITS.depthMax) return -1;
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) depth -= 1;
  }
  return members;
}

/**
 * Number of keys in a parsed value, or NaN when it holds something forbidden. Equal to `countMembers` of its text exactly when
 * no object names a key twice: every colon outside strings is one member, and a repeated key leaves only one behind.
 */
export function countKeys(value: unknown, checkText: boolean): number {
  if (typeof value === 'number') return isKept(value) ? 0 : Number.NaN;
  if (typeof value === 'string') return !checkText || value.isWellFormed() ? 0 : Number.NaN;
  if (typeof value !== 'object' || value === null) return 0;
  let keys = 0;
  if (Array.isArray(value)) {
    for (const item of value) keys += countKeys(item, checkText);
    return keys;
  }
  const object = value as Record<string, unknown>;
  for (const key in object) {
    if (key === '__proto__' || (checkText && !key.isWellFormed())) return Number.NaN;
    keys += 1 + countKeys(object[key], checkText);
  }
  return keys;
}

/** Every double beyond 2^53-1 stands for several integers, and 1e400 for none. */
function isKept(value: number): boolean {
  return value <= Number.MAX_SAFE_INTEGER && value >= -Number.MAX_SAFE_INTEGER;
}

export interface Forbidden {
  readonly code: 'forbidden_key' | 'number_range' | 'lone_surrogate';
  readonly path: readonly string[];
  /** The number that was too large, as it was read. */
  readonly number?: number;
}

/** The slow pass, once something is known to be wrong: the first forbidden thing in order of the keys. */
export function findForbidden(value: unknown, path: readonly string[] = []): Forbidden | undefined {
  if (typeof value === 'number') return isKept(value) ? undefined : { code: 'number_range', path, number: value };
  if (typeof value === 'string') return value.isWellFormed() ? undefined : { code: 'lone_surrogate', path };
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, member] of Object.entries(value)) {
    if (key === '__proto__') return { code: 'forbidden_key', path: [...path, key] };
    if (!key.isWellFormed()) return { code: 'lone_surrogate', path: [...path, key] };
    const found = findForbidden(member, [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}

interface Level {
  /** Keys seen in this object; null for a list. */
  readonly keys: Set<string> | null;
  /** The member or item the scan is in. */
  step: string;
  index: number;
}

/** The slow pass for a repeated key. `bytes` must be valid JSON. Returns the path of the second occurrence. */
export function findDuplicateKey(bytes: Buffer): string[] | undefined {
  const levels: Level[] = [];
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    const level = levels.at(-1);
    if (byte === OPEN_OBJECT) levels.push({ keys: new Set(), step: '', index: 0 });
    else if (byte === OPEN_LIST) levels.push({ keys: null, step: '0', index: 0 });
    else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) levels.pop();
    else if (byte === COMMA && level !== undefined) nextItem(level);
    else if (byte === QUOTE) {
      const end = stringEnd(bytes, at);
      const isRepeated =
        level !== undefined && isKey(bytes, end) && takeKey(level, bytes.toString('utf8', at, end + 1));
      if (isRepeated) return levels.map(({ step }) => step);
      at = end;
    }
  }
  return undefined;
}

/** In an object the next key names the step. */
function nextItem(level: Level): void {
  level.index += 1;
  level.step = String(level.index);
}

function isKey(bytes: Uint8Array, end: number): boolean {
  let after = end + 1;
  while (bytes[after] !== undefined && (bytes[after] as number) <= 0x20) after += 1;
  return bytes[after] === COLON;
}

/** Keys are compared as read: `"a"` and its escape `"\u0061"` are the same key. */
function takeKey(level: Level, literal: string): boolean {
  const key = literal.includes('\\') ? String(JSON.parse(literal)) : literal.slice(1, -1);
  level.step = key;
  if (level.keys === null || level.keys.has(key)) return true;
  level.keys.add(key);
  return false;
}

/** A dotted path for people: keys come from the event, so it is capped and free of control characters. */
export function fieldPath(path: readonly string[]): string {
  const dotted = path.join('.').toWellFormed();
  return dotted
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\ufffd')
    .slice(0, FIELD_CHARS_MAX)
    .toWellFormed();
}
