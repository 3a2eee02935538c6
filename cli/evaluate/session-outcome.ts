/** What scoring made of one labelled session. */
import type { Knowledge } from '../../baselines/verdict.ts';
import type { ScoredEvent } from '../scored-events.ts';
import { type Cohort, cohortOf, type Label } from './label.ts';

export interface SessionOutcome {
  readonly label: Label;
  readonly cohort: Cohort;
  readonly agent: string;
  /** First event, epoch ms. */
  readonly startMs: number;
  /** What the agent's baseline knew at the first event. */
  readonly knowledge: Knowledge;
  readonly events: number;
  /** Highest event score. */
  readonly score: number;
  /** Highest event score by detector; only those above 0. */
  readonly detectors: ReadonlyMap<string, number>;
  /** One of each detector and title, in the order in which they came; at most `ALERTS_MAX`. */
  readonly alerts: readonly SessionAlert[];
  /** Alerts that opened in this session. */
  readonly opened: number;
  /** Places in the session, from 0, of the first and last event that alerted, of the exposure and of the first act of the attacker. */
  readonly firstAlertAt: number | undefined;
  readonly lastAlertAt: number | undefined;
  readonly exposureAt: number | undefined;
  readonly coreAt: number | undefined;
}

export interface SessionAlert {
  readonly detector: string;
  readonly title: string;
  /** One sentence; text from events is quoted in it. */
  readonly why: string;
}

/** A session alerts in a handful of ways; further ones are left out of the explanations, not of the figures. */
export const ALERTS_MAX = 20;

type Growing = { -readonly [Key in keyof SessionOutcome]: SessionOutcome[Key] } & {
  readonly detectors: Map<string, number>;
  readonly alerts: SessionAlert[];
};

/** Takes scored events, those of one session in their order; sessions without a label or labelled history are passed over. */
export function createOutcomes(labels: ReadonlyMap<string, Label>) {
  const outcomes = new Map<string, Growing>();
  return {
    add(scored: ScoredEvent): void {
      const label = labels.get(scored.verdict.session);
      if (label === undefined || label.phase === 'history') return;
      const outcome = outcomes.get(label.session) ?? begin(label, scored);
      outcomes.set(label.session, outcome);
      grow(outcome, scored);
    },
    outcomes: (): SessionOutcome[] => [...outcomes.values()],
  };
}

const begin = (label: Label, { entry, verdict }: ScoredEvent): Growing => ({
  label,
  cohort: cohortOf(label),
  agent: entry.event.agent.id,
  startMs: entry.event.time,
  knowledge: verdict.knowledge,
  events: 0,
  score: 0,
  detectors: new Map(),
  alerts: [],
  opened: 0,
  firstAlertAt: undefined,
  lastAlertAt: undefined,
  exposureAt: undefined,
  coreAt: undefined,
});

function grow(outcome: Growing, { entry: { event }, verdict }: ScoredEvent): void {
  const at = outcome.events++;
  const { label, detectors } = outcome;
  outcome.score = Math.max(outcome.score, verdict.score);
  for (const [name, score] of Object.entries(verdict.detectors))
    detectors.set(name, Math.max(detectors.get(name) ?? 0, score));
  if (event.id === label.exposure) outcome.exposureAt ??= at;
  if (label.core.has(event.id)) outcome.coreAt ??= at;
  if (verdict.hits.length === 0) return;
  outcome.firstAlertAt ??= at;
  outcome.lastAlertAt = at;
  outcome.opened += verdict.hits.filter(({ opened }) => opened).length;
  for (const { detector, title, why } of verdict.hits) addAlert(outcome.alerts, { detector, title, why });
}

function addAlert(alerts: SessionAlert[], alert: SessionAlert): void {
  const known = alerts.some(({ detector, title }) => detector === alert.detector && title === alert.title);
  if (!known && alerts.length < ALERTS_MAX) alerts.push(alert);
}

export const alerted = ({ firstAlertAt }: SessionOutcome): boolean => firstAlertAt !== undefined;
