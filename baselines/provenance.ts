import type { AuditEvent } from '../ingest/event.ts';
import { assembledFrom } from './assembled.ts';
import { KeptResults, type ResultSource } from './kept-results.ts';
import { fieldKey, readFields } from './record-fields.ts';
import { appendResult, emptyResultLog, firstResult, holds, type ResultLog } from './result-log.ts';
import { TokenSet } from './statistics/token-set.ts';
import { longRunsRead, readTokens, tokensOf, ungrouped } from './tokens.ts';
import { appendValues, emptyValueLog, restoredValueLog, type ValueLog } from './value-log.ts';

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

/** As many as 4,096 places are enough for (`token-set.ts`): 21 KiB of memory, where 4,096 tokens took 33. */
const TOKENS_MAX = 3276;
const ADDRESSES_MAX = 512;
const FIELDS_MAX = 512;
/** The words of a long request are not more telling than these: further ones are not kept. */
const REQUEST_WORDS_MAX = 256;

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
export type StoredProvenance = Omit<Provenance, TokenSets> &
  Record<Exclude<TokenSets, 'fields'>, Iterable<number>> & { readonly fields?: Iterable<number> };
type TokenSets = 'user' | 'addresses' | 'context' | 'fields';

/** Fields keep their order: a state is stored again as it was read. */
export function restoredProvenance(stored: StoredProvenance): Provenance {
  const restored = {
    ...stored,
    user: restoredSet(TOKENS_MAX, stored.user),
    addresses: restoredSet(ADDRESSES_MAX, stored.addresses),
    context: restoredSet(TOKENS_MAX, stored.context),
    results: { ...stored.results, results: new KeptResults(stored.results.results) },
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
  Object.assign(provenance.results, emptyResultLog());
  delete provenance.values;
  delete provenance.fields;
}

/** Takes in the texts of an event, after the event itself was scored. */
export function recordTexts(provenance: Provenance, event: AuditEvent): void {
  const content = event.content;
  if (content === undefined) return;
  if (content.prompt !== undefined) recordPrompt(provenance, content.prompt);
  if (content.context !== undefined) addTokens(provenance.context, content.context);
  if (content.system !== undefined) addTokens(provenance.context, content.system);
  if (content.result === undefined || event.action.type === 'model_call') return;
  const external = event.resources?.some((resource) => resource.origin === 'external') ?? false;
  const source = { event: event.id, action: event.action.name, external };
  appendResult(provenance.results, source, content.result);
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
  provenance: Pick<Provenance, 'user' | 'addresses' | 'request' | 'promptSeen'>,
  prompt: string,
): void {
  const { user, addresses: named, request } = provenance;
  provenance.promptSeen = true;
  if (user.isFull && request.size >= REQUEST_WORDS_MAX) return;
  const { tokenCount, tokens, addresses, wordCount, stems } = readTokens(prompt, true);
  for (let i = 0; i < tokenCount && !user.isFull; i++) {
    user.add(tokens[i] ?? 0);
    if (addresses[i] === 1) named.add(tokens[i] ?? 0);
  }
  for (let i = 0; i < wordCount && request.size < REQUEST_WORDS_MAX; i++) request.add((stems[i] ?? 0) >>> 0);
}

function addTokens(into: TokenSet, text: string): void {
  // The histories of a long session say nothing more that is kept.
  if (into.isFull) return;
  const { tokenCount, tokens } = readTokens(text, false);
  into.addAll(tokens, tokenCount);
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
  const source = resultHolding(provenance, tokens) ?? resultCompleting(provenance, value, tokens);
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
  !promptSeen && user.size === 0 && context.size === 0 && results.tokens.length === 0;

function tokensIn(text: string, tokens: readonly number[]): boolean {
  const read = readTokens(text, true);
  const present = read.tokens.subarray(0, read.tokenCount);
  return tokens.every((token) => present.includes(token | 0));
}

/** The latest of the results in which the tokens first appeared: only from then on was the whole value known. */
function resultHolding(provenance: Readonly<Provenance>, tokens: readonly number[]): ResultSource | undefined {
  let latest = -1;
  for (const token of tokens) {
    const index = firstResult(provenance.results, token);
    if (index < 0) {
      // A value may be put together from the user's words and a result: the part from the result decides.
      if (provenance.user.has(token) || provenance.context.has(token)) continue;
      return undefined;
    }
    latest = Math.max(latest, index);
  }
  return provenance.results.results.at(latest)?.source;
}

/** The result with which an address was complete that stands in none of them as a whole. */
function resultCompleting({ results }: Readonly<Provenance>, value: string, tokens: readonly number[]) {
  const index = tokens.length === 1 ? assembledFrom(results, bareAddress(value)) : -1;
  return results.results.at(index)?.source;
}

/** Without what a link has around the address. */
export const bareAddress = (value: string): string => value.replace(/^(?:mailto:|[a-z]+:\/\/)|\/+$/gi, '');
