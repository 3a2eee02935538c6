/**
 * First bytes of packed values. Numbers, references and objects come so often that their tag holds them. Part of the stored form: a number
 * here never gets another meaning, new ones go to the end.
 */

/** 0 to 79: that whole number. In a `Float64Array`: that many above the whole number before it, less `STEP_BACK`. */
export const SMALL = 0;
export const SMALL_END = 80;
export const STEP_BACK = 8;
/** 80 to 143: a number that was written 1 to 64 numbers ago, of those that are remembered. */
export const RECENT = 80;
export const RECENT_MAX = 64;
/** 144 to 207: an object with the fields of that entry of `SHAPES`. In a `Float64Array`: units in the last place from the forecast. */
export const SHAPED = 144;
export const NEAR = 144;
export const NEAR_BACK = 32;
export const SHAPED_END = 208;

export const TAG = {
  null: 208,
  true: 209,
  false: 210,
  /** Varint; then its negative. */
  whole: 211,
  negative: 212,
  /** Four bytes, below 2^32. */
  word: 213,
  /** Varint: distance to the last number of this form, forward or back. Instants. */
  after: 214,
  before: 215,
  /** Eight bytes. */
  float: 216,
  negativeZero: 217,
  /** Varint: further than `RECENT_MAX` numbers ago. */
  remembered: 218,
  /** Varint: entry of `NAMES`. */
  name: 219,
  /** Length in bytes, then UTF-8. */
  text: 220,
  /** Length in code units, then UTF-16: text with half a surrogate pair in it. */
  halves: 221,
  /** Varint: a text written before, counted from the first. */
  again: 222,
  /** Two texts, with a NUL between them. */
  pair: 223,
  /** Count, then the values. */
  array: 224,
  set: 225,
  map: 226,
  /** Count, then name and value of each field. */
  object: 227,
  /** Length, length without the zeros at the end, then those numbers. */
  floats: 228,
  /** Length, then 4, 2 or 1 bytes each. */
  words: 229,
  ints: 230,
  shorts: 231,
  bytes: 232,
  /** Length in words, number of bits that are set, then the distance of each from the one before. */
  bits: 233,
  /** A table of counts: see `decayed-heap.ts`. Count, scale, then its columns. */
  heap: 234,
} as const;

/** Texts 0 to 15 of the state. */
export const TEXT = 240;
export const TEXT_END = 256;

/** Whole numbers from here on, and all others, are remembered: a reference is shorter. */
export const REMEMBERED_FROM = 2 ** 21;

/**
 * What a number in a table is likely to be, given the two before it: hours that are watched without a gap weigh a fixed ratio more each.
 * Multiplication and division are exact to the bit everywhere; nothing else may be used here.
 */
export const forecast = (before: number, twoBefore: number): number => before * (before / twoBefore);

/** -0 is a fraction here: as a whole number it would lose its sign. */
export const isWhole = (value: number): boolean => Number.isSafeInteger(value) && !Object.is(value, -0);
