import { disguisedIn } from '../baselines/departing.ts';
import { mostSensitive } from '../baselines/flow.ts';
import { originOf } from '../baselines/provenance.ts';
import type { KeptValue } from '../baselines/value-log.ts';
import type { AuditEvent, Destination } from '../ingest/event.ts';
import { quote } from '../ingest/untrusted-text.ts';
import { type Explanation, type Finding, link, softlyVoiced, type View } from './detector.ts';
import { acquaintanceWith, SENSITIVE_FACTOR } from './flow-odds.ts';
import { placeOf } from './pieces.ts';

/**
 * A long value that was read leaves whole, but not as it was read: encoded, or as a part of a host's name, for a place that is new to the agent
 * and that the user did not name (docs/adr/0036). Agents pass on codes that they were given; they encode nothing for strangers.
 *
 * Model: a prior for the share of sessions in which that happens, lowered when sensitive data was read. It is not learned: what an agent does so
 * each day goes to places that it knows, and else its own tail makes the claim milder.
 */
const DISGUISED_P = 0.0005;

export function disguisedFinding(event: AuditEvent, view: View): Finding | undefined {
  const { session } = view;
  if (session === undefined || !event.destinations?.some((place) => isStranger(place, event, view))) return undefined;
  const values = disguisedIn(session.provenance, event);
  const [first] = values;
  if (first === undefined) return undefined;
  const sensitivity = mostSensitive(session.sensitive, event.resources);
  return {
    subject: placeOf(event),
    p: softlyVoiced(DISGUISED_P * (SENSITIVE_FACTOR[sensitivity ?? 'public'] ?? 1), view),
    level: 'prior',
    severity: sensitivity === 'restricted' ? 5 : 4,
    explain: () => explain(event, first, values.length),
  };
}

function isStranger(place: Destination, event: AuditEvent, view: View): boolean {
  if (acquaintanceWith(view, place) !== 'new') return false;
  // The user may have named it in other words than its address.
  if (view.act !== undefined) return view.act.strange.some(({ text }) => text === place.value);
  return view.session === undefined || originOf(view.session.provenance, place.value, event).kind !== 'user';
}

function explain(event: AuditEvent, { signs, source }: KeptValue, values: number): Explanation {
  const more = values > 1 ? ` So did ${values - 1} more.` : '';
  return {
    title: 'A value that was read left in disguise',
    why: `A value of ${signs} signs in the result of ${quote(source.action)} (event ${quote(source.event)}) left encoded, or as a part of a host's name, with ${quote(event.action.name)} to ${quote(placeOf(event))}, which is new and which the user did not name.${more}`,
    measure: 'signs of one value that left in disguise',
    observed: signs,
    expected: 'values that leave as they were read, or not at all',
    bound: 0,
    chain: [link(source.event, 'result that held the value'), link(event.id, 'took it along')],
  };
}
