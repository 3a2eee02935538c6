import { readShare } from '../chores.ts';
import type { Random } from '../random.ts';
import { ACTS_MAX, type Campaign, portion } from './campaign.ts';

const CLOSED = [
  'board',
  'payroll',
  'legal',
  'keys',
  'acquisitions',
  'investigations',
  'salaries',
  'backups',
  'executives',
  'audit',
];

/** One closed folder after another is tried; few open. */
export const deniedProbing: Campaign = {
  summary: 'Folders tried one after another, most of them closed',
  suits: (kind) => kind.rhythm !== 'on-schedule',
  prepare: (_scene, random) => {
    const tries = Math.min(ACTS_MAX, Math.round(random.lognormal(25, 0.6)));
    return {
      words: `${tries} folders`,
      write: (session, _desk, dose) => {
        for (let left = portion(tries, dose); left > 0; left -= 1)
          session.act(readShare(closedPath(session.random), session.random.chance(0.12), session.random));
      },
    };
  },
};

function closedPath(random: Random): string {
  return `${random.pick(CLOSED)}/${random.int(2019, 2026)}-${random.int(1, 12)}`;
}
