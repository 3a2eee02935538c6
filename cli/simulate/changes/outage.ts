import { DAY_MS, HOUR_MS } from '../rhythm.ts';
import type { Change } from './change.ts';
import { someAtWork } from './change.ts';

/** For some hours a large part of all calls fails and is tried again. */
export const outage: Change = {
  summary: 'Hours in which many calls fail and are tried again',
  plan: (setting, random) => {
    const agents = someAtWork(setting, 0.25, random);
    if (agents.length === 0) return [];
    const startMs = setting.changesFromMs + random.int(1, 3) * DAY_MS + random.int(8, 12) * HOUR_MS;
    const endMs = startMs + random.int(3, 7) * HOUR_MS;
    const failures = 20 + 20 * random.uniform();
    const words = `failures x${failures.toFixed(0)} for ${(endMs - startMs) / HOUR_MS} hours`;
    return [{ startMs, endMs, agents, words, effects: [{ agents, startMs, endMs, failures }] }];
  },
};
