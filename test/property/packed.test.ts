/**
 * Goal: packed values come back to the bit, the same value always has the same bytes, and bytes that nobody packed are refused instead of
 * being read as something else. The names that packed values call by number never move.
 */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NAMES, SHAPES } from '../../baselines/packed/known-names.ts';
import { pack } from '../../baselines/packed/pack.ts';
import { unpack } from '../../baselines/packed/unpack.ts';
import { emptyDecayedHeap, touchKey } from '../../baselines/statistics/decayed-heap.ts';

const number = fc.oneof(
  fc.double(),
  fc.integer({ min: -100, max: 200 }),
  fc.maxSafeInteger(),
  fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 }),
  fc.constantFrom(0, -0, 1.5, 2 ** 21, 2 ** 21 - 1, 2 ** 32, 2 ** 32 - 1, 2 ** 53, 5e-324, Number.NaN),
);
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    'events',
    '\u0000',
    'a\u0000b',
    'a\u0000b\u0000',
    '\ud83d',
    'x\udc00y',
    '\ud83d\ude00',
    '__proto__',
  ),
);
/** Numbers as tables have them: steps, gaps, weights that grow by a fixed ratio. */
const table = fc.oneof(
  fc.array(number, { maxLength: 20 }),
  fc
    .tuple(fc.double({ min: 0.1, max: 10 }), fc.nat(30))
    .map(([ratio, n]) => Array.from({ length: n }, (_, i) => ratio ** i)),
  fc.array(fc.integer({ min: -5, max: 120 }), { maxLength: 20 }),
);
const heap = fc
  .array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'a\u0000b', 'd'), fc.nat(2 ** 40)), { maxLength: 30 })
  .map((uses) => {
    const found = emptyDecayedHeap();
    for (const [key, atMs] of uses) touchKey(found, key, atMs, 1e9, 3);
    return found;
  });
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    number,
    text,
    fc.constantFrom(null, true, false),
    table.map((one) => Float64Array.from(one)),
    heap,
    fc.uint32Array({ maxLength: 20 }),
    fc.array(fc.nat(3), { maxLength: 400 }).map((one) => Uint32Array.from(one)),
    fc.int32Array({ maxLength: 9 }),
    fc.uint16Array({ maxLength: 9 }),
    fc.uint8Array({ maxLength: 9 }),
    fc.array(tie('value'), { maxLength: 8 }),
    fc.dictionary(text, tie('value'), { maxKeys: 6, noNullPrototype: true }),
    fc.record({ value: number, atMs: number }, { noNullPrototype: true }),
    fc.array(fc.tuple(text, tie('value')), { maxLength: 6 }).map((entries) => new Map(entries)),
    fc.array(number, { maxLength: 8 }).map((items) => new Set(items)),
  ),
}));

describe('a packed value', () => {
  it('comes back to the bit, and packs to the same bytes', () => {
    fc.assert(
      fc.property(value, (one) => {
        const bytes = pack(one);
        const read = unpack(bytes);
        expect(read).toStrictEqual(one);
        expect(pack(read).equals(bytes)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps every number of a table', () => {
    fc.assert(
      fc.property(table, fc.nat(5), (numbers, free) => {
        const one = new Float64Array(numbers.length + free);
        one.set(numbers);
        const read = unpack(pack({ one })) as { one: Float64Array };
        expect([...read.one].map(bitsOf)).toEqual([...one].map(bitsOf));
      }),
      { numRuns: 1000 },
    );
  });

  it('keeps steps between the last numbers that are whole', () => {
    const one = Float64Array.of(Number.MAX_SAFE_INTEGER - 73, Number.MAX_SAFE_INTEGER - 2);
    expect(unpack(pack({ one }))).toEqual({ one });
  });

  it('leaves out fields that are undefined, as JSON does', () => {
    expect(unpack(pack({ value: 1, atMs: undefined }))).toStrictEqual({ value: 1 });
  });

  it.each([[1n], [() => 1], [Symbol('x')], [new Int8Array(1)]])('of a kind that no state has is a mistake', (one) => {
    expect(() => pack({ one })).toThrow(TypeError);
  });
});

const bitsOf = (one: number): string => Buffer.from(Float64Array.of(one).buffer).toString('hex');

describe('bytes that nobody packed', () => {
  it('are refused when they are cut off', () => {
    fc.assert(
      fc.property(value, (one) => {
        const bytes = pack(one);
        for (let length = 0; length < bytes.length; length += 1 + (bytes.length >> 4))
          expect(() => unpack(bytes.subarray(0, length))).toThrow(RangeError);
      }),
    );
  });

  it('are read, or refused with a RangeError, and take no memory that they do not fill', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          unpack(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe('names that packed values call by number', () => {
  it('stay what they were: what is stored names them', () => {
    const digest = (lists: readonly string[]) =>
      createHash('sha256').update(lists.join('\n')).digest('hex').slice(0, 16);
    const shapes = SHAPES.slice(0, 37).map((fields) => fields.join(' '));
    expect([digest(shapes), digest(NAMES.slice(0, 23))]).toEqual(['abda7cd5ddd15393', 'bca87103e7ff3dce']);
    expect(SHAPES.length).toBeLessThanOrEqual(64);
  });
});
