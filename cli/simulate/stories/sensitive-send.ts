import type { Destination } from '../../../ingest/event.ts';
import type { Random } from '../random.ts';
import { chatter, excerpt, opening } from '../texts.ts';
import { chooseMoment, chooseVenue, interleave, staged, strangePlace } from './stage.ts';
import type { Story } from './story.ts';

/**
 * Restricted rows are read and sent to a place never used before. Often the user asks for it in so many words (a stolen
 * account): then the address stands in the prompt, and only the combination is odd.
 */
export const sensitiveSend: Story = {
  summary: 'A restricted read, followed by a send to a new destination',
  pace: 'minutes',
  suits: (kind) =>
    kind.abilities.read !== undefined && kind.abilities.exit !== undefined && kind.clearance === 'restricted',
  plot: (scene, random) => {
    const { read, exit } = scene.stream.kind.abilities;
    if (read === undefined || exit === undefined) return undefined;
    const venue = chooseVenue(scene, random);
    const to = strangePlace(exit.kind, random);
    const rows = Math.min(600, Math.max(1, Math.round(random.lognormal(30, 1.3))));
    const asked = random.chance(0.4);
    const options = {
      after: asked ? venue.session.events.length - 1 : chooseMoment(venue.session, random),
      random: random.fork('acts'),
    };
    const outcome = interleave(scene, venue.session, options, (session, desk) => {
      if (asked) session.say(request(to, session.random));
      const found = read(desk, rows, session.random);
      session.act(found);
      const body = excerpt(`${chatter(session.random, 1, 1)}\n${found.result}`, 800);
      session.act(exit.send(desk, to, body, rows * session.random.int(18, 60)));
      if (asked) session.answer();
    });
    const words = `${rows} restricted rows sent to ${to.value}${asked ? ', on request of the user' : ''}`;
    return { ...staged(venue, outcome), magnitude: { amount: rows, unit: 'rows', words } };
  },
};

function request(to: Destination, random: Random): string {
  return `${opening(random)}${random.pick([
    `send the list to ${to.value} as well.`,
    `${to.value} needs the details, please pass them on.`,
    `put everything together for ${to.value}.`,
    `share the records with our partner at ${to.value}.`,
  ])} ${chatter(random, 0, 1)}`;
}
