import { OF_THE_LOG } from '../ingest/log-ends.ts';
import { NewerBuild } from '../ingest/newer-build.ts';
import type { Store } from '../store/store.ts';
import type { AgentState } from './agent-state.ts';
import type { AgentKey, StateRepository } from './state-cache.ts';
import { decodeState, encodeState, type SlotCodec, STATE_FORMAT } from './state-codec.ts';
import { summariseState } from './state-summary.ts';

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
  /** Agents with states that were stored as of later than a position; some may come more than once. */
  agentsSince(partition: number, position: number): AsyncIterable<AgentKey[]>;
  /** Writes states of any partitions in one durable insert. */
  place(states: readonly PlacedState[]): Promise<void>;
  /** Rejects with `NewerBuild` when a build that writes a later format has had the partition. */
  latestCheckpoint(partition: number): Promise<Checkpoint | undefined>;
  /** Call after every changed state was saved: without this row the saved states still stand, but replay starts earlier. */
  writeCheckpoint(partition: number, checkpoint: Checkpoint, agents: number, nowMs: number): Promise<void>;
  /**
   * Deletes states that a newer one of the same agent has replaced, up to the given position. One a day stays, for the newest
   * `daysKept` days in which the agent was seen: baselines to go back to.
   */
  prune(partition: number, beforePosition: number): Promise<void>;
  /** By tenant and kind; at most `kindsMax` of each tenant, those with most agents. */
  kinds(sessionsMin: number, kindsMax: number): Promise<KindCount[]>;
  /** Newest states of some agents of a kind that have learned so many sessions; always the same ones, as long as they are there. */
  ofKind(tenant: string, kind: string, sessionsMin: number, agentsMax: number): Promise<AgentState[]>;
}

/** Kinds with agents that are known well enough to be members of a model, and how many they have. */
export interface KindCount {
  readonly tenant: string;
  readonly kind: string;
  readonly agents: number;
}

export interface StateStoreOptions {
  /** Days on which an agent acted of which a state each is kept; 30 when absent. */
  readonly daysKept?: number;
  /** Newest format that this build reads, and the one it writes; a test stands for another build with it. */
  readonly format?: number;
}

const DAYS_KEPT = 30;

interface StateRow {
  position: number;
  format: number;
  state: string;
}

/** States of a later format than this build reads are never touched: every method that meets one rejects with `NewerBuild`. */
export function createStateStore(
  store: Store,
  codec: SlotCodec,
  build: string,
  { daysKept = DAYS_KEPT, format: own = STATE_FORMAT }: StateStoreOptions = {},
): StateStore {
  const decode = ({ state, format }: StateRow): AgentState => {
    assertReadable('A state', Number(format));
    return decodeState(state, Math.min(Number(format), STATE_FORMAT), codec);
  };

  const takeDown: StateStore['takeDown'] = (partition, states) =>
    states.map((state) => rowOf(partition, state, codec, own));
  const write: StateStore['write'] = (rows) => store.insert('agent_state', rows);

  function assertReadable(what: string, format: number): void {
    if (format > own) throw new NewerBuild(what, format, own);
  }

  return {
    async load(partition, keys) {
      const rows = await store.query<StateRow>(LOAD, { partition, ...columns(keys) });
      return rows.map(decode);
    },
    save: (partition, states) => write(takeDown(partition, states)),
    takeDown,
    write,
    async *all(partition) {
      for await (const keys of store.stream<AgentKey>(KEYS, { partition })) {
        for (const chunk of chunksOf(keys)) {
          const rows = await store.query<StateRow>(LOAD, { partition, ...columns(chunk) });
          yield rows.map(decode);
        }
      }
    },
    agentsSince: (partition, position) => store.stream<AgentKey>(SINCE, { partition, position }),
    place: (states) =>
      store.insert(
        'agent_state',
        states.map(({ partition, state }) => rowOf(partition, state, codec, own)),
      ),
    async latestCheckpoint(partition) {
      const [row] = await store.query<{ position: number; lastTickMs: number; format: number }>(LATEST, { partition });
      assertReadable(`The checkpoint of partition ${partition}`, Number(row?.format ?? 0));
      return row === undefined ? undefined : { position: Number(row.position), lastTickMs: Number(row.lastTickMs) };
    },
    writeCheckpoint: (partition, { position, lastTickMs }, agents, nowMs) =>
      store.insert('checkpoints', [
        { partition, position, time: nowMs, build, format: own, agents, last_tick: lastTickMs },
      ]),
    prune: (partition, beforePosition) => store.command(PRUNE, { partition, beforePosition, days: daysKept }),
    async kinds(sessionsMin, kindsMax) {
      const rows = await store.query<KindCount>(KINDS, { sessionsMin, kindsMax });
      return rows.map((row) => ({ ...row, agents: Number(row.agents) }));
    },
    async ofKind(tenant, kind, sessionsMin, agentsMax) {
      const rows = await store.query<StateRow>(OF_KIND, { tenant, kind, sessionsMin, agentsMax });
      return rows.map(decode);
    },
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

const rowOf = (partition: number, state: AgentState, codec: SlotCodec, format: number) => ({
  tenant: state.tenant,
  partition,
  agent: state.agent,
  kind: state.kind,
  position: state.position,
  clock: state.clockMs,
  sessions: state.baseline.sessionsEver,
  format,
  state: encodeState(state, codec),
  summary: summariseState(state),
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

const SINCE = `
  SELECT tenant, agent FROM agent_state WHERE partition = {partition:UInt32} AND position > {position:Int64}`;

const LATEST = `
  SELECT position, toUnixTimestamp64Milli(last_tick) AS lastTickMs, format FROM checkpoints
  WHERE partition = {partition:UInt32} ORDER BY position DESC LIMIT 1`;

// A state that has learned nothing does not displace the one before it: what a reset forgot can be gone back to.
const PRUNE = `
  DELETE FROM agent_state WHERE partition = {partition:UInt32} AND position < {beforePosition:UInt64}
    AND (tenant, agent, position) NOT IN (
      SELECT tenant, agent, max(position) FROM agent_state
      WHERE partition = {partition:UInt32} AND position <= {beforePosition:UInt64} GROUP BY tenant, agent)
    AND (tenant, agent, position) NOT IN (
      SELECT tenant, agent, newest FROM (
        SELECT tenant, agent, max(position) AS newest FROM agent_state
        WHERE partition = {partition:UInt32} GROUP BY tenant, agent, toDate(clock), sessions = 0
        ORDER BY tenant, agent, newest DESC
        LIMIT {days:UInt32} BY tenant, agent))`;

// After a move an agent has states in several epochs: the newest of the last.
const NEWEST = `
  SELECT tenant, agent, argMax(kind, (partition, position)) AS newest_kind, argMax(sessions, (partition, position)) AS learned,
    max((partition, position)) AS place
  FROM agent_state WHERE ${OF_THE_LOG} GROUP BY tenant, agent`;

const KINDS = `
  SELECT tenant, newest_kind AS kind, count() AS agents FROM (${NEWEST})
  WHERE newest_kind != '' AND learned >= {sessionsMin:UInt64}
  GROUP BY tenant, newest_kind ORDER BY tenant, agents DESC, kind
  LIMIT {kindsMax:UInt32} BY tenant`;

const OF_KIND = `
  SELECT position, format, state FROM agent_state
  WHERE tenant = {tenant:String} AND (agent, partition, position) IN (
    SELECT agent, place.1, place.2 FROM (${NEWEST})
    WHERE tenant = {tenant:String} AND newest_kind = {kind:String} AND learned >= {sessionsMin:UInt64}
    ORDER BY cityHash64(agent), agent LIMIT {agentsMax:UInt32})
  ORDER BY agent
  LIMIT 1 BY agent`;
