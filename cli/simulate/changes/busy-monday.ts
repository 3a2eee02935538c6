import { AGENT_KINDS } from '../agent-kinds.ts';
import { DAY_MS } from '../rhythm.ts';
import type { Change, PlannedChange } from './change.ts';

const MONDAY = 1;

/** Every Monday brings what the weekend left: a season that two weeks show only once before it counts. */
export const busyMonday: Change = {
  summary: 'Mondays are much busier than other days',
  plan: (setting, random) => {
    const agents = setting.agents
      .filter((agent) => AGENT_KINDS[agent.kind].rhythm !== 'on-schedule')
      .map((agent) => agent.id);
    if (agents.length === 0) return [];
    const sessions = 1.5 + random.uniform();
    const planned: PlannedChange[] = [];
    for (let startMs = setting.startMs; startMs < setting.endMs; startMs += DAY_MS) {
      if (new Date(startMs).getUTCDay() !== MONDAY) continue;
      const endMs = startMs + DAY_MS;
      const words = `a Monday: sessions x${sessions.toFixed(1)}`;
      planned.push({ startMs, endMs, agents, words, effects: [{ agents, startMs, endMs, sessions }] });
    }
    return planned;
  },
};
