import { callOf, chooseTools } from '../stories/novel-endpoint.ts';
import type { Campaign } from './campaign.ts';
import { portion } from './campaign.ts';

/** Calls of a service the agent never used, from a look to a tour. */
export const strangeService: Campaign = {
  summary: 'The agent uses a service that is not part of its work',
  suits: () => true,
  prepare: (scene, random) => {
    const tools = chooseTools(scene, random);
    const calls = 3 + random.negativeBinomial(8, 1.5);
    return {
      words: `${calls} calls of ${tools.map((tool) => `${tool.server}.${tool.name}`).join(', ')}`,
      write: (session, _desk, dose) => {
        for (let left = portion(calls, dose); left > 0; left -= 1)
          session.act(callOf(session.random.pick(tools), session.random));
      },
    };
  },
};
