import { deleteRows } from '../chores.ts';
import { type Campaign, portion } from './campaign.ts';

const ROWS_PER_CALL = 100;

/** Records the business lives on are deleted; nobody asked for it. */
export const massDeletion: Campaign = {
  summary: 'Records are deleted that nobody asked to delete',
  suits: (kind) => kind.rhythm !== 'on-schedule',
  prepare: (scene, random) => {
    const tables = scene.stream.profile.tables;
    const table = random.pick(tables);
    const rows = Math.round(Math.min(8_000, random.lognormal(700, 1)));
    return {
      words: `${rows} rows of ${table}`,
      write: (session, desk, dose) => {
        for (let left = portion(rows, dose); left > 0; left -= ROWS_PER_CALL)
          session.act(deleteRows(desk, table, Math.min(left, ROWS_PER_CALL)));
      },
    };
  },
};
