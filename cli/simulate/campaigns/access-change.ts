import { grantRole, resetPassword } from '../chores.ts';
import { createContact } from '../company.ts';
import { plantedText } from '../stories/planted-text.ts';
import { type Campaign, portion } from './campaign.ts';

const ROLES = ['owner', 'administrator', 'reader', 'editor'];

/** An outsider is let in, and colleagues lose their passwords. */
export const accessChange: Campaign = {
  summary: 'Roles for an outsider, new passwords for colleagues',
  suits: (kind) => kind.rhythm !== 'on-schedule' && kind.abilities.carriers.length > 0,
  prepare: (scene, random) => {
    const { email } = createContact(random);
    const changes = 2 + random.poisson(5);
    const resets = random.chance(0.5);
    return {
      words: `${changes} changes, roles for ${email}${resets ? ', passwords reset' : ''}`,
      lure: plantedText(email, random),
      write: (session, _desk, dose) => {
        for (let left = portion(changes, dose); left > 0; left -= 1) {
          const victim = session.random.pick(scene.stream.profile.colleagues).email;
          const outsider = !resets || session.random.chance(0.5);
          session.act(outsider ? grantRole(email, session.random.pick(ROLES)) : resetPassword(victim));
        }
      },
    };
  },
};
