/**
 * Goal: what several sessions hold against one subject adds up to an alert, though none of them is one by itself; what is doubtful every time is a
 * habit; an analyst's word clears the subject; and a replay of the log leads to the same doubts. On the whole pipeline, with a detector that claims
 * what the act's name says.
 */
import { describe, expect, it } from 'vitest';
import type { Loan } from '../../baselines/kind-prior.ts';
import type { Verdict } from '../../baselines/verdict.ts';
import type { Detector, Finding } from '../../detectors/detector.ts';
import { type Doubts, lendDoubts, noteDoubt, poolDoubts, repeatedDoubt } from '../../detectors/doubts.ts';
import { scoreOf } from '../../detectors/scoring.ts';
import {
  type AgentBench,
  createAgentBench,
  DAY_MS,
  HOUR_MS,
  MONDAY_MS,
  toolCall,
  tripwire,
} from '../support/agent-bench.ts';

/** `act SUBJECT P` is claimed with P; anything else is silence. */
const claiming: Detector<null> = {
  ...tripwire,
  doubted: ({ action }) => (action.name.startsWith('act ') ? [action.name.split(' ')[1] ?? ''] : []),
  score(event, view) {
    const [, subject = '', p = '1'] = event.action.name.split(' ');
    const finding = tripwire.score({ ...event, action: { ...event.action, name: `alarm ${subject}` } }, view, null);
    return event.action.name.startsWith('act ') ? { ...(finding as Finding), p: Number(p), level: 'prior' } : undefined;
  },
};
const undoubting = { ...claiming } as { doubted?: Detector['doubted'] } & Detector<null>;
delete undoubting.doubted;

/** A month of one quiet session a day; then a claim of p = 0.01 is still no alert, half of it is. */
function benchOf(detector: Detector<null> = claiming): AgentBench {
  const bench = createAgentBench({ detectors: [detector], alertBudget: 0.005 });
  bench.events(Array.from({ length: 30 }, (_, i) => toolCall(`q${i}`, MONDAY_MS - (30 - i) * DAY_MS)));
  return bench;
}
const act = (bench: AgentBench, step: number, subject: string, p: number, day = step): Verdict =>
  bench.event(
    toolCall(`e${step}`, MONDAY_MS + day * DAY_MS, {
      action: { type: 'data_write', name: `act ${subject} ${p}`, phase: 'completed' },
    }),
  );
const alerts = (bench: AgentBench, subjects: readonly string[], p: number) =>
  subjects.map((subject, i) => act(bench, i, subject, p).hits.length);

describe('doubts about one subject', () => {
  it('add up: what is no alert in one session, nor in two, is one in the end', () => {
    expect(alerts(benchOf(undoubting), ['a', 'a', 'a', 'a', 'a', 'a'], 0.04)).toEqual([0, 0, 0, 0, 0, 0]);
    const found = alerts(benchOf(), ['a', 'a', 'a', 'a', 'a', 'a'], 0.04);
    expect(found[0]).toBe(0);
    expect(found[1]).toBe(0);
    expect(found.at(-1)).toBe(1);
  });

  it('say which sessions they were of, and what this one shows by itself', () => {
    const bench = benchOf();
    act(bench, 0, 'a', 0.02);
    const verdict = act(bench, 1, 'a', 0.01);
    const [hit] = verdict.hits;
    expect(hit?.why).toBe(
      'The wire was touched. So it was in 1 of the 1 sessions with it since 2026-01-05, none of which was an alert by itself.',
    );
    expect(hit?.reason.chain).toEqual([
      { event: 'e0', role: 'raised the same doubt before' },
      { event: 'e1', role: 'the touch' },
    ]);
    expect(verdict.score).toBe(hit?.score);
    expect(verdict.detectors['tripwire']).toBeLessThan(verdict.score);
  });

  it('of other subjects, of the same session, or above p = 0.1 say nothing', () => {
    expect(alerts(benchOf(), ['a', 'b', 'c', 'd', 'e', 'f'], 0.01)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(alerts(benchOf(), ['a', 'a', 'a', 'a', 'a', 'a'], 0.2)).toEqual([0, 0, 0, 0, 0, 0]);
    const bench = benchOf();
    const session = { id: 'one' };
    for (let i = 0; i < 6; i++) {
      const action = { type: 'data_write', name: 'act a 0.02', phase: 'completed' } as const;
      expect(bench.event(toolCall(`e${i}`, MONDAY_MS + i * 60_000, { action, session })).hits).toEqual([]);
    }
  });

  it('fade with the memory of the agent', () => {
    const bench = benchOf();
    act(bench, 0, 'a', 0.01);
    expect(act(bench, 1, 'a', 0.01, 15).hits).toEqual([]);
    const sooner = benchOf();
    act(sooner, 0, 'a', 0.01);
    expect(act(sooner, 1, 'a', 0.01, 13).hits).toHaveLength(1);
  });

  it('make a claim never milder than it is by itself', () => {
    for (const p of [0.5, 0.1, 0.03, 0.004]) {
      const [with_, without] = [benchOf(), benchOf(undoubting)];
      for (let i = 0; i < 4; i++)
        expect(act(with_, i, 'a', p).score).toBeGreaterThanOrEqual(act(without, i, 'a', p).score);
    }
  });

  it('end with the word of an analyst', () => {
    const words = (disposition: 'false_positive' | 'true_positive') => {
      const bench = benchOf();
      act(bench, 0, 'a', 0.02);
      const [hit] = act(bench, 1, 'a', 0.01).hits;
      bench.tick(MONDAY_MS + DAY_MS + HOUR_MS);
      bench.close(hit?.alertId ?? '', disposition, MONDAY_MS + DAY_MS + HOUR_MS);
      return act(bench, 2, 'a', 0.012).hits.length;
    };
    expect(words('false_positive')).toBe(0);
    expect(words('true_positive')).toBe(1);
  });

  it('are part of an alert on the subject while it is open: they raise none, and their sessions are held', () => {
    const judgedAfter = (hours: number, p: number, { subject = 'a', detector = claiming, closed = false } = {}) => {
      const bench = benchOf(detector);
      const [first] = act(bench, 0, 'a', 1e-9).hits;
      if (closed) bench.close(first?.alertId ?? '', 'true_positive', MONDAY_MS + HOUR_MS / 2);
      const { status, hits } = act(bench, 1, subject, p, hours / 24);
      expect(hits.every(({ opened, alertId }) => !opened && alertId === first?.alertId)).toBe(true);
      return [status, hits.length];
    };
    expect(judgedAfter(1, 0.05)).toEqual(['hold', 1]);
    expect(judgedAfter(23, 0.09)).toEqual(['hold', 1]);
    expect(judgedAfter(25, 0.05)).toEqual(['learn', 0]);
    expect(judgedAfter(1, 0.2)).toEqual(['learn', 0]);
    expect(judgedAfter(1, 0.05, { subject: 'b' })).toEqual(['learn', 0]);
    expect(judgedAfter(1, 0.05, { detector: undoubting })).toEqual(['learn', 0]);
    expect(judgedAfter(1, 0.05, { closed: true })).toEqual(['learn', 0]);
  });

  it('are the same after a replay of the log, and after a restart from stored states', () => {
    const first = benchOf();
    for (const [i, subject] of ['a', 'b', 'a', 'c', 'a', 'a'].entries()) act(first, i, subject, 0.06);
    const second = benchOf();
    for (const judged of first.log) second.replay(judged);
    expect(second.texts()).toEqual(first.texts());
  });

  it('leave the state of an agent without any as it was', () => {
    const bench = benchOf();
    alerts(bench, ['a', 'b', 'c'], 0.5);
    expect(Object.values(bench.texts()).join()).not.toContain('doubts');
  });
});

describe('a subject that is doubtful every time', () => {
  const at = { session: undefined, timeMs: MONDAY_MS + 40 * HOUR_MS, halfLifeMs: 14 * DAY_MS };
  const doubtsOf = (count: number, decades = 1.3): Doubts => {
    const doubts: Doubts = new Map();
    for (let i = 0; i < count; i++)
      noteDoubt(
        doubts,
        'k',
        { decades, event: `e${i}`, timeMs: MONDAY_MS + i * HOUR_MS },
        { key: `s${i}`, openedMs: i },
        at.halfLifeMs,
      );
    return doubts;
  };
  const chanceAfter = (count: number, more: Partial<Parameters<typeof repeatedDoubt>[2]> = {}) =>
    repeatedDoubt(doubtsOf(count).get('k'), 0.05, { ...at, way: undefined, kind: undefined, ...more })?.p ?? 1;

  it('is a habit in the end: eight sessions alert, thirty do not', () => {
    expect(chanceAfter(8)).toBeLessThan(1e-4);
    expect(chanceAfter(30)).toBeGreaterThan(0.05);
  });

  it('is none of the agent, where it is one of its kind', () => {
    expect(chanceAfter(4, { kind: { doubtful: 1, all: 30 } })).toBeLessThan(1e-2);
    expect(chanceAfter(4, { kind: { doubtful: 24, all: 30 } })).toBeGreaterThan(0.1);
  });

  it('may be the way a new tool is used, until it was used without a doubt, by the agent or by its peers', () => {
    const asWay = (learned: number, peers: number) => chanceAfter(4, { way: { learned, peers } });
    expect(asWay(0, 0)).toBeGreaterThan(10 * chanceAfter(4));
    // The four sessions in doubt are no use without one.
    expect(asWay(4, 0)).toBe(asWay(0, 0));
    for (const known of [asWay(24, 0), asWay(0, 4)]) expect(known).toBeCloseTo(chanceAfter(4), 12);
  });

  it('is lent by members of which two have the doubt, each with one voice', () => {
    const loan = (count: number): Loan => ({
      sessions: 30,
      voice: 1,
      value: lendDoubts(doubtsOf(count), at.timeMs, at.halfLifeMs),
    });
    expect(lendDoubts(new Map(), at.timeMs, at.halfLifeMs)).toBeUndefined();
    expect(poolDoubts([loan(30)]).get('k')).toBeUndefined();
    for (const members of [2, 10])
      expect(poolDoubts(Array.from({ length: members }, () => loan(5))).get('k')).toMatchObject({
        doubtful: 5 * members,
        all: 5 * members,
      });
    const { doubtful = 0, all = 0 } = poolDoubts([loan(5), loan(30)]).get('k') ?? {};
    expect([doubtful, all]).toEqual([expect.closeTo(10, 9), expect.closeTo(10, 9)]);
  });

  it('is kept in bounds, whatever comes', () => {
    const doubts: Doubts = new Map();
    for (let i = 0; i < 500; i++)
      noteDoubt(
        doubts,
        `k${i % 50}`,
        { decades: 2, event: 'e'.repeat(128), timeMs: i },
        { key: `s${i}`, openedMs: i },
        at.halfLifeMs,
      );
    expect(doubts.size).toBe(32);
    expect(Math.max(...[...doubts.values()].map(({ newest }) => newest.length))).toBeLessThanOrEqual(8);
    expect(JSON.stringify([...doubts]).length).toBeLessThan(80 * 1024);
  });
});

it('scores of a session by itself are what is noted', () => expect(scoreOf(0.1)).toBeCloseTo(1 / 8, 12));
