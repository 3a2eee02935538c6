import type { Store } from '../store/store.ts';
import type { AgentState } from './agent-state.ts';
import type { AgentKey, StateRepository } from './state-cache.ts';
import { decodeState, encodeState, type SlotCodec, STATE_FORMAT } from './state-codec.ts';

/** Up to this position, the state of every agent of the partition is stored. */
export interface Checkpoint {
  readonly position: number;
  readonly lastTickMs: number;
}

/** A state, and the partition of the log that its agent is in. */
export interface PlacedState {
  readonly partition: number;
  readonly state: AgentState;
}

export interface StateStore extends StateRepository {
  /** Newest stored state of every agent of the partition, some hundred at a time. */
  all(partition: number): AsyncIterable<AgentState[]>;
  /** Writes states of any partitions in one durable insert. */
  place(states: readonly PlacedState[]): Promise<void>;
  latestCheckpoint(partition: number): Promise<Checkpoint | undefined>;
  /** Call after every changed state was saved: without this row the saved states still stand, but replay starts earlier. */
  writeCheckpoint(partition: number, checkpoint: Checkpoint, agents: number, nowMs: number): Promise<void>;
  /** Deletes states that a newer one of the same agent has replaced, up to the given position. */
  prune(partition: number, beforePosition: number): Promise<void>;
}

interface StateRow {
  position: number;
  format: number;
  state: string;
}

export function createStateStore(store: Store, codec: SlotCodec, build: string): StateStore {
  return {
    async load(partition, keys) {
      const rows = await store.query<StateRow>(LOAD, { partition, ...columns(keys) });
      return rows.map((row) => decodeState(row.state, Number(row.format), codec));
    },
    save: (partition, states) =>
      store.insert(
        'agent_state',
        states.map((state) => rowOf(partition, state, codec)),
      ),
    async *all(partition) {
      for await (const keys of store.stream<AgentKey>(KEYS, { partition })) {
        for (const chunk of chunksOf(keys)) {
          const rows = await store.query<StateRow>(LOAD, { partition, ...columns(chunk) });
          yield rows.map((row) => decodeState(row.state, Number(row.format), codec));
        }
      }
    },
    place: (states) =>
      store.insert(
        'agent_state',
        states.map(({ partition, state }) => rowOf(partition, state, codec)),
      ),
    async latestCheckpoint(partition) {
      const [row] = await store.query<{ position: number; lastTickMs: number }>(LATEST, { partition });
      return row === undefined ? undefined : { position: Number(row.position), lastTickMs: Number(row.lastTickMs) };
    },
    writeCheckpoint: (partition, { position, lastTickMs }, agents, nowMs) =>
      store.insert('checkpoints', [
        { partition, position, time: nowMs, build, format: STATE_FORMAT, agents, last_tick: lastTickMs },
      ]),
    prune: (partition, beforePosition) => store.command(PRUNE, { partition, beforePosition }),
  };
}

const CHUNK = 200;

/** Keys that can be asked for together: one tenant's, or the answer would hold every pair of their tenants and agents. */
function chunksOf(keys: readonly AgentKey[]): AgentKey[][] {
  const chunks: AgentKey[][] = [];
  for (const key of keys) {
    const chunk = chunks.at(-1);
    if (chunk !== undefined && chunk.length < CHUNK && chunk[0]?.tenant === key.tenant) chunk.push(key);
    else chunks.push([key]);
  }
  return chunks;
}

const columns = (keys: readonly AgentKey[]) => ({
  tenants: [...new Set(keys.map(({ tenant }) => tenant))],
  agents: [...new Set(keys.map(({ agent }) => agent))],
});

const rowOf = (partition: number, state: AgentState, codec: SlotCodec) => ({
  tenant: state.tenant,
  partition,
  agent: state.agent,
  position: state.position,
  format: STATE_FORMAT,
  state: encodeState(state, codec),
});

// A state is stored only when its position is durable in the log, so the newest is always right, checkpoint or not.
const LOAD = `
  SELECT position, format, state FROM agent_state
  WHERE partition = {partition:UInt32} AND tenant IN {tenants:Array(String)} AND agent IN {agents:Array(String)}
  ORDER BY tenant, agent, position DESC
  LIMIT 1 BY tenant, agent`;

// The keys first: states are large, and the engine would sort all of them at once.
const KEYS = `
  SELECT DISTINCT tenant, agent FROM agent_state WHERE partition = {partition:UInt32} ORDER BY tenant, agent`;

const LATEST = `
  SELECT position, toUnixTimestamp64Milli(last_tick) AS lastTickMs FROM checkpoints
  WHERE partition = {partition:UInt32} ORDER BY position DESC LIMIT 1`;

const PRUNE = `
  DELETE FROM agent_state WHERE partition = {partition:UInt32} AND position < {beforePosition:UInt64}
    AND (tenant, agent, position) NOT IN (
      SELECT tenant, agent, max(position) FROM agent_state
      WHERE partition = {partition:UInt32} AND position <= {beforePosition:UInt64} GROUP BY tenant, agent)`;
