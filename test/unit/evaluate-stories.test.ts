/**
 * Goal: attacks over several sessions count once as a story and each session for itself, precision stands beside recall by labelled age and
 * pace, and false alarms are told by honest change. Method: a handful of sessions whose shares anyone can count.
 */
import { describe, expect, it } from 'vitest';
import { evaluationOf } from '../../cli/evaluate/evaluation.ts';
import { evaluationPage } from '../../cli/evaluate/page/page.ts';
import type { SessionOutcome } from '../../cli/evaluate/session-outcome.ts';
import { storyFiguresOf } from '../../cli/evaluate/story-figures.ts';
import { storySections } from '../../cli/evaluate/story-report.ts';
import { MONDAY_MS } from '../support/agent-bench.ts';
import { outcome } from '../support/session-outcomes.ts';

const fired = { firstAlertAt: 3, lastAlertAt: 3 };
const attack = (story: string, pace: string, ageDays: number, parts: Partial<SessionOutcome> = {}): SessionOutcome =>
  outcome({ coreAt: 2, ...parts, label: { story, pace, ageDays } });
const benign = (pace: string | undefined, ageDays: number, changes: string[], parts: Partial<SessionOutcome> = {}) =>
  outcome({ ...parts, cohort: 'benign', label: { kind: 'benign', pace, ageDays, changes } });

const attacks = [
  attack('a', 'burst', 1, fired),
  attack('b', 'low-and-slow', 30),
  attack('b', 'low-and-slow', 30, fired),
  attack('b', 'low-and-slow', 30),
  attack('c', 'low-and-slow', 7, { firstAlertAt: 0, lastAlertAt: 1 }),
];
const calm = [
  benign('burst', 1, ['holiday', 'outage'], fired),
  benign('low-and-slow', 30, []),
  benign(undefined, 7, ['outage']),
];
const count = ({ count: found, of }: { count: number; of: number }) => `${found} of ${of}`;

describe('storyFiguresOf', () => {
  const figures = storyFiguresOf(attacks, calm);

  it('counts a story as caught when any of its sessions alerts, and apart those that alerted since the act', () => {
    const all = figures?.all;
    expect(all && [all.stories, all.stories_since_act, all.sessions, all.precision, all.benign].map(count)).toEqual([
      '3 of 3',
      '2 of 3',
      '3 of 5',
      '3 of 4',
      '1 of 3',
    ]);
  });

  it('by age in order of days, and by pace, with benign sessions of the same agents', () => {
    const told = (
      rows: readonly {
        name: string;
        stories: { count: number; of: number };
        precision: { count: number; of: number };
      }[] = [],
    ) => rows.map((row) => `${row.name}: ${count(row.stories)}, ${count(row.precision)}`);
    expect(told(figures?.age)).toEqual(['1 d: 1 of 1, 1 of 2', '7 d: 1 of 1, 1 of 1', '30 d: 1 of 1, 1 of 1']);
    expect(told(figures?.pace)).toEqual([
      'burst: 1 of 1, 1 of 2',
      'low-and-slow: 2 of 2, 2 of 2',
      'none: 0 of 0, 0 of 0',
    ]);
    expect(figures?.age_and_pace.map(({ name }) => name)).toEqual([
      '1 d, burst',
      '7 d, low-and-slow',
      '7 d, none',
      '30 d, low-and-slow',
    ]);
  });

  it('counts a session for every change under way', () => {
    expect(figures?.change.map(({ name, benign: share }) => `${name}: ${count(share)}`)).toEqual([
      'holiday: 1 of 1',
      'none: 0 of 1',
      'outage: 1 of 2',
    ]);
  });

  it('are none where labels name no story', () => {
    expect(storyFiguresOf([outcome()], calm)).toBeNull();
    expect(storySections({ stories: null }, 100)).toEqual([]);
  });
});

describe('stories in the report', () => {
  const survey = {
    untilMs: MONDAY_MS,
    testEndMs: undefined,
    agentsFromMs: new Map(),
    namedMs: new Map(),
    historyTooLate: 0,
  };
  const evil = attack('\u001b[31mred', 'bu\u001brst', 1, fired);

  it('show every share with its count, and text from labels as text', () => {
    const evaluation = evaluationOf({ outcomes: [...attacks, evil, ...calm], survey, detectors: [], online: true });
    expect(evaluation.online).toBe(true);
    const text = storySections(evaluation, 100).join('\n');
    expect(text).toContain('4 of 4');
    expect(text).toContain('1 d, burst');
    expect(text).not.toContain('\u001b');
  });

  it('stand on the page with the same figures', () => {
    const evaluation = evaluationOf({ outcomes: [...attacks, evil, ...calm], survey, detectors: [], online: true });
    const page = evaluationPage(evaluation, []);
    const row = page.split('\n').find((line) => line.includes('<td class="name">1 d, burst</td>'));
    expect(row).toContain('<td class="n">1 of 1</td>');
    expect(page).toContain('<h3>Benign sessions by honest change</h3>');
    expect(page).toContain('<td class="name">holiday</td>');
    expect(page).not.toContain('\u001b');
  });

  it('are left out of a page whose labels name none', () => {
    const evaluation = evaluationOf({ outcomes: [outcome(), ...calm], survey, detectors: [], online: true });
    expect(evaluationPage(evaluation, [])).not.toContain('<h2>Stories</h2>');
  });
});
