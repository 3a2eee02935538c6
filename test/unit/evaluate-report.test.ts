/**
 * Goal: from scored events to report and page: every session counts once and in its group, explanations name the right sessions, and
 * text that an attacker wrote stays text on the terminal and on the page.
 */
import { describe, expect, it } from 'vitest';
import type { Hit, Verdict } from '../../baselines/verdict.ts';
import { type EvaluationInput, evaluationOf } from '../../cli/evaluate/evaluation.ts';
import { missedRows, titleRows } from '../../cli/evaluate/explanations.ts';
import { labelOf } from '../../cli/evaluate/label.ts';
import { evaluationPage } from '../../cli/evaluate/page/page.ts';
import { createOutcomes, type SessionOutcome } from '../../cli/evaluate/session-outcome.ts';
import { shareOf } from '../../cli/evaluate/share.ts';
import { textReport } from '../../cli/evaluate/text-report.ts';
import { DAY_MS, MINUTE_MS, MONDAY_MS, TENANT, toolCall } from '../support/agent-bench.ts';
import { outcome } from '../support/session-outcomes.ts';

const alert = { detector: 'exfiltration', title: 'Data left', why: 'It sent "x".' };
const survey = (agents: number, days: number): EvaluationInput['survey'] => ({
  untilMs: MONDAY_MS,
  testEndMs: MONDAY_MS + days * DAY_MS - 1,
  agentsFromMs: new Map(Array.from({ length: agents }, (_, i) => [`a${i}`, MONDAY_MS - DAY_MS])),
  namedMs: new Map(),
  historyTooLate: 0,
});
const evaluated = (outcomes: readonly SessionOutcome[], known = survey(4, 10)) =>
  evaluationOf({ outcomes, survey: known, detectors: ['exfiltration', 'mass-read'] });

describe('createOutcomes', () => {
  const label = labelOf({
    session_id: 's1',
    phase: 'test',
    kind: 'attacked',
    attack_succeeded: true,
    exposure_event_id: 'e1',
    core_event_ids: ['e3', 'e2'],
  });
  const scored = (id: string, session: string, verdict: Partial<Verdict>) => {
    const event = toolCall(id, MONDAY_MS + Number(id.slice(1)) * MINUTE_MS, { session: { id: session } });
    const entry = { kind: 'event', tenant: TENANT, receivedMs: event.time, event, digest: id } as const;
    const silent = { status: 'learn', flags: [], knowledge: 'ready', known: { sessions: 1, events: 1 } } as const;
    return { entry, verdict: { ...silent, score: 0, detectors: {}, surprise: {}, hits: [], session, ...verdict } };
  };
  const hit = (more: Partial<Hit>): Hit => ({ ...(alert as Partial<Hit> as Hit), opened: true, ...more });

  it('keeps of each labelled session what the figures need', () => {
    const outcomes = createOutcomes(new Map([[label.session, label]]));
    outcomes.add(scored('e0', 's1', { score: 0.2, detectors: { 'mass-read': 0.2 }, knowledge: 'warming' }));
    outcomes.add(scored('e1', 's1', {}));
    outcomes.add(scored('e9', 'history', { score: 1 }));
    outcomes.add(scored('e2', 's1', { score: 0.7, detectors: { exfiltration: 0.7 }, hits: [hit({})] }));
    outcomes.add(scored('e3', 's1', { score: 0.5, detectors: { exfiltration: 0.5 }, hits: [hit({ opened: false })] }));
    outcomes.add(scored('e4', 's1', {}));
    expect(outcomes.outcomes()).toEqual([
      {
        label,
        cohort: 'attack',
        agent: 'a1',
        startMs: MONDAY_MS,
        knowledge: 'warming',
        score: 0.7,
        detectors: new Map([
          ['mass-read', 0.2],
          ['exfiltration', 0.7],
        ]),
        alerts: [alert],
        opened: 1,
        firstAlertAt: 2,
        lastAlertAt: 3,
        exposureAt: 1,
        coreAt: 2,
        events: 5,
      },
    ]);
  });
});

describe('evaluationOf', () => {
  it('counts every session in its group, and false alerts over agents and days', () => {
    const fired = { firstAlertAt: 0, alerts: [alert], opened: 3 };
    const found = evaluated([
      outcome({ score: 0.9, ...fired }),
      outcome({ score: 0.4 }),
      outcome({ cohort: 'benign', score: 0.4, ...fired, label: { fresh: true } }),
      outcome({ cohort: 'benign', score: 0.1, label: { fresh: false } }),
      outcome({ cohort: 'benign', score: 0, ...fired, label: { phase: 'episode' } }),
      outcome({ cohort: 'failed-attack', score: 0.2 }),
      outcome({ cohort: 'direct-request', ...fired }),
      outcome({ cohort: 'unseen-attack' }),
    ]);
    const {
      roc,
      scores,
      recall,
      titles,
      false_alerts,
      missed,
      detectors,
      operating_points,
      time_to_detect,
      ...figures
    } = found;
    expect(figures).toMatchObject({
      until: '2026-01-05T09:00:00.000Z',
      agents: 4,
      days: 10,
      positives: 2,
      benign: 3,
      failed_attacks: 1,
      direct_requests: 1,
      succeeded_without_a_call: 1,
      auc: 5.5 / 6,
      tpr_at_1pct_fpr: 0.5,
      auc_failed_vs_benign: 2 / 3,
      alert_recall: shareOf(1, 2),
      alert_benign_fpr: shareOf(2, 3),
      alert_benign_fpr_fresh_tasks: shareOf(1, 1),
      alert_rate_failed_attacks: shareOf(0, 1),
      alert_rate_direct_requests: shareOf(1, 1),
      alert_rate_succeeded_without_a_call: shareOf(0, 1),
      false_alert_sessions_per_agent_day: { count: 1, agent_days: 40, rate: 0.025 },
      false_alerts_per_agent_day: { count: 3, agent_days: 40, rate: 0.075 },
    });
    expect(detectors[0]).toEqual({
      detector: 'exfiltration',
      auc: 0.5,
      attacks: 1,
      attacks_alone: 1,
      benign: 2,
      failed_attacks: 0,
      direct_requests: 1,
    });
    expect(false_alerts.map(({ score }) => score)).toEqual([0.4, 0]);
  });

  it('has figures for an evaluation of episodes only, but none per day', () => {
    const known = { ...survey(2, 1), testEndMs: undefined };
    const found = evaluated([outcome({ label: { phase: 'episode' } })], known);
    expect([found.days, found.false_alert_sessions_per_agent_day, found.auc]).toEqual([0, null, null]);
  });
});

describe('explanations', () => {
  it('show an attack as the example of a title before a benign session', () => {
    const benign = outcome({ cohort: 'benign', alerts: [{ ...alert, why: 'benign' }], label: { session: 'b' } });
    const attack = outcome({ alerts: [{ ...alert, why: 'attack' }], label: { session: 'x' } });
    const { why: _, ...told } = alert;
    expect(titleRows([benign, benign, attack])).toEqual([
      { ...told, attacks: 1, benign: 2, example: 'attack', session: 'x' },
    ]);
  });

  it('tell of missed attacks how near the best came', () => {
    const missed = (session: string, score: number) =>
      outcome({ score, detectors: new Map([['mass-read', score]]), label: { session } });
    const found = outcome({ score: 1, firstAlertAt: 0 });
    const silent = outcome({ label: { category: 'other', session: 'q' } });
    expect(missedRows([missed('m', 0.1), found, silent, missed('n', 0.3)])).toEqual([
      { category: 'theft', missed: 2, of: 3, best_score: 0.3, session: 'n', detector: 'mass-read' },
      { category: 'other', missed: 1, of: 1, best_score: 0, session: 'q', detector: null },
    ]);
  });
});

describe('hostile text', () => {
  const ESCAPE = '\u001b[31m';
  const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>'&${ESCAPE}\u202e`;
  const all = evaluated([
    outcome({ firstAlertAt: 0, score: 0.9, alerts: [{ ...alert, why: hostile }], label: { category: hostile } }),
    outcome({ score: 0.2, label: { category: hostile, session: hostile } }),
    outcome({
      cohort: 'benign',
      firstAlertAt: 0,
      alerts: [{ ...alert, why: hostile }],
      agent: hostile,
      label: { session: hostile },
    }),
  ]);

  it('stays text on the page, which holds no script and loads nothing', () => {
    const page = evaluationPage(all, [hostile]);
    expect(page).not.toMatch(/<script|<img|<link|<iframe|\son\w+="|javascript:|https?:|url\(/i);
    expect(page.match(/&#60;script&#62;/g)?.length).toBeGreaterThanOrEqual(6);
    expect(page).not.toContain('\u001b');
    expect(page).not.toContain('\u202e');
    expect(page).toContain('Content-Security-Policy');
  });

  it('loses its control characters on the terminal', () => {
    const text = textReport(all, 100);
    expect(text).toContain('<script>');
    expect(text).not.toContain('\u001b');
    expect(text).not.toContain('\u202e');
  });
});

describe('page and report', () => {
  it('are made from nothing but benign sessions too', () => {
    const none = evaluated([outcome({ cohort: 'benign' })]);
    expect(evaluationPage(none, [])).toContain('Without both attacks and benign sessions there is no curve.');
    expect(textReport(none, 100)).toContain('No attacks.');
  });

  it('hold no figure that is not a number', () => {
    const plain = evaluated([outcome({ score: 1, firstAlertAt: 0 }), outcome(), outcome({ cohort: 'benign' })]);
    for (const text of [evaluationPage(plain, []), textReport(plain, 100)])
      expect(text).not.toMatch(/NaN|Infinity|undefined/);
  });
});
