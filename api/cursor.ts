/**
 * Page cursors: the sort key of the last row shown, as base64url JSON. Opaque to callers, not secret: it holds only what the
 * page showed, and the tenant never comes from it. The name of the list stands in front, so that a cursor of one list is
 * refused by another.
 */
import { Problem } from './problems.ts';

const CURSOR_CHARS_MAX = 2048;

type Kind = 'integer' | 'text';
type KeyOf<Kinds extends readonly Kind[]> = {
  -readonly [I in keyof Kinds]: Kinds[I] extends 'integer' ? number : string;
};

export interface CursorCodec<Key> {
  encode(key: Key): string;
  /** Throws the problem `bad_cursor` for anything that `encode` did not write. */
  decode(cursor: string): Key;
}

const fits = (value: unknown, kind: Kind | undefined) =>
  kind === 'integer' ? Number.isSafeInteger(value) && (value as number) >= 0 : typeof value === 'string';

function parse(cursor: string): unknown {
  const bytes = Buffer.from(cursor, 'base64url');
  // Node skips characters that are not base64url: only the canonical spelling is a cursor.
  if (cursor.length > CURSOR_CHARS_MAX || bytes.toString('base64url') !== cursor) return undefined;
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

export function createCursor<const Kinds extends readonly Kind[]>(
  list: string,
  kinds: Kinds,
): CursorCodec<KeyOf<Kinds>> {
  const shape = ['text' as const, ...kinds];
  return {
    encode: (key) => Buffer.from(JSON.stringify([list, ...key])).toString('base64url'),
    decode(cursor) {
      const value = parse(cursor);
      const valid =
        Array.isArray(value) &&
        value[0] === list &&
        value.length === shape.length &&
        value.every((part, index) => fits(part, shape[index]));
      if (!valid)
        throw new Problem('bad_cursor', 'The cursor is not one this list has given out.', { field: 'cursor' });
      return value.slice(1) as KeyOf<Kinds>;
    },
  };
}

/** One page. `next_cursor` is absent on the last. */
export interface Page<Item> {
  readonly items: Item[];
  readonly next_cursor?: string;
}

/** Cuts a result fetched with `limit + 1` rows into a page. */
export function toPage<Row, Item>(
  rows: Row[],
  limit: number,
  toItem: (row: Row) => Item,
  toCursor: (row: Row) => string,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items: shown.map(toItem), ...(more && { next_cursor: toCursor(last) }) };
}
