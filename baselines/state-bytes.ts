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
export function sessionBytes({ pending, resources, provenance }: Readonly<SessionState>): number {
  const { user, addresses, request, context, results, values, fields } = provenance;
  const hashes = user.size + addresses.size + request.size + context.size + (fields?.size ?? 0);
  const said = results.tokens.byteLength + results.wordCounts.byteLength + results.words.byteLength;
  const listed = resources.size * THING_BYTES + results.results.length * THING_BYTES;
  const kept = values === undefined ? 0 : values.stretches.byteLength + values.values.length * VALUE_BYTES;
  return SESSION_BYTES + pending.length * EVENT_BYTES + hashes * HASH_BYTES + said + listed + kept;
}

/** Tables, sums and sketches of an agent that is known well; slots of detectors. */
const STATE_BYTES = 40 * 1024;
const THING_BYTES = 256;
const REQUEST_BYTES = 2048;
const SESSION_BYTES = 3 * 1024;
const EVENT_BYTES = 768;
const HASH_BYTES = 32;
/** A long value, with what has left of it. */
const VALUE_BYTES = 512;
