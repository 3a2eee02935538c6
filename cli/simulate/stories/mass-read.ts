import { deskAt } from '../agent-stream.ts';
import { chooseMoment, chooseVenue, interleave, staged } from './stage.ts';
import type { Story } from './story.ts';

const SHARE_MIN = 0.05;
const PAGES_MAX = 30;

/** A restricted table is read, whole or in part, at once or page by page. The share is drawn evenly on a log scale. */
export const massRead: Story = {
  summary: 'A large share of a restricted table is read',
  pace: 'minutes',
  suits: (kind) => kind.abilities.read !== undefined && kind.clearance === 'restricted',
  plot: (scene, random) => {
    const read = scene.stream.kind.abilities.read;
    if (read === undefined) return undefined;
    const venue = chooseVenue(scene, random);
    const probe = read(deskAt(scene.stream, scene.startMs, random.fork('probe')), 1, random.fork('probe'));
    const total = probe.resources?.[0]?.rows_total ?? 0;
    if (total === 0) return undefined;
    const share = SHARE_MIN ** random.uniform();
    const rows = Math.max(1, Math.round(total * share));
    const pages = random.chance(0.5) ? 1 : Math.min(random.int(3, PAGES_MAX), rows);
    const options = { after: chooseMoment(venue.session, random), random: random.fork('acts') };
    const outcome = interleave(scene, venue.session, options, (session, desk) => {
      for (let page = 0; page < pages; page += 1) {
        const from = Math.floor((rows * page) / pages);
        const until = Math.floor((rows * (page + 1)) / pages);
        session.act(read(desk, until - from, session.random, pages > 1 ? from : undefined));
      }
    });
    const words = `${rows} of ${total} rows in ${pages === 1 ? 'one read' : `${pages} reads`}`;
    return { ...staged(venue, outcome), magnitude: { amount: share, unit: 'share of the table', words } };
  },
};
