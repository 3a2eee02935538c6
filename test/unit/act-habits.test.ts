/**
 * Goal: what an act is given, how much it touches and what it follows weigh as much as this agent's own sessions make it odd, and no more than
 * the request leaves unexplained; what is kept of it is bounded and goes on after a restart. Method: sessions of a small theatre, counted.
 */
import { describe, expect, it } from 'vitest';
import { type AgentState, emptyAgentState } from '../../baselines/agent-state.ts';
import { openSession, type SessionState } from '../../baselines/session-state.ts';
import {
  type ActHabits,
  amountChance,
  decodeHabits,
  emptyHabits,
  encodeHabits,
  learnActs,
  NAMED,
  type Naming,
  noteAct,
  STRANGE,
  shareOf,
} from '../../detectors/act-habits.ts';
import { rareSequence } from '../../detectors/rare-sequence.ts';
import { createAgentBench, DAY_MS, MONDAY_MS } from '../support/agent-bench.ts';
import { eventsOf, NEXT_MS, type Scene, theatre, write } from '../support/theatre.ts';

const HALF_LIFE_MS = 14 * DAY_MS;
const at = { timeMs: MONDAY_MS + DAY_MS, halfLifeMs: HALF_LIFE_MS };

function sessionsOf(agent: AgentState, key: string): SessionState {
  const session = openSession(key, 0, MONDAY_MS, MONDAY_MS);
  agent.sessions.set(key, session);
  return session;
}

function lived(sessions: number, tool: string, naming: Naming, rows = 0): ActHabits {
  const habits = emptyHabits();
  const agent = emptyAgentState('acme', 'usher');
  for (let i = 0; i < sessions; i++) {
    const session = sessionsOf(agent, `s${i}`);
    noteAct(habits, { tool, naming: { value: naming }, rows }, session, agent);
    learnActs(habits, session, HALF_LIFE_MS);
    agent.sessions.delete(session.key);
  }
  return habits;
}

describe('shareOf', () => {
  it('starts from a prior, and falls where somebody always named the value', () => {
    const shares = [0, 5, 40].map((sessions) =>
      shareOf(lived(sessions, 'seat', NAMED), 'seat', 'value', 'strange', at),
    );
    expect(shares[0]).toBe(0.3);
    expect(shares[1]).toBeLessThan(0.1);
    expect(shares[2]).toBeLessThan(0.01);
  });

  it('rises to 1 for a tool that gets something new each time, which then says nothing', () => {
    expect(shareOf(lived(40, 'note', STRANGE), 'note', 'value', 'strange', at)).toBeGreaterThan(0.95);
  });

  it('of a tool never used is that of tools, each with one voice, and addresses are counted apart', () => {
    const habits = lived(40, 'seat', NAMED);
    expect(shareOf(habits, 'stage', 'value', 'strange', at)).toBeCloseTo((2 * 0.3) / (2 + 40 / 41), 2);
    expect(shareOf(habits, 'seat', 'address', 'strange', at)).toBe(0.1);
  });
});

describe('amountChance', () => {
  it('is small for many more rows than acts ever touched, and counts what the session did before', () => {
    const habits = lived(30, 'strike', NAMED, 10);
    const agent = emptyAgentState('acme', 'usher');
    const session = sessionsOf(agent, 'now');
    expect(amountChance(habits, 10, session, at)).toBeGreaterThan(0.3);
    noteAct(habits, { tool: 'strike', naming: {}, rows: 4_000 }, session, agent);
    expect(amountChance(habits, 1, session, at)).toBeLessThan(0.01);
  });
});

describe('what is kept', () => {
  it('is nothing while nothing was learned, and the same after a restart', () => {
    expect(encodeHabits(emptyHabits())).toBeNull();
    const habits = lived(7, 'seat', STRANGE, 3);
    const agent = emptyAgentState('acme', 'usher');
    noteAct(habits, { tool: 'seat', naming: { address: NAMED }, rows: 2 }, sessionsOf(agent, 'open'), agent);
    const stored = JSON.parse(JSON.stringify(encodeHabits(habits)));
    expect(encodeHabits(decodeHabits(stored))).toEqual(encodeHabits(habits));
    expect(decodeHabits(null)).toEqual(emptyHabits());
  });

  it('stays below its bound, whatever names and however many sessions', () => {
    const habits = emptyHabits();
    const agent = emptyAgentState('acme', 'usher');
    for (let i = 0; i < 200; i++) {
      const session = sessionsOf(agent, `${'\u0001'.repeat(250)}${i}`);
      for (let j = 0; j < 20; j++)
        noteAct(habits, { tool: `tool-${i}-${j}`, naming: { value: STRANGE }, rows: 1 }, session, agent);
      if (i % 2 === 0) learnActs(habits, session, HALF_LIFE_MS);
    }
    expect(habits.open.size).toBeLessThanOrEqual(64);
    expect(habits.tools.size).toBeLessThanOrEqual(64);
    expect(JSON.stringify(encodeHabits(habits)).length).toBeLessThan(rareSequence.maxBytes);
  });

  it('forgets sessions that closed without being learned', () => {
    const habits = emptyHabits();
    const agent = emptyAgentState('acme', 'usher');
    noteAct(habits, { tool: 'seat', naming: {}, rows: 0 }, sessionsOf(agent, 'attack'), agent);
    agent.sessions.delete('attack');
    noteAct(habits, { tool: 'seat', naming: {}, rows: 0 }, sessionsOf(agent, 'next'), agent);
    expect([...habits.open.keys()]).toEqual(['next']);
  });
});

describe('an act that the request does not explain', () => {
  const TEXTS = theatre().texts();
  const surpriseOf = (scene: Scene): number => {
    const agent = createAgentBench({ restored: { texts: TEXTS, tickMs: 0 } });
    const verdicts = eventsOf('x', NEXT_MS, scene).map((event) => agent.event(event));
    return verdicts.at(-1)?.surprise['rare-sequence'] ?? 0;
  };
  const LETTER = 'What does the letter of the printers say?';
  const plain = surpriseOf({ ask: LETTER, act: write('delete_file', { path: 'sketch' }) });

  it('is odder on something that nobody named, by more than a name in the request is worth', () => {
    const named = surpriseOf({ ask: LETTER, act: write('delete_file', { path: 'printers' }) });
    const worth = 1.2 / Math.LN10;
    expect(surpriseOf({ ask: LETTER, act: write('delete_file', { path: 'vault-9931' }) })).toBeGreaterThan(
      named + worth + 0.3,
    );
  });

  it('is odder on something sensitive that the agent never touched', () => {
    const resources = [{ name: 'ledger of wages', classification: 'restricted' as const }];
    const act = write('delete_file', { path: 'sketch' }, { resources });
    expect(surpriseOf({ ask: LETTER, act })).toBeGreaterThan(plain + 0.5);
  });

  it('is odder on a thousand rows', () => {
    const act = write('delete_file', { path: 'sketch' }, { data: { rows: 1_000 } });
    expect(surpriseOf({ ask: LETTER, act })).toBeGreaterThan(plain);
  });

  it('is none of this where the user asked for it', () => {
    const resources = [{ name: 'ledger of wages', classification: 'restricted' as const }];
    const act = write('delete_file', { path: 'vault-9931' }, { resources, data: { rows: 1_000 } });
    expect(surpriseOf({ ask: 'Delete the file vault-9931', act })).toBeLessThan(0.5);
  });
});
