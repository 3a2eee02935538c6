import { FNV_OFFSET, FNV_PRIME } from './statistics/bounded-key.ts';
import { codesOf } from './text-codes.ts';

/**
 * Values that make up a field of a record by themselves: a string in JSON, a cell of a table, what stands after `name:` on its line or after
 * `name=`. Whoever writes a remark into a record says in prose where to send things; the addresses that a record is about have fields of their own.
 *
 * What a writer could put into a field is not taken for one: in JSON a quote or a line break within a string is escaped, and a string with an escape
 * is no value. In plain texts a line `email: x@y` is a field, whoever wrote it: so what a field is worth is limited (`detectors/act-evidence.ts`).
 *
 * A few passes over the text, each linear, and at most `FIELDS_MAX` fields of it.
 */
export function readFields(text: string, emit: (key: number) => void): void {
  const codes = codesOf(text);
  const seen: Seen = { codes, end: text.length, left: FIELDS_MAX, emit };
  const first = codes[pastBlanks(codes, 0)] ?? 0;
  if (first === OPEN_BRACE || first === OPEN_BRACKET) readStrings(seen);
  else readLines(seen);
}

/**
 * Case does not count, nor do blanks, dashes and a leading `+` or `00` in numbers. Undefined for what tells nothing: a value without an address or a
 * digit in it, one of several words, one that is too short or too long.
 */
export const fieldKey = (value: string): number | undefined =>
  value.length > 2 * CHARS_MAX ? undefined : keyOf(codesOf(value), 0, value.length);

/** Shorter ones stand everywhere, longer ones are texts. */
const CHARS_MIN = 4;
const CHARS_MAX = 80;
const FIELDS_MAX = 256;

interface Seen {
  readonly codes: Uint16Array;
  /** Where the text ends; a 0 stands there. */
  readonly end: number;
  /** Fields that may still be told. */
  left: number;
  emit(key: number): void;
}

function tell(seen: Seen, start: number, end: number): void {
  if (end - start < CHARS_MIN || seen.left <= 0) return;
  const key = keyOf(seen.codes, start, end);
  if (key === undefined) return;
  seen.left -= 1;
  seen.emit(key);
}

/** FNV-1a in lower case; of a number only its letters and digits. */
function keyOf(codes: Uint16Array, from: number, to: number): number | undefined {
  let start = from;
  let end = to;
  while (start < end && (codes[start] ?? 0) <= BLANK) start += 1;
  while (end > start && isTrailing(codes[end - 1] ?? 0)) end -= 1;
  if (end - start < CHARS_MIN || end - start > CHARS_MAX) return undefined;
  const digitsFrom = startOfNumber(codes, start);
  let whole = FNV_OFFSET;
  let number = FNV_OFFSET;
  let sorts = 0;
  for (let i = start; i < end; i++) {
    const code = codes[i] ?? 0;
    const sort = code < 128 ? (SORTS[code] ?? 0) : LETTER;
    sorts |= code === DOT && ((SORTS[codes[i + 1] ?? 0] ?? 0) & LETTER) !== 0 ? PLACE : sort;
    const folded = code | ((sort & CAPITAL) << 3);
    whole = Math.imul(whole ^ folded, FNV_PRIME);
    if ((sort & GROUPING) === 0 && i >= digitsFrom) number = Math.imul(number ^ folded, FNV_PRIME);
  }
  if ((sorts & PLACE) !== 0) return (sorts & SPACE) === 0 ? whole >>> 0 : undefined;
  return (sorts & DIGIT) !== 0 ? number >>> 0 : undefined;
}

function startOfNumber(codes: Uint16Array, start: number): number {
  if (codes[start] === PLUS) return start + 1;
  return codes[start] === ZERO && codes[start + 1] === ZERO ? start + 2 : start;
}

function pastBlanks(codes: Uint16Array, from: number): number {
  let at = from;
  while (isBlank(codes[at] ?? 0)) at += 1;
  return at;
}

/** Strings of JSON that are no names, and hold no escape. */
function readStrings(seen: Seen): void {
  const { codes, end } = seen;
  for (let open = next(codes, QUOTE, 0, end); open < end; ) {
    let close = open + 1;
    let isPlain = true;
    while (close < end && codes[close] !== QUOTE) {
      if (codes[close] === ESCAPE) {
        isPlain = false;
        close += 1;
      }
      close += 1;
    }
    if (isPlain && close < end && close - open <= CHARS_MAX && codes[pastBlanks(codes, close + 1)] !== COLON)
      tell(seen, open + 1, close);
    open = next(codes, QUOTE, close + 1, end);
  }
}

function readLines(seen: Seen): void {
  const { codes, end } = seen;
  const columns = columnsOf(codes, 0, next(codes, LINE_END, 0, end));
  for (let start = 0; start < end; ) {
    const lineEnd = next(codes, LINE_END, start, end);
    readLine(seen, start, lineEnd, columns);
    start = lineEnd + 1;
  }
}

function readLine(seen: Seen, start: number, end: number, columns: number): void {
  const { codes } = seen;
  if (codes[start] === BAR) eachCell(seen, start + 1, end, BAR);
  // The first line of such a table names its columns.
  else if (columns >= COLUMNS_MIN && start > 0 && columnsOf(codes, start, end) === columns)
    eachCell(seen, start, end, COMMA);
  else {
    const value = startOfNamed(codes, start, end);
    if (value < 0) eachAssigned(seen, start, end);
    else tellUnquoted(seen, pastBlanks(codes, value), end);
  }
}

function tellUnquoted(seen: Seen, start: number, end: number): void {
  const isQuoted = seen.codes[start] === QUOTE && seen.codes[end - 1] === QUOTE;
  tell(seen, isQuoted ? start + 1 : start, isQuoted ? end - 1 : end);
}

const COLUMNS_MIN = 2;

/** Where the value begins on a line like `name: value`; -1 where there is no name of a few words. */
function startOfNamed(codes: Uint16Array, start: number, end: number): number {
  const limit = Math.min(end, start + NAME_CHARS_MAX);
  let at = start;
  while (at < limit && isMargin(codes[at] ?? 0)) at += 1;
  const name = at;
  while (at < limit && isOfName(codes[at] ?? 0)) at += 1;
  return at > name && codes[at] === COLON && isBlank(codes[at + 1] ?? 0) ? at + 1 : -1;
}

const NAME_CHARS_MAX = 48;

/** `name=value`, with quotes or up to the next blank. */
function eachAssigned(seen: Seen, start: number, end: number): void {
  const { codes } = seen;
  for (let sign = next(codes, EQUALS, start, end); sign < end; ) {
    const isQuoted = codes[sign + 1] === QUOTE;
    const from = sign + (isQuoted ? 2 : 1);
    let to = from;
    while (to < end && (isQuoted ? codes[to] !== QUOTE : (codes[to] ?? 0) > BLANK)) to += 1;
    if (isOfName(codes[sign - 1] ?? 0)) tell(seen, from, to);
    sign = next(codes, EQUALS, to + 1, end);
  }
}

function eachCell(seen: Seen, start: number, end: number, separator: number): void {
  for (let from = start; from < end; ) {
    const to = next(seen.codes, separator, from, end);
    tell(seen, from, to);
    from = to + 1;
  }
}

/** Where the code comes next, or the end. */
function next(codes: Uint16Array, code: number, from: number, end: number): number {
  let at = from;
  while (at < end && codes[at] !== code) at += 1;
  return Math.min(at, end);
}

/** Commas without a blank behind them: in prose there is one. */
function columnsOf(codes: Uint16Array, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) if (codes[at] === COMMA && !isBlank(codes[at + 1] ?? 0)) count += 1;
  return count;
}

const LINE_END = 10;
const BLANK = 32;
const QUOTE = 34;
const PLUS = 43;
const COMMA = 44;
const DASH = 45;
const DOT = 46;
const SLASH = 47;
const ZERO = 48;
const COLON = 58;
const EQUALS = 61;
const OPEN_BRACKET = 91;
const ESCAPE = 92;
const OPEN_BRACE = 123;
const BAR = 124;

/** What a character says of the value that it stands in, as bits; `CAPITAL` times 8 is what turns a capital into lower case. */
const SPACE = 1;
const DIGIT = 2;
const CAPITAL = 4;
const LETTER = 8;
const GROUPING = 16;
const PLACE = 32;
const OF_NAME = 64;
const SORTS = Uint8Array.from({ length: 128 }, (_, code) => {
  const char = String.fromCharCode(code);
  if (code <= BLANK) return SPACE | GROUPING | (char === ' ' ? OF_NAME : 0);
  if (/[0-9]/.test(char)) return DIGIT | OF_NAME;
  if (/[a-z]/.test(char)) return LETTER | OF_NAME;
  if (/[A-Z]/.test(char)) return LETTER | CAPITAL | OF_NAME;
  if (char === '@') return PLACE;
  return ('()-./'.includes(char) ? GROUPING : 0) | ('-._'.includes(char) ? OF_NAME : 0);
});

/** Also a line break, but not the 0 behind the text. */
const isBlank = (code: number): boolean => code <= BLANK && code > 0;
const isTrailing = (code: number): boolean => code <= BLANK || code === SLASH;
const isMargin = (code: number): boolean => code <= BLANK || code === DASH;
const isOfName = (code: number): boolean => code < 128 && ((SORTS[code] ?? 0) & OF_NAME) !== 0;
