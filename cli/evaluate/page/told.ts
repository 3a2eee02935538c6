/** What fired and why, as tables. Names and sentences come from events and labels. */
import { sanitise } from '../../../ingest/untrusted-text.ts';
import type { Evaluation } from '../evaluation.ts';
import type { TitleRow, ToldSession } from '../explanations.ts';
import { decimal, percent } from '../figures.ts';
import type { SessionAlert } from '../session-outcome.ts';
import { html, type Markup, type Part } from './markup.ts';

const NAME_CHARS_MAX = 100;
const SENTENCE_CHARS_MAX = 1000;

const name = (text: string): Markup => html`<td class="name">${sanitise(text, NAME_CHARS_MAX)}</td>`;
const id = (text: string): Markup => html`<td class="id">${sanitise(text, NAME_CHARS_MAX)}</td>`;
const number = (value: string | number): Markup => html`<td class="n">${value}</td>`;

/** A heading that ends in `#` stands over numbers. */
function listing(headings: readonly string[], rows: readonly Part[]): Markup {
  if (rows.length === 0) return html`<p>None.</p>`;
  const head = headings.map((one) =>
    one.endsWith('#') ? html`<th class="n">${one.slice(0, -1)}</th>` : html`<th>${one}</th>`,
  );
  return html`<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${rows.map(
    (row) => html`<tr>${row}</tr>
`,
  )}</tbody></table></div>`;
}

export const operatingTable = ({ operating_points }: Evaluation): Markup =>
  listing(
    ['benign sessions above#', 'attacks found#', 'score#'],
    operating_points.map(({ fpr, tpr, score }) => [number(percent(fpr)), number(percent(tpr)), number(decimal(score))]),
  );

export function timingTable({ time_to_detect: { timing }, positives }: Evaluation): Markup {
  const rows = timing
    .filter(({ attacks }) => attacks > 0)
    .map(({ when, attacks }) => [
      name(when),
      number(attacks),
      number(percent(attacks / positives)),
      timingBar(attacks / positives),
    ]);
  return listing(['first alert', 'attacks#', 'share#', ''], rows);
}

const timingBar = (share: number): Markup =>
  html`<td class="bar"><svg aria-hidden="true" viewBox="-1 0 192 14"><rect class="track" y="2" width="190" height="10"/><rect class="attack" y="2" width="${Math.round(share * 1900) / 10}" height="10"/></svg></td>`;

export const detectorTable = ({ detectors }: Evaluation): Markup =>
  listing(
    ['detector', 'AUC#', 'attacks#', 'nothing else#', 'benign#', 'failed attacks#', 'direct requests#'],
    detectors.map((row) => [
      name(row.detector),
      number(decimal(row.auc)),
      ...[row.attacks, row.attacks_alone, row.benign, row.failed_attacks, row.direct_requests].map(number),
    ]),
  );

export const titleTable = ({ titles }: Evaluation): Markup =>
  listing(
    ['detector', 'attacks#', 'benign#', 'title, and the sentence of one'],
    titles.map((row) => [name(row.detector), number(row.attacks), number(row.benign), titleCell(row)]),
  );

const titleCell = ({ title, example }: TitleRow): Markup =>
  html`<td class="say"><b>${sanitise(title, NAME_CHARS_MAX)}</b><br>${sanitise(example, SENTENCE_CHARS_MAX)}</td>`;

export const falseAlertTable = ({ false_alerts }: Evaluation): Markup =>
  listing(
    ['session', 'agent', 'score#', 'why'],
    false_alerts.map((told) => [id(told.session), name(told.agent), number(decimal(told.score)), whyCell(told)]),
  );

const whyCell = ({ alerts }: ToldSession): Markup =>
  html`<td class="say">${alerts.map((one, i) => [i === 0 ? '' : html`<br>`, sentence(one)])}</td>`;

const sentence = ({ detector, why }: SessionAlert): Markup =>
  html`<b>${detector}</b>: ${sanitise(why, SENTENCE_CHARS_MAX)}`;

export const missedTable = ({ missed }: Evaluation): Markup =>
  listing(
    ['category', 'missed#', 'of#', 'best score#', 'by', 'session'],
    missed.map((row) => [
      name(row.category),
      number(row.missed),
      number(row.of),
      number(decimal(row.best_score)),
      name(row.detector ?? '-'),
      id(row.session),
    ]),
  );
