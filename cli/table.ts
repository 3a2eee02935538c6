/** Plain text tables: columns as wide as their widest cell, the last one wrapped at the width of the page. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], width = 120): string {
  const last = head.length - 1;
  const widths = head.slice(0, last).map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const indent = widths.reduce((sum, one) => sum + one + 2, 0);
  const room = Math.max(30, width - indent);
  const line = (cells: readonly string[]) => {
    const start = widths.map((one, i) => (cells[i] ?? '').padEnd(one + 2)).join('');
    return (start + wrap(cells[last] ?? '', room).join(`\n${' '.repeat(indent)}`)).trimEnd();
  };
  return [
    line(head),
    line(head.map((name, i) => '-'.repeat(i === last ? name.length : (widths[i] ?? 0)))),
    ...rows.map(line),
  ].join('\n');
}

export function wrap(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const current = lines.at(-1) ?? '';
    if (current.length > 0 && current.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = current.length > 0 ? `${current} ${word}` : word;
  }
  return lines;
}
