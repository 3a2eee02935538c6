import { createHost } from '../company.ts';
import type { Random } from '../random.ts';
import { letter, topic } from '../texts.ts';
import { ACTS_MAX, type Campaign, portion } from './campaign.ts';

/** Known colleagues and customers get a link from somebody they trust. Every address is one the agent writes to anyway. */
export const trustedPhishing: Campaign = {
  summary: 'A strange link mailed to people the agent knows',
  suits: ({ abilities }) => abilities.exit?.kind === 'email',
  prepare: (scene, random) => {
    const { exit } = scene.stream.kind.abilities;
    const { colleagues, contacts } = scene.stream.profile;
    const known = [
      ...colleagues,
      ...contacts.filter(({ sinceMs }) => sinceMs < scene.startMs).map(({ contact }) => contact),
    ];
    const link = `https://${createHost(random)}/${random.pick(['login', 'confirm', 'invoice', 'survey'])}`;
    const mails = Math.min(ACTS_MAX, Math.round(random.lognormal(18, 0.6)));
    return {
      words: `${mails} mails with ${link}`,
      write: (session, desk, dose) => {
        for (let left = portion(mails, dose); left > 0; left -= 1) {
          const person = session.random.pick(known);
          const body = `${letter(person, topic(session.random), session.random)} ${please(session.random)} ${link}`;
          const place = { kind: 'email', value: person.email } as const;
          if (exit !== undefined) session.act(exit.send(desk, place, body, body.length));
        }
      },
    };
  },
};

const please = (random: Random): string =>
  random.pick(['Please confirm here:', 'Sign in again:', 'More at', 'Details:']);
