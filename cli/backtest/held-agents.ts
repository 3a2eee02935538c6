import { type AgentState, emptyAgentState } from '../../baselines/agent-state.ts';
import { movedState } from '../../baselines/moved-state.ts';
import { type AgentKey, cacheKey } from '../../baselines/state-cache.ts';

/** States of a run over stored records, in memory; bounded by the agents whose records are read. */
export interface HeldAgents {
  /** The records that follow are of this partition. */
  enter(partition: number): void;
  /** An agent is in one partition of each epoch of the log; with the next epoch its state moves. */
  agent(key: AgentKey): AgentState;
  /** Goes on from this state, as of the partition that was entered last. */
  put(state: AgentState): void;
}

export function createHeldAgents(): HeldAgents {
  const held = new Map<string, { partition: number; state: AgentState }>();
  let partition = 0;
  return {
    enter(number) {
      partition = number;
    },
    agent(key) {
      const name = cacheKey(key);
      const known = held.get(name);
      if (known?.partition === partition) return known.state;
      const state = known === undefined ? emptyAgentState(key.tenant, key.agent) : movedState(known.state);
      held.set(name, { partition, state });
      return state;
    },
    put(state) {
      held.set(cacheKey(state), { partition, state });
    },
  };
}
