/** The figures of stories as plain text. Names come from labels: they are sanitised here. */
import { sanitise } from '../../ingest/untrusted-text.ts';
import { table, wrap } from '../table.ts';
import type { Evaluation } from './evaluation.ts';
import { ofAll, percent, range } from './figures.ts';
import type { Share } from './share.ts';
import type { StoryFigures, StoryRow } from './story-figures.ts';

const NAME_CHARS = 60;
/** How to read the tables of stories. */
export const STORY_NOTE =
  "A story is caught when any of its sessions alerts; since act: at or after the attacker's first act in it. Precision:" +
  ' attacked sessions among all sessions that alerted; benign sessions count with the age of their agent and with the pace of the attack ' +
  'on it. It depends on how many attacks there are.';

/** None where labels name no stories. */
export function storySections({ stories }: Pick<Evaluation, 'stories'>, width: number): string[] {
  if (stories === null) return [];
  const parts: readonly (readonly [string, string])[] = [
    ['Stories by labelled age and pace', agesAndPaces(stories, width)],
    ['Stories by category', attackTable(stories.category, width)],
    ['Stories by category and pace', attackTable(stories.category_and_pace, width)],
    ['Benign sessions by honest change', changeTable(stories, width)],
  ];
  return parts.map(([heading, body]) => `\n${heading}\n${'='.repeat(heading.length)}\n${body}`);
}

const name = (text: string): string => sanitise(text, NAME_CHARS);
const cells = (share: Share): string[] => [percent(share.rate), ofAll(share), range(share)];

const ATTACK_HEAD = ['', 'stories', 'count', '95 %', 'since act', 'sessions', 'count', '95 %'];
const attackCells = (row: StoryFigures['category'][number]): string[] => [
  name(row.name),
  ...cells(row.stories),
  percent(row.stories_since_act.rate),
  ...cells(row.sessions),
];

function agesAndPaces({ all, age, pace, age_and_pace }: StoryFigures, width: number): string {
  const head = [...ATTACK_HEAD, 'precision', 'count', '95 %'];
  const rowOf = (row: StoryRow) => [...attackCells(row), ...cells(row.precision)];
  return [table(head, [all, ...age, ...pace, ...age_and_pace].map(rowOf), width), ...wrap(STORY_NOTE, width)].join(
    '\n',
  );
}

function attackTable(rows: StoryFigures['category'], width: number): string {
  return table(ATTACK_HEAD, rows.map(attackCells), width);
}

const changeTable = ({ change }: StoryFigures, width: number): string =>
  table(
    ['during', 'alerted', 'count', '95 %'],
    change.map((row) => [name(row.name), ...cells(row.benign)]),
    width,
  );
