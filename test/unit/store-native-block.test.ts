/** Bytes of the format Native, against what its documentation says; that the engine reads them back is `store-round-trip.test.ts`. */
import { describe, expect, it } from 'vitest';
import { checkForType } from '../../store/column-kind.ts';
import { nativeBlock } from '../../store/native-block.ts';
import { nativeColumn } from '../../store/native-column.ts';
import { checkRows } from '../../store/row-check.ts';
import type { TableColumns } from '../../store/table-columns.ts';

const table = (types: Readonly<Record<string, string>>, defaults: readonly string[] = []): TableColumns =>
  new Map(
    Object.entries(types).map(([name, type]) => [
      name,
      { check: checkForType(type), native: nativeColumn(type), hasDefault: defaults.includes(name) },
    ]),
  );

const blockOf = (known: TableColumns, rows: readonly object[]): Buffer | undefined =>
  nativeBlock(known, checkRows(known, rows).columns, rows.length);

/** Size and bytes of a short text. */
const text = (value: string): number[] => [value.length, ...Buffer.from(value)];

describe('a block', () => {
  it('is its sizes, then column by column name, type and values', () => {
    const known = table({ n: 'UInt16', s: 'LowCardinality(String)' });
    const block = blockOf(known, [{ n: 258, s: 'a' }, { n: 1 }]);
    const n = [...text('n'), ...text('UInt16'), 2, 1, 1, 0];
    expect([...(block ?? [])]).toEqual([2, 2, ...n, ...text('s'), ...text('String'), ...text('a'), 0]);
  });

  it('tells where lists and maps end before what they hold', () => {
    const known = table({ m: 'Map(String, UInt8)' });
    const block = blockOf(known, [{ m: { a: 1, b: 2 } }, { m: {} }, { m: { c: 3 } }]);
    const ends = [2, 2, 3].flatMap((end) => [end, 0, 0, 0, 0, 0, 0, 0]);
    const pairs = [...text('a'), ...text('b'), ...text('c'), 1, 2, 3];
    expect([...(block ?? [])]).toEqual([1, 3, ...text('m'), ...text('Map(String, UInt8)'), ...ends, ...pairs]);
  });

  it.each([
    [0, [0, 0, 0, 0, 0, 0, 0, 0]],
    [-1, [255, 255, 255, 255, 255, 255, 255, 255]],
    [Number.MAX_SAFE_INTEGER, [255, 255, 255, 255, 255, 255, 31, 0]],
    [Number.MIN_SAFE_INTEGER, [1, 0, 0, 0, 0, 0, 224, 255]],
    [-4_294_967_296, [0, 0, 0, 0, 255, 255, 255, 255]],
  ])('writes %d in eight bytes', (value, bytes) => {
    const block = blockOf(table({ i: 'Int64' }), [{ i: value }]);
    expect([...(block ?? [])].slice(-8)).toEqual(bytes);
  });

  it('holds texts of any length and alphabet', () => {
    const texts = ['', 'a'.repeat(48), 'a'.repeat(49), 'é', 'é'.repeat(60), '😀', 'x'.repeat(300_000), '\0'];
    const rows = texts.map((s) => ({ s }));
    const block = blockOf(table({ s: 'String' }), rows) ?? Buffer.alloc(0);
    const found: string[] = [];
    for (let at = 2 + text('s').length + text('String').length; at < block.length; ) {
      let length = 0;
      for (let shift = 0, more = true; more; shift += 7, at += 1) {
        const byte = block[at] ?? 0;
        length += (byte & 0x7f) << shift;
        more = byte > 0x7f;
      }
      found.push(block.toString('utf8', at, at + length));
      at += length;
    }
    expect(found).toEqual(texts);
  });

  it.each([
    ['a type that is not known', table({ x: 'UUID' }), [{ x: 'u' }]],
    ['a column that is not known', table({}), [{ x: 1 }]],
    ['a default that only the engine knows', table({ x: 'String' }, ['x']), [{ x: 'a' }, {}]],
    ['the default of an enumeration', table({ x: "Enum8('a' = 1)" }), [{ x: 'a' }, {}]],
  ])('is left to text for %s', (_, known, rows) => {
    expect(blockOf(known, rows)).toBeUndefined();
  });
});
