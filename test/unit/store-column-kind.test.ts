/** A check is made from the type's text; a type that is read wrongly would let values through that the engine corrupts. */
import { describe, expect, it } from 'vitest';
import { checkForType } from '../../store/column-kind.ts';

describe('checkForType', () => {
  it.each([
    ['UInt8', [0, 255, true], [256, -1, 0.5, '1', null, 1n]],
    ['UInt64', [0, Number.MAX_SAFE_INTEGER], [2 ** 53, -1, Number.NaN]],
    ['Int64', [Number.MIN_SAFE_INTEGER, -0], [-(2 ** 53), Number.POSITIVE_INFINITY]],
    ['Float64', [0, -1e308, Number.MIN_VALUE], [Number.NaN, Number.NEGATIVE_INFINITY, '1', null]],
    ['Bool', [true, false], [0, 'true']],
    ['String', ['', '\0', '😀'], ['\ud800', 5, null, ['a']]],
    ['LowCardinality(String)', ['a'], ['\udfff', 1]],
    ['Nullable(UInt16)', [null, 65_535], [65_536, 'a']],
    ['LowCardinality(Nullable(String))', [null, 'a'], [1]],
    ["Enum8('a' = 1, 'it\\'s, (b)' = -2)", ['a', "it's, (b)"], ['b', 1]],
    ["DateTime64(3, 'UTC')", [0, 1_767_225_600_123], [-1, 0.5, 4_102_444_800_001, '2026-01-01']],
    ["DateTime('UTC')", [0, 4_294_967_295], [1_767_225_600_123, -1]],
    ['Array(UInt8)', [[], [1, 2]], [[256], [null], new Array(1), 'a', { 0: 1 }]],
    ['Array(Array(String))', [[['a'], []]], [['a'], [['\ud800']]]],
    ['Map(LowCardinality(String), Float64)', [{}, { a: 1 }], [{ a: 'x' }, { '\ud800': 1 }, new Map(), [], null]],
    ['Map(String, Array(UInt8))', [{ a: [1] }], [{ a: [256] }, { a: 1 }]],
  ])('%s', (type, good, bad) => {
    const check = checkForType(type);
    const judged = [...good, ...bad].map((value) => [value, check?.(value) === undefined]);
    expect(judged).toEqual([...good.map((value) => [value, true]), ...bad.map((value) => [value, false])]);
  });

  it.each(['UUID', 'IPv6', 'DateTime64(9)', 'Tuple(String, UInt8)', 'JSON'])('leaves %s to the engine', (type) => {
    expect(checkForType(type)).toBeUndefined();
  });

  it('never quotes the value that it refuses', () => {
    const secret = 'hunter2\ud800';
    const problems = ['String', 'UInt8', "Enum8('a' = 1)", 'Array(UInt8)'].map((type) => checkForType(type)?.(secret));
    expect(problems.join()).not.toContain('hunter2');
  });
});
