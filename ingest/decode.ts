/**
 * Bytes to a JSON object, or the reason why not. Size and depth are checked before parsing, so that a hostile record costs
 * one linear pass at most.
 */
import { isUtf8 } from 'node:buffer';
import type { Rejection } from './dead-letter.ts';
import { DEAD_LETTER_CODES, type DeadLetterCode } from './dead-letter.ts';
import { EVENT_LIMITS } from './event.ts';
import { countKeys, countMembers, type Forbidden, fieldPath, findDuplicateKey, findForbidden } from './json-guard.ts';

export type Decoded =
  | { readonly ok: true; readonly value: Record<string, unknown> }
  | { readonly ok: false; readonly rejection: Rejection };

/**
 * Reads one record. A leading byte order mark is skipped. Never throws: every flaw is a rejection with a stable code, in the
 * order record_too_large, invalid_utf8, too_deep, invalid_json, not_an_object, duplicate_key, then what the values hold.
 */
export function decodeRecord(raw: Uint8Array): Decoded {
  if (raw.byteLength > EVENT_LIMITS.recordBytesMax) return refuse('record_too_large');
  if (!isUtf8(raw)) return refuse('invalid_utf8');
  const bytes = withoutMark(raw);
  const members = countMembers(bytes);
  if (members < 0) return refuse('too_deep');
  const text = bytes.toString('utf8');
  const parsed = parse(text);
  if (!parsed.ok) return parsed;
  const { value } = parsed;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse('not_an_object');
  // Valid UTF-8 cannot hold a lone surrogate; only an escape can write one.
  const checkText = text.includes('\\ud') || text.includes('\\uD');
  const keys = countKeys(value, checkText);
  if (keys !== members) return refuseContents(bytes, value, keys);
  return { ok: true, value: value as Record<string, unknown> };
}

function withoutMark(raw: Uint8Array): Buffer {
  const buffer = Buffer.isBuffer(raw) ? raw : Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  return buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf ? buffer.subarray(3) : buffer;
}

function parse(text: string): { readonly ok: true; readonly value: unknown } | ReturnType<typeof refuse> {
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch (error) {
    return refuse('invalid_json', [], whereBroken(text, error));
  }
}

/** V8 quotes the text in its message, and the text may hold a secret: only the position is taken. */
function whereBroken(text: string, error: unknown): string {
  if (text.trim() === '') return 'The record is empty; send one JSON object.';
  const message = error instanceof Error ? error.message : '';
  if (message.startsWith('Unexpected end')) return 'The record is not valid JSON: it ends too early.';
  const at = / at position (\d+)$/.exec(message)?.[1];
  return at === undefined ? DEAD_LETTER_CODES.invalid_json : `The record is not valid JSON at character ${at}.`;
}

function refuseContents(bytes: Buffer, value: object, keys: number): ReturnType<typeof refuse> {
  const duplicate = findDuplicateKey(bytes);
  if (duplicate !== undefined) return refuse('duplicate_key', duplicate);
  const forbidden = Number.isNaN(keys) ? findForbidden(value) : undefined;
  if (forbidden === undefined) throw new Error('json-guard counts disagree although nothing is wrong');
  if (isFineTime(forbidden)) {
    const hint = 'The time looks like micro- or nanoseconds; send milliseconds since 1970 or an RFC 3339 string.';
    return refuse('time_range', forbidden.path, hint);
  }
  return refuse(forbidden.code, forbidden.path);
}

/** An epoch in nanoseconds is past 2^53, but its sender is helped by a word on the unit, not by one on doubles. */
function isFineTime({ path, number }: Forbidden): boolean {
  return path.length === 1 && path[0] === 'time' && number !== undefined && number > 0 && number < 1e20;
}

function refuse(code: DeadLetterCode, path: readonly string[] = [], message: string = DEAD_LETTER_CODES[code]) {
  return { ok: false, rejection: { code, field: fieldPath(path), message } } as const;
}
