/** Goal: a state that moves keeps everything but its positions, and the order of these; nothing of it lies after where it begins. */
import { expect, it } from 'vitest';
import { type AgentState, emptyAgentState } from '../../baselines/agent-state.ts';
import { movedState } from '../../baselines/moved-state.ts';
import { openSession } from '../../baselines/session-state.ts';

const session = (key: string, first: number, last: number) => ({
  ...openSession(key, first, 10, 20),
  lastPosition: last,
});

function stateAt(position: number, baseline: number): AgentState {
  const state = emptyAgentState('tenant', 'agent');
  return {
    ...state,
    position,
    clockMs: 99,
    baseline: { ...state.baseline, position: baseline },
    sessions: new Map([
      ['a', session('a', 700, 900)],
      ['b', session('b', 650, 1000)],
    ]),
    held: [{ session: session('c', 5, 7), closedMs: 3 }],
  };
}

it('counts positions from where it begins', () => {
  const state = stateAt(1000, 640);
  const before = structuredClone(state);
  expect(movedState(state)).toEqual({
    ...state,
    position: 0,
    baseline: { ...state.baseline, position: -360 },
    sessions: new Map([
      ['a', session('a', -300, -100)],
      ['b', session('b', -350, 0)],
    ]),
    held: [{ session: session('c', -995, -993), closedMs: 3 }],
  });
  expect(state).toEqual(before);
});

it('leaves a baseline that has learned nothing, and a state that has moved already', () => {
  expect(movedState(stateAt(1000, -1)).baseline.position).toBe(-1);
  const moved = movedState(stateAt(1000, 640));
  expect(movedState(moved)).toEqual(moved);
});
