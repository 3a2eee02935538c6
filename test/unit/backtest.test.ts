/**
 * Goal: what a backtest says about two runs is true: only settings that matter are taken, an alert is told again though its id has changed,
 * an analyst's word follows it, losses are named first, and nothing of the log is read twice or left out.
 */
import { describe, expect, it } from 'vitest';
import { DEFAULT_BASELINE_SETTINGS } from '../../baselines/baseline.ts';
import type { Hit, Severity, Verdict } from '../../baselines/verdict.ts';
import { type AlertLedger, createAlertLedger, TooManyAlerts } from '../../cli/backtest/alert-ledger.ts';
import { compareAlerts } from '../../cli/backtest/comparison.ts';
import { addGroup, emptyFindings } from '../../cli/backtest/findings.ts';
import { lotsOf } from '../../cli/backtest/history.ts';
import { JUDGING_KEYS, settingChanges, withAssignments } from '../../cli/backtest/judging-settings.ts';
import { reportOf } from '../../cli/backtest/report.ts';
import { createRerun } from '../../cli/backtest/rerun.ts';
import type { BacktestResult } from '../../cli/backtest/run.ts';
import { summaryOf } from '../../cli/backtest/summary.ts';
import { ConfigSchema } from '../../cli/config.ts';
import type { AuditEvent } from '../../ingest/event.ts';
import type { Disposition, LogEntry } from '../../ingest/log.ts';
import {
  AGENT,
  alarm,
  DAY_MS,
  HOUR_MS,
  MINUTE_MS,
  MONDAY_MS,
  TENANT,
  toolCall,
  tripwire,
} from '../support/agent-bench.ts';

const CONFIG = { halfLifeDays: 14, alertBudget: 0.02, timeZone: 'UTC', tenantTimeZones: { acme: 'Asia/Tokyo' } };

describe('settings to try', () => {
  it.each([
    [['baseline.half_life_days=7'], { ...CONFIG, halfLifeDays: 7 }],
    [['detection.alert_budget=0.5', 'detection.alert_budget=1e-1'], { ...CONFIG, alertBudget: 0.1 }],
    [['baseline.time_zone=Europe/Berlin'], { ...CONFIG, timeZone: 'Europe/Berlin' }],
    [['tenants.a.b.time_zone=Asia/Tokyo'], { ...CONFIG, tenantTimeZones: { acme: 'Asia/Tokyo', 'a.b': 'Asia/Tokyo' } }],
    [[], CONFIG],
  ])('%j', (assignments, expected) => {
    expect(withAssignments(CONFIG, assignments)).toEqual(expected);
  });

  it.each([
    [
      'limits.queue_entries=5',
      `limits.queue_entries: does not influence how events are judged, so there is nothing to compare. These do: ${JUDGING_KEYS.join(', ')}.`,
    ],
    ['baseline=5', 'does not influence'],
    ['detection.alert_budget', 'write KEY=VALUE'],
    ['=5', 'write KEY=VALUE'],
    ['detection.alert_budget=lots', 'must be number'],
    ['detection.alert_budget=', 'must be number'],
    ['detection.alert_budget=11', 'must be <= 10'],
    ['baseline.time_zone=Mars/Base', 'no time zone'],
    ['tenants.acme.time_zone=', 'must not have fewer than 1 characters'],
  ])('%s is refused', (assignment, message) => {
    expect(() => withAssignments(CONFIG, [assignment])).toThrow(message);
  });

  it('covers every setting of the sections about judging: one that is added there can be tried too', () => {
    const keysOf = (schema: object): string[] => Object.keys((schema as { properties: object }).properties);
    const { baseline, detection } = ConfigSchema.properties;
    expect([
      ...keysOf(baseline).map((key) => `baseline.${key}`),
      ...keysOf(detection).map((key) => `detection.${key}`),
      'tenants.NAME.time_zone',
    ]).toEqual([...JUDGING_KEYS]);
  });

  it('says what differs, a tenant without a zone of its own having the one of everybody', () => {
    const tried = { ...CONFIG, halfLifeDays: 7, timeZone: 'Europe/Berlin', tenantTimeZones: {} };
    expect(settingChanges(CONFIG, tried)).toEqual([
      { key: 'baseline.half_life_days', now: 14, tried: 7 },
      { key: 'baseline.time_zone', now: 'UTC', tried: 'Europe/Berlin' },
      { key: 'tenants.acme.time_zone', now: 'Asia/Tokyo', tried: 'Europe/Berlin' },
    ]);
    expect(settingChanges(CONFIG, CONFIG)).toEqual([]);
  });
});

describe('lots', () => {
  it.each([
    ['dense', { first: 0, last: 9_999, events: 10_000 }, 5],
    ['every tenth', { first: 5, last: 100_004, events: 10_000 }, 5],
    ['a single event', { first: 7, last: 7, events: 1 }, 1],
    ['few events in a long log', { first: 0, last: 999_999, events: 3 }, 20],
  ])('%s: every position once, in order', (_name, stretch, count) => {
    const lots = lotsOf({ partition: 3, ...stretch });
    expect(lots.length).toBe(count);
    expect(lots.map(({ partition }) => partition)).toEqual(lots.map(() => 3));
    expect([lots[0]?.first, lots.at(-1)?.last]).toEqual([stretch.first, stretch.last]);
    for (const [i, lot] of lots.entries()) if (i > 0) expect(lot.first).toBe((lots[i - 1]?.last ?? 0) + 1);
  });
});

/** `id@minutes session subject severity`; `~` before the id: a hit that did not open the alert. */
function ledgerOf(...hits: readonly string[]): AlertLedger {
  const ledger = createAlertLedger(100);
  for (const text of hits) {
    const [, later, id = '', minutes, session = '', subject = '', severity = '3'] =
      /^(~?)(\w+)@(\d+) (\S+) (\S+)(?: (\d))?$/.exec(text) ?? [];
    const event = toolCall(`${id}-${minutes}`, MONDAY_MS + Number(minutes) * MINUTE_MS);
    const hit = { alertId: id, opened: later === '', stored: true, detector: 'd', subject, why: `Because of ${id}.` };
    const verdict = { session, hits: [{ ...hit, severity: Number(severity) as Severity }] } as unknown as Verdict;
    ledger.observe(entryOf(event), verdict);
  }
  return ledger;
}

const entryOf = (event: AuditEvent) =>
  ({ kind: 'event', tenant: TENANT, receivedMs: event.time, event, digest: event.id }) as const;

const WINDOW = { fromMs: MONDAY_MS, untilMs: MONDAY_MS + 7 * DAY_MS };

function shown(before: AlertLedger, after: AlertLedger, window = WINDOW) {
  const { appeared, disappeared, kept, severityChanged, moved } = compareAlerts(before, after, window);
  const pair = (one: { before: { id: string }; after: { id: string } }) => `${one.before.id}>${one.after.id}`;
  return {
    disappeared: disappeared.map(({ id }) => id),
    appeared: appeared.map(({ id }) => id),
    kept: kept.map(pair),
    severityChanged: severityChanged.map(pair),
    moved: moved.map(pair),
  };
}

const NOTHING = { disappeared: [], appeared: [], kept: [], severityChanged: [], moved: [] };

describe('comparing', () => {
  it('finds no difference between equal runs', () => {
    const run = () => ledgerOf('a@0 s1 x', 'b@10 s1 y', '~a@20 s2 x 5');
    expect(shown(run(), run())).toEqual({ ...NOTHING, kept: ['a>a', 'b>b'] });
  });

  it('takes an alert for the same that another event of the session opened', () => {
    expect(shown(ledgerOf('a@0 s1 x'), ledgerOf('b@5 s1 x 4'))).toEqual({
      ...NOTHING,
      kept: ['a>b'],
      severityChanged: ['a>b'],
      moved: ['a>b'],
    });
  });

  it('prefers the same id to the same session, and the same session to the same day', () => {
    const before = ledgerOf('a@0 s1 x', 'b@10 s2 x', 'c@20 s3 x');
    const after = ledgerOf('d@5 s3 x', 'e@15 s9 x', '~b@20 s1 x');
    expect(shown(before, after)).toEqual({
      ...NOTHING,
      kept: ['a>e', 'b>b', 'c>d'].sort(byFirstWay),
      moved: ['c>d', 'a>e'],
    });
  });

  it.each([
    ['another subject', 'b@0 s1 y'],
    ['another session on another day', `b@${2 * 24 * 60} s2 x`],
  ])('%s is another alert', (_name, hit) => {
    expect(shown(ledgerOf('a@0 s1 x'), ledgerOf(hit))).toEqual({ ...NOTHING, disappeared: ['a'], appeared: ['b'] });
  });

  it('gives the second of two that were one no counterpart', () => {
    expect(shown(ledgerOf('a@0 s1 x', '~a@30 s1 x'), ledgerOf('a@0 s1 x', 'b@30 s1 x'))).toEqual({
      ...NOTHING,
      appeared: ['b'],
      kept: ['a>a'],
    });
  });

  it('looks at alerts that opened in the window on one side at least', () => {
    const before = ledgerOf('a@0 s1 x', 'b@0 s2 y', 'c@90 s3 z', '~f@95 s6 old');
    const after = ledgerOf('d@70 s1 x', 'e@0 s4 w', '~f@95 s6 old', 'g@120 s7 v');
    const window = { fromMs: MONDAY_MS + HOUR_MS, untilMs: MONDAY_MS + 2 * HOUR_MS };
    expect(shown(before, after, window)).toEqual({ ...NOTHING, disappeared: ['c'], kept: ['a>d'], moved: ['a>d'] });
  });

  it('refuses to hold more alerts than it may', () => {
    const ledger = createAlertLedger(1);
    const hit = (alertId: string) => ({ hits: [{ alertId, stored: true } as Hit], session: 's' }) as unknown as Verdict;
    ledger.observe(entryOf(toolCall('1', MONDAY_MS)), hit('a'));
    ledger.observe(entryOf(toolCall('2', MONDAY_MS)), hit('a'));
    expect(() => ledger.observe(entryOf(toolCall('3', MONDAY_MS)), hit('b'))).toThrow(TooManyAlerts);
  });

  it('does not count hits that were only judged, as the store does not', () => {
    const ledger = createAlertLedger(1);
    const hits = [{ alertId: 'a', stored: false } as Hit];
    ledger.observe(entryOf(toolCall('1', MONDAY_MS)), { hits, session: 's' } as unknown as Verdict);
    expect(ledger.all()).toEqual([]);
  });
});

/** Ids that stay come first, as they are matched first. */
const byFirstWay = (one: string, other: string): number =>
  ['b>b', 'c>d', 'a>e'].indexOf(one) - ['b>b', 'c>d', 'a>e'].indexOf(other);

const words = (...of: [string, Disposition][]): ReadonlyMap<string, Disposition> => new Map(of);

/** Two alerts go, of which one was confirmed under another id; one comes; one is dismissed and stays with another severity. */
function someFindings(listedMax = 10) {
  const findings = emptyFindings(['d', 'quiet']);
  const stored = ledgerOf('s1@0 s1 x', 'b@1 s2 y 4', 'c@2 s3 z');
  const now = ledgerOf('a@3 s1 x', 'b@1 s2 y 4', 'c@2 s3 z');
  const tried = ledgerOf('c@2 s3 z 5', 'n@4 s4 w');
  const said = words(['s1', 'true_positive'], ['c', 'benign_change']);
  addGroup(findings, { stored, now, tried, words: said }, WINDOW, listedMax);
  return findings;
}

describe('findings', () => {
  it('adds up counts, losses and gains', () => {
    const { disappeared, appeared, severityChanged, moved, totals, detectors, stored } = someFindings();
    const brief = ({ count, confirmed, dismissed, listed }: typeof appeared) => ({
      count,
      confirmed,
      dismissed,
      listed: listed.map(({ alert, storedId = '', word = '' }) => [alert.id, storedId, word]),
    });
    expect({
      disappeared: brief(disappeared),
      appeared: brief(appeared),
      severityChanged: brief(severityChanged),
    }).toEqual({
      disappeared: {
        count: 2,
        confirmed: 1,
        dismissed: 0,
        listed: [
          ['a', 's1', 'true_positive'],
          ['b', 'b', ''],
        ],
      },
      appeared: { count: 1, confirmed: 0, dismissed: 0, listed: [['n', '', '']] },
      severityChanged: { count: 1, confirmed: 0, dismissed: 1, listed: [['c', 'c', 'benign_change']] },
    });
    expect(moved.count).toBe(0);
    expect(totals).toEqual({ now: 3, tried: 2 });
    expect(Object.fromEntries(detectors)).toEqual({
      d: { now: 3, tried: 2, appeared: 1, disappeared: 2, severityChanged: 1 },
      quiet: { now: 0, tried: 0, appeared: 0, disappeared: 0, severityChanged: 0 },
    });
    expect(stored).toEqual({ alerts: 3, missing: 0, missingConfirmed: 0, additional: 0, severityChanged: 0, moved: 1 });
  });

  it('counts all and keeps the most important: confirmed before severe', () => {
    const { disappeared } = someFindings(1);
    expect([disappeared.count, disappeared.listed.map(({ alert }) => alert.id)]).toEqual([2, ['a']]);
  });
});

describe('the report', () => {
  const result: BacktestResult = {
    survey: { stretches: [], events: 5, agents: 1, oldestMs: MONDAY_MS - DAY_MS, newestMs: WINDOW.untilMs - 1 },
    window: WINDOW,
    agents: 1,
    agentDays: 7,
    eventsLearnedOnly: 2,
    findings: someFindings(),
  };
  const report = (of = result) =>
    reportOf(summaryOf(of, [{ key: 'detection.alert_budget', now: 1, tried: 2 }], '/data'), 100);

  it('says how much was learned, and names losses before counts', () => {
    const text = report();
    expect(text).toContain('Learned before that, not compared: 2 events in 1.0 days.');
    expect(text).toContain('WARNING: 1 alert that an analyst CONFIRMED as an attack would not be there any more.');
    expect(text.indexOf('WARNING')).toBeLessThan(text.indexOf('per agent-day'));
    expect(text).toContain(
      'Disappear: 2 alerts, of which 1 confirmed as attacks.\n2026-01-05 09:03Z  medium  d  acme/a1  CONFIRMED ATTACK\n',
    );
    expect(text).toContain('Change severity: 1 alert, of which 1 dismissed as false alarms or benign changes.');
    expect(text).toMatch(/\nper agent-day +0\.4286 +0\.2857\n/);
  });

  it('keeps text of events from acting on a terminal or closing its quotes', () => {
    const findings = emptyFindings([]);
    const hostile = createAlertLedger(10);
    const event = { ...toolCall('1', MONDAY_MS), agent: { id: 'evil\u001b[2J\nWARNING: all is well' } };
    const hit = {
      alertId: 'a',
      opened: true,
      stored: true,
      detector: 'd',
      subject: 'x" \u202e ok',
      severity: 3,
      why: 'a\nb\u001b]0;c',
    };
    hostile.observe(entryOf(event), { session: 's', hits: [hit] } as unknown as Verdict);
    const empty = createAlertLedger(10);
    addGroup(findings, { stored: empty, now: empty, tried: hostile, words: words() }, WINDOW, 10);
    const text = report({ ...result, findings });
    for (const hidden of ['\u001b', '\u202e']) expect(text).not.toContain(hidden);
    expect(text).not.toMatch(/^WARNING/m);
    expect(text).toContain('"evil WARNING: all is well"');
    expect(text).toContain(`"x'  ok": a b`);
  });
});

describe('a rerun', () => {
  const settings = { baseline: DEFAULT_BASELINE_SETTINGS, alertBudget: 0.02, detectors: 1 };
  const rerun = () => {
    const run = createRerun({ settings, detectors: [tripwire], contents: new Map(), alertsMax: 100 });
    run.enter(0, { tickMs: 0, models: [] });
    return run;
  };
  const inSession = (id: string, minute: number) =>
    entryOf(alarm(id, MONDAY_MS + minute * MINUTE_MS, { session: { id: 's1' } }));
  const close = (alertId: string): LogEntry => ({
    kind: 'disposition',
    tenant: TENANT,
    receivedMs: MONDAY_MS,
    agent: AGENT,
    alertId,
    state: 'closed',
    disposition: 'false_positive',
    by: 'ann',
  });
  const opened = (entries: readonly LogEntry[], stored: AlertLedger): number => {
    const run = rerun();
    for (const [position, entry] of entries.entries()) run.take({ partition: 0, position, entry }, stored);
    return run.alerts.all().length;
  };
  /** As the store would have it, had another event of the session opened the alert. */
  function stored(session: string): AlertLedger {
    const ledger = createAlertLedger(10);
    const hit = { alertId: 'stored', opened: true, stored: true, detector: 'tripwire', subject: 'alarm', severity: 3 };
    const event = alarm('other', MONDAY_MS + 3 * DAY_MS, { session: { id: session } });
    ledger.observe(entryOf(event), { session, hits: [hit] } as unknown as Verdict);
    return ledger;
  }

  it("lets an analyst's word follow the alert to its new id, and no further", () => {
    const entries = [inSession('e1', 0), close('stored'), inSession('e2', 5)];
    expect(opened([inSession('e1', 0), inSession('e2', 5)], stored('s1'))).toBe(1);
    // Closed, it takes no more hits: the next one opens another.
    expect(opened(entries, stored('s1'))).toBe(2);
    expect(opened(entries, stored('s2'))).toBe(1);
  });

  it('is a function of its records', () => {
    const runs = [rerun(), rerun()];
    const entries = [
      inSession('e1', 0),
      close('unknown'),
      inSession('e2', 5),
      { kind: 'tick', receivedMs: MONDAY_MS } as const,
    ];
    for (const run of runs) {
      for (const [position, entry] of entries.entries())
        run.take({ partition: 0, position, entry }, createAlertLedger(1));
    }
    expect(runs[0]?.alerts.all()).toEqual(runs[1]?.alerts.all());
    expect(runs[0]?.alerts.all().length).toBe(1);
  });
});
