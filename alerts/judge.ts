/**
 * From scores to a verdict: which findings are alerts, under which identity, and what becomes of the event.
 */
import { type AgentState, effectiveTime, isLate, sessionKey } from '../baselines/agent-state.ts';
import { type BaselineSettings, sessionsPerDay } from '../baselines/baseline.ts';
import type { KindPrior } from '../baselines/kind-prior.ts';
import type { EventFlag, Hit, Verdict } from '../baselines/verdict.ts';
import { isDoubt } from '../detectors/doubts.ts';
import type { Judged, Scoring } from '../detectors/scoring.ts';
import { viewFor } from '../detectors/view.ts';
import { type AuditEvent, EVENT_LIMITS } from '../ingest/event.ts';
import type { EventEntry } from '../ingest/log.ts';
import { alertFor, HITS_STORED_MAX, isOpen } from './alert-book.ts';

export interface JudgeSettings {
  readonly baseline: BaselineSettings;
  /** False alerts allowed per agent and day, over all detectors. */
  readonly alertBudget: number;
  /** Number of detectors that share the budget. */
  readonly detectors: number;
}

/** Judges one event against the state as it was before it. Changes nothing. */
export function judgeEvent(
  state: Readonly<AgentState>,
  entry: EventEntry,
  scoring: Scoring,
  settings: JudgeSettings,
  prior?: KindPrior,
): Verdict {
  const { event, receivedMs } = entry;
  const timeMs = effectiveTime(event, receivedMs);
  const session = sessionKey(state, event);
  const view = viewFor(state, event, session, timeMs, settings.baseline, prior);
  const found = scoring.score(event, view);
  const flags = flagsOf(state, event, receivedMs, timeMs);
  const hits = hitsOf(state, found, event, timeMs, settings);
  const held = hits.length > 0 || (view.session?.alertIds.size ?? 0) > 0;
  const { score, detectors, surprise } = scoresOf(found);
  return {
    status: flags.includes('late') ? 'late' : held ? 'hold' : 'learn',
    flags,
    session,
    knowledge: view.knowledge,
    known: { sessions: state.baseline.sessionsEver, events: state.baseline.eventsEver },
    score,
    detectors,
    surprise,
    hits,
  };
}

function scoresOf(found: readonly Judged[]): Pick<Verdict, 'score' | 'detectors' | 'surprise'> {
  let highest = 0;
  const detectors: Record<string, number> = {};
  const surprises: Record<string, number> = {};
  for (const { detector, score, alone, surprise } of found) {
    if (score > highest) highest = score;
    if (alone > 0) detectors[detector] = alone;
    if (surprise > 0) surprises[detector] = surprise;
  }
  return { score: highest, detectors, surprise: surprises };
}

function hitsOf(
  state: Readonly<AgentState>,
  found: readonly Judged[],
  event: AuditEvent,
  timeMs: number,
  settings: JudgeSettings,
): Hit[] {
  const further = (one: Judged) => isFurtherDoubt(state, one, timeMs);
  // No limit is higher than this one, and hardly any event comes near it.
  if (!found.some((one) => one.p <= limitFor(1, settings) || further(one))) return [];
  const limit = alertLimit(state, timeMs, settings);
  return found.filter((one) => one.p <= limit || further(one)).map((one) => hitOf(state, one, event, timeMs));
}

/**
 * While an alert on a destination or a tool is open, a doubt about it is part of that alert: it raises none, so that no budget speaks against it,
 * and its session must not teach the baseline what the alert is about (docs/adr/0042).
 */
const isFurtherDoubt = (
  state: Readonly<AgentState>,
  { addsUp, p, detector, subject }: Judged,
  timeMs: number,
): boolean => addsUp && isDoubt(p) && isOpen(state, detector, subject, timeMs);

/**
 * The p at which a finding becomes an alert: the budget per agent-day, spread over the sessions this agent has in a day and over the
 * detectors (Bonferroni: their findings may coincide, so the budget is not exceeded).
 */
export function alertLimit(state: Readonly<AgentState>, timeMs: number, settings: JudgeSettings): number {
  const perDay = Math.max(1, sessionsPerDay(state.baseline, timeMs, settings.baseline));
  return limitFor(perDay, settings);
}

const limitFor = (perDay: number, { alertBudget, detectors }: JudgeSettings): number =>
  alertBudget / perDay / detectors;

function flagsOf(state: Readonly<AgentState>, event: AuditEvent, receivedMs: number, timeMs: number): EventFlag[] {
  const flags: EventFlag[] = [];
  if (event.time > receivedMs) flags.push('skewed');
  if (isLate(state, timeMs)) flags.push('late');
  if (flags.includes('late') || receivedMs - timeMs > EVENT_LIMITS.lateMs) flags.push('backfill');
  return flags;
}

function hitOf(state: Readonly<AgentState>, one: Judged, event: AuditEvent, timeMs: number): Hit {
  const { id, opened, hits } = alertFor(state, one.detector, one.subject, event.id, timeMs);
  const { detector, subject, severity, p, score, tags } = one;
  const stored = hits < HITS_STORED_MAX;
  return { alertId: id, opened, stored, detector, subject, severity, p, score, ...one.explain(), tags };
}
