import { ACTS_MAX, type Campaign, portion } from './campaign.ts';

/** The same request again and again: time and money for nothing. */
export const runawayLoop: Campaign = {
  summary: 'A loop that burns calls, tokens and money',
  suits: () => true,
  prepare: (scene, random) => {
    const { loop } = scene.stream.kind.abilities;
    const rounds = Math.min(ACTS_MAX, Math.round(random.lognormal(60, 0.5)));
    return {
      words: `${rounds} rounds`,
      write: (session, desk, dose) => {
        const act = loop(desk, session.random);
        for (let left = portion(rounds, dose); left > 0; left -= 1) session.act(act);
      },
    };
  },
};
