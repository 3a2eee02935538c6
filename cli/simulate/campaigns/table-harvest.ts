import { deskAt } from '../agent-stream.ts';
import { ACTS_MAX, type Campaign, portion } from './campaign.ts';

const ROWS_PER_PAGE = 40;

/** The most sensitive store within reach is read page by page, for no task; nothing leaves. */
export const tableHarvest: Campaign = {
  summary: 'A sensitive table is read page by page',
  suits: (kind) => kind.abilities.read !== undefined && kind.rhythm !== 'on-schedule',
  prepare: (scene, random) => {
    const { read } = scene.stream.kind.abilities;
    const probe = read?.(deskAt(scene.stream, scene.startMs, random), 1, random);
    const total = Math.max(ROWS_PER_PAGE, probe?.resources?.[0]?.rows_total ?? 2_000);
    const rows = Math.round(total * 0.1 ** random.uniform());
    const pageRows = Math.max(ROWS_PER_PAGE, Math.ceil(rows / ACTS_MAX));
    let offset = 0;
    return {
      words: `${rows} of ${total} rows, ${pageRows} at a time`,
      write: (session, desk, dose) => {
        for (let left = portion(rows, dose); left > 0; left -= pageRows) {
          const taken = Math.min(left, pageRows);
          const act = read?.(desk, taken, session.random, offset);
          if (act !== undefined) session.act(act);
          offset += taken;
        }
      },
    };
  },
};
