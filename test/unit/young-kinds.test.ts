/**
 * Goal: agents that began together have a kind from their first days on, with as much of a voice as they have sessions; once a full kind is known
 * well, young agents are no members.
 */
import { describe, expect, it } from 'vitest';
import { DEFAULT_BASELINE_SETTINGS } from '../../baselines/baseline.ts';
import { type KindModel, summariseKind } from '../../baselines/kind-model.ts';
import { priorFor } from '../../baselines/kind-prior.ts';
import { DAY_MS, HOUR_MS, toolCall } from '../support/agent-bench.ts';
import { createBaselineBench } from '../support/baseline-bench.ts';

const START_MS = Date.UTC(2026, 0, 5);

/** Agents that have had so many sessions each, the last of them at the same time. */
function modelOf(sessions: readonly number[]): KindModel | undefined {
  const bench = createBaselineBench();
  for (const [n, count] of sessions.entries())
    for (let i = 0; i < count; i++) {
      const id = `a${n}-${i}`;
      const timeMs = START_MS + 10 * DAY_MS - (count - i) * 4 * HOUR_MS;
      const agent = { id: `a${String(n).padStart(2, '0')}`, kind: 'desk' };
      bench.event(toolCall(id, timeMs, { agent, session: { id } }));
    }
  // Their last sessions are closed and learned.
  const later = START_MS + 10 * DAY_MS + HOUR_MS;
  for (const n of sessions.keys())
    bench.event(toolCall(`end-${n}`, later, { agent: { id: `a${String(n).padStart(2, '0')}`, kind: 'desk' } }));
  return summariseKind('desk', bench.states(), DEFAULT_BASELINE_SETTINGS, bench.lend);
}

const voicesIn = (model: KindModel | undefined) => model?.members.map(({ agent, voice = 1 }) => [agent, voice]);

describe('members of a kind', () => {
  it('are young agents too, from their fifth session on, with a part of a voice', () => {
    expect(voicesIn(modelOf([4, 5, 10, 19]))).toEqual([
      ['a01', 0.25],
      ['a02', 0.5],
      ['a03', 0.95],
    ]);
    expect(modelOf([4, 4, 4, 5, 5])).toBeUndefined();
  });

  it('have a full voice, and are named in the model as before, once they are known well', () => {
    const model = modelOf([20, 30, 40]);
    expect(voicesIn(model)).toEqual([
      ['a00', 1],
      ['a01', 1],
      ['a02', 1],
    ]);
    expect(model?.members.some((member) => 'voice' in member)).toBe(false);
  });

  it('are the best known of the young while a kind is not full, and none of them when it is', () => {
    const nine = Array.from({ length: 9 }, () => 20);
    expect(voicesIn(modelOf([...nine, 6, 12, 7]))?.filter(([, voice]) => voice !== 1)).toEqual([['a10', 0.6]]);
    expect(voicesIn(modelOf([...nine, 20, 12, 7]))).toHaveLength(10);
  });

  it('speak for themselves alone: the prior counts the voices of the others', () => {
    const model = modelOf([5, 10, 15, 20]) as KindModel;
    expect(priorFor(model, 'a03')).toMatchObject({ members: 3, voices: 0.25 + 0.5 + 0.75 });
    expect(priorFor(model, 'new')).toMatchObject({ members: 4, voices: 2.5 });
  });
});
