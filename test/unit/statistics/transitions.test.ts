/** Goal: the chances of what may follow a tool sum to 1, follow what was seen, fall back to how common a tool is, and stay bounded. */
import { describe, expect, it } from 'vitest';
import { chanceOfNew } from '../../../baselines/familiarity.ts';
import {
  emptyTransitions,
  isKnownTransition,
  learnTransition,
  noveltyOf,
  type Transitions,
  transitionProbability,
} from '../../../baselines/statistics/transitions.ts';

const HALF_LIFE_MS = 14 * 86_400_000;
const START_MS = Date.UTC(2026, 0, 5);
const SETTINGS = { halfLifeMs: HALF_LIFE_MS, pairsMax: 256, toolsMax: 64 };

function learnOrder(model: Transitions, order: readonly string[], times: number, settings = SETTINGS): void {
  for (let i = 0; i < times; i++) {
    let from = '';
    for (const to of order) {
      learnTransition(model, from, to, START_MS + i * 60_000, settings);
      from = to;
    }
  }
}

const p = (model: Transitions, from: string, to: string): number => transitionProbability(model, from, to, START_MS);

describe('transitions', () => {
  it('expect the usual order, doubt another, doubt a stranger most', () => {
    const model = emptyTransitions();
    learnOrder(model, ['search', 'read', 'answer'], 50);
    expect(p(model, 'search', 'read')).toBeGreaterThan(0.95);
    expect(p(model, '', 'search')).toBeGreaterThan(0.95);
    expect(p(model, 'read', 'search')).toBeLessThan(0.02);
    expect(p(model, 'read', 'export')).toBeLessThan(p(model, 'read', 'search') / 10);
    expect(p(model, 'read', 'export')).toBeGreaterThan(0);
  });

  it('judge the follower of an unknown tool by how common it is', () => {
    const model = emptyTransitions();
    learnOrder(model, ['search', 'search', 'search', 'answer'], 50);
    expect(p(model, 'stranger', 'search')).toBeCloseTo(0.75, 1);
    expect(p(model, 'stranger', 'answer')).toBeCloseTo(0.25, 1);
  });

  it('know nothing at first: anything is as likely as anything', () => {
    expect(p(emptyTransitions(), '', 'search')).toBe(1);
  });

  it('stay within their bounds under a flood, and keep what is used', () => {
    const model = emptyTransitions();
    const settings = { ...SETTINGS, pairsMax: 40, toolsMax: 20 };
    for (let i = 0; i < 3000; i++) {
      learnOrder(model, ['search', 'read'], 1, settings);
      learnTransition(model, `flood ${i}`, `flood ${i + 1}`, START_MS + i * 1000, settings);
    }
    expect([model.pairs.heap.length, model.tools.heap.length]).toEqual([40, 20]);
    expect(model.rows.size).toBeLessThanOrEqual(40);
    expect([...model.rows.values()].reduce((sum, { entries }) => sum + entries, 0)).toBe(40);
    expect(model.all.entries).toBe(20);
    expect(p(model, 'search', 'read')).toBeGreaterThan(0.9);
  });

  it('tell how often an order is new: hardly ever for a fixed one, always for one that runs on', () => {
    const DAY_MS = 86_400_000;
    const [fixed, running] = [emptyTransitions(), emptyTransitions()];
    for (let day = 0; day < 30; day++) {
      learnTransition(fixed, '', 'search', START_MS + day * DAY_MS, SETTINGS);
      learnTransition(fixed, 'search', day % 2 === 0 ? 'read' : 'answer', START_MS + day * DAY_MS, SETTINGS);
      learnTransition(running, 'search', `tool ${day}`, START_MS + day * DAY_MS, SETTINGS);
    }
    const belief = { sessions: 20, prior: 0.05, priorSessions: 20 };
    const chance = (model: Transitions) =>
      chanceOfNew({ novelty: noveltyOf(model) }, 1, START_MS + 30 * DAY_MS, belief);
    expect(chance(fixed)).toBeLessThan(0.1);
    expect(chance(running)).toBeGreaterThan(0.4);
    expect([isKnownTransition(fixed, 'search', 'read'), isKnownTransition(fixed, 'read', 'search')]).toEqual([
      true,
      false,
    ]);
  });

  it('of a build that did not count news begin to with the next one', () => {
    const { novelty: _, ...before } = emptyTransitions();
    learnTransition(before, '', 'search', START_MS, SETTINGS);
    expect(noveltyOf(before).uses).toBeGreaterThan(0);
  });
});
