import { type AuditEvent, EVENT_LIMITS } from '../ingest/event.ts';
import type { AlertChangeEntry } from '../ingest/log.ts';
import { type Baseline, type BaselineSettings, emptyBaseline, learnEvent, learnSession } from './baseline.ts';
import { type Calendar, countLearned, countSeen, emptyCalendar, sealPeriods } from './calendar.ts';
import { type HeldSession, releaseHeld, settleHeld } from './held-sessions.ts';
import type { LearnedEvent } from './learned-event.ts';
import { sumsOf } from './measures.ts';
import { DAY_MS, HOUR_MS } from './periods.ts';
import { forgetTexts } from './provenance.ts';
import { extendSession, hasAlerted, openSession, type Place, type SessionState } from './session-state.ts';
import { boundedKey } from './statistics/bounded-key.ts';
import type { Verdict } from './verdict.ts';
import { WaitingEvents } from './waiting-events.ts';

/** Everything that scoring one agent may read. A pure function of the agent's records in the log. */
export interface AgentState {
  readonly tenant: string;
  readonly agent: string;
  kind: string;
  /** Position of the last record taken in; records at or before it are not taken in again. */
  position: number;
  /** Newest event time. */
  clockMs: number;
  baseline: Baseline;
  calendar: Calendar;
  /** Open sessions by key, in the order in which they opened. */
  readonly sessions: Map<string, SessionState>;
  /** Closed sessions that alerted and wait for an analyst's word. */
  readonly held: HeldSession[];
  /** Sessions that were closed before their time because too many were open. */
  crowdedOut: number;
  /** State of detectors and of the alert book, by name. Opaque here. */
  readonly slots: Map<string, unknown>;
  /** Session of the last event without a session id, by principal. */
  readonly derived: Map<string, string>;
}

/** What enters the baseline is also shown to those who keep a slot in the state. */
export interface Learners {
  /** An event is about to enter its session, whatever its verdict; nothing has changed by it yet. */
  admitted?(state: AgentState, event: AuditEvent, timeMs: number, session: SessionState, verdict: Verdict): void;
  event(state: AgentState, event: LearnedEvent): void;
  session(state: AgentState, session: SessionState): void;
}

export const SESSION_IDLE_MS = HOUR_MS / 2;
/** An event enters the baseline at this age even though its session goes on. */
export const LEARN_AFTER_MS = HOUR_MS;
/** A session that never falls idle is summed up, and starts again, after this long. */
const SESSION_LENGTH_MAX_MS = DAY_MS;
const OPEN_SESSIONS_MAX = 64;
/** The oldest release is forgotten; should it come back, it counts as a change. */
const RELEASES_MAX = 16;
const DERIVED_MAX = 64;

export const emptyAgentState = (tenant: string, agent: string): AgentState => ({
  tenant,
  agent,
  kind: '',
  position: -1,
  clockMs: 0,
  baseline: emptyBaseline(),
  calendar: emptyCalendar(),
  sessions: new Map(),
  held: [],
  crowdedOut: 0,
  slots: new Map(),
  derived: new Map(),
});

/** When an event counts as having happened: an event from the future counts at receipt. */
export const effectiveTime = (event: AuditEvent, receivedMs: number): number => Math.min(event.time, receivedMs);

export const isLate = (state: Readonly<AgentState>, timeMs: number): boolean =>
  timeMs < state.clockMs - EVENT_LIMITS.lateMs;

/**
 * Brings the state to the moment before a record: closes sessions that fell idle, lets old enough events into the baseline,
 * seals finished hours. Must run before scoring, so that the score does not depend on when idle agents were last looked at.
 *
 * Idleness is judged twice: by event time against the event at hand, and by receipt time against the partition's last tick, so
 * that a replay of old events and live traffic both close their sessions. `timeMs` undefined: the record has no event time.
 */
export function turnClock(
  state: AgentState,
  timeMs: number | undefined,
  tickMs: number,
  settings: BaselineSettings,
  learners: Learners,
): void {
  const nowMs = Math.max(state.clockMs, timeMs ?? 0);
  // Sessions may close on the way: a map is safe to walk while its entries leave.
  for (const session of state.sessions.values()) {
    const idle = nowMs - session.lastMs >= SESSION_IDLE_MS || tickMs - session.lastReceivedMs >= SESSION_IDLE_MS;
    const long = nowMs - session.openedMs >= SESSION_LENGTH_MAX_MS;
    if (idle || long) closeSession(state, session, settings, learners);
    else if (!hasAlerted(session)) learnDue(state, session, nowMs, tickMs, settings, learners);
  }
  if (state.held.length > 0)
    for (const released of settleHeld(state.held, nowMs)) learnWhole(state, released.session, settings, learners);
  sealPeriods(state.calendar, state.baseline, state.tenant, nowMs, settings);
}

function learnDue(
  state: AgentState,
  session: SessionState,
  nowMs: number,
  tickMs: number,
  settings: BaselineSettings,
  learners: Learners,
): void {
  for (;;) {
    const oldest = session.pending.oldestTimes();
    if (oldest === undefined) return;
    if (nowMs - oldest.timeMs < LEARN_AFTER_MS && tickMs - oldest.receivedMs < LEARN_AFTER_MS) return;
    for (const event of session.pending.takeOldest(1)) learnOne(state, event, settings, learners);
  }
}

function closeSession(state: AgentState, session: SessionState, settings: BaselineSettings, learners: Learners): void {
  state.sessions.delete(session.key);
  if (session.confirmed) return;
  forgetTexts(session.provenance);
  if (hasAlerted(session)) state.held.push({ session, closedMs: session.lastMs });
  else learnWhole(state, session, settings, learners);
}

function learnWhole(state: AgentState, session: SessionState, settings: BaselineSettings, learners: Learners): void {
  for (const event of session.pending) learnOne(state, event, settings, learners);
  session.pending = new WaitingEvents();
  if (session.holdsLate) return;
  learnSession(state.baseline, session, settings);
  learners.session(state, session);
}

function learnOne(state: AgentState, event: LearnedEvent, settings: BaselineSettings, learners: Learners): void {
  learnEvent(state.baseline, event, settings);
  countLearned(state.calendar, event.sums, event.timeMs);
  learners.event(state, event);
}

/** The session an event belongs to. Without an id: agent and principal, cut at a gap of 30 minutes (the session has closed). */
export function sessionKey(state: Readonly<AgentState>, event: AuditEvent): string {
  if (event.session !== undefined) return event.session.id;
  const principal = event.principal?.id ?? '';
  const last = state.derived.get(principal);
  return last !== undefined && state.sessions.has(last) ? last : `derived:${event.id}`;
}

/** Takes in an event with the verdict on it. The clock has been turned to the event before it was judged. */
export function admitEvent(
  state: AgentState,
  event: AuditEvent,
  place: Place,
  verdict: Verdict,
  settings: BaselineSettings,
  learners: Learners,
): void {
  state.kind = event.agent.kind ?? state.kind;
  if (verdict.status !== 'late') noteRelease(state.baseline, event, place.timeMs);
  if (event.session === undefined) rememberDerived(state, event.principal?.id ?? '', verdict.session);
  const session =
    state.sessions.get(verdict.session) ?? enterSession(state, verdict.session, place, settings, learners);
  learners.admitted?.(state, event, place.timeMs, session, verdict);
  for (const early of extendSession(session, event, place, verdict)) learnOne(state, early, settings, learners);
  if (verdict.status !== 'late') countSeen(state.calendar, sumsOf(event), place.timeMs);
  state.clockMs = Math.max(state.clockMs, place.timeMs);
}

/**
 * A change of version, tool list, system prompt or model. Not learned but noted: it explains novelty, it does not excuse volumes.
 * Models are counted apart: only model calls name one, and an agent may use several.
 */
function noteRelease(baseline: Baseline, event: AuditEvent, timeMs: number): void {
  if (!isNewest(baseline.releases, event) && noteNew(baseline.releases, releaseOf(event))) baseline.releasedMs = timeMs;
  if (noteNew(baseline.models, modelOf(event))) baseline.releasedMs = timeMs;
}

/** True when the name joined others: the first an agent is seen with changes nothing. */
function noteNew(known: string[], name: string): boolean {
  if (name === '' || known.includes(name)) return false;
  known.push(name);
  if (known.length > RELEASES_MAX) known.shift();
  return known.length > 1;
}

/** What changes with this event, if anything; releases may run side by side, and one that was there before is no change. */
export function changeWith(baseline: Readonly<Baseline>, event: AuditEvent): 'release' | 'model' | undefined {
  const joins = (known: readonly string[], name: string) => name !== '' && known.length > 0 && !known.includes(name);
  if (!isNewest(baseline.releases, event) && joins(baseline.releases, releaseOf(event))) return 'release';
  return joins(baseline.models, modelOf(event)) ? 'model' : undefined;
}

const modelOf = ({ model }: AuditEvent): string => boundedKey(model?.name ?? '');

/** Most agents tell a version, if anything: no text has to be made of that. */
function releaseOf({ agent: { version = '', tools_hash = '', prompt_hash = '' } }: AuditEvent): string {
  if (tools_hash === '' && prompt_hash === '') return version.trim();
  return `${version} ${tools_hash} ${prompt_hash}`.trim();
}

/** The release is the one noted last, as it nearly always is: what is noted has no blanks around it, and no text need be made to tell. */
function isNewest(
  releases: readonly string[],
  { agent: { version = '', tools_hash = '', prompt_hash = '' } }: AuditEvent,
): boolean {
  const newest = releases.at(-1);
  return (
    newest !== undefined &&
    newest.length === version.length + tools_hash.length + prompt_hash.length + 2 &&
    newest.startsWith(version) &&
    newest[version.length] === ' ' &&
    newest.startsWith(tools_hash, version.length + 1) &&
    newest[version.length + 1 + tools_hash.length] === ' ' &&
    newest.endsWith(prompt_hash)
  );
}

function enterSession(
  state: AgentState,
  key: string,
  place: Place,
  settings: BaselineSettings,
  learners: Learners,
): SessionState {
  if (state.sessions.size >= OPEN_SESSIONS_MAX) {
    const oldest = [...state.sessions.values()].reduce((a, b) => (b.lastPosition < a.lastPosition ? b : a));
    closeSession(state, oldest, settings, learners);
    state.crowdedOut += 1;
  }
  const session = openSession(key, place.position, place.timeMs, place.receivedMs);
  state.sessions.set(key, session);
  return session;
}

function rememberDerived(state: AgentState, principal: string, session: string): void {
  state.derived.delete(principal);
  state.derived.set(principal, session);
  if (state.derived.size <= DERIVED_MAX) return;
  for (const oldest of state.derived.keys()) {
    state.derived.delete(oldest);
    break;
  }
}

/** Takes in an analyst's word: a dismissed session is learned, a confirmed one is forgotten. */
export function admitDisposition(
  state: AgentState,
  change: AlertChangeEntry,
  settings: BaselineSettings,
  learners: Learners,
): void {
  if (change.state !== 'closed' || change.disposition === undefined) return;
  const benign = change.disposition !== 'true_positive';
  for (const session of state.sessions.values()) {
    if (!session.alertIds.has(change.alertId)) continue;
    // The session goes on: a dismissed alert no longer holds it back.
    if (benign) {
      session.alertIds.delete(change.alertId);
      session.dismissed = true;
    } else session.confirmed = true;
  }
  for (const { session } of releaseHeld(state.held, change.alertId, benign)) {
    session.dismissed = true;
    learnWhole(state, session, settings, learners);
  }
}
