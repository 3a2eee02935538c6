/**
 * What a column takes, from its ClickHouse type. The engine corrupts in silence where this is not asked first: 2^64 becomes 0,
 * 1e400 becomes infinity, a number in a String column becomes text.
 */

import { enumEntry, splitType } from './column-type.ts';

/** Says what is wrong with a value; undefined when it is right. Never quotes the value. */
export type ValueCheck = (value: unknown) => string | undefined;

/** 2100-01-01: beyond it, four-byte times (TTL, DateTime) wrap round. */
export const TIME_MS_MAX = 4_102_444_800_000;

const INTEGER_RANGES: Readonly<Record<string, readonly [min: number, max: number]>> = {
  UInt8: [0, 0xff],
  UInt16: [0, 0xffff],
  UInt32: [0, 0xffff_ffff],
  // Beyond 2^53-1 a JavaScript number is no longer exact, going in or coming out.
  UInt64: [0, Number.MAX_SAFE_INTEGER],
  Int8: [-0x80, 0x7f],
  Int16: [-0x8000, 0x7fff],
  Int32: [-0x8000_0000, 0x7fff_ffff],
  Int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
};

/** The check for a type as `system.columns` names it. A type not known here is left to the engine: undefined. */
export function checkForType(type: string): ValueCheck | undefined {
  const [name, args] = splitType(type);
  const range = INTEGER_RANGES[name];
  if (range !== undefined) return name === 'UInt8' ? flagOr(integerWithin(range)) : integerWithin(range);
  switch (name) {
    case 'String':
      return wellFormedText;
    case 'Float64':
    case 'Float32':
      return finiteNumber;
    case 'Bool':
      return (value) => (typeof value === 'boolean' ? undefined : 'is not true or false');
    case 'DateTime':
      return integerWithin([0, 0xffff_ffff], 'epoch seconds');
    case 'DateTime64':
      return args[0] === '3' ? integerWithin([0, TIME_MS_MAX], 'epoch milliseconds before the year 2100') : undefined;
    case 'LowCardinality':
      return checkForType(args[0] ?? '');
    case 'Nullable':
      return orNull(checkForType(args[0] ?? ''));
    case 'Enum8':
    case 'Enum16':
      return oneOf(args.map((entry) => enumEntry(entry)[0]));
    case 'Array':
      return arrayOf(checkForType(args[0] ?? ''));
    case 'Map':
      return mapOf(checkForType(args[0] ?? ''), checkForType(args[1] ?? ''));
    default:
      return undefined;
  }
}

function wellFormedText(value: unknown): string | undefined {
  if (typeof value !== 'string') return 'is not a string';
  return value.isWellFormed() ? undefined : 'holds half of a surrogate pair';
}

function finiteNumber(value: unknown): string | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? undefined : 'is not a finite number';
}

function integerWithin([min, max]: readonly [number, number], unit = 'integer'): ValueCheck {
  return (value) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max
      ? undefined
      : `is not an integer within ${min}..${max}${unit === 'integer' ? '' : ` (${unit})`}`;
}

function flagOr(check: ValueCheck): ValueCheck {
  return (value) => (typeof value === 'boolean' ? undefined : check(value));
}

function orNull(check: ValueCheck | undefined): ValueCheck | undefined {
  return check && ((value) => (value === null ? undefined : check(value)));
}

function oneOf(names: readonly string[]): ValueCheck {
  const known = new Set(names);
  return (value) => (typeof value === 'string' && known.has(value) ? undefined : `is not one of ${names.join(', ')}`);
}

function arrayOf(check: ValueCheck | undefined): ValueCheck {
  return (value) => {
    if (!Array.isArray(value)) return 'is not an array';
    // By index: a hole would be written as null.
    for (let at = 0; check !== undefined && at < value.length; at++) {
      const problem = check(value[at]);
      if (problem !== undefined) return `[${at}] ${problem}`;
    }
    return undefined;
  };
}

function mapOf(checkKey: ValueCheck | undefined, check: ValueCheck | undefined): ValueCheck {
  return (value) => {
    if (!isPlainObject(value)) return 'is not a plain object';
    for (const key of Object.keys(value)) {
      const keyProblem = checkKey?.(key);
      if (keyProblem !== undefined) return `has a key that ${keyProblem}`;
      const problem = check?.(value[key]);
      if (problem !== undefined) return `has a value that ${problem}`;
    }
    return undefined;
  };
}

/** A `Map` or a class instance would be written as `{}`. */
function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
