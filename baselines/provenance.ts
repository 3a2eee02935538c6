import type { AuditEvent } from '../ingest/event.ts';
import { eachToken, tokensOf } from './tokens.ts';

/**
 * Where the values of one session came from: the user's own words, history and memory, or the result of a tool.
 *
 * Only token hashes are kept (32 bits: two different tokens collide once in four billion pairs), at most `TOKENS_MAX` a source.
 * At the limit further tokens are not kept: a value that only occurs in them counts as unexplained, which is the suspicious
 * side to err on.
 */
export interface Provenance {
  readonly user: Set<number>;
  readonly context: Set<number>;
  /** Token to index in `results` of the result in which it first appeared. */
  readonly results: Map<number, number>;
  readonly sources: ResultSource[];
  /** The session carried at least one prompt: only then does "the user did not name it" mean anything. */
  promptSeen: boolean;
}

/** A tool result that values were taken from. */
export interface ResultSource {
  readonly event: string;
  readonly action: string;
  /** A touched resource was marked as coming from outside. */
  readonly external: boolean;
}

/** Where a value came from. `unexplained`: in no text of the session. `unknown`: the session carried no texts to look in. */
export type Origin =
  | { readonly kind: 'user' | 'context' | 'unexplained' | 'unknown' }
  | { readonly kind: 'result'; readonly source: ResultSource };

const TOKENS_MAX = 4096;
const SOURCES_MAX = 256;

export const emptyProvenance = (): Provenance => ({
  user: new Set(),
  context: new Set(),
  results: new Map(),
  sources: [],
  promptSeen: false,
});

/** A session that ended sends nothing more: where its values came from takes up room for nothing. */
export function forgetTexts(provenance: Provenance): void {
  for (const tokens of [provenance.user, provenance.context, provenance.results]) tokens.clear();
  provenance.sources.length = 0;
}

/** Takes in the texts of an event, after the event itself was scored. */
export function recordTexts(provenance: Provenance, event: AuditEvent): void {
  const content = event.content;
  if (content === undefined) return;
  if (content.prompt !== undefined) {
    provenance.promptSeen = true;
    addTokens(provenance.user, content.prompt);
  }
  if (content.context !== undefined) addTokens(provenance.context, content.context);
  if (content.system !== undefined) addTokens(provenance.context, content.system);
  if (content.result !== undefined && event.action.type !== 'model_call')
    recordResult(provenance, event, content.result);
}

function addTokens(tokens: Set<number>, text: string): void {
  eachToken(text, (hash) => {
    if (tokens.size < TOKENS_MAX) tokens.add(hash);
  });
}

function recordResult(provenance: Provenance, event: AuditEvent, result: string): void {
  if (provenance.sources.length >= SOURCES_MAX) return;
  const index = provenance.sources.length;
  const external = event.resources?.some((resource) => resource.origin === 'external') ?? false;
  provenance.sources.push({ event: event.id, action: event.action.name, external });
  eachToken(result, (hash) => {
    if (provenance.results.size < TOKENS_MAX && !provenance.results.has(hash)) provenance.results.set(hash, index);
  });
}

/**
 * Where `value` came from. What the user named stays the user's even when a tool repeated it. A prompt in the event at hand
 * counts: a tool call may carry it.
 */
export function originOf(provenance: Readonly<Provenance>, value: string, event: AuditEvent): Origin {
  const tokens = tokensOf(value);
  if (tokens.length === 0) return { kind: 'unknown' };
  const has = (known: ReadonlySet<number>) => tokens.every((token) => known.has(token));
  const promptNow = event.content?.prompt;
  if (has(provenance.user)) return { kind: 'user' };
  if (promptNow !== undefined && tokensIn(promptNow, tokens)) return { kind: 'user' };
  if (has(provenance.context)) return { kind: 'context' };
  const source = resultHolding(provenance, tokens);
  if (source !== undefined) return { kind: 'result', source };
  return { kind: provenance.promptSeen || promptNow !== undefined ? 'unexplained' : 'unknown' };
}

function tokensIn(text: string, tokens: readonly number[]): boolean {
  const present = new Set<number>();
  eachToken(text, (hash) => present.add(hash));
  return tokens.every((token) => present.has(token));
}

/** The latest of the results in which the tokens first appeared: only from then on was the whole value known. */
function resultHolding(provenance: Readonly<Provenance>, tokens: readonly number[]): ResultSource | undefined {
  let latest = -1;
  for (const token of tokens) {
    const index = provenance.results.get(token);
    if (index === undefined) {
      // A value may be put together from the user's words and a result: the part from the result decides.
      if (provenance.user.has(token) || provenance.context.has(token)) continue;
      return undefined;
    }
    latest = Math.max(latest, index);
  }
  return latest < 0 ? undefined : provenance.sources[latest];
}
