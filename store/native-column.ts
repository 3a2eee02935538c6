import { enumEntry, splitType } from './column-type.ts';
import type { NativeWriter } from './native-writer.ts';

/** How the values of one column are written in the format Native. */
export interface NativeColumn {
  /** The type that is announced; the engine converts it to the column's own. */
  readonly type: string;
  /** What a row without the column gets; undefined: not known here. */
  readonly empty: unknown;
  /** Writes values that have passed the check of the column's type (`column-kind.ts`). */
  write(values: readonly unknown[], writer: NativeWriter): void;
}

const WIDTHS: Readonly<Record<string, 1 | 2 | 4 | 8>> = {
  UInt8: 1,
  UInt16: 2,
  UInt32: 4,
  UInt64: 8,
  Int8: 1,
  Int16: 2,
  Int32: 4,
  Int64: 8,
  Bool: 1,
  DateTime: 4,
};

/** For a type as `system.columns` names it; undefined for one that is not known here, or that values are not checked for. */
export function nativeColumn(type: string): NativeColumn | undefined {
  const [name, args] = splitType(type);
  const width = WIDTHS[name];
  if (width !== undefined) return integerColumn(type, width);
  const [inner] = args.map(nativeColumn);
  switch (name) {
    case 'String':
      return textColumn;
    case 'Float64':
      return { type, empty: 0, write: (values, writer) => writer.doubles(values as number[]) };
    case 'DateTime64':
      return args[0] === '3' ? integerColumn(type, 8) : undefined;
    case 'Enum8':
    case 'Enum16':
      return enumColumn(type, args, name === 'Enum8' ? 1 : 2);
    // Sent as what it holds: the engine builds its dictionaries.
    case 'LowCardinality':
      return inner;
    case 'Nullable':
      return inner && nullableColumn(inner);
    case 'Array':
      return inner && arrayColumn(inner);
    case 'Map':
      return inner && mapColumn(inner, nativeColumn(args[1] ?? ''));
    default:
      return undefined;
  }
}

const textColumn: NativeColumn = {
  type: 'String',
  empty: '',
  write(values, writer) {
    for (const value of values) writer.text(value as string);
  },
};

/** True and false are 1 and 0. */
function integerColumn(type: string, width: 1 | 2 | 4 | 8): NativeColumn {
  return {
    type,
    empty: 0,
    write(values, writer) {
      if (width === 8) writer.longs(values as number[]);
      else writer.integers(width === 1 ? values.map(Number) : (values as number[]), width);
    },
  };
}

/** Which name is the default is for the engine to say. */
function enumColumn(type: string, entries: readonly string[], width: 1 | 2): NativeColumn {
  const numbers = new Map(entries.map(enumEntry));
  return {
    type,
    empty: undefined,
    write: (values, writer) =>
      writer.integers(
        values.map((value) => numbers.get(value as string) ?? Number.NaN),
        width,
      ),
  };
}

/** A flag for each value, then the values, with something in the place of null. */
function nullableColumn(inner: NativeColumn): NativeColumn | undefined {
  if (inner.empty === undefined) return undefined;
  return {
    type: `Nullable(${inner.type})`,
    empty: null,
    write(values, writer) {
      writer.integers(
        values.map((value) => Number(value === null)),
        1,
      );
      inner.write(
        values.map((value) => value ?? inner.empty),
        writer,
      );
    },
  };
}

/** Where each list ends, then all items. */
function arrayColumn(inner: NativeColumn): NativeColumn {
  return {
    type: `Array(${inner.type})`,
    empty: [],
    write(lists, writer) {
      const ends: number[] = [];
      const items: unknown[] = [];
      for (const list of lists as readonly (readonly unknown[])[]) {
        for (const item of list) items.push(item);
        ends.push(items.length);
      }
      writer.longs(ends);
      inner.write(items, writer);
    },
  };
}

/** As an array of pairs: where each map ends, then all keys, then all values. */
function mapColumn(keyColumn: NativeColumn, valueColumn: NativeColumn | undefined): NativeColumn | undefined {
  if (valueColumn === undefined) return undefined;
  return {
    type: `Map(${keyColumn.type}, ${valueColumn.type})`,
    empty: {},
    write(maps, writer) {
      const ends: number[] = [];
      const keys: string[] = [];
      const values: unknown[] = [];
      for (const map of maps as readonly Readonly<Record<string, unknown>>[]) {
        for (const key of Object.keys(map)) {
          keys.push(key);
          values.push(map[key]);
        }
        ends.push(keys.length);
      }
      writer.longs(ends);
      keyColumn.write(keys, writer);
      valueColumn.write(values, writer);
    },
  };
}
