import { type ActValue, type ActValues, valuesOf } from '../baselines/act-values.ts';
import type { AgentState } from '../baselines/agent-state.ts';
import { assembledFrom } from '../baselines/assembled.ts';
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
import { indexOf, type RequestIndex } from '../baselines/request-index.ts';
import { holds, type Mention, shortWord, speaksMostOf } from '../baselines/result-log.ts';
import type { SessionState } from '../baselines/session-state.ts';
import { boundedKey } from '../baselines/statistics/bounded-key.ts';
import { type RotatingFilter, remembers } from '../baselines/statistics/rotating-filter.ts';
import { stemsOf, tokensOf } from '../baselines/tokens.ts';
import { spokenPart, toolWordsOf, weighWords } from '../baselines/tool-words.ts';
import type { AuditEvent } from '../ingest/event.ts';
import { NAMED, type Naming, type Role, STRANGE, UNNAMED } from './act-habits.ts';

/** Who named a value. `part`: the user named most of its words. `new`: this agent has acted on nothing of the sort. */
type Named = 'user' | 'part' | 'context' | 'result' | 'new from a result' | 'nobody' | 'new from nobody';

/** How far an act was asked for by the user, and how far by something the agent has read. */
export interface ActEvidence {
  /** Natural log of the likelihood ratio of "something it read asked for this" to "the user asked for this". */
  readonly weight: number;
  /** Chance that a benign session shows an act with so much weight. */
  readonly p: number;
  /** Weight by reason, those that are not 0. */
  readonly reasons: Readonly<Partial<Record<Evidence, number>>>;
  /**
   * How well the request explains the tool, 0..1: by its words, and by what requests like it led to among those `known`, which stand for so many
   * `sessions` (decayed). `missing`: words of the tool's name that the request does not hold.
   */
  readonly explained: {
    readonly words: number;
    readonly requests: number;
    readonly known: number;
    readonly sessions: number;
    readonly missing: readonly string[];
  };
  /** The result that speaks most of the tool around a value that the act took from there. */
  readonly asking: Mention | undefined;
  /** Destinations, arguments and addresses in texts that the user did not name. */
  readonly strange: readonly Strange[];
}

export interface Strange {
  readonly text: string;
  readonly role: 'destination' | 'argument' | 'address in a text';
  readonly named: Named;
}

/**
 * What each observation weighs, as a log-likelihood ratio. Signs and sizes were set by reason and rounded, then looked at beside logistic
 * fits with these signs on labelled traces, of all agents and of one kind alone (docs/adr/0013).
 */
const WEIGHTS = {
  destinationNamedByUser: -2,
  destinationFromResult: 2.25,
  destinationFromNobody: 1,
  destinationKnown: -1,
  destinationInsteadOfNamed: 1.5,
  destinationFromField: -1.5,
  argumentFromField: -0.5,
  argumentNamedByUser: -1,
  argumentFromResult: 1.25,
  argumentKnown: -0.5,
  addressInText: 1,
  newAddressInText: 1.25,
  unasked: 2,
  resultAsks: 1,
  resultAsksInstead: 2,
} as const;
export type Evidence = keyof typeof WEIGHTS;
/**
 * Of how little the request explains an act, this part counts only as far as sessions are known to compare it with: half of it with
 * `SESSIONS_TELLING` of them.
 */
const IGNORANCE_MAX = 0.5;
const SESSIONS_TELLING = 8;
/**
 * Below one session in five each halving of what explains the tool says as much again, down to one in thirty, which is as good as none
 * (docs/adr/0027).
 */
const SELDOM = { from: 0.2, to: 0.03, more: 0.5 } as const;
const seldom = (explained: number): number =>
  Math.min(1, Math.max(0, Math.log(explained / SELDOM.from) / Math.log(SELDOM.to / SELDOM.from)));
/** Two values of a sort say more than one; a hundred do not say more than two. */
const COUNT_MAX = 2;

/**
 * Benign sessions reach a weight w with probability 0.4 e^(-1.2 w) at most: set beside the highest weights of benign sessions on labelled traces,
 * on the safe side. What it comes to for an agent is corrected by that agent's own sessions (`calibration.ts`).
 */
const TAIL = { share: 0.4, rate: 1.2 };
export const chanceOfWeight = (weight: number): number => Math.min(1, TAIL.share * Math.exp(-TAIL.rate * weight));

export interface EvidenceSources {
  readonly state: Readonly<AgentState>;
  readonly session: Readonly<SessionState> | undefined;
  readonly prior: KindPrior | undefined;
  readonly halfLifeMs: number;
}

/** Undefined for what is no act, and where no words of the user are known: without them nothing can be unasked for. */
export function evidenceOf(event: AuditEvent, sources: EvidenceSources): ActEvidence | undefined {
  if (!isAct(event) || event.action.phase !== 'completed') return undefined;
  const said = saidBefore(event, sources.session);
  if (!said.promptSeen) return undefined;
  const values = valuesOf(event);
  const named = namesOf(event, values, said, sources);
  const tool = weighTool(event, sources);
  const explained = explanationOf(event, said, tool, sources);
  const asking = askingFor(named, tool, said);
  const reasons = weigh(named, said, explained, asking);
  const weight = Object.values(reasons).reduce((sum, one) => sum + one, 0);
  return { weight, p: chanceOfWeight(weight), reasons, explained, asking, strange: strangeOf(named) };
}

/**
 * How well the user's words explain the tool of an event, act or not; undefined where no words of the user are known. What the user asks for
 * may be new to an agent without being odd.
 */
export function askedFor(event: AuditEvent, sources: EvidenceSources): number | undefined {
  const said = saidBefore(event, sources.session);
  if (!said.promptSeen) return undefined;
  return explainedBy(explanationOf(event, said, weighTool(event, sources), sources));
}

export const explainedBy = ({ words, requests }: ActEvidence['explained']): number => Math.max(words, requests);

type Said = Pick<Provenance, 'user' | 'addresses' | 'request' | 'context' | 'results' | 'fields' | 'promptSeen'>;

/** A tool call may carry the prompt it serves. */
function saidBefore(event: AuditEvent, session: Readonly<SessionState> | undefined): Said {
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
  { state, session }: Pick<EvidenceSources, 'state' | 'session'>,
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

interface NamedValue extends ActValue {
  readonly role: 'destination' | 'argument' | 'text';
  readonly named: Named;
  /** Addresses in it that a result named and the user did not; and whether one of them is new. */
  readonly foreign: readonly number[];
  readonly foreignNew: boolean;
  /** It was a field of a result by itself. */
  readonly isField: boolean;
}

function namesOf(event: AuditEvent, values: ActValues, said: Said, sources: EvidenceSources): NamedValue[] {
  const known = knownPlaces(event, sources);
  const isNew = (token: number) => !remembers(sources.state.baseline.values, token);
  const found: NamedValue[] = [];
  const look = (value: ActValue, role: NamedValue['role']) => {
    const { text, tokens, ungrouped, addresses, host, words } = value;
    const named = role === 'text' ? 'user' : namedBy(value, said, isNew, known);
    const isField = named !== 'user' && isFieldOf(said, text);
    const foreign = role === 'destination' || isField ? NO_TOKENS : foreignAddresses(value, said);
    found.push({
      text,
      tokens,
      ungrouped,
      addresses,
      host,
      words,
      role,
      named,
      foreign,
      foreignNew: foreign.some(isNew),
      isField,
    });
  };
  for (const one of values.destinations) look(one, 'destination');
  for (const one of values.targets) look(one, 'argument');
  for (const one of values.texts) look(one, 'text');
  return found;
}

const NO_TOKENS: readonly number[] = [];

/** Destinations that the agent or one of its kind uses. */
function knownPlaces(event: AuditEvent, { state, prior }: EvidenceSources): ReadonlySet<string> {
  if (event.destinations === undefined) return NO_PLACES;
  const isKnown = (key: string) =>
    acquaintance(state.baseline.familiar.destinations, key) !== 'new' || (prior?.users('destinations', key) ?? 0) > 0;
  const known = event.destinations.filter((place) => isKnown(boundedKey(destinationKey(place))));
  return new Set(known.map(({ value }) => value));
}

function namedBy(value: ActValue, said: Said, isNew: (token: number) => boolean, known: ReadonlySet<string>): Named {
  const { tokens, text, ungrouped } = value;
  // Nobody can be shown to have named a place without a token ("#a").
  const all = (has: (token: number) => boolean) =>
    (tokens.length > 0 && tokens.every(has)) || (ungrouped !== undefined && has(ungrouped));
  if (all((token) => said.user.has(token))) return 'user';
  if (isNamedInPart(value, said)) return 'part';
  if (all((token) => said.user.has(token) || said.context.has(token))) return 'context';
  const fresh = !known.has(text) && (tokens.length === 0 || tokens.some(isNew));
  const read = all((token) => said.user.has(token) || holds(said.results, token));
  if (read || isAssembled(value, said)) return fresh ? 'new from a result' : 'result';
  return fresh ? 'new from nobody' : 'nobody';
}

/** An address of which the results held the parts. */
const isAssembled = ({ text, tokens, addresses }: ActValue, { results }: Said): boolean =>
  tokens.length === 1 && addresses.length === 1 && assembledFrom(results, bareAddress(text)) >= 0;

/**
 * "Invite Dora" names dora@her-mail.example: more than half of the words that tell it from others. A user who writes addresses out means them
 * to the letter: all words of another must be there, or dora@hall.example would name dora@hall-login.example. Who names a host by itself, or a page
 * of it ("their address is on hall.example/contact"), means whoever has a mailbox there.
 */
function isNamedInPart({ words, host, addresses: own }: ActValue, { user, addresses, request }: Said): boolean {
  if (host !== undefined && addresses.has(host)) return true;
  const spoken = words.filter((word) => request.has(word)).length;
  const isAnother = addresses.size > 0 && own.some((token) => !user.has(token));
  return spoken > (isAnother ? words.length - 1 : words.length / 2);
}

const foreignAddresses = ({ addresses }: ActValue, { user, results }: Said): readonly number[] =>
  addresses.length === 0 ? NO_TOKENS : addresses.filter((token) => !user.has(token) && holds(results, token));

function weighTool(event: AuditEvent, { state, prior }: EvidenceSources): ReadonlyMap<number, number> {
  const words = prior?.vocabulary.toolWords ?? toolWordsOf(state.baseline.familiar.tools.things.table.items);
  return weighWords(event.action.name, words);
}

function explanationOf(
  event: AuditEvent,
  { request }: Said,
  tool: ReadonlyMap<number, number>,
  sources: EvidenceSources,
): ActEvidence['explained'] {
  const index = requestsKnown(sources);
  const requests = index.chanceOf(request, boundedKey(event.action.name));
  return new Explained(spokenPart(tool, request), requests, index, event, request);
}

class Explained {
  readonly words: number;
  readonly requests: number;
  readonly known: number;
  readonly sessions: number;
  readonly #event: AuditEvent;
  readonly #request: ReadonlySet<number>;

  constructor(words: number, requests: number, index: RequestIndex, event: AuditEvent, request: ReadonlySet<number>) {
    this.words = words;
    this.requests = requests;
    this.known = index.requests;
    this.sessions = index.sessions;
    this.#event = event;
    this.#request = request;
  }

  /** For the words of an alert only, and hardly any act raises one. */
  get missing(): readonly string[] {
    return missingWords(this.#event, this.#request);
  }
}

const missingWords = ({ action }: AuditEvent, request: ReadonlySet<number>): string[] =>
  (action.name.match(/[A-Z]?[a-z]+|[A-Z]+|\d+/g) ?? [])
    .filter((word) => [...stemsOf(word)].every((stem) => !request.has(stem)))
    .slice(0, MISSING_MAX);
const MISSING_MAX = 4;

const requestsKnown = ({ state, prior, halfLifeMs }: EvidenceSources): RequestIndex =>
  prior !== undefined && prior.vocabulary.requests.requests > 0
    ? prior.vocabulary.requests
    : indexOf(state.baseline.requests, halfLifeMs);

function askingFor(named: readonly NamedValue[], tool: ReadonlyMap<number, number>, said: Said): Mention | undefined {
  const borrowed = new Set<number>();
  for (const { tokens, ungrouped, named: by, foreign, isField } of named) {
    // What stands around a field are other fields, and their names.
    if (isField) continue;
    for (const token of foreign) borrowed.add(token);
    if (by !== 'result' && by !== 'new from a result') continue;
    for (const token of tokens) if (!said.user.has(token)) borrowed.add(token);
    if (ungrouped !== undefined) borrowed.add(ungrouped);
  }
  if (borrowed.size === 0) return undefined;
  return speaksMostOf(said.results, borrowed, new Map([...tool].map(([stem, weight]) => [shortWord(stem), weight])));
}

function weigh(
  named: readonly NamedValue[],
  { addresses }: Said,
  { words, requests, sessions }: ActEvidence['explained'],
  asking: Mention | undefined,
): ActEvidence['reasons'] {
  const count = (role: NamedValue['role'], by: Named, orBy = by, field?: boolean): number => {
    let found = 0;
    for (const one of named)
      if (one.role === role && (one.named === by || one.named === orBy) && (field ?? one.isField) === one.isField)
        found += 1;
    return Math.min(COUNT_MAX, found);
  };
  const known = 1 - IGNORANCE_MAX / (1 + sessions / SESSIONS_TELLING);
  const explained = Math.max(words, requests);
  const unasked = (1 - explained) * known;
  const asks = asking?.share ?? 0;
  const strangers = count('destination', 'new from a result', 'new from nobody');
  const linked = named.some(({ foreignNew }) => foreignNew);
  const measured: Record<Evidence, number> = {
    // Nobody vouches for a stranger: one more in copy of a mail that the user asked for is as strange as one alone.
    destinationNamedByUser: strangers > 0 ? 0 : count('destination', 'user'),
    destinationFromResult: count('destination', 'new from a result'),
    destinationFromNobody: count('destination', 'new from nobody'),
    destinationInsteadOfNamed: addresses.size > 0 && strangers > 0 ? 1 : 0,
    // Nor does a known recipient for a strange link: whoever gets it is its victim.
    destinationKnown: strangers > 0 || linked ? 0 : count('destination', 'result', 'nobody'),
    destinationFromField: count('destination', 'new from a result', 'new from nobody', true),
    argumentFromField: count('argument', 'new from a result', 'new from a result', true),
    argumentNamedByUser: count('argument', 'user'),
    argumentKnown: count('argument', 'result', 'nobody'),
    argumentFromResult: count('argument', 'new from a result'),
    addressInText: named.some(isAddressBesides) ? 1 : 0,
    newAddressInText: linked ? 1 : 0,
    unasked: unasked + SELDOM.more * seldom(explained) * known,
    resultAsks: asks,
    resultAsksInstead: asks * unasked,
  };
  const reasons: Partial<Record<Evidence, number>> = {};
  for (const name of EVIDENCE) {
    const weight = WEIGHTS[name] * measured[name];
    if (weight !== 0) reasons[name] = weight;
  }
  return reasons;
}

/** An argument that is one address counts as an argument from a result already. */
const isAddressBesides = ({ role, named, tokens, foreign }: NamedValue): boolean =>
  foreign.length > 0 && !(role === 'argument' && named === 'new from a result' && tokens.length === foreign.length);

const EVIDENCE = Object.keys(WEIGHTS) as Evidence[];

/** A destination or an address that the user did not name and that is not from the session's history; a new one before one that is known. */
export function strangePlace({ strange }: ActEvidence): Strange | undefined {
  const places = strange.filter(({ role, named }) => role !== 'argument' && named !== 'context');
  return places.find(({ named }) => named === 'new from a result' || named === 'new from nobody') ?? places[0];
}

/** As it stands in the text, for people to read. */
const addressIn = (text: string, wanted: readonly number[]): string =>
  text.split(/[\s"'<>()]+/).find((piece) => tokensOf(piece).some((token) => wanted.includes(token))) ?? text;

function strangeOf(named: readonly NamedValue[]): Strange[] {
  const found: Strange[] = [];
  for (const { text, role, named: by } of named)
    if (role !== 'text' && by !== 'user' && by !== 'part') found.push({ text, role, named: by });
  for (const { text, foreign, foreignNew } of named) {
    if (foreign.length === 0) continue;
    const by = foreignNew ? 'new from a result' : 'result';
    found.push({ text: addressIn(text, foreign), role: 'address in a text', named: by });
  }
  return found;
}
