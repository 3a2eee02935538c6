/**
 * Goal: events that wait to be learned come out as they went in, they stay within their limits in what they take up, the oldest leave, and where
 * they part follows from the events alone: those that were read back part at the same place.
 */
import { describe, expect, it } from 'vitest';
import type { LearnedEvent } from '../../baselines/learned-event.ts';
import { emptySums } from '../../baselines/measures.ts';
import { WAITING_LIMITS, WaitingEvents } from '../../baselines/waiting-events.ts';
import { createRandom } from '../../cli/simulate/random.ts';
import { ACTION_TYPES } from '../../ingest/event.ts';
import { learnedCall } from '../support/learned-event.ts';

const NAME_CHARS = 160;
const nameOf = (text: string | number): string => `${text}`.padEnd(NAME_CHARS, '-');

/** Events one after the other, and how many of them left. */
function filled(count: number, extra: (id: number) => Partial<LearnedEvent>) {
  const waiting = new WaitingEvents();
  for (let id = 0; id < count; id++) {
    const before = waiting.left;
    const leaving = waiting.put(learnedCall(id, extra(id)));
    expect(leaving.map(({ timeMs }) => timeMs)).toEqual(leaving.map((_, i) => before + i));
    expect(waiting.bytes).toBeLessThanOrEqual(WAITING_LIMITS.bytesMax);
  }
  expect(waiting.length + waiting.left).toBe(count);
  return waiting;
}

/** Names of few and of many characters, of one byte and of two; now and then so many that some must be left out. */
function anyEvent(random: ReturnType<typeof createRandom>, id: number): LearnedEvent {
  const one = () => `${random.int(0, 300)}`.padEnd(random.int(1, NAME_CHARS), random.int(0, 9) === 0 ? 'ж' : '-');
  const some = (max: number) => Array.from({ length: random.int(0, random.int(0, 40) === 0 ? 64 : max) }, one);
  const amount = () => random.pick([0, 0, 1, 127, 128, 2 ** 31 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER, -0, 0.5, -3]);
  return learnedCall(Date.UTC(2026, 0, 5) + 1000 * id, {
    receivedMs: Date.UTC(2026, 0, 5) + 1000 * id + random.pick([0, 1, -1, 5e10, 0.25]),
    type: random.pick(ACTION_TYPES),
    endpoint: one(),
    tool: random.pick(['', 'search', one()]),
    after: random.pick(['', 'search']),
    destinations: some(2),
    hosts: some(1),
    resources: some(3),
    flows: some(1),
    values: Array.from({ length: random.int(0, 4) }, () => random.pick([0, 1, 2 ** 31, 2 ** 32 - 1, 77_777])),
    sums:
      random.int(0, 1) === 0
        ? { ...emptySums(), events: 1 }
        : { ...emptySums(), events: amount(), rows: amount(), tokens: amount(), cost_micro_usd: amount() },
  });
}

describe('events that wait', () => {
  it.each([1, 2, 3])('come out as they went in, oldest first (%i)', (seed) => {
    const random = createRandom(`waiting/whole/${seed}`);
    const events = Array.from({ length: 200 }, (_, id) => anyEvent(random, id));
    const waiting = new WaitingEvents(events);
    expect([...waiting]).toEqual(events);
    expect(waiting.oldestTimes()).toEqual({ timeMs: events[0]?.timeMs, receivedMs: events[0]?.receivedMs });
    expect([...waiting.takeOldest(150), ...waiting, ...waiting.takeOldest(1e6)]).toEqual([
      ...events,
      ...events.slice(150),
    ]);
    expect([waiting.length, waiting.bytes, waiting.oldestTimes()]).toEqual([0, 0, undefined]);
  });

  it('stay, all of them, while they are small', () => {
    const waiting = filled(700, () => ({}));
    expect([waiting.length, waiting.left]).toEqual([700, 0]);
  });

  it('stay whatever the length of names that come again', () => {
    const waiting = filled(300, (id) => ({ endpoint: nameOf(id % 20), resources: [nameOf(id % 7)] }));
    expect(waiting.length).toBe(300);
  });

  it('leave, oldest first, when names that never come again take too much', () => {
    const waiting = filled(600, (id) => ({ endpoint: nameOf(id), tool: nameOf(id) }));
    expect(waiting.length).toBeGreaterThan(20);
    expect(waiting.length).toBeLessThan(WAITING_LIMITS.bytesMax / NAME_CHARS);
  });

  it('leave sooner when a character takes two bytes', () => {
    const [one, two] = ['x', 'ж'].map((sign) => filled(300, (id) => ({ endpoint: `${id}`.padEnd(NAME_CHARS, sign) })));
    expect(two?.length).toBeLessThan(0.7 * (one?.length ?? 0));
  });

  it('are cut when one alone names more than may wait: places first, and what is behind stays new', () => {
    const names = (sort: string) => Array.from({ length: 64 }, (_, i) => nameOf(`${sort}${i}`));
    const [event] = new Set(
      filled(1, () => ({ destinations: ['email:a@b.example'], resources: names('r'), hosts: ['b.example'] })),
    );
    expect([event?.destinations, event?.hosts]).toEqual([['email:a@b.example'], ['b.example']]);
    expect(event?.resources).toEqual(names('r').slice(0, event?.resources.length));
    expect(event?.resources.length).toBeGreaterThan(15);
    expect(event?.resources.length).toBeLessThan(20);
  });

  it('are not cut, but for one that names a great many things', () => {
    const resources = Array.from({ length: 48 }, (_, i) => `customers/${i}`);
    expect([...filled(1, () => ({ resources }))][0]?.resources).toEqual(resources);
  });

  it.each([1, 2])('part where those that were read back do, also when some were learned in between (%i)', (seed) => {
    const random = createRandom(`waiting/${seed}`);
    const waiting = new WaitingEvents();
    for (let id = 0; id < 600; id++) {
      if (random.int(0, 40) === 0) waiting.takeOldest(random.int(0, 20));
      const event = anyEvent(random, id);
      const readBack = new WaitingEvents(waiting);
      expect(waiting.put(event)).toEqual(readBack.put(event));
      expect([...waiting]).toEqual([...readBack]);
      expect(waiting.bytes).toBe(readBack.bytes);
    }
    expect(waiting.left).toBeGreaterThan(300);
  });

  it('tell what was done, from where one has looked on, until one has seen enough', () => {
    const waiting = new WaitingEvents(['a', 'b', 'c'].map((endpoint, id) => learnedCall(id, { endpoint, tool: 't' })));
    const seen: string[] = [];
    const look = (max: number) => (act: { endpoint: string; tool: string }) => {
      if (seen.length >= max) return false;
      seen.push(`${act.endpoint} ${act.tool}`);
      return true;
    };
    const place = waiting.eachAct(0, look(2));
    expect(seen).toEqual(['a t', 'b t']);
    waiting.put(learnedCall(3, { endpoint: 'd', tool: 't' }));
    waiting.eachAct(place, look(9));
    expect(seen).toEqual(['a t', 'b t', 'c t', 'd t']);
  });
});
