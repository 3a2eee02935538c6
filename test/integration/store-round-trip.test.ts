/**
 * The row check against the real engine: of any values at all, whatever is not refused reads back exactly as it went in. A row that
 * passes the check and comes back different would be silent corruption.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { insertBisecting } from '../../store/batch-insert.ts';
import type { TemporaryStore } from '../support/embedded-store.ts';
import { openTemporaryStore } from '../support/embedded-store.ts';

let temporary: TemporaryStore;

beforeAll(async () => {
  temporary = await openTemporaryStore();
  await temporary.store.command(
    `CREATE TABLE any_row (id UInt32, u8 UInt8, u64 UInt64, f Float64, s String, l LowCardinality(String),
     t DateTime64(3, 'UTC'), list Array(LowCardinality(String)), map Map(LowCardinality(String), Float64))
     ENGINE = MergeTree ORDER BY id`,
  );
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
  fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: anything });

const rowArbitrary = fc.record(
  {
    u8: mostly(fc.nat({ max: 255 })),
    u64: mostly(fc.nat({ max: Number.MAX_SAFE_INTEGER })),
    f: mostly(number),
    s: mostly(fc.oneof(text, brokenText)),
    l: mostly(fc.oneof(text, brokenText)),
    t: mostly(fc.nat({ max: 4_102_444_800_000 })),
    list: mostly(fc.array(fc.oneof(text, brokenText), { maxLength: 4 })),
    map: mostly(fc.dictionary(text, number, { maxKeys: 4 })),
  },
  { requiredKeys: ['u8', 'u64', 'f', 's', 'l', 't', 'list', 'map'] },
);

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
        `SELECT id, u8, u64, f, s, l, toUnixTimestamp64Milli(t) AS t, list, map FROM any_row
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
  return JSON.parse(JSON.stringify(row), (key, value) =>
    key === 'u8' && typeof value === 'boolean' ? Number(value) : value,
  );
}
