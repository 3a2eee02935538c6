import { departuresOf } from '../baselines/departing.ts';
import { type Habits, mostSensitive, piecewiseHabit } from '../baselines/flow.ts';
import { destinationKey } from '../baselines/learned-event.ts';
import { type Departure, isGone } from '../baselines/value-log.ts';
import { destinationHost } from '../ingest/destinations.ts';
import type { AuditEvent, Classification } from '../ingest/event.ts';
import { quote } from '../ingest/untrusted-text.ts';
import { type Explanation, type Finding, link, softlyVoiced, type View } from './detector.ts';
import { usesOf } from './flow-habits.ts';
import { SENSITIVE_FACTOR } from './flow-odds.ts';

/**
 * A long value that was read leaves in pieces, in the clear or encoded, over several calls.
 *
 * Model: beta-binomial. A prior for the share of sessions in which that happens, lower with every further piece; corrected by how often values
 * from such results leave this agent in pieces; lowered when sensitive data was read.
 */
const TWO_PIECES_P = 0.002;
const FURTHER_PIECE_FACTOR = 0.3;
/** Further ones say no more. */
const PIECES_MAX = 5;
const PRIOR_SESSIONS = 20;

export function piecesFinding(event: AuditEvent, view: View, own: Readonly<Habits>): Finding | undefined {
  if (view.session === undefined) return undefined;
  const departing = departuresOf(view.session.provenance, event);
  if (departing.length === 0) return undefined;
  const gone = departing.filter(isGone);
  const [most] = gone.sort((a, b) => b.signs - a.signs);
  if (most === undefined) return undefined;
  const sensitivity = mostSensitive(view.session.sensitive, event.resources);
  return {
    subject: placeOf(event),
    p: softlyVoiced(chanceOf(most, sensitivity, view, own), view),
    level: 'prior',
    severity: sensitivity === 'restricted' ? 5 : 4,
    explain: () => explain(event, most, gone.length),
  };
}

function chanceOf(
  { value, left }: Departure,
  sensitivity: Classification | undefined,
  view: View,
  own: Readonly<Habits>,
): number {
  const further = Math.min(PIECES_MAX, left.pieces) - 2;
  const sensitive = SENSITIVE_FACTOR[sensitivity ?? 'public'] ?? 1;
  const prior = TWO_PIECES_P * FURTHER_PIECE_FACTOR ** Math.max(0, further) * sensitive;
  const uses = usesOf(own, piecewiseHabit(value.source), view);
  // That it never happened so far makes the claim no stronger: the calibration sees to that.
  return Math.max(prior, (PRIOR_SESSIONS * prior + uses) / (PRIOR_SESSIONS + Math.max(view.sessions, uses)));
}

/** Names under one domain are one place: each may carry a piece. */
function placeOf(event: AuditEvent): string {
  const [first] = event.destinations ?? [];
  if (first === undefined) return `pieces: ${event.action.name}`;
  const host = destinationHost(first);
  return host === undefined ? destinationKey(first) : `host: ${host.split('.').slice(-2).join('.')}`;
}

function explain(event: AuditEvent, { value, left, signs }: Departure, values: number): Explanation {
  const more = values > 1 ? ` So did ${values - 1} more.` : '';
  const { action, event: read } = value.source;
  return {
    title: 'A value that was read left in pieces',
    why: `${signs} of the ${value.signs} signs of a value in the result of ${quote(action)} (event ${quote(read)}) left in ${left.pieces} pieces over ${left.calls} ${left.calls === 1 ? 'call' : 'calls'}, the last of them with ${quote(event.action.name)} to ${quote(placeOf(event))}.${more}`,
    measure: 'signs of one value that left in pieces',
    observed: signs,
    expected: 'values that leave whole, or not at all',
    bound: value.signs,
    chain: [
      link(read, 'result that held the value'),
      ...left.events.filter((one) => one !== event.id).map((one) => link(one, 'took a piece of it')),
      link(event.id, 'the last piece'),
    ],
  };
}
