/** Shares as rows: figures for reading, a bar with its 95 % interval for seeing. */
import { sanitise } from '../../../ingest/untrusted-text.ts';
import type { BreakdownRow } from '../breakdown.ts';
import { ofAll, percent, range } from '../figures.ts';
import type { Share } from '../share.ts';
import { html, type Markup } from './markup.ts';

const NAME_CHARS_MAX = 100;
const BAR = { width: 190, height: 14 };

export function breakdownTable(column: string, rows: readonly BreakdownRow[]): Markup {
  const benign = rows.some((row) => row.benign !== undefined);
  const more = benign
    ? html`<th class="n">benign</th><th class="n">count</th><th class="n">95 %</th><th class="bar"></th>`
    : '';
  return html`<div class="wide"><table class="${benign ? 'both' : 'one'}"><thead><tr><th>${column}</th><th class="n">recall</th><th class="n">count</th><th class="n">95 %</th>
<th class="bar"></th>${more}</tr></thead><tbody>${rows.map(rowOf)}</tbody></table></div>`;
}

const rowOf = ({ name, recall, benign }: BreakdownRow): Markup =>
  html`<tr><td class="name">${sanitise(name, NAME_CHARS_MAX)}</td>${shareCells(recall, 'attack')}${benign === undefined ? '' : shareCells(benign, 'benign')}</tr>
`;

export const shareCells = (share: Share, kind: 'attack' | 'benign'): Markup =>
  html`<td class="n">${percent(share.rate)}</td><td class="n">${ofAll(share)}</td><td class="n">${range(share)}</td><td class="bar">${bar(share, kind)}</td>`;

function bar({ rate, low, high, of }: Share, kind: 'attack' | 'benign'): Markup {
  if (of === 0) return html``;
  const { width, height } = BAR;
  const x = (share: number) => Math.round(share * width * 10) / 10;
  const middle = height / 2;
  return html`<svg aria-hidden="true" viewBox="-1 0 ${width + 2} ${height}"><rect class="track" y="2" width="${width}" height="${height - 4}"/>
<rect class="${kind}" y="2" width="${x(rate ?? 0)}" height="${height - 4}"/>
<path class="spread" d="M${x(low)} ${middle}H${x(high)}M${x(low)} ${middle - 3}v6M${x(high)} ${middle - 3}v6"/></svg>`;
}
