import { type ActValue, type ActValues, domainsOf, valuesOf } from '../baselines/act-values.ts';
import type { AgentState } from '../baselines/agent-state.ts';
import { assembledFrom } from '../baselines/assembled.ts';
import { mayHaveBeenRead } from '../baselines/earlier-results.ts';
import { acquaintance } from '../baselines/familiarity.ts';
import type { KindPrior } from '../baselines/kind-prior.ts';
import { destinationKey, isAct } from '../baselines/learned-event.ts';
import {
  bareAddress,
  emptyProvenance,
  type Heard,
  heardNoMore,
  heardSoFar,
  isField as isFieldOf,
  type Provenance,
  recordPrompt,
} from '../baselines/provenance.ts';
import { holds } from '../baselines/result-log.ts';
import type { SessionState } from '../baselines/session-state.ts';
import { boundedKey } from '../baselines/statistics/bounded-key.ts';
import { type RotatingFilter, remembers } from '../baselines/statistics/rotating-filter.ts';
import { tokensOf } from '../baselines/tokens.ts';
import { destinationHost } from '../ingest/destinations.ts';
import type { AuditEvent, Destination } from '../ingest/event.ts';
import { NAMED, type Naming, type Role, STRANGE, UNNAMED } from './act-habits.ts';
import { doubtKey, doubtsOf, isMostlyDoubtful, JUDGES_DESTINATIONS } from './doubts.ts';
import { Guises } from './lookalike.ts';
import { hostsIn } from './text-addresses.ts';

/** Who named a value. `part`: the user named most of its words. `new`: this agent has acted on nothing of the sort. */
export type Named = 'user' | 'part' | 'context' | 'result' | 'new from a result' | 'nobody' | 'new from nobody';

export interface NamingSources {
  readonly state: Readonly<AgentState>;
  readonly session: Readonly<SessionState> | undefined;
  readonly prior: KindPrior | undefined;
}

/** What a session has heard and read by an event. */
export type Said = Pick<Provenance, 'user' | 'addresses' | 'request' | 'context' | 'results' | 'fields' | 'promptSeen'>;

/** A tool call may carry the prompt it serves. */
export function saidBefore(event: AuditEvent, session: Readonly<SessionState> | undefined): Said {
  const before = session?.provenance ?? NOTHING_SAID;
  const prompt = event.content?.prompt;
  if (prompt === undefined) return before;
  const said = {
    ...before,
    user: before.user.copy(),
    addresses: before.addresses.copy(),
    request: new Set(before.request),
  };
  recordPrompt(said, prompt);
  return said;
}

const NOTHING_SAID: Readonly<Provenance> = emptyProvenance();

/**
 * How the values that an act was given were named, by role; undefined where no words of the user are known, or it is no act. Asks nothing of the
 * agent's kind, so that it is the same when the event enters its session: the answer is kept until then.
 */
export function namingOf(
  event: AuditEvent,
  { state, session }: Pick<NamingSources, 'state' | 'session'>,
): Readonly<Partial<Record<Role, Naming>>> | undefined {
  if (!isAct(event) || event.action.phase !== 'completed') return undefined;
  const before = session?.provenance ?? NOTHING_SAID;
  const { values, eventsEver: learned } = state.baseline;
  if (
    newest?.event === event &&
    newest.values === values &&
    newest.learned === learned &&
    heardNoMore(newest.heard, before)
  )
    return newest.naming;
  const said = saidBefore(event, session);
  const naming = said.promptSeen ? namingBy(event, said, values) : undefined;
  newest = { event, heard: heardSoFar(before), values, learned, naming };
  return naming;
}

/** The act asked for last, and what there was to go by: values are remembered with events that are learned. */
let newest:
  | {
      readonly event: AuditEvent;
      readonly heard: Heard;
      readonly values: Readonly<RotatingFilter>;
      readonly learned: number;
      readonly naming: Readonly<Partial<Record<Role, Naming>>> | undefined;
    }
  | undefined;

function namingBy(event: AuditEvent, said: Said, values: Readonly<RotatingFilter>): Partial<Record<Role, Naming>> {
  const isNew = (token: number) => !remembers(values, token);
  const { destinations, targets } = valuesOf(event);
  const naming: Partial<Record<Role, Naming>> = {};
  for (const value of [...destinations, ...targets]) {
    const named = namedBy(value, said, isNew, NO_PLACES);
    const how = named === 'new from nobody' ? STRANGE : named === 'nobody' ? UNNAMED : NAMED;
    const role = destinations.includes(value) || isPlace(value) ? 'address' : 'value';
    if (how >= (naming[role] ?? NAMED)) naming[role] = how;
  }
  return naming;
}

/** An address, but not a path with a dot in it. */
const isPlace = ({ text, addresses }: ActValue): boolean =>
  addresses.length > 0 && (/@|:\/\//.test(text) || !text.includes('/'));

const NO_PLACES: ReadonlySet<string> = new Set();

/** A value that an act was given, and who named it. */
export interface NamedValue extends Pick<ActValue, 'text' | 'tokens' | 'ungrouped'> {
  readonly role: 'destination' | 'argument' | 'text';
  readonly named: Named;
  /** Addresses in it that a result named and the user did not; and whether one of them is new. */
  readonly foreign: readonly number[];
  readonly foreignNew: boolean;
  /** It was a field of a result by itself. */
  readonly isField: boolean;
  /** It holds what looks like a place or a person in a network. */
  readonly isAddress: boolean;
  /** A known domain that a new host in it, which the user did not name, passes itself off as; see `lookalike.ts`. */
  readonly resembled: string | undefined;
}

export function namesOf(event: AuditEvent, values: ActValues, said: Said, sources: NamingSources): NamedValue[] {
  const unvouched = unvouchedPlaces(event, sources);
  const known = knownPlaces(event, unvouched, sources);
  const isNew = (token: number) => !remembers(sources.state.baseline.values, token);
  const found: NamedValue[] = [];
  const guises = new Guises(sources.state.baseline, sources.prior);
  const guiseOf = (host: string | undefined) => (isMeant(host, said) ? undefined : guises.of(host));
  const look = (value: ActValue, role: NamedValue['role'], place?: Destination) => {
    const { text, tokens, ungrouped, addresses } = value;
    const isNewHere = role === 'destination' && unvouched.has(text) ? ANYTHING : isNew;
    const by = role === 'text' ? 'user' : namedBy(value, said, isNewHere, known);
    const isField = by !== 'user' && isFieldOf(said, text);
    const allForeign = role === 'destination' || isField ? NO_TOKENS : foreignAddresses(value, said);
    const doubtful = STRANGE_NAMES.has(by) ? addresses : allForeign.length === 0 ? NO_TOKENS : allForeign.filter(isNew);
    const resembled =
      doubtful.length === 0
        ? undefined
        : place === undefined
          ? firstOf(hostsIn(text, doubtful), guiseOf)
          : guiseOf(destinationHost(place));
    // Whose name it has a part of is just what a look-alike does not say; nor is a crowd of strangers taken at its word.
    const named = by === 'part' && (resembled !== undefined || guises.isFull) ? strangerTo(value, said) : by;
    // Nor is an address foreign that the user named by the host or by most of its words.
    const foreign = named === 'part' ? NO_TOKENS : allForeign;
    found.push({
      text,
      tokens,
      ungrouped,
      role,
      named,
      foreign,
      foreignNew: foreign.some(isNew),
      isField,
      isAddress: addresses.length > 0,
      resembled,
    });
  };
  // Values and destinations stand in one order.
  values.destinations.forEach((one, i) => void look(one, 'destination', event.destinations?.[i]));
  for (const one of values.targets) look(one, 'argument');
  for (const one of values.texts) look(one, 'text');
  return found;
}

const ANYTHING = () => true;
const NO_TOKENS: readonly number[] = [];
const STRANGE_NAMES: ReadonlySet<Named> = new Set(['part', 'new from a result', 'new from nobody']);

function firstOf<T, R>(all: Iterable<T>, of: (one: T) => R | undefined): R | undefined {
  for (const one of all) {
    const found = of(one);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Who names a host, or a mailbox there, means it, whatever it looks like. */
const isMeant = (host: string | undefined, { user, addresses }: Said): boolean =>
  host !== undefined &&
  [...tokensOf(host), ...domainsOf(host)].some((token) => user.has(token) || addresses.has(token));

/** Destinations that the agent or one of its kind uses. */
function knownPlaces(event: AuditEvent, unvouched: ReadonlySet<string>, sources: NamingSources): ReadonlySet<string> {
  if (event.destinations === undefined) return NO_PLACES;
  const { destinations } = sources.state.baseline.familiar;
  const isKnown = (place: Destination) =>
    !unvouched.has(place.value) &&
    (acquaintance(destinations, boundedKey(destinationKey(place))) !== 'new' || isUsedByPeers(place, sources));
  return new Set(event.destinations.filter(isKnown).map(({ value }) => value));
}

/**
 * Destinations that only doubtful sessions have made known, and that no other of the kind uses: to the judge they are as new as they were, or
 * the first dose of an attack would excuse the second (docs/adr/0042).
 */
function unvouchedPlaces(event: AuditEvent, sources: NamingSources): ReadonlySet<string> {
  const doubts = doubtsOf(sources.state);
  if (event.destinations === undefined || doubts.size === 0) return NO_PLACES;
  const isUnvouched = (place: Destination) => {
    const doubted = doubts.get(doubtKey(JUDGES_DESTINATIONS, destinationKey(place)));
    return doubted !== undefined && isMostlyDoubtful(doubted) && !isUsedByPeers(place, sources);
  };
  return new Set(event.destinations.filter(isUnvouched).map(({ value }) => value));
}

const isUsedByPeers = (place: Destination, { prior }: NamingSources): boolean =>
  (prior?.users('destinations', boundedKey(destinationKey(place))) ?? 0) > 0;

function namedBy(value: ActValue, said: Said, isNew: (token: number) => boolean, known: ReadonlySet<string>): Named {
  const { tokens, text, ungrouped, addresses } = value;
  // Nobody can be shown to have named a place without a token ("#a").
  const all = (has: (token: number) => boolean) =>
    (tokens.length > 0 && tokens.every(has)) || (ungrouped !== undefined && has(ungrouped));
  if (all((token) => said.user.has(token))) return 'user';
  if (isNamedInPart(value, said)) return 'part';
  if (all((token) => said.user.has(token) || said.context.has(token))) return 'context';
  const fresh = !known.has(text) && (tokens.length === 0 || tokens.some(isNew));
  const read = all((token) => said.user.has(token) || holds(said.results, token));
  const isRead =
    read ||
    isAssembled(value, said) ||
    isBelowRead(value, said) ||
    mayHaveBeenRead(said.results.earlier, text, addresses.length > 0);
  if (isRead) return fresh ? 'new from a result' : 'result';
  return fresh ? 'new from nobody' : 'nobody';
}

const strangerTo = ({ tokens }: ActValue, { user, results }: Said): Named =>
  tokens.every((token) => user.has(token) || holds(results, token)) ? 'new from a result' : 'new from nobody';

/** An address of which the results held the parts. */
const isAssembled = ({ text, tokens, addresses }: ActValue, { results }: Said): boolean =>
  tokens.length === 1 && addresses.length === 1 && assembledFrom(results, bareAddress(text)) >= 0;

/** A host below one that a result named: whoever owns that hears what is asked of it. Labels may be all that is told it. */
const isBelowRead = ({ text, addresses }: ActValue, { results }: Said): boolean =>
  addresses.length > 0 && !text.includes('@') && domainsOf(text).some((domain) => holds(results, domain));

/**
 * "Invite Dora" names dora@her-mail.example: more than half of the words that tell it from others. A user who writes addresses out means them
 * to the letter: all words of another must be there, or dora@hall.example would name dora@hall-login.example. Who names a host by itself, or a page
 * of it ("their address is on hall.example/contact"), means whoever has a mailbox there, and the hosts below it: status.hall.example is the hall's too.
 */
function isNamedInPart({ text, words, addresses: own }: ActValue, { user, addresses, request }: Said): boolean {
  if (addresses.size > 0 && domainsOf(text).some((domain) => addresses.has(domain))) return true;
  const spoken = words.filter((word) => request.has(word)).length;
  const isAnother = addresses.size > 0 && own.some((token) => !user.has(token));
  return spoken > (isAnother ? words.length - 1 : words.length / 2);
}

/** Those that nobody named are, too, once it is not known any more what was read. */
function foreignAddresses({ addresses }: ActValue, { user, context, results }: Said): readonly number[] {
  if (addresses.length === 0) return NO_TOKENS;
  const isForgotten = (token: number) => results.earlier?.tokens.isFull === true && !context.has(token);
  return addresses.filter((token) => !user.has(token) && (holds(results, token) || isForgotten(token)));
}
