import { createContact } from '../company.ts';
import { DAY_MS } from '../rhythm.ts';
import type { Change } from './change.ts';
import { someAtWork } from './change.ts';

/** A large customer is taken on: a dozen people at one new domain, whom everything is about for days. */
export const newCustomer: Change = {
  summary: 'A large new customer, many new addresses of one domain, more work',
  plan: (setting, random) => {
    const agents = someAtWork(setting, 0.2, random);
    if (agents.length === 0) return [];
    const startMs = setting.changesFromMs + random.int(0, 2) * DAY_MS;
    const { endMs } = setting;
    const { domain, organisation } = createContact(random);
    const contacts = Array.from({ length: random.int(8, 14) }, () => {
      const person = createContact(random);
      return { ...person, domain, organisation, email: `${person.email.split('@')[0]}@${domain}` };
    });
    const effects = [{ agents, startMs, endMs, contacts, sessions: 1.3, volume: 1.5 }];
    return [{ startMs, endMs, agents, words: `${contacts.length} people at ${domain}`, effects }];
  },
};
