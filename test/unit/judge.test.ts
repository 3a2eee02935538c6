/** Goal: one alert per story with a name that a restart gives again, a budget that busy agents share out, and flags that tell of time. */
import { describe, expect, it } from 'vitest';
import { alertBookOf, enterHit } from '../../alerts/alert-book.ts';
import { alertLimit } from '../../alerts/judge.ts';
import { emptyAgentState } from '../../baselines/agent-state.ts';
import { DEFAULT_BASELINE_SETTINGS } from '../../baselines/baseline.ts';
import type { Hit } from '../../baselines/verdict.ts';
import type { AuditEvent } from '../../ingest/event.ts';
import {
  type AgentBench,
  alarm,
  type BenchOptions,
  createAgentBench,
  DAY_MS,
  HOUR_MS,
  MONDAY_MS,
  toolCall,
  tripwire,
} from '../support/agent-bench.ts';

const bench = (options: BenchOptions = {}) => createAgentBench({ detectors: [tripwire], ...options });

function hit(agent: AgentBench, event: AuditEvent): Hit {
  const [first] = agent.event(event).hits;
  if (first === undefined) throw new Error('the wire was not touched');
  return first;
}

const named = (subject: string) =>
  ({ action: { type: 'tool_call', name: `alarm ${subject}`, phase: 'completed' } }) as const;

describe('the identity of an alert', () => {
  const base = () => hit(bench(), alarm('e1', MONDAY_MS)).alertId;

  it('is the same for the same story, run again', () => {
    expect(base()).toBe(base());
    expect(base()).toMatch(/^al_[0-9a-f]{32}$/);
  });

  it.each<[string, () => string]>([
    ['tenant', () => hit(bench({ tenant: 'other' }), alarm('e1', MONDAY_MS)).alertId],
    ['agent', () => hit(bench(), alarm('e1', MONDAY_MS, { agent: { id: 'a2' } })).alertId],
    ['detector', () => hit(bench({ detectors: [{ ...tripwire, name: 'wire-2' }] }), alarm('e1', MONDAY_MS)).alertId],
    ['subject', () => hit(bench(), alarm('e1', MONDAY_MS, named('x'))).alertId],
    ['opening event', () => hit(bench(), alarm('e2', MONDAY_MS)).alertId],
    // Parts are told apart by their lengths: moving a letter from one to the next is another alert.
    ['border between agent and subject', () => hit(bench(), alarm('e1', MONDAY_MS, { agent: { id: 'a1,' } })).alertId],
  ])('depends on the %s', (_name, other) => {
    expect(other()).not.toBe(base());
  });

  it.each<[string, () => string]>([
    ['time', () => hit(bench(), alarm('e1', MONDAY_MS + DAY_MS)).alertId],
    ['session', () => hit(bench(), alarm('e1', MONDAY_MS, { session: { id: 'another' } })).alertId],
    [
      'position',
      () => {
        const agent = bench();
        agent.event(toolCall('before', MONDAY_MS - 1));
        return hit(agent, alarm('e1', MONDAY_MS)).alertId;
      },
    ],
  ])('does not depend on the %s', (_name, other) => {
    expect(other()).toBe(base());
  });
});

describe('folding', () => {
  it('takes hits until 24 hours without one, counted from the newest', () => {
    const agent = bench();
    const times = [0, 23, 46, 70].map((hours) => MONDAY_MS + hours * HOUR_MS);
    const hits = times.map((timeMs, i) => hit(agent, alarm(`e${i}`, timeMs)));
    expect(hits.map(({ opened }) => opened)).toEqual([true, false, false, true]);
    expect(new Set(hits.slice(0, 3).map(({ alertId }) => alertId)).size).toBe(1);
    expect(hits[3]?.alertId).not.toBe(hits[0]?.alertId);
  });

  it('keeps subjects apart', () => {
    const agent = bench();
    const one = hit(agent, alarm('e1', MONDAY_MS, named('x')));
    const two = hit(agent, alarm('e2', MONDAY_MS, named('y')));
    const again = hit(agent, alarm('e3', MONDAY_MS, named('x')));
    expect([two.opened, again.opened, again.alertId]).toEqual([true, false, one.alertId]);
  });

  it.each(['true_positive', 'false_positive', 'benign_change'] as const)('ends when closed as %s', (disposition) => {
    const agent = bench();
    const first = hit(agent, alarm('e1', MONDAY_MS));
    agent.close(first.alertId, disposition);
    const next = hit(agent, alarm('e2', MONDAY_MS + 1));
    expect([next.opened, next.alertId === first.alertId]).toEqual([true, false]);
  });

  it('goes on when another alert is closed', () => {
    const agent = bench();
    const first = hit(agent, alarm('e1', MONDAY_MS));
    agent.close('al_of_somebody_else', 'false_positive');
    expect(hit(agent, alarm('e2', MONDAY_MS + 1))).toMatchObject({ opened: false, alertId: first.alertId });
  });

  it('stores 500 hits of one alert; the 501st is judged all the same', () => {
    const agent = bench();
    const stored = Array.from(
      { length: 502 },
      (_, i) => hit(agent, alarm(`e${i}`, MONDAY_MS + i, { session: { id: 's' } })).stored,
    );
    expect([stored[499], stored[500], stored[501], stored.filter(Boolean).length]).toEqual([true, false, false, 500]);
    expect(agent.event(alarm('last', MONDAY_MS + 600)).status).toBe('hold');
  });

  it('remembers 128 open alerts; the longest silent opens another next time', () => {
    const state = emptyAgentState('acme', 'a1');
    for (let i = 0; i < 130; i++)
      enterHit(state, { alertId: `al_${i}`, detector: 'd', subject: `s${i}` }, MONDAY_MS + ((i + 64) % 130));
    const ids = [...alertBookOf(state).values()].map(({ id }) => id);
    expect(ids).toHaveLength(128);
    // Instants 0 and 1 went in last but two: they are the oldest when room is needed.
    expect(ids).not.toContain('al_66');
    expect(ids).toContain('al_0');
  });
});

/** An agent with this many ordinary sessions on each of 28 days. */
function agentWith(sessionsPerDay: number): AgentBench {
  const agent = bench();
  for (let day = 0; day < 28; day++)
    for (let i = 0; i < sessionsPerDay; i++)
      agent.event(toolCall(`d${day}-${i}`, MONDAY_MS + day * DAY_MS + (i * DAY_MS) / sessionsPerDay));
  return agent;
}

describe('the alert budget', () => {
  const settings = { baseline: DEFAULT_BASELINE_SETTINGS, alertBudget: 0.02, detectors: 4 };
  const limitOf = (agent: AgentBench) => alertLimit(agent.state(), MONDAY_MS + 28 * DAY_MS, settings);

  it('is spread over the sessions of a day: ten times the sessions need a tenth of the p', () => {
    const ratio = limitOf(agentWith(2)) / limitOf(agentWith(20));
    expect(ratio).toBeGreaterThan(7);
    expect(ratio).toBeLessThan(11);
  });

  it('is spread over the detectors, and grows in proportion to itself', () => {
    const agent = agentWith(2);
    const timeMs = MONDAY_MS + 28 * DAY_MS;
    const limit = alertLimit(agent.state(), timeMs, settings);
    expect(alertLimit(agent.state(), timeMs, { ...settings, detectors: 8 })).toBeCloseTo(limit / 2, 12);
    expect(alertLimit(agent.state(), timeMs, { ...settings, alertBudget: 0.2 })).toBeCloseTo(limit * 10, 12);
  });

  it('counts a day with less than one session as one session', () => {
    const agent = bench();
    for (let week = 0; week < 10; week++) agent.event(toolCall(`w${week}`, MONDAY_MS + week * 7 * DAY_MS));
    expect(alertLimit(agent.state(), MONDAY_MS + 70 * DAY_MS, settings)).toBe(0.02 / 4);
  });

  it('is a prior of four sessions a day for an agent nobody knows, and for one unseen for decades', () => {
    const unknown = emptyAgentState('acme', 'a1');
    expect(alertLimit(unknown, MONDAY_MS, settings)).toBe(0.02 / 4 / 4);
    const limit = alertLimit(agentWith(20).state(), MONDAY_MS + 60 * 365 * DAY_MS, settings);
    expect(limit).toBeGreaterThan(0);
    expect(limit).toBeLessThanOrEqual(0.02 / 4);
  });

  it('decides: a p at the limit alerts, one above it does not', () => {
    const limit = alertLimit(emptyAgentState('acme', 'a1'), MONDAY_MS, { ...settings, detectors: 1 });
    const wireAt = (p: number) => ({
      ...tripwire,
      score: (...all: Parameters<typeof tripwire.score>) => {
        const finding = tripwire.score(...all);
        return finding === undefined ? undefined : { ...finding, p };
      },
    });
    const hits = (p: number) => bench({ detectors: [wireAt(p)] }).event(alarm('e1', MONDAY_MS)).hits.length;
    expect([hits(limit * 0.999), hits(limit), hits(limit * 1.001)]).toEqual([1, 1, 0]);
  });
});

describe('flags', () => {
  it.each<[string, number, number, string, string[]]>([
    ['in time', 0, 0, 'learn', []],
    ['an hour old on arrival', 0, HOUR_MS, 'learn', []],
    ['a day and a bit old on arrival', 0, DAY_MS + 1, 'learn', ['backfill']],
    ['exactly a day old on arrival', 0, DAY_MS, 'learn', []],
    ['ahead of receipt', 1, 0, 'learn', ['skewed']],
    ['a day behind the agent', -DAY_MS - 1, 0, 'late', ['late', 'backfill']],
    ['exactly a day behind the agent', -DAY_MS, -DAY_MS, 'learn', []],
  ])('%s', (_name, timeMs, receivedMs, status, flags) => {
    const agent = bench();
    agent.event(toolCall('newest', MONDAY_MS));
    const verdict = agent.event(toolCall('e', MONDAY_MS + timeMs), MONDAY_MS + receivedMs);
    expect({ status: verdict.status, flags: verdict.flags }).toEqual({ status, flags });
  });

  it('a late event can alert, and its session is marked backfill', () => {
    const agent = bench();
    agent.event(toolCall('newest', MONDAY_MS));
    const verdict = agent.event(alarm('e', MONDAY_MS - 2 * DAY_MS), MONDAY_MS);
    expect([verdict.status, verdict.flags, verdict.hits.length]).toEqual(['late', ['late', 'backfill'], 1]);
  });
});

describe('a verdict', () => {
  it('says it all: the hit, its evidence, and the score as the highest of its detectors', () => {
    const agent = bench();
    const verdict = agent.event(alarm('e1', MONDAY_MS));
    const [found] = verdict.hits;
    expect(verdict).toEqual({
      status: 'hold',
      flags: [],
      session: 's-e1',
      knowledge: 'cold',
      known: { sessions: 0, events: 0 },
      score: 1,
      detectors: { tripwire: 1 },
      surprise: { tripwire: expect.closeTo(9, 9) },
      hits: [
        {
          alertId: found?.alertId,
          opened: true,
          stored: true,
          detector: 'tripwire',
          subject: 'alarm',
          severity: 3,
          p: 1e-9,
          score: 1,
          title: 'The wire was touched',
          why: 'The wire was touched.',
          reason: {
            measure: 'touches',
            observed: 1,
            expected: 0,
            bound: 0,
            level: 'ceiling',
            sessions: 0,
            knowledge: 'cold',
            baseline: '-1',
            chain: [{ event: 'e1', role: 'the touch' }],
          },
          tags: ['T0000'],
        },
      ],
    });
  });

  it('takes the highest detector, never a mean: one blatant sign among silent detectors keeps its score', () => {
    const silent = { ...tripwire, score: () => undefined };
    const detectors = [tripwire, ...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => ({ ...silent, name }))];
    expect(bench({ detectors }).event(alarm('e1', MONDAY_MS)).score).toBe(1);
  });
});
