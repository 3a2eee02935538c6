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

const DISGUISED =
  /[\\%\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\uff01-\uff5e]|\udb40[\udc00-\udc7f]/;
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
 * letters looks like it. An encoding within an encoding stays closed.
 */
export function decodedRuns(text: string): string[] {
  if (!RUN.test(text)) return [];
  const found: string[] = [];
  for (const [run] of text.matchAll(RUNS)) {
    const whole = decode(run);
    // In the path of a URL a slash parts what stands for itself.
    const parts = whole === undefined && run.includes('/') ? run.split('/').filter(({ length }) => length >= 16) : [];
    for (const decoded of [whole, ...parts.map(decode)])
      if (decoded !== undefined && found.push(decoded) >= RUNS_MAX) return found;
  }
  return found;
}

function decode(run: string): string | undefined {
  const bounded = run.slice(0, RUN_CHARS_MAX);
  return (HEX.test(run) ? printable(bounded, 'hex') : undefined) ?? printable(bounded, 'base64');
}

const RUN = /[A-Za-z0-9+/_-]{16}/;
const RUNS = /[A-Za-z0-9+/_-]{16,}/g;
const HEX = /^(?:[0-9a-fA-F]{2})+$/;
const PRINTABLE = /^[\t\n\r -~]+$/;

function printable(run: string, encoding: 'hex' | 'base64'): string | undefined {
  // Most runs are long names: their beginning tells.
  if (!PRINTABLE.test(Buffer.from(run.slice(0, 16), encoding).toString('latin1'))) return undefined;
  const text = Buffer.from(run, encoding).toString('latin1');
  return PRINTABLE.test(text) ? text : undefined;
}
