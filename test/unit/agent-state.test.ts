/**
 * Goal: what enters an agent's baseline, and when. Learning lags scoring, alerted sessions wait for a word, and at every limit the
 * stated thing happens. Alerts come from `tripwire`, so nothing here depends on how detectors are tuned.
 */
import { describe, expect, it } from 'vitest';
import { isLate } from '../../baselines/agent-state.ts';
import { acquaintance } from '../../baselines/familiarity.ts';
import type { AuditEvent } from '../../ingest/event.ts';
import {
  AGENT,
  type AgentBench,
  alarm,
  createAgentBench,
  DAY_MS,
  HOUR_MS,
  MINUTE_MS,
  MONDAY_MS,
  toolCall,
  tripwire,
} from '../support/agent-bench.ts';

const bench = () => createAgentBench({ detectors: [tripwire] });
const inSession = (id: string, timeMs: number, extra: Partial<AuditEvent> = {}): AuditEvent =>
  toolCall(id, timeMs, { session: { id: 's1' }, ...extra });
/** An ordinary event of another session: turns the clock. */
const later = (agent: AgentBench, timeMs: number, receivedMs = timeMs) =>
  agent.event(toolCall(`later-${timeMs}`, timeMs, { session: { id: `later-${timeMs}` } }), receivedMs);
const knows = (agent: AgentBench, endpoint: string): string =>
  acquaintance(agent.state().baseline.familiar.endpoints, endpoint);
const learned = (agent: AgentBench) => {
  const { eventsEver, sessionsEver } = agent.state().baseline;
  return { events: eventsEver, sessions: sessionsEver };
};

describe('learning lags scoring', () => {
  it('an event is in the session at once and in the baseline only when the session was idle for 30 minutes', () => {
    const agent = bench();
    agent.event(inSession('e1', MONDAY_MS, { endpoint: 'crm.read' }));
    later(agent, MONDAY_MS + 30 * MINUTE_MS - 1);
    expect(learned(agent)).toEqual({ events: 0, sessions: 0 });
    expect(knows(agent, 'crm.read')).toBe('new');
    expect(agent.state().sessions.get('s1')?.pending).toHaveLength(1);
    later(agent, MONDAY_MS + 30 * MINUTE_MS);
    expect(learned(agent)).toEqual({ events: 1, sessions: 1 });
    expect(knows(agent, 'crm.read')).toBe('known');
    expect(agent.state().sessions.has('s1')).toBe(false);
  });

  it('an event of a session that goes on is learned one hour after it, and the session when it ends', () => {
    const agent = bench();
    for (let minute = 0; minute < 60; minute += 10)
      agent.event(inSession(`e${minute}`, MONDAY_MS + minute * MINUTE_MS, { endpoint: `x.${minute}` }));
    expect(learned(agent)).toEqual({ events: 0, sessions: 0 });
    agent.event(inSession('e60', MONDAY_MS + HOUR_MS));
    expect(learned(agent)).toEqual({ events: 1, sessions: 0 });
    expect([knows(agent, 'x.0'), knows(agent, 'x.10')]).toEqual(['known', 'new']);
    later(agent, MONDAY_MS + 2 * HOUR_MS);
    expect(learned(agent)).toEqual({ events: 7, sessions: 1 });
  });

  it('each event is learned exactly once, whichever way it takes', () => {
    const agent = bench();
    for (let minute = 0; minute < 300; minute += 7)
      agent.event(inSession(`e${minute}`, MONDAY_MS + minute * MINUTE_MS));
    later(agent, MONDAY_MS + DAY_MS);
    expect(learned(agent)).toEqual({ events: 43, sessions: 1 });
  });

  it('a session that never falls idle is summed up after a day', () => {
    const agent = bench();
    for (let minute = 0; minute <= 25 * 60; minute += 20)
      agent.event(inSession(`e${minute}`, MONDAY_MS + minute * MINUTE_MS));
    expect(learned(agent).sessions).toBe(1);
  });
});

/** One alerted session, closed. */
function alerted(agent: AgentBench, id: string, timeMs: number, extra: Partial<AuditEvent> = {}): string {
  const session = { id: `bad-${id}` };
  agent.event(toolCall(`${id}-1`, timeMs, { session, endpoint: `evil.${id}`, ...extra }));
  const { hits } = agent.event(alarm(`${id}-2`, timeMs + 1000, { session, endpoint: `evil.${id}` }));
  later(agent, timeMs + HOUR_MS);
  later(agent, timeMs + 2 * HOUR_MS);
  return hits[0]?.alertId ?? 'no alert';
}

describe('an alerted session', () => {
  it('is held: neither its events nor its sums are learned, also not those from before the alert', () => {
    const agent = bench();
    alerted(agent, 'a', MONDAY_MS);
    expect(knows(agent, 'evil.a')).toBe('new');
    expect(agent.state().held.map(({ session }) => [session.key, session.pending.length])).toEqual([['bad-a', 2]]);
  });

  it('is held from the alert on while it goes on', () => {
    const agent = bench();
    agent.event(inSession('e0', MONDAY_MS, { endpoint: 'crm.read' }));
    agent.event(alarm('e1', MONDAY_MS + MINUTE_MS, { session: { id: 's1' } }));
    const statuses = Array.from(
      { length: 8 },
      (_, i) => agent.event(inSession(`f${i}`, MONDAY_MS + (i + 1) * 15 * MINUTE_MS)).status,
    );
    expect(new Set(statuses)).toEqual(new Set(['hold']));
    expect(learned(agent)).toEqual({ events: 0, sessions: 0 });
  });

  it.each(['false_positive', 'benign_change'] as const)('is learned when closed as %s', (disposition) => {
    const agent = bench();
    const id = alerted(agent, 'a', MONDAY_MS);
    const before = learned(agent);
    agent.close(id, disposition);
    expect(knows(agent, 'evil.a')).toBe('known');
    expect(learned(agent)).toEqual({ events: before.events + 2, sessions: before.sessions + 1 });
    expect(agent.state().held).toEqual([]);
  });

  it('is never learned when closed as true positive', () => {
    const agent = bench();
    agent.close(alerted(agent, 'a', MONDAY_MS), 'true_positive');
    expect(agent.state().held).toEqual([]);
    later(agent, MONDAY_MS + 60 * DAY_MS);
    later(agent, MONDAY_MS + 61 * DAY_MS);
    expect(knows(agent, 'evil.a')).toBe('new');
  });

  it('waits for the word on each of its alerts', () => {
    const agent = bench();
    const session = { id: 's1' };
    const one = agent.event(alarm('e1', MONDAY_MS, { session, endpoint: 'evil.x' })).hits[0]?.alertId ?? '';
    const action = { type: 'tool_call', name: 'alarm second', phase: 'completed' } as const;
    const two = agent.event(toolCall('e2', MONDAY_MS + 1, { session, action })).hits[0]?.alertId ?? '';
    expect(one).not.toBe(two);
    later(agent, MONDAY_MS + HOUR_MS);
    agent.close(one, 'false_positive');
    expect([knows(agent, 'evil.x'), agent.state().held.length]).toEqual(['new', 1]);
    agent.close(two, 'false_positive');
    expect([knows(agent, 'evil.x'), agent.state().held.length]).toEqual(['known', 0]);
  });

  it('that is confirmed while it is open is dropped when it ends', () => {
    const agent = bench();
    const { hits } = agent.event(alarm('e1', MONDAY_MS, { session: { id: 's1' }, endpoint: 'evil.x' }));
    agent.close(hits[0]?.alertId ?? '', 'true_positive');
    later(agent, MONDAY_MS + HOUR_MS);
    later(agent, MONDAY_MS + 3 * HOUR_MS);
    expect([knows(agent, 'evil.x'), agent.state().held.length]).toEqual(['new', 0]);
  });

  it('that is dismissed while it is open is learned like any other', () => {
    const agent = bench();
    const { hits } = agent.event(alarm('e1', MONDAY_MS, { session: { id: 's1' }, endpoint: 'x.y' }));
    agent.close(hits[0]?.alertId ?? '', 'false_positive');
    expect(knows(agent, 'x.y')).toBe('new');
    later(agent, MONDAY_MS + HOUR_MS);
    expect(knows(agent, 'x.y')).toBe('known');
  });
});

describe('nobody judged an alerted session', () => {
  /** Alerted sessions on these days; then the clock goes to the given day. */
  function returned(days: readonly number[], untilDay: number, extra: Partial<AuditEvent> = {}): AgentBench {
    const agent = bench();
    for (const [i, day] of days.entries()) alerted(agent, `${i}`, MONDAY_MS + day * DAY_MS + i * 3 * HOUR_MS, extra);
    later(agent, MONDAY_MS + untilDay * DAY_MS);
    return agent;
  }

  it('but the same came back in three sessions on three days: learned after seven days', () => {
    expect(knows(returned([0, 1, 2], 6.5), 'evil.0')).toBe('new');
    expect(knows(returned([0, 1, 2], 7.5), 'evil.0')).toBe('known');
  });

  it.each<[string, readonly number[], Partial<AuditEvent>]>([
    ['it came only twice', [0, 1], {}],
    ['it came three times on two days', [0, 0, 1], {}],
    [
      'sensitive data was read and moved out',
      [0, 1, 2],
      {
        action: { type: 'send', name: 'mail', phase: 'completed' },
        resources: [{ name: 'salaries', classification: 'restricted' }],
        destinations: [{ kind: 'email', value: 'x@y.example' }],
      },
    ],
  ])('and %s: not learned', (_name, days, extra) => {
    expect(knows(returned(days, 10, extra), 'evil.0')).toBe('new');
  });

  it('sensitive data that was only read does not count as moved out', () => {
    const extra = { resources: [{ name: 'salaries', classification: 'restricted' as const }] };
    expect(knows(returned([0, 1, 2], 7.5, extra), 'evil.0')).toBe('known');
  });

  it('and four weeks are over: dropped', () => {
    const agent = returned([0], 28.5);
    expect([agent.state().held.length, knows(agent, 'evil.0')]).toEqual([0, 'new']);
  });
});

describe('the clock of ticks', () => {
  it('closes a session 30 minutes of receipt time after its last event', () => {
    const agent = bench();
    agent.event(inSession('e1', MONDAY_MS, { endpoint: 'crm.read' }));
    agent.tick(MONDAY_MS + 29 * MINUTE_MS);
    // An event a second after the first: event time stands still, receipt time goes on.
    agent.event(toolCall('e2', MONDAY_MS + 1000), MONDAY_MS + 29 * MINUTE_MS);
    expect(agent.state().sessions.has('s1')).toBe(true);
    agent.tick(MONDAY_MS + 30 * MINUTE_MS);
    agent.event(toolCall('e3', MONDAY_MS + 2000), MONDAY_MS + 30 * MINUTE_MS);
    expect([agent.state().sessions.has('s1'), knows(agent, 'crm.read')]).toEqual([false, 'known']);
  });

  it('does not close old events that have just arrived', () => {
    const agent = bench();
    const nowMs = MONDAY_MS + 90 * DAY_MS;
    agent.tick(nowMs);
    agent.event(inSession('e1', MONDAY_MS), nowMs);
    agent.tick(nowMs + 29 * MINUTE_MS);
    agent.event(inSession('e2', MONDAY_MS + 1000), nowMs + 29 * MINUTE_MS);
    expect(agent.state().sessions.get('s1')?.sums.events).toBe(2);
    expect(learned(agent).events).toBe(0);
  });

  it('never runs backwards', () => {
    const agent = bench();
    agent.tick(MONDAY_MS + HOUR_MS);
    agent.tick(MONDAY_MS);
    agent.event(inSession('e1', MONDAY_MS), MONDAY_MS);
    agent.event(toolCall('e2', MONDAY_MS + 1), MONDAY_MS);
    expect(agent.state().sessions.has('s1')).toBe(false);
  });
});

describe('events out of time', () => {
  it('24 hours behind is late: judged, flagged, and taught to nobody', () => {
    const agent = bench();
    agent.event(toolCall('now', MONDAY_MS + 2 * DAY_MS));
    const lateMs = MONDAY_MS + DAY_MS - 1;
    const late = (id: string) =>
      agent.event(inSession(id, lateMs, { endpoint: 'old.thing', agent: { id: AGENT, version: 'v0' } }));
    expect(isLate(agent.state(), lateMs)).toBe(true);
    expect(['l1', 'l2', 'l3'].map((id) => late(id).status)).toEqual(['late', 'late', 'late']);
    expect(agent.state().clockMs).toBe(MONDAY_MS + 2 * DAY_MS);
    expect(agent.state().baseline.releases).toEqual([]);
    later(agent, MONDAY_MS + 3 * DAY_MS);
    expect(knows(agent, 'old.thing')).toBe('new');
    expect(learned(agent)).toEqual({ events: 1, sessions: 1 });
    expect(agent.state().baseline.perSession.events.positive.value).toBe(1);
  });

  it('exactly 24 hours behind is not late', () => {
    const agent = bench();
    agent.event(toolCall('now', MONDAY_MS + DAY_MS));
    expect(agent.event(inSession('e1', MONDAY_MS)).flags).toEqual([]);
  });

  it('ahead of receipt counts at receipt: the clock does not follow the sender', () => {
    const agent = bench();
    const verdict = agent.event(inSession('e1', MONDAY_MS + 5 * HOUR_MS), MONDAY_MS);
    expect(verdict.flags).toEqual(['skewed']);
    expect(agent.state().clockMs).toBe(MONDAY_MS);
    expect(agent.state().sessions.get('s1')?.lastMs).toBe(MONDAY_MS);
  });

  it('a change of release is noted, once there was one before', () => {
    const agent = bench();
    const at = (id: string, timeMs: number, version: string) =>
      agent.event(toolCall(id, timeMs, { agent: { id: AGENT, version } }));
    at('e1', MONDAY_MS, 'v1');
    expect(agent.state().baseline.releasedMs).toBe(0);
    at('e2', MONDAY_MS + 1, 'v2');
    expect(agent.state().baseline.releasedMs).toBe(MONDAY_MS + 1);
    at('e3', MONDAY_MS + 2, 'v2');
    expect(agent.state().baseline.releasedMs).toBe(MONDAY_MS + 1);
  });

  it('releases that run side by side are one change, and only so many are remembered', () => {
    const agent = bench();
    const at = (i: number, version: string) =>
      agent.event(toolCall(`e${i}`, MONDAY_MS + i, { agent: { id: AGENT, version } }));
    for (const [i, version] of ['v1', 'v2', 'v1', 'v2', 'v1'].entries()) at(i, version);
    expect(agent.state().baseline.releasedMs).toBe(MONDAY_MS + 1);
    for (let i = 5; i < 40; i++) at(i, `v${i}`);
    expect(agent.state().baseline.releases).toEqual(Array.from({ length: 16 }, (_, i) => `v${i + 24}`));
  });
});

/** Without a session id. */
function nameless(id: string, timeMs: number, principal = 'u1'): AuditEvent {
  const { session: _, ...rest } = toolCall(id, timeMs, { principal: { id: principal } });
  return rest;
}

describe('sessions without an id', () => {
  it('are cut at a gap of 30 minutes, one principal apart from another', () => {
    const agent = bench();
    const sessions = [
      nameless('e1', MONDAY_MS),
      nameless('e2', MONDAY_MS + 29 * MINUTE_MS),
      nameless('e3', MONDAY_MS + 30 * MINUTE_MS, 'u2'),
      nameless('e4', MONDAY_MS + 50 * MINUTE_MS),
      nameless('e5', MONDAY_MS + 80 * MINUTE_MS),
    ].map((event) => agent.event(event).session);
    expect(sessions).toEqual(['derived:e1', 'derived:e1', 'derived:e3', 'derived:e1', 'derived:e5']);
  });

  it('remember the last 64 principals', () => {
    const agent = bench();
    for (let i = 0; i < 200; i++) agent.event(nameless(`e${i}`, MONDAY_MS + i, `u${i}`));
    expect([...agent.state().derived.keys()]).toEqual(Array.from({ length: 64 }, (_, i) => `u${136 + i}`));
  });
});

describe('limits', () => {
  it('64 open sessions: the one longest without an event closes, is learned, and is counted', () => {
    const agent = bench();
    for (let i = 0; i < 64; i++)
      agent.event(inSession(`e${i}`, MONDAY_MS + i, { session: { id: `s${i}` }, endpoint: `x.${i}` }));
    agent.event(inSession('again', MONDAY_MS + 64, { session: { id: 's0' } }));
    agent.event(inSession('more', MONDAY_MS + 65, { session: { id: 's64' } }));
    expect([agent.state().sessions.size, agent.state().crowdedOut]).toEqual([64, 1]);
    expect([agent.state().sessions.has('s0'), agent.state().sessions.has('s1'), knows(agent, 'x.1')]).toEqual([
      true,
      false,
      'known',
    ]);
  });

  it('10 KiB of pending events: the oldest is learned early and counted', () => {
    const agent = bench();
    for (let i = 0; i < 840; i++) agent.event(inSession(`e${i}`, MONDAY_MS + i, { endpoint: `x.${Math.min(i, 9)}` }));
    const session = agent.state().sessions.get('s1');
    expect([session?.pending.length, session?.overflowed, learned(agent).events]).toEqual([832, 8, 8]);
    expect([knows(agent, 'x.7'), knows(agent, 'x.8')]).toEqual(['known', 'new']);
  });

  it('10 KiB of pending events of an alerted session: the oldest is lost, not learned', () => {
    const agent = bench();
    agent.event(alarm('a', MONDAY_MS, { session: { id: 's1' } }));
    for (let i = 0; i < 844; i++) agent.event(inSession(`e${i}`, MONDAY_MS + i));
    const session = agent.state().sessions.get('s1');
    expect([session?.pending.length, session?.overflowed, learned(agent).events]).toEqual([838, 7, 0]);
  });

  const longNames = (i: number, count: number) => ({
    resources: Array.from({ length: count }, (_, n) => ({ name: `${i}/${n}/`.padEnd(2000, 'x') })),
  });

  it('10 KiB of pending events and their names: the oldest event is learned early and counted', () => {
    const agent = bench();
    for (let i = 0; i < 10; i++)
      agent.event(inSession(`e${i}`, MONDAY_MS + i, { endpoint: `x.${i}`, ...longNames(i, 16) }));
    const session = agent.state().sessions.get('s1');
    expect([session?.pending.length, session?.overflowed, learned(agent).events]).toEqual([2, 8, 8]);
    expect([knows(agent, 'x.7'), knows(agent, 'x.8')]).toEqual(['known', 'new']);
  });

  const sendTo = (value: string) => ({
    action: { type: 'send', name: 'mail', phase: 'completed' } as const,
    destinations: [{ kind: 'host' as const, value }],
  });

  it.each([
    ['young', MONDAY_MS + HOUR_MS / 4, 'new'],
    ['older than an hour', MONDAY_MS + HOUR_MS, 'known'],
  ] as const)('a session that is %s: places of what is learned early are %s', (_age, thenMs, acquainted) => {
    const agent = bench();
    agent.event(inSession('first', MONDAY_MS));
    for (let quarter = 1; MONDAY_MS + (quarter * HOUR_MS) / 4 < thenMs; quarter++)
      agent.event(inSession(`goes on ${quarter}`, MONDAY_MS + (quarter * HOUR_MS) / 4));
    agent.event(inSession('send', thenMs, { endpoint: 'x.send', ...sendTo('relay.example') }));
    for (let i = 0; i < 6; i++) agent.event(inSession(`e${i}`, thenMs + 1 + i, longNames(i, 16)));
    const { familiar } = agent.state().baseline;
    expect(acquaintance(familiar.hosts, 'relay.example')).toBe(acquainted);
    expect(knows(agent, 'x.send')).toBe('known');
  });

  it('10 KiB of pending events of an alerted session: the oldest event is lost, not learned', () => {
    const agent = bench();
    agent.event(alarm('a', MONDAY_MS, { session: { id: 's1' } }));
    for (let i = 0; i < 10; i++) agent.event(inSession(`e${i}`, MONDAY_MS + i, longNames(i, 16)));
    const session = agent.state().sessions.get('s1');
    expect([session?.pending.length, session?.overflowed, learned(agent).events]).toEqual([2, 9, 0]);
  });

  it('160 characters of a resource: a longer name is kept cut, and is one resource whenever it comes', () => {
    const agent = bench();
    for (let i = 0; i < 3; i++) agent.event(inSession(`e${i}`, MONDAY_MS + i, longNames(0, 64)));
    const names = [...(agent.state().sessions.get('s1')?.resources ?? [])];
    expect([names.length, Math.max(...names.map(({ length }) => length))]).toEqual([64, 160]);
  });

  it('64 held sessions: the oldest are dropped without being learned', () => {
    const agent = bench();
    for (let i = 0; i < 80; i++)
      agent.event(alarm(`a${i}`, MONDAY_MS + i * HOUR_MS, { session: { id: `bad-${i}` }, endpoint: `evil.${i}` }));
    later(agent, MONDAY_MS + 81 * HOUR_MS);
    const { held } = agent.state();
    expect([held.length, held[0]?.session.key, held.at(-1)?.session.key]).toEqual([64, 'bad-16', 'bad-79']);
    expect(learned(agent).events).toBe(0);
  });

  it('names such as __proto__ are names: agent, session, principal, endpoint', () => {
    const agent = bench();
    const odd = '__proto__';
    for (const id of ['e1', 'e2']) agent.event({ ...nameless(id, MONDAY_MS, odd), agent: { id: odd }, endpoint: odd });
    agent.event(toolCall('e3', MONDAY_MS, { agent: { id: odd }, session: { id: odd } }));
    const state = agent.state(odd);
    expect([...state.sessions.keys()]).toEqual(['derived:e1', odd]);
    agent.event(toolCall('e4', MONDAY_MS + HOUR_MS, { agent: { id: odd } }));
    expect(acquaintance(state.baseline.familiar.endpoints, odd)).toBe('known');
    expect(agent.state('constructor').baseline.eventsEver).toBe(0);
    expect(({} as Record<string, unknown>)['sessions']).toBeUndefined();
  });
});

describe('repeats', () => {
  it.each(['duplicate', 'conflict', 'rejected'] as const)('a %s changes no state', (repeat) => {
    const agent = bench();
    agent.event(inSession('e1', MONDAY_MS));
    const before = agent.texts();
    expect(agent.event(alarm('e1', MONDAY_MS + HOUR_MS), MONDAY_MS + HOUR_MS, repeat)).toMatchObject({
      status: repeat,
      hits: [],
    });
    expect(agent.texts()).toEqual(before);
  });
});
