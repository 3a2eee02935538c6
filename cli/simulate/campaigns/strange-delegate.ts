import { handOver } from '../chores.ts';
import { chatter, excerpt } from '../texts.ts';
import { type Campaign, portion } from './campaign.ts';

const NAMES = ['assist-relay', 'helper-9', 'sync-broker', 'task-runner-x', 'summary-node'];
const ROWS = 15;

/** Work, and the data that goes with it, is handed to an agent nobody knows. */
export const strangeDelegate: Campaign = {
  summary: 'Data handed to an unknown agent',
  suits: (kind) => kind.abilities.read !== undefined && kind.rhythm !== 'on-schedule',
  prepare: (scene, random) => {
    const { read } = scene.stream.kind.abilities;
    const agent = random.pick(NAMES);
    const times = 2 + random.poisson(4);
    return {
      words: `${times} times to ${agent}`,
      write: (session, desk, dose) => {
        for (let left = portion(times, dose); left > 0; left -= 1) {
          const found = session.random.chance(0.6)
            ? read?.(desk, session.random.int(1, ROWS), session.random)
            : undefined;
          if (found !== undefined) session.act(found);
          session.act(handOver(agent, excerpt(`${chatter(session.random, 1, 1)}\n${found?.result ?? ''}`, 600)));
        }
      },
    };
  },
};
