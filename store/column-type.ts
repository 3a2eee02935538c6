/** Names of ClickHouse types, as `system.columns` writes them. */

/** `Map(String, Array(UInt8))` -> `['Map', ['String', 'Array(UInt8)']]`. Commas and brackets inside quotes do not count. */
export function splitType(type: string): [name: string, args: string[]] {
  const open = type.indexOf('(');
  if (open < 0) return [type, []];
  const args: string[] = [];
  let depth = 0;
  let quoted = false;
  let start = open + 1;
  for (let at = start; at < type.length - 1; at++) {
    const char = type[at];
    if (quoted && char === '\\') at++;
    else if (char === "'") quoted = !quoted;
    else if (!quoted && char === '(') depth++;
    else if (!quoted && char === ')') depth--;
    else if (!quoted && depth === 0 && char === ',') {
      args.push(type.slice(start, at).trim());
      start = at + 1;
    }
  }
  args.push(type.slice(start, -1).trim());
  return [type.slice(0, open), args];
}

/** `'it\'s' = -2` -> `['it's', -2]`. */
export function enumEntry(entry: string): [name: string, value: number] {
  const end = entry.lastIndexOf("'");
  const name = entry.slice(1, end).replaceAll("\\'", "'").replaceAll('\\\\', '\\');
  return [name, Number(entry.slice(entry.indexOf('=', end) + 1))];
}
