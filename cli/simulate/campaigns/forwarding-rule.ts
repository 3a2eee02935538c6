import { createRule } from '../chores.ts';
import { createContact } from '../company.ts';
import { topic } from '../texts.ts';
import { type Campaign, portion } from './campaign.ts';

/** Mail is copied to an outsider from now on. The rule itself sends nothing: what leaks, leaks where the agent is not. */
export const forwardingRule: Campaign = {
  summary: 'Rules that copy mail to an outsider',
  suits: (kind) => kind.rhythm !== 'on-schedule',
  prepare: (_scene, random) => {
    const { email } = createContact(random);
    const rules = 1 + random.poisson(4);
    return {
      words: `${rules} rules to ${email}`,
      write: (session, _desk, dose) => {
        for (let left = portion(rules, dose); left > 0; left -= 1)
          session.act(
            createRule(session.random.chance(0.5) ? 'all' : `subject contains ${topic(session.random)}`, email),
          );
      },
    };
  },
};
