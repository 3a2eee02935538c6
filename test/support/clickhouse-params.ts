/**
 * Query parameters as they arrive over HTTP, turned back into values for the embedded engine's binder, which formats them again.
 * Top-level values are escaped as in TSV; composite ones are literals: `['it\'s',1]`, `{'key':'value'}`.
 */

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', '0': '\0' };

/** `composite`: the placeholder's type is an Array, Map or Tuple. */
export function parseParam(text: string, composite: boolean): unknown {
  if (!composite) return text === '\\N' ? null : unescapeText(text);
  const reader = createReader(text);
  const value = readValue(reader);
  if (!reader.atEnd()) throw new SyntaxError(`Unexpected text after the parameter value at ${reader.position()}.`);
  return value;
}

/** Names of the parameters whose placeholder `{name:Type}` is of a composite type. */
export function compositeParams(sql: string): Set<string> {
  const found = sql.matchAll(/\{\s*(\w+)\s*:\s*(?:Array|Map|Tuple)\s*\(/g);
  return new Set([...found].map((match) => match[1] ?? ''));
}

export function unescapeText(text: string): string {
  return text.replace(/\\(.)/gs, (_, char: string) => ESCAPES[char] ?? char);
}

type Reader = ReturnType<typeof createReader>;

function createReader(text: string) {
  let at = 0;
  return {
    position: () => at,
    atEnd: () => at >= text.length,
    peek: () => text[at],
    take(pattern: RegExp): string {
      const sticky = new RegExp(pattern.source, 'sy');
      sticky.lastIndex = at;
      const found = sticky.exec(text)?.[0];
      if (found === undefined) throw new SyntaxError(`Expected ${pattern.source} at ${at}.`);
      at += found.length;
      return found;
    },
  };
}

function readValue(reader: Reader): unknown {
  if (reader.peek() === "'") return readQuoted(reader);
  if (reader.peek() === '[') return readList(reader, /\[/, /\]/, readValue);
  if (reader.peek() === '{') return new Map(readList(reader, /\{/, /\}/, readEntry));
  const word = reader.take(/[A-Za-z0-9+.-]+/);
  if (word === 'NULL') return null;
  if (word === 'TRUE' || word === 'FALSE') return word === 'TRUE';
  return /^-?\d+$/.test(word) ? BigInt(word) : Number(word);
}

function readQuoted(reader: Reader): string {
  return unescapeText(reader.take(/'(?:\\.|[^'\\])*'/).slice(1, -1));
}

function readEntry(reader: Reader): [unknown, unknown] {
  const key = readValue(reader);
  reader.take(/:/);
  return [key, readValue(reader)];
}

function readList<T>(reader: Reader, open: RegExp, close: RegExp, readItem: (reader: Reader) => T): T[] {
  reader.take(open);
  const items: T[] = [];
  while (!new RegExp(close.source).test(reader.peek() ?? '')) {
    if (items.length > 0) reader.take(/,/);
    items.push(readItem(reader));
  }
  reader.take(close);
  return items;
}
