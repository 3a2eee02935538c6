import { PartitionTaken } from '../ingest/log.ts';
import type { SeenIds } from '../ingest/seen-ids.ts';
import { type AgentState, emptyAgentState } from './agent-state.ts';
import { isEstablished } from './baseline.ts';
import { estimateBytes } from './state-bytes.ts';

export interface AgentKey {
  readonly tenant: string;
  readonly agent: string;
}

/** Where states rest while they are not in memory. */
export interface StateRepository {
  /** Newest stored state of each agent that has one. */
  load(partition: number, keys: readonly AgentKey[]): Promise<AgentState[]>;
  save(partition: number, states: readonly AgentState[]): Promise<void>;
  /** Takes the states down as they are now, as rows. */
  takeDown(partition: number, states: readonly AgentState[]): readonly object[];
  /** Stores rows of any number of `takeDown`s at once; may be repeated. */
  write(rows: readonly object[]): Promise<void>;
  /** Up to where the states of the partition are all stored. */
  latestCheckpoint(partition: number): Promise<{ readonly position: number } | undefined>;
}

/** What may be in memory; beyond any of it states are written away. */
export interface CacheLimits {
  readonly agentsMax: number;
  /** Of all states, and of open and held sessions alone, as `estimateBytes` has it. */
  readonly bytesMax: number;
  readonly sessionBytesMax: number;
}

/** Counted since start, over all partitions of the process. */
export interface CacheCounters {
  /** States read back, and states of agents that nobody had seen. */
  statesLoaded: number;
  statesFresh: number;
  /** States that had to leave memory, and those of them that left because open sessions took too much. */
  statesSpilled: number;
  statesSpilledForSessions: number;
}

/**
 * States of the agents of one partition that are in use. What is too much is written away and comes back on demand without changing a bit, so
 * that no verdict depends on what was in memory.
 *
 * Agents that are not known well yet leave first, the longest unused before others: a flood of fresh ids displaces fresh ids. A tenth of the
 * places is theirs whatever happens; what the well-known ones leave free is theirs too.
 */
export interface StateCache {
  /**
   * Makes sure that the states of these agents are in memory; new agents get an empty one. Rejects with `PartitionTaken` when a stored
   * state, or a checkpoint, has taken in `before` or more: only another owner of the partition can have written it.
   */
  ensure(keys: readonly AgentKey[], before: number): Promise<void>;
  /** A state that `ensure` has brought in. Marks it as changed. */
  take(key: AgentKey): AgentState;
  /** A state for reading, wherever it is; undefined for an agent nobody has seen. */
  peek(key: AgentKey): Promise<AgentState | undefined>;
  /** Writes away what is too much. Call only when everything the states have taken in is stored. */
  trim(): Promise<void>;
  /** Writes every changed state. */
  flush(): Promise<number>;
  /** The states that have changed by now, to be written some at a time. */
  beginFlush(): StateFlush;
  readonly size: number;
  /** Agents in memory that are known well. */
  readonly established: number;
  readonly bytes: number;
  readonly sessionBytes: number;
}

/** Changed states on their way into the store, beside other work. */
export interface StateFlush {
  /**
   * Takes down the next states, until they weigh so much by `estimateBytes`; at least one, so that a single large state can be more. Undefined
   * when all have been. Call only when everything the states have taken in is stored. A state that has changed again is taken down as it is
   * now.
   */
  next(bytesMax: number): TakenStates | undefined;
  /** One insert; may be repeated. */
  write(taken: readonly TakenStates[]): Promise<void>;
  readonly count: number;
}

/** States as they were at one moment, on their way into the store. */
export interface TakenStates {
  readonly rows: readonly object[];
  readonly bytes: number;
  /** They are stored: those that have not changed since need not be written again. */
  settled(): void;
}

const SAVE_CHUNK = 500;
/** When room is made, then for some more: one insert for many states instead of one in every batch. */
const SLACK_SHARE = 0.02;
/** Places that are kept for agents that are not known well. */
const PROBATION_SHARE = 0.1;

interface Entry {
  readonly name: string;
  readonly state: AgentState;
  bytes: number;
  sessionBytes: number;
  established: boolean;
  /** Batches that have changed it. */
  changes: number;
  /** Taken since the last `trim`. */
  taken: boolean;
}

export const cacheKey = ({ tenant, agent }: AgentKey): string => `${tenant}\u0000${agent}`;

export const emptyCacheCounters = (): CacheCounters => ({
  statesLoaded: 0,
  statesFresh: 0,
  statesSpilled: 0,
  statesSpilledForSessions: 0,
});

/**
 * @param known every agent of the partition that may have a stored state, and gets every agent that comes: nobody else is looked up.
 *   Absent: nothing is known of who is stored
 */
export function createStateCache(
  partition: number,
  repository: StateRepository,
  limits: CacheLimits,
  known: Pick<SeenIds, 'add' | 'maybeSeen'> = EVERYBODY,
  counters: CacheCounters = emptyCacheCounters(),
): StateCache {
  // A Map keeps insertion order: re-inserting on use makes its first entry the longest unused.
  const probation = new Map<string, Entry>();
  const established = new Map<string, Entry>();
  const dirty = new Set<Entry>();
  let taken: Entry[] = [];
  let bytes = 0;
  let sessionBytes = 0;

  const find = (name: string): Entry | undefined => established.get(name) ?? probation.get(name);
  const segmentOf = (entry: Entry): Map<string, Entry> => (entry.established ? established : probation);

  async function ensure(keys: readonly AgentKey[], before: number): Promise<void> {
    const missing = new Map<string, AgentKey>();
    for (const key of keys) {
      const name = cacheKey(key);
      if (find(name) === undefined) missing.set(name, key);
    }
    if (missing.size === 0) return;
    const wanted = missing.size;
    const stored = [...missing.values()].filter(({ tenant, agent }) => known.maybeSeen(tenant, agent, ''));
    for (const state of stored.length === 0 ? [] : await repository.load(partition, stored)) {
      if (state.position >= before)
        throw new PartitionTaken(`A state of position ${state.position} is stored already.`);
      enter(state);
      counters.statesLoaded += 1;
      missing.delete(cacheKey(state));
    }
    if (stored.length < wanted) await refuseWhenTaken(before);
    for (const { tenant, agent } of missing.values()) {
      enter(emptyAgentState(tenant, agent));
      known.add(tenant, agent, '');
      counters.statesFresh += 1;
    }
  }

  /** Who is not looked up shows nothing of another owner; his checkpoints do. */
  async function refuseWhenTaken(before: number): Promise<void> {
    const position = (await repository.latestCheckpoint(partition))?.position ?? -1;
    if (position >= before) throw new PartitionTaken(`A checkpoint of position ${position} is stored already.`);
  }

  function enter(state: AgentState): void {
    const entry: Entry = {
      name: cacheKey(state),
      state,
      bytes: 0,
      sessionBytes: 0,
      established: isEstablished(state.baseline),
      changes: 0,
      taken: false,
    };
    weigh(entry);
    segmentOf(entry).set(entry.name, entry);
  }

  function weigh(entry: Entry): void {
    const { all, sessions } = estimateBytes(entry.state);
    bytes += all - entry.bytes;
    sessionBytes += sessions - entry.sessionBytes;
    entry.bytes = all;
    entry.sessionBytes = sessions;
  }

  function take(key: AgentKey): AgentState {
    const name = cacheKey(key);
    const entry = find(name);
    if (entry === undefined) throw new Error(`state of agent was not brought in: ${name.length} characters`);
    if (!entry.taken) use(entry);
    return entry.state;
  }

  /** Once a batch: what else it is used for in the batch changes nothing about its place. */
  function use(entry: Entry): void {
    const segment = segmentOf(entry);
    segment.delete(entry.name);
    segment.set(entry.name, entry);
    dirty.add(entry);
    entry.taken = true;
    entry.changes += 1;
    taken.push(entry);
  }

  /** The batch is over: states have grown, and agents have become known. */
  function settle(): void {
    for (const entry of taken) {
      entry.taken = false;
      weigh(entry);
      const isKnown = isEstablished(entry.state.baseline);
      if (isKnown === entry.established) continue;
      segmentOf(entry).delete(entry.name);
      entry.established = isKnown;
      segmentOf(entry).set(entry.name, entry);
    }
    taken = [];
  }

  async function save(entries: readonly Entry[]): Promise<void> {
    for (let i = 0; i < entries.length; i += SAVE_CHUNK) {
      const chunk = entries.slice(i, i + SAVE_CHUNK);
      await repository.save(
        partition,
        chunk.map(({ state }) => state),
      );
      for (const entry of chunk) dirty.delete(entry);
    }
  }

  function beginFlush(): StateFlush {
    const entries = [...dirty];
    let next = 0;
    return {
      count: entries.length,
      next(bytesMax) {
        const part: Entry[] = [];
        let partBytes = 0;
        for (; next < entries.length && partBytes < bytesMax; next += 1) {
          const entry = entries[next];
          // Who has left memory since was written then.
          if (entry === undefined || !dirty.has(entry)) continue;
          part.push(entry);
          partBytes += entry.bytes;
        }
        return part.length === 0 ? undefined : takeDown(part, partBytes);
      },
      async write(taken) {
        await repository.write(taken.flatMap(({ rows }) => rows));
        for (const { settled } of taken) settled();
      },
    };
  }

  function takeDown(entries: readonly Entry[], entryBytes: number): TakenStates {
    const changes = entries.map((entry) => entry.changes);
    const rows = repository.takeDown(
      partition,
      entries.map(({ state }) => state),
    );
    return {
      rows,
      bytes: entryBytes,
      settled() {
        for (const [i, entry] of entries.entries()) if (entry.changes === changes[i]) dirty.delete(entry);
      },
    };
  }

  async function trim(): Promise<void> {
    settle();
    const leaving = leavingEntries();
    if (leaving.length === 0) return;
    await save(leaving.filter((entry) => dirty.has(entry)));
    for (const entry of leaving) {
      segmentOf(entry).delete(entry.name);
      bytes -= entry.bytes;
      sessionBytes -= entry.sessionBytes;
    }
    counters.statesSpilled += leaving.length;
  }

  /** Who has to go until everything is within its limit, and some way below it. */
  function leavingEntries(): Entry[] {
    const count = probation.size + established.size;
    const tooMany = count > limits.agentsMax || bytes > limits.bytesMax;
    if (!tooMany && sessionBytes <= limits.sessionBytesMax) return [];
    const room = 1 - SLACK_SHARE;
    const over = {
      count: tooMany ? count - Math.floor(limits.agentsMax * room) : 0,
      bytes: tooMany ? bytes - limits.bytesMax * room : 0,
      sessions: sessionBytes - limits.sessionBytesMax * room,
    };
    const leaving: Entry[] = [];
    for (const entry of inOrderOfLeaving()) {
      const forRoom = over.count > 0 || over.bytes > 0;
      if (!forRoom && over.sessions <= 0) break;
      if (!forRoom && entry.sessionBytes === 0) continue;
      if (!forRoom) counters.statesSpilledForSessions += 1;
      leaving.push(entry);
      over.count -= 1;
      over.bytes -= entry.bytes;
      over.sessions -= entry.sessionBytes;
    }
    return leaving;
  }

  function* inOrderOfLeaving(): Generator<Entry> {
    const reserve = Math.floor(limits.agentsMax * PROBATION_SHARE);
    let free = Math.max(0, probation.size - reserve);
    const last: Entry[] = [];
    for (const entry of probation.values()) {
      if (free-- > 0) yield entry;
      else last.push(entry);
    }
    yield* established.values();
    yield* last;
  }

  return {
    ensure,
    take,
    trim,
    async peek(key) {
      return find(cacheKey(key))?.state ?? (await repository.load(partition, [key]))[0];
    },
    async flush() {
      const entries = [...dirty];
      await save(entries);
      return entries.length;
    },
    beginFlush,
    get size() {
      return probation.size + established.size;
    },
    get established() {
      return established.size;
    },
    get bytes() {
      return bytes;
    },
    get sessionBytes() {
      return sessionBytes;
    },
  };
}

const EVERYBODY: Pick<SeenIds, 'add' | 'maybeSeen'> = { add: () => {}, maybeSeen: () => true };
