import { type AgentState, changeWith } from '../baselines/agent-state.ts';
import {
  type Baseline,
  type BaselineSettings,
  knowledgeOf,
  READY_SESSIONS,
  sessionCount,
} from '../baselines/baseline.ts';
import { seenInDay, seenInHour } from '../baselines/calendar.ts';
import { FULL_KIND } from '../baselines/kind-model.ts';
import type { KindPrior } from '../baselines/kind-prior.ts';
import { type Sums, sumOf, sumsOf } from '../baselines/measures.ts';
import { DAY_MS } from '../baselines/periods.ts';
import type { AuditEvent } from '../ingest/event.ts';
import { askedFor, evidenceOf, explainedBy } from './act-evidence.ts';
import type { View } from './detector.ts';

const STALE_VOICE = 0.5;

/** Puts together what detectors may read for one event, before anything was changed by it. */
export function viewFor(
  state: Readonly<AgentState>,
  event: AuditEvent,
  session: string,
  timeMs: number,
  settings: BaselineSettings,
  prior?: KindPrior,
): View {
  const { baseline } = state;
  const open = state.sessions.get(session);
  const sums = sumsOf(event);
  const knowledge = knowledgeOf(baseline, timeMs, settings);
  const sessions = sessionCount(baseline, timeMs, settings);
  const sources = { state, session: open, prior, halfLifeMs: settings.halfLifeMs };
  const act = evidenceOf(event, sources);
  return {
    state,
    baseline,
    session: open,
    sums,
    inSession: plus(sums, open?.sums),
    inHour: plus(sums, seenInHour(state.calendar, timeMs)),
    inDay: plus(sums, seenInDay(state.calendar, timeMs)),
    timeMs,
    knowledge,
    sessions,
    voice: voiceOf(baseline.sessionsEver, prior) * (knowledge === 'stale' ? STALE_VOICE : 1),
    changed: isChanging(baseline, event, timeMs),
    told: open?.provenance.promptSeen === true || event.content?.prompt !== undefined,
    act,
    askedFor: () => (act === undefined ? askedFor(event, sources) : explainedBy(act.explained)),
    settings,
    prior,
  };
}

/** Sessions of its own that a kind of ten members or more stands for, at an agent's beginning. */
const BORROWED_SESSIONS = 0.75 * READY_SESSIONS;

const voiceOf = (sessions: number, prior: KindPrior | undefined): number =>
  Math.min(1, (sessions + BORROWED_SESSIONS * Math.min(1, (prior?.voices ?? 0) / FULL_KIND)) / READY_SESSIONS);

/** Within a day of a release, from its first event on. The first release an agent is seen with changes nothing. */
const isChanging = (baseline: Readonly<Baseline>, event: AuditEvent, timeMs: number): boolean =>
  (baseline.releasedMs > 0 && timeMs - baseline.releasedMs < DAY_MS) || changeWith(baseline, event) !== undefined;

const plus = (sums: Sums, before: Readonly<Sums> | undefined): Sums =>
  before === undefined ? sums : sumOf(sums, before);
