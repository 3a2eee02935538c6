/**
 * Goal: the sessions of several seeds count as one corpus: a story of the same name is another attack in each, rates are over all agent-days, and
 * the tables say so.
 */
import { describe, expect, it } from 'vitest';
import { evaluationOf } from '../../cli/evaluate/evaluation.ts';
import type { SessionOutcome } from '../../cli/evaluate/session-outcome.ts';
import { MONDAY_MS } from '../support/agent-bench.ts';
import type { SeedRun } from '../support/corpus-run.ts';
import { figuresOf, markdownOf } from '../support/corpus-tables.ts';
import { outcome } from '../support/session-outcomes.ts';

const alert = { firstAlertAt: 1, lastAlertAt: 1, coreAt: 1, opened: 1 } as const;
const attacked = (seed: number, extra: Partial<SessionOutcome>) =>
  outcome({ ...extra, label: { story: `${seed}/theft-1`, pace: 'burst', ageDays: 7, category: 'theft' } });
const benign = (extra: Partial<SessionOutcome>) =>
  outcome({ ...extra, cohort: 'benign', label: { kind: 'benign', pace: 'burst', ageDays: 7, changes: ['holiday'] } });

/** One agent, one day, one attack and two benign sessions of which `falseAlerts` alert. */
function runOf(seed: number, found: boolean, falseAlerts: number): SeedRun {
  const alarmed = { firstAlertAt: 0, lastAlertAt: 0, opened: 1 };
  const outcomes = [
    attacked(seed, found ? alert : { coreAt: 1 }),
    ...[0, 1].map((n) => benign(n < falseAlerts ? alarmed : {})),
  ];
  const survey = {
    untilMs: MONDAY_MS,
    testEndMs: MONDAY_MS + 1000,
    agentsFromMs: new Map([['a1', MONDAY_MS]]),
    namedMs: new Map<string, number>(),
    historyTooLate: 0,
  };
  return { seed, outcomes, evaluation: evaluationOf({ outcomes, survey, detectors: [], online: true }) };
}

describe('figures of several seeds', () => {
  const figures = figuresOf([runOf(1, true, 0), runOf(2, false, 1)]);

  it('count each story of each seed', () => {
    expect(figures.stories.all.stories_since_act).toMatchObject({ count: 1, of: 2 });
    expect(figures.stories.all.benign).toMatchObject({ count: 1, of: 4 });
  });

  it('have rates over all agent-days, and by seed', () => {
    expect(figures.false_alert_sessions_per_agent_day).toMatchObject({
      count: 1,
      agent_days: 2,
      rate: 0.5,
      by_seed: { 1: 0, 2: 1 },
    });
  });

  it('are written as tables with the spread', () => {
    const text = markdownOf(figures);
    expect(text).toContain('| theft  | 50 % (9 to 91)   | 1 of 2 | -    | -            | 50 % (9 to 91) |');
    expect(text).toContain('| holiday | 4               | 25 % (5 to 70) |');
    expect(text).toContain('False alert sessions: 1 in 2 agent-days, 0.500 a day (0 to 1 by seed).');
  });

  it('are none without a story', () => {
    expect(() => figuresOf([])).toThrow(RangeError);
  });
});
