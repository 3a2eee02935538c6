import type { AgentState } from './agent-state.ts';
import { FAMILIAR_KINDS } from './baseline.ts';
import type { SessionState } from './session-state.ts';

/** What a state takes in memory, in bytes, of which `sessions` are for open and held sessions. */
export interface StateBytes {
  readonly all: number;
  readonly sessions: number;
}

/**
 * Estimates from counts, for limits: asked of every agent of a batch, so nothing is looked through. The weights were fitted to the heap of
 * Node.js 20 with simulated agents, and are meant to be too high rather than too low.
 */
export function estimateBytes(state: Readonly<AgentState>): StateBytes {
  const { baseline } = state;
  let sessions = 0;
  for (const session of state.sessions.values()) sessions += sessionBytes(session);
  for (const { session } of state.held) sessions += sessionBytes(session);
  let things = baseline.transitions.pairs.heap.length + baseline.transitions.tools.heap.length;
  for (const kind of FAMILIAR_KINDS) things += baseline.familiar[kind].things.table.heap.length;
  return { all: STATE_BYTES + things * THING_BYTES + baseline.requests.size * REQUEST_BYTES + sessions, sessions };
}

/** An open or held session. */
export function sessionBytes({
  pending,
  resources,
  provenance,
  sensitive,
  alerted,
  alertIds,
}: Readonly<SessionState>): number {
  const { user, addresses, request, context, results, values, fields } = provenance;
  const hashes = user.size + addresses.size + context.size + (fields?.size ?? 0) + (results.earlier?.tokens.size ?? 0);
  const said = results.tokens.byteLength + results.wordCounts.byteLength + results.words.byteLength;
  const kept = values === undefined ? 0 : 2 * values.stretches.byteLength + VALUES_BYTES + values.values.sourceBytes;
  const lists = pending.bytes + results.results.bytes + kept;
  return (
    SESSION_BYTES +
    GROWTH * said +
    LIST_GROWTH * lists +
    hashes * HASH_BYTES +
    request.size * WORD_BYTES +
    Math.min(resources.size * THING_BYTES, RESOURCES_BYTES_MAX) +
    (sensitive.length + alerted.size + alertIds.size) * THING_BYTES
  );
}

/** Tables, sums and sketches of an agent that is known well; slots of detectors. */
const STATE_BYTES = 40 * 1024;
const THING_BYTES = 256;
const REQUEST_BYTES = 2048;
const SESSION_BYTES = 3 * 1024;
/** Arrays have room for more than is in them: those that double, and those that reach their limit. */
const GROWTH = 2;
const LIST_GROWTH = 1.25;
const HASH_BYTES = 12;
/** In a set, each an object of its own. */
const WORD_BYTES = 32;
/** Beyond some names only hashes are kept; see `distinct-names.ts`. */
const RESOURCES_BYTES_MAX = 12 * 1024;
/** What has left of long values, and by which calls. */
const VALUES_BYTES = 8 * 1024;
