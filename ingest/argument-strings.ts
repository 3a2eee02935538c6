/** Of the arguments of one call; further strings are not looked at. */
const STRINGS_MAX = 64;
const DEPTH_MAX = 16;

/** The strings and numbers in the arguments of a call, or the whole text where it is no JSON (it may have been cut). */
export function argumentStrings(text: string): string[] {
  if (text === '') return [];
  const found: string[] = [];
  try {
    collect(JSON.parse(text), found, 0);
  } catch {
    return stringsIn(text);
  }
  return found;
}

function collect(value: unknown, found: string[], depth: number): void {
  if (found.length >= STRINGS_MAX || depth > DEPTH_MAX) return;
  if (typeof value === 'string') found.push(value);
  else if (typeof value === 'number') found.push(String(value));
  else if (typeof value === 'object' && value !== null)
    for (const inner of Object.values(value)) collect(inner, found, depth + 1);
}

/** Quoted strings that stand for a value, of JSON that was cut, and the one that the cut goes through. */
function stringsIn(text: string): string[] {
  const values = [...text.matchAll(QUOTED)].filter(({ groups }) => groups?.['end'] !== undefined);
  const isWhole = ({ groups }: RegExpExecArray) => groups?.['end']?.startsWith('"') === true;
  return values.some(isWhole) ? values.slice(0, STRINGS_MAX).map(({ groups }) => groups?.['inner'] ?? '') : [text];
}

/** Without an end: a name. Its closing quote is looked at again, what is within is not: the cost stays linear whatever is escaped. */
const QUOTED = /"(?<inner>(?:[^"\\]|\\.)*)(?:(?<end>"\s*(?=[,}\]]|$)|\\?$)|(?="))/gs;
