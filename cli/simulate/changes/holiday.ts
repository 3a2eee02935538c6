import { DAY_MS } from '../rhythm.ts';
import type { Change } from './change.ts';
import { someAtWork } from './change.ts';

/** Nearly nothing for two days, then twice the work on the third. */
export const holiday: Change = {
  summary: 'Two quiet days, then a day of catching up',
  plan: (setting, random) => {
    const agents = someAtWork(setting, 0.12, random);
    if (agents.length === 0) return [];
    const startMs = setting.changesFromMs + random.int(0, 1) * DAY_MS;
    const backMs = startMs + 2 * DAY_MS;
    const endMs = Math.min(backMs + DAY_MS, setting.endMs);
    const sessions = 1.8 + random.uniform();
    const effects = [
      { agents, startMs, endMs: backMs, sessions: 0.08 },
      { agents, startMs: backMs, endMs, sessions },
    ];
    return [{ startMs, endMs, agents, words: `a holiday, then sessions x${sessions.toFixed(1)}`, effects }];
  },
};
