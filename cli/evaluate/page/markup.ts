/** HTML in which nothing from outside can become markup: every value is escaped unless `html` made it. */

export interface Markup {
  readonly markup: string;
}

export type Part = string | number | Markup | readonly Part[];

/**
 * For text between tags and in double-quoted attributes; in no other place (unquoted attributes, scripts, styles, URLs) would escaping
 * be enough.
 */
export const html = (texts: TemplateStringsArray, ...parts: readonly Part[]): Markup => ({
  markup: texts.map((text, i) => (i === 0 ? text : markupOf(parts[i - 1] ?? '') + text)).join(''),
});

function markupOf(part: Part): string {
  if (typeof part === 'number') return String(part);
  if (typeof part === 'string') return part.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
  return 'markup' in part ? part.markup : part.map(markupOf).join('');
}
