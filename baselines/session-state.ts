import type { AuditEvent } from '../ingest/event.ts';
import { departuresOf } from './departing.ts';
import { DistinctNames } from './distinct-names.ts';
import type { SensitiveRead } from './flow.ts';
import type { LearnedEvent } from './learned-event.ts';
import { digestOf, isAct, movesDataOut } from './learned-event.ts';
import { addSums, emptySums, type Sums } from './measures.ts';
import { nameBytes, ownText } from './name-table.ts';
import { HOUR_MS } from './periods.ts';
import { emptyProvenance, type Provenance, recordTexts } from './provenance.ts';
import { noteSensitive } from './sensitive-reads.ts';
import { boundedKey } from './statistics/bounded-key.ts';
import { noteDepartures } from './value-log.ts';
import type { Verdict } from './verdict.ts';
import { WaitingEvents } from './waiting-events.ts';

/** A session that is open, or held because it alerted. Scoring reads it; the baseline has not learned it yet. */
export interface SessionState {
  readonly key: string;
  readonly firstPosition: number;
  lastPosition: number;
  openedMs: number;
  /** Event time and receipt time of the newest event. */
  lastMs: number;
  lastReceivedMs: number;
  readonly sums: Sums;
  /** Distinct resources touched, by names of at most 160 characters; stops growing at `resourcesMax`. */
  readonly resources: DistinctNames;
  readonly provenance: Provenance;
  /** See `sensitive-reads.ts`. */
  readonly sensitive: SensitiveRead[];
  /** Tools it acted by; stops growing at `actsMax`, or when the names take `actBytesMax`: the request is not learned to lead to further ones. */
  readonly acts: Set<string>;
  lastTool: string;
  /** Events not yet in the baseline, oldest first; see `waiting-events.ts` for how many. */
  pending: WaitingEvents;
  /** Events that had to enter the baseline early, for the limit. */
  overflowed: number;
  /** Highest -log10 p by detector so far, before calibration. */
  readonly surprise: Map<string, number>;
  /**
   * Kinds of alerts the session raised (detector, title and subject): what it takes to call two sessions the same behaviour. Those beyond
   * `alertBytesMax` are not told apart from it.
   */
  readonly alerted: Set<string>;
  readonly alertIds: Set<string>;
  /** Confidential or restricted data was read, and something was sent with or after that. */
  movedSensitive: boolean;
  /** A late event is in it: its sums are not learned. */
  holdsLate: boolean;
  /** An analyst called it an attack while it was open: it is dropped when it closes. */
  confirmed: boolean;
  /** An analyst called one of its alerts benign. */
  dismissed: boolean;
}

export const SESSION_LIMITS = {
  resourcesMax: 256,
  actsMax: 16,
  actBytesMax: 1536,
  alertsMax: 64,
  alertBytesMax: 2 * 1024,
} as const;

export const openSession = (key: string, position: number, timeMs: number, receivedMs: number): SessionState => ({
  key,
  firstPosition: position,
  lastPosition: position,
  openedMs: timeMs,
  lastMs: timeMs,
  lastReceivedMs: receivedMs,
  sums: emptySums(),
  resources: new DistinctNames(SESSION_LIMITS.resourcesMax, key),
  provenance: emptyProvenance(),
  sensitive: [],
  acts: new Set(),
  lastTool: '',
  pending: new WaitingEvents(),
  overflowed: 0,
  surprise: new Map(),
  alerted: new Set(),
  alertIds: new Set(),
  movedSensitive: false,
  holdsLate: false,
  confirmed: false,
  dismissed: false,
});

/** Where and when an event stands, as the log has it. */
export interface Place {
  readonly position: number;
  /** Event time, or receipt time for events from the future. */
  readonly timeMs: number;
  readonly receivedMs: number;
}

/** Takes a judged event into the session. Returns events that must enter the baseline now because the session is full. */
export function extendSession(
  session: SessionState,
  event: AuditEvent,
  place: Place,
  verdict: Verdict,
): readonly LearnedEvent[] {
  const departing = departuresOf(session.provenance, event);
  const digest = digestOf(event, place.timeMs, place.receivedMs, session, departing);
  session.lastPosition = place.position;
  session.lastMs = Math.max(session.lastMs, place.timeMs);
  session.lastReceivedMs = Math.max(session.lastReceivedMs, place.receivedMs);
  addSums(session.sums, digest.sums);
  noteResources(session, event);
  if (session.provenance.values !== undefined) noteDepartures(session.provenance.values, departing);
  recordTexts(session.provenance, event);
  if (event.action.type !== 'model_call') session.lastTool = event.action.name;
  if (isAct(event)) noteAct(session.acts, boundedKey(event.action.name));
  noteHits(session, verdict);
  for (const detector of Object.keys(verdict.surprise)) {
    const surprise = verdict.surprise[detector] ?? 0;
    if (surprise > (session.surprise.get(detector) ?? -1)) session.surprise.set(detector, surprise);
  }
  if (verdict.status === 'late') {
    session.holdsLate = true;
    return [];
  }
  return wait(session, digest, place.timeMs);
}

function noteResources(session: SessionState, event: AuditEvent): void {
  for (const resource of event.resources ?? []) {
    const name = boundedKey(resource.name);
    session.resources.add(name);
    const { classification } = resource;
    if (classification !== 'confidential' && classification !== 'restricted') continue;
    noteSensitive(session.sensitive, { event: event.id, resource: name, classification, rows: event.data?.rows ?? 0 });
  }
  // After its own resources: one act may read and send.
  if (movesDataOut(event) && session.sensitive.length > 0) session.movedSensitive = true;
}

function noteHits(session: SessionState, verdict: Verdict): void {
  for (const hit of verdict.hits) {
    // Dismissals take ids out again, but what was alerted on stays: each has its own limit.
    if (session.alertIds.size >= SESSION_LIMITS.alertsMax || session.alerted.size >= SESSION_LIMITS.alertsMax) return;
    session.alertIds.add(hit.alertId);
    const kind = `${hit.detector}: ${hit.title}: ${boundedKey(hit.subject)}`;
    if (hasRoom(session.alerted, kind, SESSION_LIMITS.alertBytesMax)) session.alerted.add(kind);
  }
}

function noteAct(acts: Set<string>, name: string): void {
  if (acts.has(name) || acts.size >= SESSION_LIMITS.actsMax) return;
  // A part of a name keeps all of it in memory.
  if (hasRoom(acts, name, SESSION_LIMITS.actBytesMax)) acts.add(ownText(name));
}

/** The first has it always: that there was one at all is what most is asked for. */
function hasRoom(names: ReadonlySet<string>, name: string, bytesMax: number): boolean {
  let bytes = nameBytes(name);
  for (const one of names) bytes += nameBytes(one);
  return names.size === 0 || bytes <= bytesMax;
}

/**
 * An alerted session keeps its newest events only: what leaves is lost to the baseline rather than learned. In the first hour of a session, what
 * leaves is learned without its places: a few large events would make a stranger a known one, before what is done with him can be judged. In an older
 * one with them, or an agent whose session never ends would know no place that it uses seldom.
 */
function wait(session: SessionState, digest: LearnedEvent, nowMs: number): readonly LearnedEvent[] {
  const leaving = session.pending.put(digest);
  session.overflowed += leaving.length;
  if (session.alertIds.size > 0) return [];
  return nowMs - session.openedMs < HOUR_MS ? leaving.map(withoutPlaces) : leaving;
}

const withoutPlaces = (event: LearnedEvent): LearnedEvent => ({
  ...event,
  destinations: NOTHING,
  hosts: NOTHING,
  flows: NOTHING,
  values: NOTHING,
});
const NOTHING = [] as const;

export const hasAlerted = (session: Readonly<SessionState>): boolean => session.alertIds.size > 0;
