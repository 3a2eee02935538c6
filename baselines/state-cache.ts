import { PartitionTaken } from '../ingest/log.ts';
import { type AgentState, emptyAgentState } from './agent-state.ts';

export interface AgentKey {
  readonly tenant: string;
  readonly agent: string;
}

/** Where states rest while they are not in memory. */
export interface StateRepository {
  /** Newest stored state of each agent that has one. */
  load(partition: number, keys: readonly AgentKey[]): Promise<AgentState[]>;
  save(partition: number, states: readonly AgentState[]): Promise<void>;
}

/**
 * States of the agents of one partition that are in use. Beyond `agentsMax` the longest unused are written away and come back on
 * demand without changing a bit.
 */
export interface StateCache {
  /**
   * Makes sure that the states of these agents are in memory; new agents get an empty one. Rejects with `PartitionTaken` when a stored
   * state has taken in `before` or more: only another owner of the partition can have written it.
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
  readonly size: number;
}

const SAVE_CHUNK = 200;

export const cacheKey = ({ tenant, agent }: AgentKey): string => `${tenant}\u0000${agent}`;

export function createStateCache(partition: number, repository: StateRepository, agentsMax: number): StateCache {
  // A Map keeps insertion order: re-inserting on use makes its first entry the longest unused.
  const states = new Map<string, AgentState>();
  const dirty = new Set<string>();

  async function ensure(keys: readonly AgentKey[], before: number): Promise<void> {
    const missing = new Map(keys.filter((key) => !states.has(cacheKey(key))).map((key) => [cacheKey(key), key]));
    if (missing.size === 0) return;
    for (const state of await repository.load(partition, [...missing.values()])) {
      if (state.position >= before)
        throw new PartitionTaken(`A state of position ${state.position} is stored already.`);
      states.set(cacheKey(state), state);
      missing.delete(cacheKey(state));
    }
    for (const [key, { tenant, agent }] of missing) states.set(key, emptyAgentState(tenant, agent));
  }

  function take(key: AgentKey): AgentState {
    const name = cacheKey(key);
    const state = states.get(name);
    if (state === undefined) throw new Error(`state of agent was not brought in: ${name.length} characters`);
    states.delete(name);
    states.set(name, state);
    dirty.add(name);
    return state;
  }

  async function save(names: readonly string[]): Promise<void> {
    for (let i = 0; i < names.length; i += SAVE_CHUNK) {
      const chunk = names.slice(i, i + SAVE_CHUNK);
      await repository.save(
        partition,
        chunk.flatMap((name) => states.get(name) ?? []),
      );
      for (const name of chunk) dirty.delete(name);
    }
  }

  async function trim(): Promise<void> {
    if (states.size <= agentsMax) return;
    const leaving = [...states.keys()].slice(0, states.size - agentsMax);
    await save(leaving.filter((name) => dirty.has(name)));
    for (const name of leaving) states.delete(name);
  }

  return {
    ensure,
    take,
    trim,
    async peek(key) {
      return states.get(cacheKey(key)) ?? (await repository.load(partition, [key]))[0];
    },
    async flush() {
      const names = [...dirty];
      await save(names);
      return names.length;
    },
    get size() {
      return states.size;
    },
  };
}
