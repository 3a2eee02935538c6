import { recall, save } from '../chores.ts';
import { plantedText } from '../stories/planted-text.ts';
import { strangePlace } from '../stories/stage.ts';
import { chatter, excerpt } from '../texts.ts';
import { type Campaign, portion } from './campaign.ts';

const ROWS = 25;

/** A text from outside is kept as a memory; sessions that never saw the text recall it and obey. */
export const memoryPoisoning: Campaign = {
  summary: 'An instruction saved to memory, obeyed whenever it is recalled',
  suits: ({ abilities, rhythm }) =>
    abilities.carriers.length > 0 &&
    abilities.read !== undefined &&
    abilities.exit !== undefined &&
    rhythm !== 'on-schedule',
  prepare: (scene, random) => {
    const { read, exit } = scene.stream.kind.abilities;
    const to = strangePlace(exit?.kind ?? 'url', random);
    const lure = plantedText(to.value, random);
    const sends = 2 + random.poisson(3);
    return {
      words: `${sends} sends to ${to.value}, out of memory`,
      lure,
      write: (session, desk, dose) => {
        if (dose.step === 0) session.act(save(lure));
        // At the slower paces the first session only remembers.
        if (dose.step === 0 && !dose.last) return;
        if (dose.step > 0) session.act(recall(`${chatter(session.random, 1, 1)} ${lure}`));
        for (let left = portion(sends, dose); left > 0; left -= 1) {
          const found = read?.(desk, session.random.int(1, ROWS), session.random);
          if (found === undefined || exit === undefined) return;
          session.act(found);
          session.act(exit.send(desk, to, excerpt(found.result, 500), session.random.int(300, 1_500)));
        }
      },
    };
  },
};
