/**
 * Undoes the spellings in which a value travels unseen through texts: escapes of JSON and URLs, folded lines of YAML, full-width letters,
 * characters without width, and Unicode's tag characters, which nobody sees and models read as ASCII. Plain text comes back as it is, at the cost of one search. For encoded runs see `decodedRuns`.
 */
export function plainText(text: string): string {
  if (!DISGUISED.test(text)) return text;
  let plain = text;
  if (plain.includes('\\')) plain = unescaped(plain);
  if (plain.includes('%'))
    plain = plain.replace(PERCENT, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return plain
    .replace(TAG, (tag) => asciiOfTag(tag.charCodeAt(1)))
    .replace(NO_WIDTH, '')
    .replace(FULL_WIDTH, (sign) => String.fromCharCode(sign.charCodeAt(0) - FULL_WIDTH_OFFSET));
}

/** First half of Unicode's tag characters. */
const TAG_HIGH = 0xdb40;
const DISGUISED =
  /[\\%\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\uff01-\uff5e]|\udb40[\udc00-\udc7f]/;
/** What `DISGUISED` finds begins with such a code. */
export const mayDisguise = (code: number): boolean => code === TAG_HIGH || DISGUISED.test(String.fromCharCode(code));
/** Marks of direction as well: destinations lose them too (`destinations.ts`), and must still be found in the texts that named them. */
const NO_WIDTH = /[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g;
/** U+E0000 to U+E007F, as two code units. */
const TAG = /\udb40[\udc00-\udc7f]/g;
const TAG_OFFSET = 0xdc00;
const asciiOfTag = (low: number): string =>
  low - TAG_OFFSET >= 0x20 && low - TAG_OFFSET < 0x7f ? String.fromCharCode(low - TAG_OFFSET) : '';
const FULL_WIDTH = /[\uff01-\uff5e]/g;
const FULL_WIDTH_OFFSET = 0xfee0;
/** Of printable ASCII only: what is beyond it is written in several bytes, and no address needs it. */
const PERCENT = /%([2-7][0-9A-Fa-f])/g;

function unescaped(text: string): string {
  const unfolded = text.replace(/\\\r?\n\s*\\?/g, '').replace(/\\[nrt]/g, ' ');
  const read = unfolded.includes('\\u')
    ? unfolded.replace(/\\u([0-9a-fA-F]{4})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : unfolded;
  return read.replace(/\\(["/\\])/g, '$1');
}

/** Runs looked at in one text, and characters of one run; what is beyond is not decoded. */
const RUNS_MAX = 16;
const RUN_CHARS_MAX = 4096;

/**
 * What base64 and hexadecimal runs of 16 characters or more stand for, where that is printable ASCII: one time in 10^5 a run of other
 * letters looks like it. An encoding within an encoding stays closed. `codes` are the text's (`text-codes.ts`).
 */
export function decodedRuns(text: string, codes: Uint16Array): string[] {
  const found: string[] = [];
  const length = text.length;
  let begin = 0;
  // A run has a sign on one of any 16 places in a row: only every sixteenth is looked at, and others where that one belongs to a run.
  while (begin + RUN_CHARS_MIN <= length && found.length < RUNS_MAX) {
    let start = begin + RUN_CHARS_MIN;
    while (start > begin && isRunSign(codes[start - 1] ?? 0)) start -= 1;
    if (start > begin) begin = start;
    else {
      let end = begin + RUN_CHARS_MIN;
      while (end < length && isRunSign(codes[end] ?? 0)) end += 1;
      const decoded = decodedAt(text, codes, begin, end);
      if (decoded === undefined) readParts(text, codes, begin, end, found);
      else found.push(decoded);
      begin = end;
    }
  }
  return found;
}

/** Most runs are long names, and their first two signs tell: as base64 or hexadecimal they would begin with a byte that is no printable one. */
const mayBePrintable = (first: number, second: number): boolean =>
  isPrintable(((BASE64_VALUES[first] ?? 0) << 2) | ((BASE64_VALUES[second] ?? 0) >> 4)) ||
  isPrintable(((HEX_VALUES[first] ?? 0) << 4) | (HEX_VALUES[second] ?? 0));

const isPrintable = (byte: number): boolean =>
  (byte >= 0x20 && byte <= 0x7e) || byte === 0x09 || byte === 0x0a || byte === 0x0d;

/** In the path of a URL a slash parts what stands for itself. */
function readParts(text: string, codes: Uint16Array, begin: number, end: number, found: string[]): void {
  let start = begin;
  for (let i = begin; i <= end && found.length < RUNS_MAX; i++) {
    if (i < end && codes[i] !== SLASH) continue;
    const isPart = i - start >= RUN_CHARS_MIN && i - start < end - begin;
    const decoded = isPart ? decodedAt(text, codes, start, i) : undefined;
    if (decoded !== undefined) found.push(decoded);
    start = i + 1;
  }
}

const decodedAt = (text: string, codes: Uint16Array, begin: number, end: number): string | undefined =>
  mayBePrintable(codes[begin] ?? 0, codes[begin + 1] ?? 0) ? decodedRun(text.slice(begin, end)) : undefined;

function decodedRun(run: string): string | undefined {
  const bounded = run.slice(0, RUN_CHARS_MAX);
  return (HEX.test(run) ? printable(bounded, 'hex') : undefined) ?? printable(bounded, 'base64');
}

const valuesOf = (signs: string, alias = ''): Uint8Array => {
  const values = new Uint8Array(128);
  for (let i = 0; i < signs.length; i++) values[signs.charCodeAt(i)] = i;
  for (let i = 0; i < alias.length; i++) values[alias.charCodeAt(i)] = signs.length - alias.length + i;
  return values;
};
const BASE64_VALUES = valuesOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', '-_');
const HEX_VALUES = Uint8Array.from({ length: 128 }, (_, code) => Number.parseInt(String.fromCharCode(code), 16) || 0);

export const RUN_CHARS_MIN = 16;
const SLASH = 47;
export const isRunSign = (code: number): boolean => code < 128 && RUN_SIGNS[code] === 1;
const RUN_SIGNS = Uint8Array.from({ length: 128 }, (_, code) =>
  /[A-Za-z0-9+/_-]/.test(String.fromCharCode(code)) ? 1 : 0,
);
const HEX = /^(?:[0-9a-fA-F]{2})+$/;
const PRINTABLE = /^[\t\n\r -~]+$/;

function printable(run: string, encoding: 'hex' | 'base64'): string | undefined {
  // Most runs are long names: their beginning tells.
  if (!PRINTABLE.test(Buffer.from(run.slice(0, 16), encoding).toString('latin1'))) return undefined;
  const text = Buffer.from(run, encoding).toString('latin1');
  return PRINTABLE.test(text) ? text : undefined;
}
