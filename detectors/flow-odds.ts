import { valuesOf } from '../baselines/act-values.ts';
import { acquaintance, chanceOfNew, firstUse } from '../baselines/familiarity.ts';
import { type Flow, flowsOf, type Habits } from '../baselines/flow.ts';
import { destinationKey } from '../baselines/learned-event.ts';
import { DAY_MS } from '../baselines/periods.ts';
import type { Origin } from '../baselines/provenance.ts';
import { boundedKey } from '../baselines/statistics/bounded-key.ts';
import { destinationHost } from '../ingest/destinations.ts';
import type { AuditEvent, Classification, Destination } from '../ingest/event.ts';
import { type Carried, carriedTo, copyShare } from './carried.ts';
import { type View, voiced } from './detector.ts';
import { usesOf } from './flow-habits.ts';
import { Guises } from './lookalike.ts';

/**
 * How often this agent sends in such a way, whoever asked for it: what there is to go by where the user's words are not known, or where
 * sensitive data moves.
 *
 * Model: beta-binomial. A prior by where the destination was first named (the user's words, history, a tool result, nowhere), lower
 * when sensitive data was read or a copy of what was read goes there; corrected by how often this agent's sessions send that way (by the same tool, from the same source,
 * after the same data), and by how often it meets new destinations at all. Milder for places the agent knows.
 */

/**
 * Prior for the share of sessions that send to a new place, by where the place was named; worth 20 sessions. Experience, not
 * measurement: see the docs.
 */
const NEW_PLACE_P = {
  user: 0.15,
  context: 0.05,
  unknown: 0.01,
  unexplained: 0.004,
  field: 0.02,
  result: 0.002,
  external: 0.0005,
} as const;
const PRIOR_SESSIONS = 20;
/** The same, as a factor, for a place that is not new. A place stays on probation for a week. */
const KNOWN_FACTOR = 150;
const YOUNG_FACTOR = 3;
const FORGOTTEN_FACTOR = 5;
/** A place that others of its kind send to. */
const PEERS_FACTOR = 5;
const PROBATION_MS = 7 * DAY_MS;
/** Another address at a host the agent knows. */
const KNOWN_HOST_FACTOR = 3;
const ACQUAINTANCE_FACTORS = { new: 1, forgotten: FORGOTTEN_FACTOR, young: YOUNG_FACTOR, known: KNOWN_FACTOR } as const;
/** How much rarer it is that a new place looks like one that is well known. */
const LOOKALIKE_FACTOR = 0.1;
/** How much rarer it is that sensitive data was read before a send to a place nobody named. */
export const SENSITIVE_FACTOR: Partial<Record<Classification, number>> = { confidential: 0.3, restricted: 0.1 };
/** How much rarer it is that a copy of what was read goes to a new place that neither the user nor history named. */
const COPY_FACTOR = 0.1;

export type Acquaintance = 'known' | 'young' | 'forgotten' | 'new';

/** A destination, and how it stands with the agent. */
interface Meeting extends Flow {
  readonly destination: Destination;
  readonly acquaintance: Acquaintance;
  /** A known domain that it passes itself off as. */
  readonly resembled: string | undefined;
}

export interface Sending extends Meeting {
  readonly carried: Carried | undefined;
  readonly p: number;
}

/** The oddest destination of the event. */
export function oddestSending(event: AuditEvent, view: View, own: Habits): Sending | undefined {
  const meetings = meetingsOf(event, view);
  const carried = carriedBy(event, view, meetings);
  let oddest: Sending | undefined;
  for (const meeting of meetings) {
    const sending = judge(meeting, carried, view, own);
    if (oddest === undefined || sending.p < oddest.p) oddest = sending;
  }
  return oddest;
}

function meetingsOf(event: AuditEvent, view: View): readonly Meeting[] {
  const { destinations = [] } = event;
  const guises = new Guises(view.baseline, view.prior);
  return flowsOf(event, view.session).flatMap((flow, i) => {
    const destination = destinations[i];
    if (destination === undefined) return [];
    const origin = isNamed(destination, view) ? NAMED : flow.origin;
    const known = acquaintanceWith(view, destination);
    const resembled = known === 'new' && origin.kind !== 'user' ? resembledAt(destination, view, guises) : undefined;
    return [{ ...flow, origin, destination, acquaintance: known, resembled }];
  });
}

/** Where the user was heard, the act says so, and knows whom the user meant. */
const resembledAt = (destination: Destination, { act }: View, guises: Guises): string | undefined =>
  act === undefined
    ? guises.of(destinationHost(destination))
    : act.strange.find(({ text }) => text === destination.value)?.resembled;

/** The user may have named a place in other words than its address. */
const isNamed = ({ value }: Destination, { act }: View): boolean =>
  act?.strange.every(({ text }) => text !== value) ?? false;
const NAMED: Origin = { kind: 'user' };

/** Where nobody was heard, each destination has to be looked at here. What an event only asks for is not carried yet. */
function carriedBy(event: AuditEvent, view: View, meetings: readonly Meeting[]): Carried | undefined {
  const { act, session } = view;
  if (act !== undefined) return act.carried;
  if (session === undefined || event.action.phase !== 'completed') return undefined;
  const values = valuesOf(event);
  // Values and meetings stand in the order of the destinations.
  const places = values.destinations.filter((_, i) => meetings[i] && isStranger(meetings[i], view));
  return carriedTo(places, values, session.provenance);
}

const isStranger = ({ destination, acquaintance: known, origin }: Meeting, view: View): boolean =>
  known === 'new' &&
  !isPeers(view, destination) &&
  !(origin.kind === 'user' || origin.kind === 'context' || (origin.kind === 'result' && origin.isField === true));

function judge(meeting: Meeting, copy: Carried | undefined, view: View, own: Habits): Sending {
  const { destination, acquaintance: known, origin, resembled } = meeting;
  const familiar = known === 'new' && isPeers(view, destination) ? PEERS_FACTOR : ACQUAINTANCE_FACTORS[known];
  const host = known === 'new' && hostIsKnown(view, destination) ? KNOWN_HOST_FACTOR : 1;
  const likeness = resembled === undefined ? 1 : LOOKALIKE_FACTOR;
  const carried = copy?.to.includes(destination.value) ? copy : undefined;
  const rate = Math.min(
    rateOf(meeting, carried, view, own),
    known === 'new' ? newcomerRate(view, NEW_PLACE_P[placeName(origin, view)]) : 1,
  );
  return { ...meeting, carried, p: voiced(rate * familiar * host * likeness, view) };
}

/**
 * Share of sessions that are expected to send to a new place in this way. Two levels: how often the agent sends that way at all, and,
 * starting from there, how often after data this sensitive.
 */
function rateOf(
  { origin, sensitivity, way, habit }: Flow,
  carried: Carried | undefined,
  view: View,
  own: Habits,
): number {
  if (origin.kind === 'user') return NEW_PLACE_P.user;
  const share = (prior: number, uses: number) =>
    (PRIOR_SESSIONS * prior + uses) / (PRIOR_SESSIONS + Math.max(view.sessions, uses));
  const wayRate = share(NEW_PLACE_P[placeName(origin, view)], usesOf(own, way, view));
  const cargo = (SENSITIVE_FACTOR[sensitivity ?? 'public'] ?? 1) * COPY_FACTOR ** copyShare(carried);
  return share(wayRate * cargo, usesOf(own, habit, view));
}

function placeName(origin: Origin, { told }: View): keyof typeof NEW_PLACE_P {
  if (origin.kind !== 'result') return origin.kind;
  if (origin.source.external) return 'external';
  // Where nobody was heard, a record may be all that an attacker needs.
  return told && origin.isField === true ? 'field' : 'result';
}

/**
 * Share of sessions that meet a new destination at all: an agent that sends all day may still never send to strangers. It begins where its kind
 * is, if that meets more of them.
 */
function newcomerRate({ baseline, timeMs, sessions, prior }: View, belief: number): number {
  const { met, sessions: others } = prior?.discoveries.destinations ?? { met: 0, sessions: 0 };
  const share = Math.min(1, Math.max(belief, (PRIOR_SESSIONS * belief + met) / (PRIOR_SESSIONS + others)));
  return chanceOfNew(baseline.familiar.destinations, 1, timeMs, {
    sessions,
    prior: share,
    priorSessions: PRIOR_SESSIONS,
  });
}

export function acquaintanceWith(view: View, destination: Destination): Acquaintance {
  const set = view.baseline.familiar.destinations;
  const key = destinationKey(destination);
  const known = acquaintance(set, key);
  if (known !== 'known') return known;
  const firstMs = firstUse(set, key) ?? 0;
  // In its first weeks an agent knows nobody for long.
  const onProbation = view.timeMs - firstMs < PROBATION_MS && firstMs - view.baseline.firstMs > PROBATION_MS;
  return onProbation ? 'young' : 'known';
}

const isPeers = ({ prior }: View, destination: Destination): boolean =>
  (prior?.users('destinations', boundedKey(destinationKey(destination))) ?? 0) > 0;

function hostIsKnown(view: View, destination: Destination): boolean {
  const host = destinationHost(destination);
  return host !== undefined && acquaintance(view.baseline.familiar.hosts, host) === 'known';
}
