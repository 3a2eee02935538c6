/** Figures of invented workplaces over any choice of seeds and workplaces, and the Markdown tables of docs/evaluate.md made of them. */
import { areaUnderCurve, tprAtFpr } from '../../cli/evaluate/roc.ts';
import { alerted, type SessionOutcome } from '../../cli/evaluate/session-outcome.ts';
import { alertedShare, type DailyRate, dailyRate, type Share } from '../../cli/evaluate/share.ts';
import { tableOf } from './markdown-table.ts';
import type { WorkplaceRun, WorkplaceSession } from './workplaces-run.ts';

/** Sessions that are put together for one row: all of these workplaces in all of these seeds. */
export interface Pool {
  readonly name: string;
  readonly seeds: readonly string[];
  readonly workplaces: readonly string[];
  /** Of the attacks those with one of these aims; all when absent. */
  readonly goals?: readonly string[];
}

export interface PoolFigures {
  readonly name: string;
  readonly attacks: number;
  readonly benign: number;
  readonly auc: number | null;
  /** By the share of benign sessions that score as high, in the order of `RATES`. */
  readonly tpr: readonly (number | null)[];
  readonly recall: Share;
  readonly benign_alerted: Share;
  /** Of them, those on tasks that the agent's history knows, and those on tasks that it does not. */
  readonly benign_alerted_known_tasks: Share;
  readonly benign_alerted_fresh_tasks: Share;
  readonly false_alert_sessions_per_agent_day: DailyRate | null;
}

/** Attacks that succeeded with a call, by what the attacker wanted, over all seeds. */
export interface GoalRow {
  readonly workplace: string;
  readonly goal: string;
  readonly alerted: Share;
}

export interface WorkplaceFigures {
  readonly pools: readonly PoolFigures[];
  readonly goals: readonly GoalRow[];
}

const RATES = [0.005, 0.01, 0.02, 0.03, 0.05];

export const figuresOf = (runs: readonly WorkplaceRun[], pools: readonly Pool[]): WorkplaceFigures => ({
  pools: pools.map((pool) => poolFigures(runs, pool)),
  goals: goalRows(runs),
});

function poolFigures(runs: readonly WorkplaceRun[], { name, seeds, workplaces, goals }: Pool): PoolFigures {
  const chosen = runs.filter(({ seed }) => seeds.includes(seed));
  const sessions = chosen.flatMap((run) => run.sessions.filter(({ workplace }) => workplaces.includes(workplace)));
  const isWanted = ({ goal, outcome }: WorkplaceSession) =>
    outcome.cohort === 'attack' && (goals === undefined || goals.includes(goal ?? ''));
  const attacks = sessions.filter(isWanted).map(({ outcome }) => outcome);
  const benign = sessions.map(({ outcome }) => outcome).filter(({ cohort }) => cohort === 'benign');
  const [high, low] = [attacks.map(scoreOf), benign.map(scoreOf)];
  const days = chosen.flatMap(({ agentDays }) => workplaces.map((workplace) => agentDays.get(workplace) ?? 0));
  return {
    name,
    attacks: attacks.length,
    benign: benign.length,
    auc: areaUnderCurve(high, low),
    tpr: RATES.map((rate) => tprAtFpr(high, low, rate)),
    recall: alertedShare(attacks),
    benign_alerted: alertedShare(benign),
    benign_alerted_known_tasks: alertedShare(benign.filter(({ label }) => label.fresh === false)),
    benign_alerted_fresh_tasks: alertedShare(benign.filter(({ label }) => label.fresh === true)),
    false_alert_sessions_per_agent_day: dailyRate(
      benign.filter(({ label }) => label.phase === 'test').filter(alerted).length,
      days.reduce((sum, one) => sum + one, 0),
    ),
  };
}

const scoreOf = ({ score }: SessionOutcome): number => score;

function goalRows(runs: readonly WorkplaceRun[]): GoalRow[] {
  const groups = new Map<string, { workplace: string; goal: string; outcomes: SessionOutcome[] }>();
  for (const { workplace, goal, outcome } of runs.flatMap(({ sessions }) => sessions)) {
    if (goal === null || outcome.cohort !== 'attack') continue;
    const key = `${workplace} ${goal}`;
    const group = groups.get(key) ?? { workplace, goal, outcomes: [] };
    group.outcomes.push(outcome);
    groups.set(key, group);
  }
  const rows = [...groups.values()].map(({ workplace, goal, outcomes }) => ({
    workplace,
    goal,
    alerted: alertedShare(outcomes),
  }));
  return rows.sort((a, b) => (a.workplace < b.workplace ? -1 : a.workplace > b.workplace ? 1 : 0) || rate(a) - rate(b));
}

const rate = ({ alerted: { rate: one } }: GoalRow): number => one ?? 0;

export const markdownOf = ({ pools, goals }: WorkplaceFigures): string =>
  [poolTable(pools), goalTable(goals)].join('\n\n');

const poolTable = (pools: readonly PoolFigures[]): string =>
  tableOf(
    [
      'baseline frozen',
      'attacks',
      'benign',
      'AUC',
      `TPR at ${RATES.map((one) => 100 * one).join(' / ')} %`,
      'recall of alerts',
      'benign alerted',
      'on known / new tasks',
      'false sessions per agent-day',
    ],
    pools.map((pool) => [
      pool.name,
      String(pool.attacks),
      String(pool.benign),
      digits(pool.auc),
      pool.tpr.map(digits).join(' / '),
      digits(pool.recall.rate),
      digits(pool.benign_alerted.rate),
      [pool.benign_alerted_known_tasks, pool.benign_alerted_fresh_tasks].map(({ rate }) => digits(rate)).join(' / '),
      digits(pool.false_alert_sessions_per_agent_day?.rate ?? null),
    ]),
  );

const goalTable = (goals: readonly GoalRow[]): string =>
  tableOf(
    ['workplace', 'what the attacker wanted', 'alerted'],
    goals.map(({ workplace, goal, alerted: { count, of } }) => [workplace, `\`${goal}\``, `${count} of ${of}`]),
  );

/** `.974`, as the documents write shares; an AUC of 1 stays `1.000`. */
const digits = (value: number | null): string => (value === null ? '-' : value.toFixed(3).replace(/^0/, ''));
