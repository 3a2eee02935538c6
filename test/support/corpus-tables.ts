/** Figures of several seeds of the second corpus as one, and the Markdown tables of docs/evaluate.md made of them. */
import { type DetectorRow, detectorRows } from '../../cli/evaluate/explanations.ts';
import { type DailyRate, dailyRate, type Share } from '../../cli/evaluate/share.ts';
import { type StoryFigures, type StoryRow, storyFiguresOf } from '../../cli/evaluate/story-figures.ts';
import { CORPUS_PACES } from '../../cli/simulate/campaigns/pace.ts';
import { CORPUS_AGES } from '../../cli/simulate/corpus.ts';
import { DETECTORS } from '../../detectors/registry.ts';
import type { SeedRun } from './corpus-run.ts';
import { tableOf } from './markdown-table.ts';

/** A rate over all seeds, and by seed. */
export interface SpreadRate extends DailyRate {
  readonly by_seed: Readonly<Record<string, number>>;
}

export interface CorpusFigures {
  readonly seeds: readonly number[];
  readonly stories: StoryFigures;
  readonly false_alert_sessions_per_agent_day: SpreadRate;
  readonly false_alerts_per_agent_day: SpreadRate;
  readonly detectors: readonly DetectorRow[];
}

/** Throws RangeError when no seed has a story or a judged day. */
export function figuresOf(runs: readonly SeedRun[]): CorpusFigures {
  const outcomes = runs.flatMap((run) => run.outcomes);
  const stories = storyFiguresOf(
    outcomes.filter(({ cohort }) => cohort === 'attack'),
    outcomes.filter(({ cohort }) => cohort === 'benign'),
  );
  if (stories === null) throw new RangeError('no story was told: take more agents');
  const names = DETECTORS.map(({ name }) => name);
  return {
    seeds: runs.map(({ seed }) => seed),
    stories,
    false_alert_sessions_per_agent_day: spread(runs, 'false_alert_sessions_per_agent_day'),
    false_alerts_per_agent_day: spread(runs, 'false_alerts_per_agent_day'),
    detectors: detectorRows(outcomes, names),
  };
}

function spread(
  runs: readonly SeedRun[],
  which: 'false_alert_sessions_per_agent_day' | 'false_alerts_per_agent_day',
): SpreadRate {
  const rates = runs.flatMap(({ seed, evaluation }) => {
    const rate = evaluation[which];
    return rate === null ? [] : [{ seed, ...rate }];
  });
  const sum = (of: (rate: DailyRate) => number) => rates.reduce((total, rate) => total + of(rate), 0);
  const all = dailyRate(
    sum(({ count }) => count),
    sum(({ agent_days }) => agent_days),
  );
  if (all === null) throw new RangeError('no day was judged');
  return { ...all, by_seed: Object.fromEntries(rates.map(({ seed, rate }) => [seed, rate])) };
}

export function markdownOf(figures: CorpusFigures): string {
  const { stories } = figures;
  return [
    storyTable(stories),
    attackTable(stories),
    changeTable(stories),
    `False alert sessions: ${rateText(figures.false_alert_sessions_per_agent_day)}.`,
    `False alerts, where hits on one subject fold: ${rateText(figures.false_alerts_per_agent_day)}.`,
    detectorTable(figures.detectors),
  ].join('\n\n');
}

const AGES = CORPUS_AGES.map((age) => `${age} d`);

function storyTable({ all, age, pace, age_and_pace }: StoryFigures): string {
  const cells = AGES.flatMap((one) => CORPUS_PACES.map((other) => `${one}, ${other}`));
  const rows = [all, ...inOrder(age, AGES), ...inOrder(pace, CORPUS_PACES), ...inOrder(age_and_pace, cells)];
  const shares = (row: StoryRow) => [row.stories, row.stories_since_act, row.sessions, row.precision, row.benign];
  return tableOf(
    ['', 'stories', 'caught', 'since act', 'sessions found', 'precision', 'benign alerted'],
    rows.map((row) => [row.name, String(row.stories.of), ...shares(row).map(shareText)]),
  );
}

/** Agents that nobody attacks have no pace: they are in the row of all. */
const inOrder = <Row extends { readonly name: string }>(rows: readonly Row[], names: readonly string[]): Row[] =>
  names.flatMap((name) => rows.filter((row) => row.name === name));

function attackTable({ category, category_and_pace }: StoryFigures): string {
  const counts = new Map(category_and_pace.map((row) => [row.name, row.stories_since_act]));
  const best = [...category].sort((a, b) => (b.stories_since_act.rate ?? 0) - (a.stories_since_act.rate ?? 0));
  return tableOf(
    ['attack', 'caught since act', ...CORPUS_PACES.map((pace) => pace.replaceAll('-', ' ')), 'sessions found'],
    best.map(({ name, stories_since_act, sessions }) => [
      name,
      shareText(stories_since_act),
      ...CORPUS_PACES.map((pace) => countText(counts.get(`${name}, ${pace}`))),
      shareText(sessions),
    ]),
  );
}

function changeTable({ change }: StoryFigures): string {
  const worst = [...change].sort((a, b) => (b.benign.rate ?? 0) - (a.benign.rate ?? 0));
  return tableOf(
    ['during', 'benign sessions', 'alerted'],
    worst.map(({ name, benign }) => [name, String(benign.of), shareText(benign)]),
  );
}

const detectorTable = (rows: readonly DetectorRow[]): string =>
  tableOf(
    ['detector', 'attacked sessions', 'alone', 'benign sessions'],
    rows.map(({ detector, attacks, attacks_alone, benign }) => [
      `\`${detector}\``,
      ...[attacks, attacks_alone, benign].map(String),
    ]),
  );

const countText = (share: Share | undefined): string => (share === undefined ? '-' : `${share.count} of ${share.of}`);

/** `13 % (11 to 15)`; below two percent with a decimal. */
function shareText({ rate, low, high }: Share): string {
  if (rate === null) return '-';
  const digits = rate >= 0.0195 ? 0 : 1;
  const [share, from, to] = [rate, low, high].map((one) => (100 * one).toFixed(digits));
  return `${share} % (${from} to ${to})`;
}

function rateText({ count, agent_days, rate, by_seed }: SpreadRate): string {
  const seeds = Object.values(by_seed).map((one) => Number(one.toFixed(3)));
  const days = `${count} in ${agent_days} agent-days, ${rate.toFixed(3)} a day`;
  return seeds.length < 2 ? days : `${days} (${Math.min(...seeds)} to ${Math.max(...seeds)} by seed)`;
}
