import { encodedIn } from '../baselines/departing.ts';
import { mostSensitive } from '../baselines/flow.ts';
import type { KeptValue } from '../baselines/kept-values.ts';
import { originOf } from '../baselines/provenance.ts';
import { destinationHost } from '../ingest/destinations.ts';
import type { AuditEvent, Destination } from '../ingest/event.ts';
import { quote } from '../ingest/untrusted-text.ts';
import { type Explanation, type Finding, link, softlyVoiced, type View } from './detector.ts';
import { acquaintanceWith, SENSITIVE_FACTOR } from './flow-odds.ts';

/**
 * A long value that was read leaves whole, but not as it was read: encoded, for a place that is new to the agent and that the user did not name
 * (docs/adr/0036). Agents pass on codes that they were given; they encode nothing for strangers.
 *
 * Model: a prior for the share of sessions in which that happens, lowered when sensitive data was read. It is not learned: what an agent does so
 * each day goes to places that it knows, and else its own tail makes the claim milder.
 */
const ENCODED_P = 0.0005;

export function encodedFinding(event: AuditEvent, view: View): Finding | undefined {
  const { session } = view;
  const stranger = event.destinations?.find((place) => isStranger(place, event, view));
  if (session === undefined || stranger === undefined) return undefined;
  const [first, ...others] = encodedIn(session.provenance, event);
  if (first === undefined) return undefined;
  const sensitivity = mostSensitive(session.sensitive, event.resources);
  return {
    subject: nameOf(stranger),
    p: softlyVoiced(ENCODED_P * (SENSITIVE_FACTOR[sensitivity ?? 'public'] ?? 1), view),
    level: 'prior',
    severity: sensitivity === 'restricted' ? 5 : 4,
    explain: () => explain(event, nameOf(stranger), [first, ...others]),
  };
}

function isStranger(place: Destination, event: AuditEvent, view: View): boolean {
  if (acquaintanceWith(view, place) !== 'new') return false;
  // The user may have named it in other words than its address.
  if (view.act !== undefined) return view.act.strange.some(({ text }) => text === place.value);
  return view.session === undefined || originOf(view.session.provenance, place.value, event).kind !== 'user';
}

/** Without the labels of a host that are as long as a code: one of them may be the value. */
function nameOf(place: Destination): string {
  const labels = (destinationHost(place) ?? '').split('.').filter((label) => label.length < CODE_SIGNS);
  const host = labels.slice(-2).join('.');
  return host === '' ? `encoded, to a ${place.kind}` : `host: ${host}`;
}

/** The shortest value that is known, in the shortest code. */
const CODE_SIGNS = 16;

function explain(
  event: AuditEvent,
  place: string,
  [first, ...others]: readonly [KeptValue, ...KeptValue[]],
): Explanation {
  const { signs, source } = first;
  const more = others.length > 0 ? ` So did ${others.length} more.` : '';
  return {
    title: 'A value that was read left encoded',
    why: `A value of ${signs} signs in the result of ${quote(source.action)} (event ${quote(source.event)}) left encoded with ${quote(event.action.name)} for ${quote(place)}, which is new and which the user did not name.${more}`,
    measure: 'signs of one value that left encoded',
    observed: signs,
    expected: 'values that leave as they were read, or not at all',
    bound: 0,
    chain: [link(source.event, 'result that held the value'), link(event.id, 'took it along')],
  };
}
