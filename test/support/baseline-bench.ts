/** Agents on the real pipeline, without a store: like `agent-bench.ts`, with several agents, settings of one's own, and kind models. */
import { createHash } from 'node:crypto';
import type { AgentState } from '../../baselines/agent-state.ts';
import type { KindModel, Lend } from '../../baselines/kind-model.ts';
import { TENANT } from './agent-bench.ts';
import { createPipelineBench, type PipelineBench, type PipelineBenchOptions } from './pipeline-bench.ts';

export interface BaselineBench extends Pick<PipelineBench, 'event' | 'events' | 'close'> {
  /** Stores the model and writes its record, as a publisher does. */
  publish(model: KindModel): void;
  state(agent: string): AgentState;
  states(): AgentState[];
  /** What an agent of it lends its kind. */
  readonly lend: Lend;
  /** The stored form of one agent's state. */
  stored(agent: string): string;
}

export type BaselineBenchOptions = Pick<PipelineBenchOptions, 'settings' | 'detectors' | 'alertBudget'>;

export function createBaselineBench(options: BaselineBenchOptions = {}): BaselineBench {
  const contents = new Map<string, string>();
  const bench = createPipelineBench({ ...options, tenant: TENANT, contents });
  const { append, event, events, close, states, stored } = bench;
  const state = (agent: string) => bench.state({ tenant: TENANT, agent });
  return {
    event,
    events,
    close,
    publish(model) {
      const text = JSON.stringify(model);
      const content = createHash('sha256').update(text).digest('hex');
      contents.set(content, text);
      append({ kind: 'model', tenant: TENANT, receivedMs: 0, agentKind: model.kind, content });
    },
    state,
    states: () => [...states.values()],
    lend: bench.scoring.lend,
    stored: (agent) => stored(state(agent)),
  };
}
