import { DAY_MS } from '../rhythm.ts';
import type { Change } from './change.ts';
import { someAtWork } from './change.ts';

/** Agents move to another site: every service they use has another name there, all in one night. */
export const siteMove: Change = {
  summary: 'A move to another site, where every service has another name',
  plan: (setting, random) => {
    const agents = someAtWork(setting, 0.08, random);
    if (agents.length === 0) return [];
    const startMs = setting.changesFromMs + random.int(1, 3) * DAY_MS;
    const { endMs } = setting;
    const site = random.pick(['west', 'north', 'zone-b', 'site-2']);
    return [{ startMs, endMs, agents, words: `moved to ${site}`, effects: [{ agents, startMs, endMs, site }] }];
  },
};
