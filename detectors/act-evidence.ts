import { type ActValues, valuesOf } from '../baselines/act-values.ts';
import { isAct } from '../baselines/learned-event.ts';
import { indexOf, type RequestIndex } from '../baselines/request-index.ts';
import { type Mention, shortWord, speaksMostOf } from '../baselines/result-log.ts';
import { boundedKey } from '../baselines/statistics/bounded-key.ts';
import { logShare } from '../baselines/statistics/log-share.ts';
import { stemsOf } from '../baselines/tokens.ts';
import { spokenPart, toolWordsOf, weighWords } from '../baselines/tool-words.ts';
import type { AuditEvent } from '../ingest/event.ts';
import { type Carried, carriedTo, copyShare } from './carried.ts';
import { type Named, type NamedValue, type NamingSources, namesOf, type Said, saidBefore } from './naming.ts';
import { addressIn } from './text-addresses.ts';

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
  /** What goes to destinations that are new and in no field of a record. */
  readonly carried: Carried | undefined;
  /** Destinations, arguments and addresses in texts that the user did not name. */
  readonly strange: readonly Strange[];
}

export interface Strange {
  readonly text: string;
  readonly role: 'destination' | 'argument' | 'address in a text';
  readonly named: Named;
  /** A known domain that it passes itself off as. */
  readonly resembled?: string;
}

/**
 * What each observation weighs, as a log-likelihood ratio: fitted to the strongest act of every session of labelled traces and invented
 * workplaces, held near sizes that were set by reason, looked at with each workplace left out in turn, and rounded (docs/adr/0035).
 */
const WEIGHTS = {
  destinationNamedByUser: -2,
  destinationFromResult: 2,
  destinationFromNobody: 1,
  destinationKnown: -1.75,
  destinationInsteadOfNamed: 1.25,
  destinationFromField: -1.5,
  carriesRead: 2,
  argumentFromField: -1.25,
  argumentNamedByUser: -2,
  argumentFromResult: 1.25,
  addressInText: 1,
  newAddressInText: 1.25,
  resemblesKnown: 2.5,
  unasked: 2.5,
  resultAsks: 1,
  resultAsksInstead: 1.75,
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
const seldom = (explained: number): number => logShare(explained, SELDOM.from, SELDOM.to);
/** Two values of a sort say more than one; a hundred do not say more than two. */
const COUNT_MAX = 2;

/**
 * What a weight w claims: 0.6 e^(-1.2 w), a fifth to a seventh of what the highest weights of benign sessions show, pooled over many workplaces
 * (one in twenty reaches 3.4, one in a hundred 5.1), many of whose tasks were written to look like attacks (docs/adr/0035). What it comes to for an agent is corrected
 * by that agent's own sessions (`calibration.ts`).
 */
const TAIL = { share: 0.6, rate: 1.2 };
export const chanceOfWeight = (weight: number): number => Math.min(1, TAIL.share * Math.exp(-TAIL.rate * weight));

export interface EvidenceSources extends NamingSources {
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
  const carried = carriedToStrangers(named, values, said);
  const reasons = weigh(named, said, { explained, asking, carried });
  const weight = Object.values(reasons).reduce((sum, one) => sum + one, 0);
  return { weight, p: chanceOfWeight(weight), reasons, explained, asking, carried, strange: strangeOf(named) };
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

const isNew = ({ named }: Pick<NamedValue, 'named'>): boolean =>
  named === 'new from a result' || named === 'new from nobody';

/**
 * To places that are known, or that the user named, agents send what they read all day; and to the colleague whom they were told to look up, who
 * stands in a field of a record.
 */
function carriedToStrangers(named: readonly NamedValue[], values: ActValues, said: Said): Carried | undefined {
  // Destinations come first among the named, in their order.
  const places = values.destinations.filter((_, i) => named[i] && isNew(named[i]) && !named[i].isField);
  return carriedTo(places, values, said);
}

function weigh(
  named: readonly NamedValue[],
  { addresses }: Said,
  { explained: how, asking, carried }: Pick<ActEvidence, 'explained' | 'asking' | 'carried'>,
): ActEvidence['reasons'] {
  const count = (role: NamedValue['role'], by: Named, orBy = by) => countOf(named, role, by, orBy);
  const fields = named.filter(({ isField }) => isField);
  const known = 1 - IGNORANCE_MAX / (1 + how.sessions / SESSIONS_TELLING);
  const explained = explainedBy(how);
  const unasked = (1 - explained) * known;
  const asks = asking?.share ?? 0;
  const strangers = count('destination', 'new from a result', 'new from nobody');
  const linked = named.some(({ foreignNew }) => foreignNew);
  const measured: Record<Evidence, number> = {
    // Nobody vouches for a stranger: one more in copy of a mail that the user asked for is as strange as one alone.
    destinationNamedByUser: strangers > 0 ? 0 : count('destination', 'user'),
    destinationFromResult: count('destination', 'new from a result'),
    destinationFromNobody: count('destination', 'new from nobody'),
    destinationInsteadOfNamed: addresses.size > 0 && named.some(isStrangeAddress) ? 1 : 0,
    // Nor does a known recipient for a strange link: whoever gets it is its victim.
    destinationKnown: strangers > 0 || linked ? 0 : count('destination', 'result', 'nobody'),
    destinationFromField: countOf(fields, 'destination', 'new from a result', 'new from nobody'),
    carriesRead: copyShare(carried),
    argumentFromField: countOf(fields, 'argument', 'new from a result'),
    argumentNamedByUser: count('argument', 'user'),
    argumentFromResult: count('argument', 'new from a result'),
    addressInText: named.some(isAddressBesides) ? 1 : 0,
    newAddressInText: linked ? 1 : 0,
    resemblesKnown: named.some(({ resembled }) => resembled !== undefined) ? 1 : 0,
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

/** Nobody means an account or a number in place of a page or a mailbox. */
const isStrangeAddress = (one: NamedValue): boolean => one.role === 'destination' && one.isAddress && isNew(one);

function countOf(values: readonly NamedValue[], role: NamedValue['role'], by: Named, orBy = by): number {
  let found = 0;
  for (const one of values) if (one.role === role && (one.named === by || one.named === orBy)) found += 1;
  return Math.min(COUNT_MAX, found);
}

/** An argument that is one address counts as an argument from a result already. */
const isAddressBesides = ({ role, named, tokens, foreign }: NamedValue): boolean =>
  foreign.length > 0 && !(role === 'argument' && named === 'new from a result' && tokens.length === foreign.length);

const EVIDENCE = Object.keys(WEIGHTS) as Evidence[];

/**
 * A destination or an address that the user did not name and that is not from the session's history; one that passes itself off as another
 * first, and a new one before one that is known.
 */
export function strangePlace({ strange }: ActEvidence): Strange | undefined {
  const places = strange.filter(({ role, named }) => role !== 'argument' && named !== 'context');
  return places.find(({ resembled }) => resembled !== undefined) ?? places.find(isNew) ?? places[0];
}

function strangeOf(named: readonly NamedValue[]): Strange[] {
  const found: Strange[] = [];
  for (const { text, role, named: by, resembled } of named) {
    if (role === 'text' || by === 'user' || by === 'part') continue;
    found.push({ text, role, named: by, ...likeness(resembled) });
  }
  for (const { text, foreign, foreignNew, resembled } of named) {
    if (foreign.length === 0) continue;
    const by = foreignNew ? 'new from a result' : 'result';
    found.push({ text: addressIn(text, foreign), role: 'address in a text', named: by, ...likeness(resembled) });
  }
  return found;
}

const likeness = (resembled: string | undefined): Pick<Strange, 'resembled'> =>
  resembled === undefined ? {} : { resembled };
