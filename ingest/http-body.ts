/**
 * An HTTP body into raw records, without parsing it whole: one broken record must not cost its neighbours.
 */
import { promisify } from 'node:util';
import { unzip as unzipInThreads } from 'node:zlib';
import { EVENT_LIMITS } from './event.ts';

/** Of a body as it came, compressed or plain. */
export const HTTP_BODY_BYTES_MAX = 16 * 1024 * 1024;
/** Of a body after decompression. */
export const HTTP_BODY_INFLATED_BYTES_MAX = 32 * 1024 * 1024;
export const HTTP_RECORDS_MAX = 10_000;

export interface SplitError {
  readonly code: 'empty_body' | 'too_many_records';
  readonly message: string;
}

/** Records are views into the body, in its order. */
export type SplitBody =
  | { readonly ok: true; readonly records: Uint8Array[] }
  | { readonly ok: false; readonly error: SplitError };

const LINE_TYPES: ReadonlySet<string> = new Set([
  'application/x-ndjson',
  'application/ndjson',
  'application/jsonl',
  'application/x-jsonl',
  'application/jsonlines',
  'application/x-jsonlines',
]);

/**
 * How a body is read, by its first rule that fits:
 * 1. a content type of JSON lines: a record per line;
 * 2. it starts with `[`: a record per element. Broken elements are records too, and so is text behind the list;
 * 3. it starts with `{`: one record if that object's brackets close at the end of the body, or if no line tells otherwise. A record
 *    per line if the object closes before the end of its first line, or another line starts with `{` in its first column;
 * 4. anything else: a record per line, each of which will be refused with its index.
 *
 * Blank lines are skipped. An unterminated string swallows the elements behind it: to look for records inside a string would let
 * whoever wrote that string forge events.
 */
export function splitBody(body: Uint8Array, contentType: string): SplitBody {
  const start = firstByte(body);
  if (start === body.byteLength) return refuse('empty_body', 'The body is empty; send events as JSON.');
  const records = collect(recordsOf(body, start, contentType));
  if (records !== undefined) return { ok: true, records };
  return refuse('too_many_records', `The body holds more than ${HTTP_RECORDS_MAX} records; send several requests.`);
}

function recordsOf(body: Uint8Array, start: number, contentType: string): Iterable<Uint8Array> {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (LINE_TYPES.has(type)) return lines(body);
  if (body[start] === OPEN_LIST) return elements(body, start + 1);
  if (body[start] === OPEN_OBJECT && !holdsLines(body, start)) return [body];
  return lines(body);
}

function collect(source: Iterable<Uint8Array>): Uint8Array[] | undefined {
  const records: Uint8Array[] = [];
  for (const record of source) {
    if (records.length === HTTP_RECORDS_MAX) return undefined;
    records.push(record);
  }
  return records;
}

function refuse(code: SplitError['code'], message: string): SplitBody {
  return { ok: false, error: { code, message } };
}

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === NEWLINE || byte === 0x0d || byte === 0x09;
}

/** Index of the first byte that is neither white space nor a byte order mark. */
function firstByte(body: Uint8Array, from = 0): number {
  let at = from;
  if (at === 0 && body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) at = 3;
  while (isSpace(body[at])) at += 1;
  return at;
}

function* lines(body: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < body.byteLength; ) {
    const newline = body.indexOf(NEWLINE, start);
    const end = newline === -1 ? body.byteLength : newline;
    const line = trim(body, start, end);
    if (line.byteLength > 0) yield line;
    start = end + 1;
  }
}

function trim(body: Uint8Array, from: number, to: number): Uint8Array {
  let start = from;
  let end = to;
  while (start < end && isSpace(body[start])) start += 1;
  while (end > start && isSpace(body[end - 1])) end -= 1;
  return body.subarray(start, end);
}

/** Rule 3. A pretty-printed object indents whatever it opens after its first line. */
function holdsLines(body: Uint8Array, start: number): boolean {
  const newline = body.indexOf(NEWLINE, start);
  if (newline === -1) return false;
  // An object that is still open here is too large to be a record.
  const head = body.subarray(0, start + EVENT_LIMITS.recordBytesMax + 1);
  const close = scanElement(head, start, true);
  const next = close < head.byteLength ? firstByte(body, close + 1) : start;
  if (next === body.byteLength) return false;
  const isFirstWhole = close < newline && next > newline;
  return isFirstWhole || opensLater(body, newline);
}

function opensLater(body: Uint8Array, from: number): boolean {
  for (let newline = from; newline !== -1; newline = body.indexOf(NEWLINE, newline + 1)) {
    if (body[newline + 1] === OPEN_OBJECT) return true;
  }
  return false;
}

/** Elements of the list whose first byte is at `from`, white space around them removed. */
function* elements(body: Uint8Array, from: number): Generator<Uint8Array> {
  let start = from;
  let end = scanElement(body, start, false);
  for (; body[end] === COMMA; end = scanElement(body, start, false)) {
    yield trim(body, start, end);
    start = end + 1;
  }
  const last = trim(body, start, end);
  // `[]` holds nothing; `[1,]` holds an empty element, which will be refused.
  if (last.byteLength > 0 || start > from) yield last;
  const rest = trim(body, end + 1, body.byteLength);
  if (rest.byteLength > 0) yield rest;
}

/**
 * Index of the comma or bracket that ends the element at `from`, or with `stopAtClose` of the bracket that closes it; the length of
 * the body when there is none.
 *
 * Follows brackets in constant memory, however deep. An element that began with a brace is over when its braces are closed, also
 * when it left a list open: so a forgotten bracket costs one element and not all that follow.
 */
function scanElement(body: Uint8Array, from: number, stopAtClose: boolean): number {
  let braces = 0;
  let brackets = 0;
  let isObject = false;
  for (let at = from; at < body.length; at += 1) {
    const byte = body[at];
    if (byte === QUOTE) at = stringEnd(body, at);
    else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
      if (braces + brackets === 0) isObject = byte === OPEN_OBJECT;
      if (byte === OPEN_OBJECT) braces += 1;
      else brackets += 1;
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
      if (braces + brackets === 0 && byte === CLOSE_LIST) return at;
      if (byte === CLOSE_OBJECT) braces = Math.max(0, braces - 1);
      else brackets = Math.max(0, brackets - 1);
      const isClosed = (isObject ? braces : brackets) === 0;
      if (isClosed && stopAtClose) return at;
      if (isClosed) braces = brackets = 0;
    } else if (byte === COMMA && braces + brackets === 0) return at;
  }
  return body.length;
}

function stringEnd(body: Uint8Array, open: number): number {
  let at = open + 1;
  while (at < body.byteLength && body[at] !== QUOTE) at += body[at] === BACKSLASH ? 2 : 1;
  return at;
}

export class BodyError extends Error {
  override readonly name = 'BodyError';
  readonly code: 'body_too_large' | 'invalid_compression';

  constructor(code: BodyError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Rejects with the platform's errors. */
export type Unzip = (body: Uint8Array, options: { readonly maxOutputLength: number }) => Promise<Uint8Array>;

const inThreads: Unzip = promisify(unzipInThreads);

/**
 * Decompresses gzip or zlib. Stops at `bytesMax` of output (`HTTP_BODY_INFLATED_BYTES_MAX`), so that a small body cannot fill the
 * memory: rejects with `BodyError` body_too_large then, and with invalid_compression for anything that is not whole gzip or zlib.
 */
export async function inflateBody(body: Uint8Array, bytesMax: number, unzip = inThreads): Promise<Uint8Array> {
  try {
    return await unzip(body, { maxOutputLength: bytesMax });
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      throw new BodyError('body_too_large', `The body is larger than ${bytesMax} bytes when decompressed.`, { cause });
    }
    throw new BodyError('invalid_compression', 'The body is not valid gzip; it may have been cut off.', { cause });
  }
}
