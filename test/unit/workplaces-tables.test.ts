/** Goal: a row holds the sessions of its seeds and workplaces and no others, and the rates are over the days of those. */
import { describe, expect, it } from 'vitest';
import type { SessionOutcome } from '../../cli/evaluate/session-outcome.ts';
import { outcome } from '../support/session-outcomes.ts';
import type { WorkplaceRun, WorkplaceSession } from '../support/workplaces-run.ts';
import { figuresOf, markdownOf } from '../support/workplaces-tables.ts';

const alert = { firstAlertAt: 0, lastAlertAt: 0, opened: 1 } as const;
const attack = (extra: Partial<SessionOutcome>) => outcome({ score: 9, ...extra });
const benign = (extra: Partial<SessionOutcome>, fresh = false) =>
  outcome({ cohort: 'benign', label: { kind: 'benign', fresh }, ...extra });

/** An attack and two benign sessions at a bank, one of which alerts; a missed attack and a benign session at a shop. */
function runOf(seed: string): WorkplaceRun {
  const at = (workplace: string, goal: string | null, one: SessionOutcome): WorkplaceSession => ({
    seed,
    workplace,
    goal,
    outcome: one,
  });
  return {
    seed,
    sessions: [
      at('bank', 'theft', attack(alert)),
      at('bank', null, benign({ ...alert, score: 1 }, true)),
      at('bank', null, benign({})),
      at('shop', 'refund', attack({ score: 0.5 })),
      at('shop', 'refund', outcome({ cohort: 'failed-attack', ...alert })),
      at('shop', null, benign({})),
    ],
    agentDays: new Map([
      ['bank', 4],
      ['shop', 8],
    ]),
  };
}

const figures = figuresOf(
  [runOf('1'), runOf('2')],
  [
    { name: 'bank, first', seeds: ['1'], workplaces: ['bank'] },
    { name: 'all', seeds: ['1', '2'], workplaces: ['bank', 'shop'] },
    { name: 'thefts', seeds: ['1', '2'], workplaces: ['bank', 'shop'], goals: ['theft'] },
  ],
);

describe('figures of invented workplaces', () => {
  it('are of the seeds and workplaces that are asked for', () => {
    expect(figures.pools[0]).toMatchObject({ attacks: 1, benign: 2, auc: 1, recall: { count: 1, of: 1 } });
    expect(figures.pools[1]).toMatchObject({ attacks: 4, benign: 6, recall: { count: 2, of: 4 } });
  });

  it('are of the aims that are asked for, and of all benign sessions there', () => {
    expect(figures.pools[2]).toMatchObject({ attacks: 2, benign: 6, recall: { count: 2, of: 2 } });
  });

  it('count false alerts over the days of those agents', () => {
    expect(figures.pools[0]?.false_alert_sessions_per_agent_day).toMatchObject({ count: 1, agent_days: 4, rate: 0.25 });
    expect(figures.pools[1]?.false_alert_sessions_per_agent_day).toMatchObject({ count: 2, agent_days: 24 });
  });

  it('tell tasks that the history knows from new ones', () => {
    expect(figures.pools[1]?.benign_alerted_known_tasks).toMatchObject({ count: 0, of: 4 });
    expect(figures.pools[1]?.benign_alerted_fresh_tasks).toMatchObject({ count: 2, of: 2 });
  });

  it('say what is found of what attackers want, over all seeds and without what failed', () => {
    expect(figures.goals).toEqual([
      { workplace: 'bank', goal: 'theft', alerted: expect.objectContaining({ count: 2, of: 2 }) },
      { workplace: 'shop', goal: 'refund', alerted: expect.objectContaining({ count: 0, of: 2 }) },
    ]);
  });

  it('are written as tables', () => {
    const text = markdownOf(figures);
    expect(text).toMatch(/\| bank, first +\| 1 +\| 2 +\| 1\.000 \| 1\.000 \/ 1\.000/);
    expect(text).toMatch(/\| shop +\| `refund` +\| 0 of 2 +\|/);
  });
});
