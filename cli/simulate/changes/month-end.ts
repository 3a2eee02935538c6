import { DAY_MS } from '../rhythm.ts';
import type { Change } from './change.ts';
import { idsOfKind } from './change.ts';

/** Finance works three to five times as much for two days. */
export const monthEnd: Change = {
  summary: 'Month end: two days of far larger volumes in finance',
  plan: (setting, random) => {
    const agents = idsOfKind(setting, ['billing']);
    if (agents.length === 0) return [];
    const startMs = setting.changesFromMs + random.int(0, 1) * DAY_MS;
    const endMs = Math.min(startMs + 2 * DAY_MS, setting.endMs);
    const volume = 3 + 2 * random.uniform();
    const sessions = 1.3 + random.uniform();
    const words = `month end: volumes x${volume.toFixed(1)}, sessions x${sessions.toFixed(1)}`;
    return [{ startMs, endMs, agents, words, effects: [{ agents, startMs, endMs, volume, sessions }] }];
  },
};
