import type { AgentKindName } from '../agent-kinds.ts';
import type { Change } from './change.ts';

/** An agent nobody has seen before, of a kind that is well known. */
export const newAgent: Change = {
  summary: 'A new agent of a known kind starts working',
  plan: (setting, random) => {
    const kinds = [...new Set(setting.agents.map((agent) => agent.kind))].filter((kind) => kind !== 'nightly-sync');
    if (kinds.length === 0) return [];
    const kind: AgentKindName = random.pick(kinds);
    const startMs = setting.changesFromMs;
    const newcomer = { id: `${kind}-new-1`, kind, startMs };
    const words = `${newcomer.id} starts, of the known kind ${kind}`;
    return [{ startMs, endMs: setting.endMs, agents: [newcomer.id], words, effects: [], newcomers: [newcomer] }];
  },
};
