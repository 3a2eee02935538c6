/** What fired and why: detectors, titles with a sentence each, false alerts, missed attacks. */
import { groupBy } from './group-by.ts';
import { areaUnderCurve } from './roc.ts';
import { alerted, type SessionAlert, type SessionOutcome } from './session-outcome.ts';

export interface DetectorRow {
  readonly detector: string;
  /** Of its own session scores, attacks against benign sessions. */
  readonly auc: number | null;
  /** Sessions in which it alerted, by cohort. */
  readonly attacks: number;
  /** Attacks in which nothing else alerted. */
  readonly attacks_alone: number;
  readonly benign: number;
  readonly failed_attacks: number;
  readonly direct_requests: number;
}

export interface TitleRow {
  readonly detector: string;
  readonly title: string;
  /** Sessions that alerted so. */
  readonly attacks: number;
  readonly benign: number;
  /** The sentence of the first such session, of an attack if there is one. */
  readonly example: string;
  readonly session: string;
}

export interface ToldSession {
  readonly session: string;
  readonly agent: string;
  readonly category: string;
  readonly score: number;
  readonly alerts: readonly SessionAlert[];
}

export interface MissedRow {
  readonly category: string;
  readonly missed: number;
  readonly of: number;
  /** Highest score among the missed, and whose it is. */
  readonly best_score: number;
  readonly session: string;
  /** The detector that said it. */
  readonly detector: string | null;
}

export const TITLES_MAX = 40;
export const FALSE_ALERTS_MAX = 50;

export function detectorRows(sessions: readonly SessionOutcome[], names: readonly string[]): DetectorRow[] {
  const cohorts = groupBy(sessions, ({ cohort }) => cohort);
  const attacks = cohorts.get('attack') ?? [];
  const benign = cohorts.get('benign') ?? [];
  return names.map((detector) => {
    const scoreOf = (session: SessionOutcome) => session.detectors.get(detector) ?? 0;
    const firedIn = (group: readonly SessionOutcome[]) => group.filter((one) => detectorsOf(one).has(detector));
    return {
      detector,
      auc: areaUnderCurve(attacks.map(scoreOf), benign.map(scoreOf)),
      attacks: firedIn(attacks).length,
      attacks_alone: firedIn(attacks).filter((one) => detectorsOf(one).size === 1).length,
      benign: firedIn(benign).length,
      failed_attacks: firedIn(cohorts.get('failed-attack') ?? []).length,
      direct_requests: firedIn(cohorts.get('direct-request') ?? []).length,
    };
  });
}

const detectorsOf = ({ alerts }: SessionOutcome): Set<string> => new Set(alerts.map(({ detector }) => detector));

/** The most frequent first; at most `TITLES_MAX`. */
export function titleRows(sessions: readonly SessionOutcome[]): TitleRow[] {
  const told = sessions
    .filter(({ cohort }) => cohort === 'attack' || cohort === 'benign')
    .sort((one, other) => Number(one.cohort === 'benign') - Number(other.cohort === 'benign'))
    .flatMap((session) => session.alerts.map((alert) => ({ session, alert })));
  const rows = [...groupBy(told, ({ alert }) => `${alert.detector}\0${alert.title}`).values()].flatMap(titleRow);
  return rows.sort((one, other) => other.attacks + other.benign - one.attacks - one.benign).slice(0, TITLES_MAX);
}

function titleRow(told: readonly { session: SessionOutcome; alert: SessionAlert }[]): TitleRow[] {
  const [first] = told;
  if (first === undefined) return [];
  const { detector, title, why } = first.alert;
  const attacks = told.filter(({ session }) => session.cohort === 'attack').length;
  return [
    { detector, title, attacks, benign: told.length - attacks, example: why, session: first.session.label.session },
  ];
}

/** Benign sessions that alerted, the highest scores first; at most `FALSE_ALERTS_MAX`. */
export const falseAlerts = (benign: readonly SessionOutcome[]): ToldSession[] =>
  benign.filter(alerted).sort(byScore).slice(0, FALSE_ALERTS_MAX).map(toldOf);

const byScore = (one: SessionOutcome, other: SessionOutcome): number => other.score - one.score;

const toldOf = ({ label, agent, score, alerts }: SessionOutcome): ToldSession => ({
  session: label.session,
  agent,
  category: label.category,
  score,
  alerts,
});

/** By category, the one with the most missed first; categories without any are left out. */
export function missedRows(attacks: readonly SessionOutcome[]): MissedRow[] {
  const rows = [...groupBy(attacks, ({ label }) => label.category)].flatMap(([category, all]) => {
    const missed = all.filter((one) => !alerted(one)).sort(byScore);
    const [best] = missed;
    if (best === undefined) return [];
    const { label, score, detectors } = best;
    const detector = [...detectors].sort(([, one], [, other]) => other - one)[0]?.[0] ?? null;
    return [{ category, missed: missed.length, of: all.length, best_score: score, session: label.session, detector }];
  });
  return rows.sort((one, other) => other.missed - one.missed);
}
