import { writeShare } from '../chores.ts';
import { strangePlace } from '../stories/stage.ts';
import { excerpt } from '../texts.ts';
import type { Campaign } from './campaign.ts';
import { portion } from './campaign.ts';

/** Rows are gathered in a file of the company first; only the last dose sends it out, and reads nothing. */
export const stagedFile: Campaign = {
  summary: 'Data gathered in a file, sent out at the end',
  suits: ({ abilities, rhythm }) =>
    abilities.read !== undefined && abilities.exit !== undefined && rhythm !== 'on-schedule',
  prepare: (scene, random) => {
    const { read, exit } = scene.stream.kind.abilities;
    const to = strangePlace(exit?.kind ?? 'url', random);
    const path = `team/${random.pick(['cache', 'export', 'tmp', 'draft', 'notes'])}-${random.int(10, 99)}.csv`;
    const rows = Math.round(Math.min(1_000, random.lognormal(120, 0.9)));
    return {
      words: `${rows} rows by way of ${path} to ${to.value}`,
      write: (session, desk, dose) => {
        const taken = portion(rows, dose);
        const found = read?.(desk, taken, session.random);
        if (found === undefined || exit === undefined) return;
        session.act(found);
        session.act(writeShare(path, excerpt(found.result, 800), taken * 40));
        if (dose.last) session.act(exit.send(desk, to, `see ${path}`, rows * 40));
      },
    };
  },
};
