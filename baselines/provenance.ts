import type { AuditEvent } from '../ingest/event.ts';
import { assembledFrom } from './assembled.ts';
import { earlierSource, mayHaveBeenRead } from './earlier-results.ts';
import type { ResultSource } from './kept-results.ts';
import { fieldKey, readFields } from './record-fields.ts';
import {
  appendResult,
  emptyResultLog,
  firstResult,
  holds,
  type ResultLog,
  restoredResults,
  type StoredResults,
  shrinkResults,
  sourceOf,
} from './result-log.ts';
import { TokenSet } from './statistics/token-set.ts';
import { longRunsRead, readTokens, tokensOf, ungrouped } from './tokens.ts';
import { appendValues, emptyValueLog, restoredValueLog, type ValueLog, valueLogBytes } from './value-log.ts';

/**
 * Where the values of one session came from: the user's own words, history and memory, or the result of a tool.
 *
 * Only hashes are kept (tokens of 32 bits: two different ones collide once in four billion pairs). Of the user's words and of history at
 * most `TOKENS_MAX` tokens each; what comes later is not kept, so that a value that only occurs there counts as unexplained.
 */
export interface Provenance {
  readonly user: TokenSet;
  /** Addresses that the user named, as tokens: the first `ADDRESSES_MAX`. One that is not kept is no less the user's word, but names no other. */
  readonly addresses: TokenSet;
  /** Stems of the words of the user's requests, at most `REQUEST_WORDS_MAX`. */
  readonly request: Set<number>;
  readonly context: TokenSet;
  readonly results: ResultLog;
  /** The session carried at least one prompt: only then does "the user did not name it" mean anything. */
  promptSeen: boolean;
  /** Values that were a field of a result by themselves, as keys; at most `FIELDS_MAX`, then the older half goes; absent until there is one. */
  fields?: TokenSet;
  /** Long values that results held, and what has left of them; absent until there is one. */
  values?: ValueLog;
}

/** Where a value came from. `unexplained`: in no text of the session. `unknown`: the session carried no texts to look in. */
export type Origin =
  | { readonly kind: 'user' | 'context' | 'unexplained' | 'unknown' }
  | {
      readonly kind: 'result';
      readonly source: ResultSource;
      /** It was a field of a result by itself; see `record-fields.ts`. */
      readonly isField?: true;
    };

/** As many as 2,048 and 1,024 places are enough for (`token-set.ts`): of the user's words and of history only those that were many first may be more. */
const TOKENS_MAX = 1638;
const TOKENS_BESIDE_MANY_MAX = 819;
const maxBeside = (other: TokenSet): number =>
  other.size > TOKENS_BESIDE_MANY_MAX ? TOKENS_BESIDE_MANY_MAX : TOKENS_MAX;
const ADDRESSES_MAX = 256;
const FIELDS_MAX = 512;
/** The words of a long request are not more telling than these: further ones are not kept. */
const REQUEST_WORDS_MAX = 128;
/** What all texts of a session may take. Results have what the others leave: these are small as a rule, and no attacker's. */
const TEXT_BYTES_MAX = 31 * 1024;

export const emptyProvenance = (): Provenance => ({
  user: new TokenSet(TOKENS_MAX),
  addresses: new TokenSet(ADDRESSES_MAX),
  request: new Set(),
  context: new TokenSet(TOKENS_MAX),
  results: emptyResultLog(),
  promptSeen: false,
});

/** How much a session had heard and read: texts are only ever added, so that what was made of as much is still true. */
export interface Heard {
  readonly provenance: Readonly<Provenance>;
  readonly user: number;
  readonly addresses: number;
  readonly request: number;
  readonly context: number;
  readonly results: Int32Array;
  readonly promptSeen: boolean;
}

export const heardSoFar = (provenance: Readonly<Provenance>): Heard => ({
  provenance,
  user: provenance.user.size,
  addresses: provenance.addresses.size,
  request: provenance.request.size,
  context: provenance.context.size,
  results: provenance.results.tokens,
  promptSeen: provenance.promptSeen,
});

export const heardNoMore = (before: Heard, provenance: Readonly<Provenance>): boolean =>
  before.provenance === provenance &&
  before.user === provenance.user.size &&
  before.addresses === provenance.addresses.size &&
  before.request === provenance.request.size &&
  before.context === provenance.context.size &&
  before.results === provenance.results.tokens &&
  before.promptSeen === provenance.promptSeen;

/** As a state that was read back has it: with sets of any sort. */
export type StoredProvenance = Omit<Provenance, Restored> &
  Record<Exclude<TokenSets, 'fields'>, Iterable<number>> & {
    readonly fields?: Iterable<number>;
    readonly results: StoredResults;
  };
type TokenSets = 'user' | 'addresses' | 'context' | 'fields';
type Restored = TokenSets | 'results';

/** Fields keep their order: a state is stored again as it was read. */
export function restoredProvenance(stored: StoredProvenance): Provenance {
  const restored = {
    ...stored,
    user: restoredSet(TOKENS_MAX, stored.user),
    addresses: restoredSet(ADDRESSES_MAX, stored.addresses),
    context: restoredSet(TOKENS_MAX, stored.context),
    results: restoredResults(stored.results),
  };
  if (stored.values !== undefined) restored.values = restoredValueLog(stored.values);
  if (stored.fields !== undefined) restored.fields = restoredSet(FIELDS_MAX, stored.fields);
  return restored as Provenance;
}

/** All that was stored, by whatever limits. */
function restoredSet(max: number, stored: Iterable<number>): TokenSet {
  const hashes = [...stored];
  return new TokenSet(Math.max(max, hashes.length), hashes);
}

/** A session that ended sends nothing more: where its values came from takes up room for nothing. The request is still to be learned. */
export function forgetTexts(provenance: Provenance): void {
  provenance.user.clear();
  provenance.addresses.clear();
  provenance.context.clear();
  delete provenance.results.earlier;
  Object.assign(provenance.results, emptyResultLog());
  delete provenance.values;
  delete provenance.fields;
}

/** Takes in the texts of an event, after the event itself was scored. */
export function recordTexts(provenance: Provenance, event: AuditEvent): void {
  if (event.content === undefined) return;
  takeTexts(provenance, event, event.content);
  shrinkResults(provenance.results, roomForResults(provenance));
}

function roomForResults({ user, addresses, context, results, fields, values }: Readonly<Provenance>): number {
  const sets = [user, addresses, context, fields, results.earlier?.tokens];
  let room = TEXT_BYTES_MAX - (values === undefined ? 0 : valueLogBytes(values));
  for (const set of sets) room -= set?.bytes ?? 0;
  return room;
}

function takeTexts(provenance: Provenance, event: AuditEvent, content: NonNullable<AuditEvent['content']>): void {
  if (content.prompt !== undefined) recordPrompt(provenance, content.prompt);
  if (content.context !== undefined) addTokens(provenance, content.context);
  if (content.system !== undefined) addTokens(provenance, content.system);
  if (content.result === undefined || event.action.type === 'model_call') return;
  const external = event.resources?.some((resource) => resource.origin === 'external') ?? false;
  const source = { event: event.id, action: event.action.name, external };
  appendResult(provenance.results, source, content.result, roomForResults(provenance));
  // Where strangers write the records, a field says no more than prose.
  if (!external) recordFields(provenance, content.result);
  const runs = longRunsRead();
  if (runs.count === 0) return;
  provenance.values ??= emptyValueLog();
  appendValues(provenance.values, source, runs);
}

function recordFields(provenance: Provenance, result: string): void {
  let fields = provenance.fields ?? new TokenSet(FIELDS_MAX);
  readFields(result, (key) => {
    if (fields.isFull && !fields.has(key)) fields = new TokenSet(FIELDS_MAX, [...fields].slice(-FIELDS_MAX / 2));
    fields.add(key);
  });
  if (fields.size > 0) provenance.fields = fields;
}

/** Whether a value was all of a field of a result. */
export function isField({ fields }: Readonly<Pick<Provenance, 'fields'>>, value: string): boolean {
  if (fields === undefined) return false;
  const key = fieldKey(value);
  return key !== undefined && fields.has(key);
}

/** Also for the event at hand: a tool call may carry the prompt it serves. */
export function recordPrompt(
  provenance: Pick<Provenance, 'user' | 'addresses' | 'request' | 'context' | 'promptSeen'>,
  prompt: string,
): void {
  const { user, addresses: named, request } = provenance;
  const max = maxBeside(provenance.context);
  provenance.promptSeen = true;
  if (user.size >= max && request.size >= REQUEST_WORDS_MAX) return;
  const { tokenCount, tokens, addresses, wordCount, stems } = readTokens(prompt, true);
  for (let i = 0; i < tokenCount && user.size < max; i++) {
    user.add(tokens[i] ?? 0);
    if (addresses[i] === 1) named.add(tokens[i] ?? 0);
  }
  for (let i = 0; i < wordCount && request.size < REQUEST_WORDS_MAX; i++) request.add((stems[i] ?? 0) >>> 0);
}

function addTokens({ user, context }: Provenance, text: string): void {
  const max = maxBeside(user);
  // The histories of a long session say nothing more that is kept.
  if (context.size >= max) return;
  const { tokenCount, tokens } = readTokens(text, false);
  if (max === TOKENS_MAX) context.addAll(tokens, tokenCount);
  else for (let i = 0; i < tokenCount && context.size < max; i++) context.add(tokens[i] ?? 0);
}

/**
 * Where `value` came from. What the user named stays the user's even when a tool repeated it. A prompt in the event at hand
 * counts: a tool call may carry it.
 */
export function originOf(provenance: Readonly<Provenance>, value: string, event: AuditEvent): Origin {
  const promptNow = event.content?.prompt;
  if (promptNow === undefined && hasNoTexts(provenance)) return UNKNOWN;
  const tokens = asRead(provenance, value);
  if (tokens.length === 0) return UNKNOWN;
  const has = (known: TokenSet) => tokens.every((token) => known.has(token));
  if (has(provenance.user)) return { kind: 'user' };
  if (promptNow !== undefined && tokensIn(promptNow, tokens)) return { kind: 'user' };
  if (has(provenance.context)) return { kind: 'context' };
  const source =
    resultHolding(provenance, tokens) ??
    resultCompleting(provenance, value, tokens) ??
    resultForgotten(provenance, value);
  if (source !== undefined) return { kind: 'result', source, ...(isField(provenance, value) ? { isField: true } : {}) };
  return { kind: provenance.promptSeen || promptNow !== undefined ? 'unexplained' : 'unknown' };
}

/** A number in groups may have been read without them. */
function asRead({ user, context, results }: Readonly<Provenance>, value: string): readonly number[] {
  const whole = ungrouped(value);
  return whole !== undefined && (user.has(whole) || context.has(whole) || holds(results, whole))
    ? [whole]
    : tokensOf(value);
}

const UNKNOWN: Origin = { kind: 'unknown' };

const hasNoTexts = ({ user, context, results, promptSeen }: Readonly<Provenance>): boolean =>
  !promptSeen && user.size === 0 && context.size === 0 && results.tokens.length === 0 && results.earlier === undefined;

function tokensIn(text: string, tokens: readonly number[]): boolean {
  const read = readTokens(text, true);
  const present = read.tokens.subarray(0, read.tokenCount);
  return tokens.every((token) => present.includes(token | 0));
}

/** The latest of the results in which the tokens first appeared: only from then on was the whole value known. */
function resultHolding(provenance: Readonly<Provenance>, tokens: readonly number[]): ResultSource | undefined {
  let latest = -1;
  for (const token of tokens) {
    const place = firstResult(provenance.results, token);
    if (place < 0) {
      // A value may be put together from the user's words and a result: the part from the result decides.
      if (provenance.user.has(token) || provenance.context.has(token)) continue;
      return undefined;
    }
    latest = Math.max(latest, place);
  }
  return sourceOf(provenance.results, latest);
}

/** The result with which an address was complete that stands in none of them as a whole. */
function resultCompleting({ results }: Readonly<Provenance>, value: string, tokens: readonly number[]) {
  const place = tokens.length === 1 ? assembledFrom(results, bareAddress(value)) : -1;
  return sourceOf(results, place);
}

const resultForgotten = ({ results: { earlier } }: Readonly<Provenance>, value: string) =>
  earlier !== undefined && mayHaveBeenRead(earlier, value, /@|\w\.[a-z]/i.test(value))
    ? earlierSource(earlier)
    : undefined;

/** Without what a link has around the address. */
export const bareAddress = (value: string): string => value.replace(/^(?:mailto:|[a-z]+:\/\/)|\/+$/gi, '');
