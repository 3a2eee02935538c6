/** The figures of stories as tables: as the terminal prints them, with bars. */
import { sanitise } from '../../../ingest/untrusted-text.ts';
import { ofAll, percent, range } from '../figures.ts';
import type { Share } from '../share.ts';
import type { StoryFigures, StoryRow } from '../story-figures.ts';
import { STORY_NOTE } from '../story-report.ts';
import { html, type Markup } from './markup.ts';
import { shareCells } from './share-table.ts';

const NAME_CHARS_MAX = 100;

/** Empty where labels name no stories. */
export function storyTables(stories: StoryFigures | null): Markup {
  if (stories === null) return html``;
  const { all, age, pace, age_and_pace, category, category_and_pace } = stories;
  return html`<h2>Stories</h2><p class="quiet">${STORY_NOTE}</p>
<h3>By labelled age and pace</h3>${storyTable([all, ...age, ...pace, ...age_and_pace])}
<h3>By category</h3>${attackTable(category)}
<h3>By category and pace</h3>${attackTable(category_and_pace)}
<h3>Benign sessions by honest change</h3>${changeTable(stories)}`;
}

const ATTACK_HEAD = html`<th class="n">stories</th><th class="n">count</th><th class="n">95 %</th><th class="bar"></th><th class="n">since act</th><th class="n">sessions</th><th class="n">count</th><th class="n">95 %</th>`;

const storyTable = (rows: readonly StoryRow[]): Markup =>
  tableOf(
    html`<th></th>${ATTACK_HEAD}<th class="n">precision</th><th class="n">count</th><th class="n">95 %</th>`,
    rows.map((row) => html`${attackCells(row)}${figures(row.precision)}`),
  );

const attackTable = (rows: StoryFigures['category']): Markup =>
  tableOf(html`<th></th>${ATTACK_HEAD}`, rows.map(attackCells));

const changeTable = ({ change }: StoryFigures): Markup =>
  tableOf(
    html`<th>during</th><th class="n">alerted</th><th class="n">count</th><th class="n">95 %</th><th class="bar"></th>`,
    change.map((row) => html`${nameCell(row.name)}${shareCells(row.benign, 'benign')}`),
  );

const attackCells = (row: StoryFigures['category'][number]): Markup =>
  html`${nameCell(row.name)}${shareCells(row.stories, 'attack')}<td class="n">${percent(row.stories_since_act.rate)}</td>${figures(row.sessions)}`;

const figures = (share: Share): Markup =>
  html`<td class="n">${percent(share.rate)}</td><td class="n">${ofAll(share)}</td><td class="n">${range(share)}</td>`;

const nameCell = (name: string): Markup => html`<td class="name">${sanitise(name, NAME_CHARS_MAX)}</td>`;

const tableOf = (head: Markup, rows: readonly Markup[]): Markup =>
  html`<div class="wide"><table class="both"><thead><tr>${head}</tr></thead><tbody>${rows.map(
    (row) => html`<tr>${row}</tr>
`,
  )}</tbody></table></div>`;
