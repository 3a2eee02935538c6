import { createPerson } from '../company.ts';
import { DAY_MS } from '../rhythm.ts';
import type { Change } from './change.ts';
import { idsOfKind } from './change.ts';

/** A new team: colleagues whose addresses no agent has met turn up in many prompts at once. */
export const reorganisation: Change = {
  summary: 'A new team of colleagues, named by the users from one day on',
  plan: (setting, random) => {
    const agents = idsOfKind(setting, ['people-assistant', 'analyst', 'billing', 'sales-outreach']);
    if (agents.length === 0) return [];
    const startMs = setting.changesFromMs + random.int(0, 1) * DAY_MS;
    const joiners = Array.from({ length: random.int(3, 7) }, () => createPerson(random));
    const words = `${joiners.length} new colleagues, among them ${joiners[0]?.email}`;
    const { endMs } = setting;
    return [{ startMs, endMs, agents, words, effects: [{ agents, startMs, endMs, joiners }] }];
  },
};
