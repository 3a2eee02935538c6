/**
 * The row check against the real engine: of any values at all, whatever is not refused reads back exactly as it went in. A row that
 * passes the check and comes back different would be silent corruption.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { insertBisecting } from '../../store/batch-insert.ts';
import { nativeColumn } from '../../store/native-column.ts';
import type { TemporaryStore } from '../support/embedded-store.ts';
import { openTemporaryStore } from '../support/embedded-store.ts';

let temporary: TemporaryStore;

const TYPES: Readonly<Record<string, string>> = {
  id: 'UInt32',
  u8: 'UInt8',
  u16: 'UInt16',
  u32: 'UInt32',
  u64: 'UInt64',
  i8: 'Int8',
  i16: 'Int16',
  i32: 'Int32',
  i64: 'Int64',
  b: 'Bool',
  f: 'Float64',
  s: 'String',
  l: 'LowCardinality(String)',
  e8: "Enum8('one' = 1, 'it\\'s, (two)' = -2)",
  e16: "Enum16('one' = -300, 'two' = 300)",
  d: "DateTime('UTC')",
  t: "DateTime64(3, 'UTC')",
  ns: 'Nullable(String)',
  nu: 'Nullable(UInt64)',
  ln: 'LowCardinality(Nullable(String))',
  list: 'Array(LowCardinality(String))',
  lists: 'Array(Array(Int16))',
  nulls: 'Array(Nullable(Float64))',
  map: 'Map(LowCardinality(String), Float64)',
  maps: 'Map(String, Array(UInt8))',
};
const COLUMNS = Object.entries(TYPES)
  .map(([name, type]) => `${name} ${type}`)
  .join(', ');

beforeAll(async () => {
  temporary = await openTemporaryStore();
  await temporary.store.command(`CREATE TABLE any_row (${COLUMNS}) ENGINE = MergeTree ORDER BY id`);
});

afterAll(() => temporary.close());

const text = fc.string({ unit: 'binary', maxLength: 20 });
const brokenText = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 })
  .map((units) => String.fromCharCode(...units));
const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(256, 2 ** 53, 2 ** 64, -0, 1e308),
);
const anything = fc.oneof(text, number, fc.constantFrom(null, true, [], {}));
const mostly = <T>(usual: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 60, arbitrary: usual }, { weight: 1, arbitrary: anything });

const within = (min: number, max: number) => mostly(fc.integer({ min, max }));
const anyText = fc.oneof(text, brokenText, fc.string({ minLength: 40, maxLength: 200 }));

const rowArbitrary = fc.record(
  {
    u8: within(0, 255),
    u16: within(0, 65_535),
    u32: within(0, 4_294_967_295),
    u64: mostly(fc.nat({ max: Number.MAX_SAFE_INTEGER })),
    i8: within(-128, 127),
    i16: within(-32_768, 32_767),
    i32: within(-2_147_483_648, 2_147_483_647),
    i64: mostly(fc.maxSafeInteger()),
    b: mostly(fc.boolean()),
    f: mostly(number),
    s: mostly(anyText),
    l: mostly(anyText),
    e8: mostly(fc.constantFrom('one', "it's, (two)")),
    e16: mostly(fc.constantFrom('one', 'two')),
    d: within(0, 4_294_967_295),
    t: mostly(fc.nat({ max: 4_102_444_800_000 })),
    ns: mostly(fc.option(anyText)),
    nu: mostly(fc.option(fc.nat({ max: Number.MAX_SAFE_INTEGER }))),
    ln: mostly(fc.option(anyText)),
    list: mostly(fc.array(anyText, { maxLength: 4 })),
    lists: mostly(fc.array(fc.array(fc.integer({ min: -32_768, max: 32_767 }), { maxLength: 3 }), { maxLength: 3 })),
    nulls: mostly(fc.array(fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })), { maxLength: 3 })),
    map: mostly(fc.dictionary(text, number, { maxKeys: 4 })),
    maps: mostly(fc.dictionary(text, fc.array(fc.nat({ max: 255 }), { maxLength: 3 }), { maxKeys: 3 })),
  },
  // A row need not have all columns; those of the enumerations have a default that only the engine knows.
  { requiredKeys: ['e8', 'e16'] },
);

const EMPTY: Readonly<Record<string, unknown>> = {
  ...Object.fromEntries(['u8', 'u16', 'u32', 'u64', 'i8', 'i16', 'i32', 'i64', 'f', 'd', 't'].map((name) => [name, 0])),
  ...{ b: false, s: '', l: '', ns: null, nu: null, ln: null, list: [], lists: [], nulls: [], map: {}, maps: {} },
};

it('writes every one of these columns in binary', () => {
  expect(Object.entries(TYPES).filter(([, type]) => nativeColumn(type) === undefined)).toEqual([]);
});

it('refuses a value or returns it exactly', async () => {
  const { store } = temporary;
  let nextId = 0;
  const seen = { stored: 0, refused: 0 };
  const batches = fc.array(rowArbitrary, { minLength: 1, maxLength: 100 });
  await fc.assert(
    fc.asyncProperty(batches, async (values) => {
      const rows = values.map((value) => ({ id: nextId++, ...value }));
      const refused = new Set<number>();
      const codes: string[] = [];
      await insertBisecting(store, 'any_row', rows, (row, error) => {
        refused.add(row.id);
        codes.push(error.name);
      });
      const first = rows[0]?.id ?? 0;
      const out = await store.query<Record<string, unknown>>(
        `SELECT * REPLACE (toUnixTimestamp64Milli(t) AS t, toUnixTimestamp(d) AS d) FROM any_row
         WHERE id >= {first:UInt32} ORDER BY id`,
        { first },
      );
      const kept = rows.filter((row) => !refused.has(row.id));
      seen.stored += kept.length;
      seen.refused += refused.size;
      expect(out).toEqual(kept.map(asStored));
    }),
    { numRuns: 60 },
  );
  expect(seen.stored).toBeGreaterThan(0);
  expect(seen.refused).toBeGreaterThan(0);
});

/** JSON has no negative zero, and true in a UInt8 is 1. */
function asStored(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return JSON.parse(JSON.stringify({ ...EMPTY, ...row }), (key, value) =>
    key === 'u8' && typeof value === 'boolean' ? Number(value) : value,
  );
}
