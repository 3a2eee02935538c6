/** Goal: the judge counts every alert once, as caught, nearby or false, and its intervals are Wilson's. */
import { describe, expect, it } from 'vitest';
import { binomialInterval } from '../../cli/simulate/binomial-interval.ts';
import type { ChangeInstance, StoryInstance } from '../../cli/simulate/fleet.ts';
import { agentDays, type JudgedAlert, judge } from '../../cli/simulate/judge.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;

/** Two sessions a day apart, as a slow drip has them. */
const story: StoryInstance = {
  id: 'slow-drip-1',
  story: 'slow-drip',
  agent: 'a',
  startMs: 0,
  endMs: DAY_MS,
  eventIds: ['e1', 'e2'],
  exposureIds: [],
  spans: [
    { session: 's1', startMs: 0, endMs: 10 * MINUTE_MS },
    { session: 's2', startMs: DAY_MS, endMs: DAY_MS + 10 * MINUTE_MS },
  ],
  magnitude: { amount: 1, unit: 'rows per send', words: 'few' },
};
const change: ChangeInstance = {
  id: 'month-end-1',
  change: 'month-end',
  agents: ['a'],
  startMs: 12 * 60 * MINUTE_MS,
  endMs: 13 * 60 * MINUTE_MS,
  words: 'busy',
};

function alert(changes: Partial<JudgedAlert>): JudgedAlert {
  return { agent: 'a', detector: 'd', firstSeen: 0, lastSeen: 0, eventIds: ['other'], why: '', ...changes };
}

describe('judge', () => {
  const noonMs = 12 * 60 * MINUTE_MS + 1;
  it.each<[string, JudgedAlert, 'caught' | 'nearby' | 'false', readonly string[]]>([
    ['on an event of the story', alert({ eventIds: ['x', 'e2'] }), 'caught', []],
    [
      'on its event, long after',
      alert({ eventIds: ['e1'], firstSeen: 9 * DAY_MS, lastSeen: 9 * DAY_MS }),
      'caught',
      [],
    ],
    ['in a session of the story, on another event', alert({ firstSeen: MINUTE_MS, lastSeen: MINUTE_MS }), 'nearby', []],
    ['within the grace after it', alert({ firstSeen: 39 * MINUTE_MS, lastSeen: 39 * MINUTE_MS }), 'nearby', []],
    ['after the grace', alert({ firstSeen: 41 * MINUTE_MS, lastSeen: 41 * MINUTE_MS }), 'false', []],
    ['between its sessions, during a change', alert({ firstSeen: noonMs, lastSeen: noonMs }), 'false', ['month-end-1']],
    ['in its time, on another agent', alert({ agent: 'b', firstSeen: MINUTE_MS, lastSeen: MINUTE_MS }), 'false', []],
    ['with its event id, on another agent', alert({ agent: 'b', eventIds: ['e1'] }), 'false', []],
    ['open since before and lasting into it', alert({ firstSeen: -DAY_MS, lastSeen: 1 }), 'nearby', []],
  ])('an alert %s', (_name, one, expected, changes) => {
    const result = judge({ alerts: [one], stories: [story], changes: [change], agentDays: 10 });
    expect({
      caught: result.stories.map((verdict) => [verdict.caught, verdict.alerts]),
      nearby: result.nearby,
      falseAlerts: result.falseAlerts,
      rate: result.falseAlertsPerAgentDay,
    }).toEqual({
      caught: [[expected === 'caught', expected === 'caught' ? [one] : []]],
      nearby: expected === 'nearby' ? [one] : [],
      falseAlerts: expected === 'false' ? [{ alert: one, changes }] : [],
      rate: expected === 'false' ? 0.1 : 0,
    });
  });

  it('counts a story once, with its first alert first, and rates each story by itself', () => {
    const late = alert({ eventIds: ['e2'], firstSeen: 5, lastSeen: 5 });
    const early = alert({ eventIds: ['e1'], firstSeen: 1, lastSeen: 1 });
    const missed: StoryInstance = { ...story, id: 'mass-read-1', story: 'mass-read', agent: 'b', eventIds: ['f1'] };
    const result = judge({ alerts: [late, early], stories: [story, missed], changes: [], agentDays: 1 });
    expect(result.stories[0]?.alerts).toEqual([early, late]);
    expect(result.caught).toEqual({ count: 1, of: 2, interval: binomialInterval(1, 2) });
    expect(result.caughtByStory).toEqual({
      'mass-read': { count: 0, of: 1, interval: binomialInterval(0, 1) },
      'slow-drip': { count: 1, of: 1, interval: binomialInterval(1, 1) },
    });
  });

  it('counts the days of an agent from its own first day', () => {
    const agents = [
      { id: 'a', kind: 'coder', startMs: 0 },
      { id: 'b', kind: 'coder', startMs: 3 * DAY_MS },
    ] as const;
    expect(agentDays(agents, DAY_MS, 4 * DAY_MS)).toBe(4);
  });
});

describe('binomialInterval', () => {
  // Expected values: the closed form worked out apart from this code.
  it.each([
    [8, 10, 0.490162, 0.943318],
    [0, 10, 0, 0.277533],
    [10, 10, 0.722467, 1],
    [1, 24, 0.007394, 0.202423],
    [0, 0, 0, 1],
  ])('%i of %i', (successes, trials, low, high) => {
    const interval = binomialInterval(successes, trials);
    expect(interval.low).toBeCloseTo(low, 5);
    expect(interval.high).toBeCloseTo(high, 5);
  });

  it.each([
    [-1, 10],
    [11, 10],
    [Number.NaN, 10],
  ])('refuses %d of %d', (successes, trials) => {
    expect(() => binomialInterval(successes, trials)).toThrow(RangeError);
  });
});
