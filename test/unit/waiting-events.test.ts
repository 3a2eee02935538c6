/**
 * Goal: events that wait to be learned stay within their limits, the oldest leave, and where a list parts follows from its events alone: a list
 * that was read back, of which nothing was counted, parts at the same place.
 */
import { describe, expect, it } from 'vitest';
import type { LearnedEvent } from '../../baselines/learned-event.ts';
import { partedAtLimit, WAITING_LIMITS, withoutOldest } from '../../baselines/waiting-events.ts';
import { createRandom } from '../../cli/simulate/random.ts';
import { learnedCall } from '../support/learned-event.ts';

const NAME_CHARS = 160;
const nameOf = (text: string | number): string => `${text}`.padEnd(NAME_CHARS, '-');

/** What is left of a list that is filled event by event, and how many left it. */
function filled(count: number, extra: (id: number) => Partial<LearnedEvent>) {
  let list: LearnedEvent[] = [];
  let left = 0;
  for (let id = 0; id < count; id++) {
    list.push(learnedCall(id, extra(id)));
    const { staying, leaving } = partedAtLimit(list);
    expect(leaving.map(({ timeMs }) => timeMs)).toEqual(leaving.map((_, i) => left + i));
    list = staying;
    left += leaving.length;
  }
  return { list, left };
}

describe('events that wait', () => {
  it('stay, all of them, up to the number of events', () => {
    const { list, left } = filled(WAITING_LIMITS.eventsMax + 6, () => ({}));
    expect([list.length, left]).toEqual([WAITING_LIMITS.eventsMax, 6]);
  });

  it('stay up to the number of names, however short', () => {
    const resources = ['a', 'b', 'c', 'd', 'e', 'f'];
    const { list } = filled(600, () => ({ resources }));
    expect(list.length).toBe(WAITING_LIMITS.namesMax / (resources.length + 2));
  });

  it('stay whatever the length of names that come again', () => {
    const { list } = filled(1024, (id) => ({ endpoint: nameOf(id % 20), resources: [nameOf(id % 7)] }));
    expect(list.length).toBe(1024);
  });

  it('leave, oldest first, when names that never come again have too many characters', () => {
    const { list } = filled(600, (id) => ({ endpoint: nameOf(id), tool: nameOf(id) }));
    expect(list.length).toBe(Math.floor(WAITING_LIMITS.charsMax / NAME_CHARS));
  });

  it('leave but for the newest, which may be too large by itself', () => {
    const large = { resources: Array.from({ length: 500 }, (_, i) => nameOf(i)) };
    const { list, left } = filled(3, (id) => (id === 2 ? large : {}));
    expect([list.map(({ timeMs }) => timeMs), left]).toEqual([[2], 2]);
  });

  it.each([1, 2])('part where a list that was read back does, also when some were learned in between (%i)', (seed) => {
    const random = createRandom(`waiting/${seed}`);
    let list: LearnedEvent[] = [];
    for (let id = 0; id < 500; id++) {
      const names = Array.from({ length: random.int(0, 4) }, () => nameOf(random.int(0, 2000)));
      list.push(learnedCall(id, { endpoint: nameOf(random.int(0, 300)), resources: names, hosts: names.slice(1) }));
      if (random.int(0, 40) === 0) list = withoutOldest(list, random.int(0, Math.min(20, list.length)));
      const fresh = partedAtLimit([...list]);
      const { staying, leaving } = partedAtLimit(list);
      expect([staying.length, leaving.length]).toEqual([fresh.staying.length, fresh.leaving.length]);
      list = staying;
    }
  });
});
