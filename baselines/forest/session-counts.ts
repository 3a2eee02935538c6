import type { AuditEvent } from '../../ingest/event.ts';
import type { AgentState } from '../agent-state.ts';
import { type FamiliarKind, READY_SESSIONS } from '../baseline.ts';
import { acquaintance } from '../familiarity.ts';
import { destinationKey } from '../learned-event.ts';
import type { Sums } from '../measures.ts';
import { DAY_MS } from '../periods.ts';
import type { SessionState } from '../session-state.ts';
import { fnv1a } from '../statistics/bounded-key.ts';
import { levelOf, type Vector } from './features.ts';

/** What the session's own state does not tell, counted as events are taken in. Names are kept as 32-bit hashes. */
export interface SessionCounts {
  /** When the session opened: a name that comes back is another session. No position, which a log that was moved has others of. */
  readonly openedMs: number;
  readonly names: Record<NameKind, Set<number>>;
  failures: number;
  acts: number;
  /** Names that were new to the agent when the session first used them. */
  news: number;
}

export const NAME_KINDS = ['tools', 'endpoints', 'resources', 'destinations'] as const satisfies FamiliarKind[];
export type NameKind = (typeof NAME_KINDS)[number];

/** Of each kind; further names are not counted. */
export const NAMES_MAX = 64;

export const emptyCounts = (openedMs: number): SessionCounts => ({
  openedMs,
  names: { tools: new Set(), endpoints: new Set(), resources: new Set(), destinations: new Set() },
  failures: 0,
  acts: 0,
  news: 0,
});

const ACTS: ReadonlySet<string> = new Set(['send', 'data_write', 'execute', 'delegate']);
const SENSITIVE: ReadonlySet<string | undefined> = new Set(['confidential', 'restricted']);
/** A session's state remembers so many; the forest need not tell more apart. */
const SENSITIVE_MAX = 16;

/** Must run before the event's session and its baseline have changed by it. `changed`: new things are expected. */
export function countEvent(
  counts: SessionCounts,
  event: AuditEvent,
  state: Readonly<AgentState>,
  changed: boolean,
): void {
  const judged = tellsNews(state, changed);
  for (const kind of NAME_KINDS) {
    // Nearly all names were used before.
    const fresh = freshNames(event, kind, counts);
    if (fresh.length === 0) continue;
    if (judged) counts.news += newOf(fresh, kind, state);
    for (const name of fresh) counts.names[kind].add(fnv1a(name));
  }
  counts.failures += failures(event);
  counts.acts += acts(event);
}

/** What a session's vector is made of beside its counts: its own state, and the event that is about to enter it. */
export interface SessionSoFar {
  readonly state: Readonly<AgentState>;
  /** Undefined for its first event. */
  readonly session: Readonly<SessionState> | undefined;
  /** With the event. */
  readonly inSession: Readonly<Sums>;
  readonly timeMs: number;
  readonly changed: boolean;
}

/** A vector of the session with this event; nothing is changed. */
export function vectorWith(event: AuditEvent, counts: Readonly<SessionCounts>, so: SessionSoFar): Vector {
  const { session, inSession, timeMs, state } = so;
  const judged = tellsNews(state, so.changed);
  let { news } = counts;
  const used = (kind: NameKind): number => {
    const fresh = freshNames(event, kind, counts);
    if (judged) news += newOf(fresh, kind, state);
    return counts.names[kind].size + fresh.length;
  };
  const names = [used('tools'), used('endpoints'), used('resources'), used('destinations')] as const;
  const minutes = minutesOf(session?.openedMs ?? timeMs, Math.max(session?.lastMs ?? 0, timeMs));
  const reads = (session?.sensitive.length ?? 0) + sensitiveReads(event);
  return vectorOf(inSession, names, counts.failures + failures(event), counts.acts + acts(event), reads, news, minutes);
}

/** The vector of a finished session. */
export function finalVector(counts: Readonly<SessionCounts>, session: Readonly<SessionState>): Vector {
  const { tools, endpoints, resources, destinations } = counts.names;
  const names = [tools.size, endpoints.size, resources.size, destinations.size] as const;
  const minutes = minutesOf(session.openedMs, session.lastMs);
  return vectorOf(session.sums, names, counts.failures, counts.acts, session.sensitive.length, counts.news, minutes);
}

/** In the order of `FEATURE_NAMES`, written out: this runs for every event. */
const vectorOf = (
  sums: Readonly<Sums>,
  [tools, endpoints, resources, destinations]: readonly [number, number, number, number],
  failed: number,
  acting: number,
  sensitive: number,
  news: number,
  minutes: number,
): Vector => [
  levelOf(sums.events),
  levelOf(sums.rows),
  levelOf(sums.bytes_received),
  levelOf(sums.bytes_sent),
  levelOf(sums.tokens),
  levelOf(sums.cost_micro_usd),
  levelOf(tools),
  levelOf(endpoints),
  levelOf(resources),
  levelOf(destinations),
  levelOf(failed),
  levelOf(acting),
  levelOf(Math.min(SENSITIVE_MAX, sensitive)),
  levelOf(news),
  levelOf(minutes),
];

const minutesOf = (fromMs: number, toMs: number): number => Math.floor(Math.max(0, toMs - fromMs) / 60_000);

const failures = ({ outcome }: AuditEvent): number => (outcome === 'failure' || outcome === 'denied' ? 1 : 0);

const acts = ({ action }: AuditEvent): number => (ACTS.has(action.type) ? 1 : 0);

const sensitiveReads = ({ resources }: AuditEvent): number =>
  resources === undefined ? 0 : resources.filter(({ classification }) => SENSITIVE.has(classification)).length;

/** Nobody knows yet what is new to an agent that is not known; after a release new things are expected. */
const tellsNews = ({ baseline }: Readonly<AgentState>, changed: boolean): boolean =>
  baseline.sessionsEver >= READY_SESSIONS && !changed;

const newOf = (names: readonly string[], kind: NameKind, { baseline }: Readonly<AgentState>): number =>
  names.filter((name) => acquaintance(baseline.familiar[kind], name) === 'new').length;

const NONE: readonly string[] = [];

const isUnnamed = ({ resources, destinations }: AuditEvent, kind: NameKind): boolean =>
  (kind === 'resources' && resources === undefined) || (kind === 'destinations' && destinations === undefined);

/** Names the session has not used yet, each once, as far as there is room. */
function freshNames(event: AuditEvent, kind: NameKind, { names }: Readonly<SessionCounts>): readonly string[] {
  if (isUnnamed(event, kind)) return NONE;
  const known = names[kind];
  const room = NAMES_MAX - known.size;
  if (room === 0) return NONE;
  if (kind === 'tools' || kind === 'endpoints') {
    const name = kind === 'tools' ? event.action.name : event.endpoint;
    return known.has(fnv1a(name)) ? NONE : [name];
  }
  const named =
    kind === 'resources' ? event.resources?.map(({ name }) => name) : event.destinations?.map(destinationKey);
  const fresh = (named ?? NONE).filter((name) => !known.has(fnv1a(name)));
  return fresh.length <= 1 ? fresh : [...new Set(fresh)].slice(0, room);
}

/** Within a day of a release: as `View.changed` says of an event, for one that has been noted already. */
export const isReleaseFresh = ({ baseline }: Readonly<AgentState>, timeMs: number): boolean =>
  baseline.releasedMs > 0 && timeMs - baseline.releasedMs < DAY_MS;
