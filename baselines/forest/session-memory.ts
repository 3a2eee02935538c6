import type { AgentState } from '../agent-state.ts';
import type { SessionState } from '../session-state.ts';
import { FEATURE_NAMES, type Vector } from './features.ts';
import { emptyCounts, finalVector, NAME_KINDS, type NameKind, type SessionCounts } from './session-counts.ts';

/** What an agent's state keeps for the forest of its kind: counts of open sessions, and vectors of the newest learned ones. */
export interface SessionMemory {
  readonly open: Map<string, SessionCounts>;
  /** Oldest first. */
  recent: Vector[];
}

/** Name of the slot in an agent's state. */
export const FOREST_SLOT = 'isolation-forest';
/** Older vectors leave: so every member of a kind has about the same voice, and its forest follows what it does. */
export const VECTORS_MAX = 32;
/** As many sessions as an agent may have open. */
const OPEN_MAX = 64;

export const emptyMemory = (): SessionMemory => ({ open: new Map(), recent: [] });

/** Counts of the session so far; empty ones for a session that has none. Nothing is changed. */
export function countsOf(memory: Readonly<SessionMemory>, session: Readonly<SessionState> | undefined): SessionCounts {
  const counts = session === undefined ? undefined : memory.open.get(session.key);
  return counts !== undefined && counts.openedMs === session?.openedMs ? counts : emptyCounts(session?.openedMs ?? -1);
}

/** The counts to change. A session's first event also throws out what is left of sessions that closed without being learned. */
export function openCounts(
  memory: SessionMemory,
  session: Readonly<SessionState>,
  state: Readonly<AgentState>,
): SessionCounts {
  const counts = countsOf(memory, session);
  if (memory.open.get(session.key) === counts) return counts;
  for (const key of memory.open.keys()) if (!state.sessions.has(key)) memory.open.delete(key);
  if (memory.open.size >= OPEN_MAX) memory.open.delete(memory.open.keys().next().value ?? '');
  memory.open.delete(session.key);
  memory.open.set(session.key, counts);
  return counts;
}

/** Keeps the vector of a learned session. One that ever alerted is not kept, whatever an analyst said: it need not be usual. */
export function rememberSession(memory: SessionMemory, session: Readonly<SessionState>): void {
  const counts = memory.open.get(session.key);
  if (counts?.openedMs !== session.openedMs) return;
  memory.open.delete(session.key);
  if (session.dismissed || session.alerted.size > 0) return;
  const recent = memory.recent.slice(Math.max(0, memory.recent.length + 1 - VECTORS_MAX));
  recent.push(finalVector(counts, session));
  memory.recent = recent;
}

/** The vectors an agent brings to its kind; none from a build that counted other things. */
export const vectorsOf = ({ slots }: Readonly<AgentState>): readonly Vector[] =>
  (slots.get(FOREST_SLOT) as SessionMemory | undefined)?.recent ?? [];

type StoredCounts = readonly [
  key: string,
  openedMs: number,
  failures: number,
  acts: number,
  news: number,
  ...names: number[][],
];

/** Features by name: a build that counts others starts anew. */
interface StoredMemory {
  readonly features: readonly string[];
  readonly open: readonly StoredCounts[];
  readonly recent: readonly Vector[];
}

export const encodeMemory = ({ open, recent }: Readonly<SessionMemory>): StoredMemory => ({
  features: FEATURE_NAMES,
  open: [...open].map(([key, { openedMs, failures, acts, news, names }]) => [
    key,
    openedMs,
    failures,
    acts,
    news,
    ...NAME_KINDS.map((kind) => [...names[kind]]),
  ]),
  recent,
});

export function decodeMemory(json: unknown): SessionMemory {
  const { features, open, recent } = json as StoredMemory;
  if (features.join() !== FEATURE_NAMES.join()) return emptyMemory();
  return { open: new Map(open.map((stored) => [stored[0], countsFrom(stored)])), recent: [...recent] };
}

function countsFrom([, openedMs, failures, acts, news, ...names]: StoredCounts): SessionCounts {
  const sets = NAME_KINDS.map((kind, i) => [kind, new Set(names[i])]);
  return { openedMs, failures, acts, news, names: Object.fromEntries(sets) as Record<NameKind, Set<number>> };
}
