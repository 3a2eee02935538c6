/**
 * Text from events is attacker-controlled: agents repeat what documents and web pages told them.
 *
 * Characters that act on a terminal, hide text or reorder it are removed, because an analyst must see what a machine sees.
 * Words stay: an instruction in the text is evidence, and belongs between quotes.
 */

/**
 * Escape sequences as terminals read them (ECMA-48): control sequences such as colours, then two-character escapes. What a window
 * title or a hyperlink carries stays as text: the agent has read it too. Linear: no part can match what the part after it matches.
 */
const TERMINAL_SEQUENCES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are what is looked for
  /(?:\u{1B}\[|\u{9B})[\u{30}-\u{3F}]*[\u{20}-\u{2F}]*[\u{40}-\u{7E}]|\u{1B}[\u{20}-\u{2F}]*[\u{30}-\u{7E}]/gu;
const LINE_BREAKS = /[\t\n\v\f\r\u{85}\u{2028}\u{2029}]+/gu;
/**
 * Control and format characters (bidirectional overrides, zero width, tags), and the letters and selectors that Unicode lists as
 * ignorable: they render as nothing and can carry a hidden message.
 */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/** Removed characters may outnumber kept ones; beyond this many times `max` the rest of the text is not looked at. */
const READ_AHEAD = 16;

/**
 * `text` on one line, without terminal sequences, control, invisible or direction-changing characters and half surrogate pairs,
 * in at most `max` UTF-16 units; a cut is marked with `…`, which counts. Idempotent. The cost is bounded by `max`, not by the text.
 *
 * Quotes are kept. To quote the result inside a sentence write `quote(text)`. The result is not HTML- or Markdown-escaped.
 */
export function sanitise(text: string, max: number): string {
  const read = text.slice(0, max * READ_AHEAD);
  const clean = read
    .toWellFormed()
    .replace(TERMINAL_SEQUENCES, '')
    .replace(LINE_BREAKS, ' ')
    .replace(INVISIBLE, '')
    .trim();
  if (clean.length <= max && read.length === text.length) return clean;
  return max < 1 ? '' : `${cutWhole(clean, max - 1)}…`;
}

/** The first `units` UTF-16 units, one less where the cut would halve a surrogate pair. */
function cutWhole(text: string, units: number): string {
  const cut = text.slice(0, units);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}

/** Of what `sanitise` removes, all but the line feed and the tab, which lay out what we print. */
const UNSEEN = /(?![\n\t])[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * `text` with every character that acts on a terminal, or shows as nothing, written out as `\uXXXX`. JSON text stays the same JSON. For the
 * way out: what was forgotten to be sanitised is seen there, and does nothing.
 */
export const visible = (text: string): string =>
  text.replace(UNSEEN, (sign) =>
    Array.from({ length: sign.length }, (_, i) => `\\u${sign.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  );

const QUOTED_CHARS_MAX = 120;

/** For sentences: sanitised, at most 120 characters, between quotes that the text itself cannot close. */
export const quote = (text: string): string => `"${sanitise(text, QUOTED_CHARS_MAX).replaceAll('"', "'")}"`;

const PLAIN_IDENTIFIER = /^[A-Za-z0-9][A-Za-z0-9._:@/#+=-]{0,127}$/;

/** True for ids that may stand outside the fence: no blanks, no sentence, at most 128 characters. */
export function isPlainIdentifier(text: string): boolean {
  return PLAIN_IDENTIFIER.test(text);
}
