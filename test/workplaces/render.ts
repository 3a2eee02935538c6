/** A tool's answer as text, the way such tools print it. */

export type Format = 'json' | 'pretty' | 'yaml' | 'table' | 'csv' | 'lines' | 'html' | 'xml';

type Rows = readonly Readonly<Record<string, unknown>>[];

/** A text is itself in every format. */
export function render(value: unknown, format: Format): string {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return '';
  return FORMATS[format](value);
}

const FORMATS: Readonly<Record<Format, (value: unknown) => string>> = {
  json: (value) => JSON.stringify(value),
  pretty: (value) => JSON.stringify(value, null, 2),
  yaml: (value) => yaml(value, ''),
  table: (value) => table(rowsOf(value)),
  csv: (value) => csv(rowsOf(value)),
  lines: (value) => rowsOf(value).map(pairs).join('\n'),
  html: (value) => html(rowsOf(value)),
  xml: (value) => `<result>${xml(value)}</result>`,
};

function yaml(value: unknown, indent: string): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return `${indent}[]`;
    return value.map((item) => `${indent}- ${yaml(item, `${indent}  `).trimStart()}`).join('\n');
  }
  if (typeof value !== 'object' || value === null) return `${indent}${scalar(value, indent)}`;
  return Object.entries(value)
    .map(([key, member]) =>
      nests(member) ? `${indent}${key}:\n${yaml(member, `${indent}  `)}` : `${indent}${key}: ${scalar(member, indent)}`,
    )
    .join('\n');
}

const nests = (value: unknown) => typeof value === 'object' && value !== null && Object.keys(value).length > 0;

function scalar(value: unknown, indent: string): string {
  if (typeof value !== 'string') return JSON.stringify(value) ?? 'null';
  return value.includes('\n') ? `|\n${value.replace(/^/gm, `${indent}  `)}` : value;
}

const rowsOf = (value: unknown): Rows => (Array.isArray(value) ? value : [value]) as Rows;
const cell = (value: unknown) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
const pairs = (row: Rows[number]) =>
  typeof row === 'object'
    ? Object.entries(row)
        .map(([key, value]) => `${key}=${/\s/.test(cell(value)) ? JSON.stringify(cell(value)) : cell(value)}`)
        .join(' ')
    : cell(row);

function table(rows: Rows): string {
  if (rows.length === 0) return '(0 rows)';
  if (typeof rows[0] !== 'object') return rows.map(cell).join('\n');
  const heads = Object.keys(rows[0] ?? {});
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const body = rows.map((row) => line(heads.map((head) => cell(row[head]).replaceAll('\n', ' '))));
  return [line(heads), line(heads.map(() => '---')), ...body, `(${rows.length} rows)`].join('\n');
}

function csv(rows: Rows): string {
  if (typeof rows[0] !== 'object') return rows.map(cell).join('\n');
  const heads = Object.keys(rows[0] ?? {});
  const quoted = (text: string) => (/[",;\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return [heads.join(','), ...rows.map((row) => heads.map((head) => quoted(cell(row[head]))).join(','))].join('\n');
}

function html(rows: Rows): string {
  const items = rows.map((row) =>
    Object.entries(row)
      .map(([key, value]) => `<dt>${key}</dt><dd>${cell(value)}</dd>`)
      .join(''),
  );
  return `<html><body>${items.map((item) => `<dl>${item}</dl>`).join('\n')}</body></html>`;
}

function xml(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => `<item>${xml(item)}</item>`).join('');
  if (typeof value !== 'object' || value === null) return cell(value);
  return Object.entries(value)
    .map(([key, member]) => `<${key}>${xml(member)}</${key}>`)
    .join('');
}
