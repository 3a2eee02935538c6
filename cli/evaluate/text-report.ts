/** The evaluation as plain text. Names and sentences come from events and labels: they are sanitised here. */

import { sanitise } from '../../ingest/untrusted-text.ts';
import { counted } from '../counted.ts';
import { table, wrap } from '../table.ts';
import { BREAKDOWNS } from './breakdown.ts';
import type { Evaluation } from './evaluation.ts';
import { BREAKDOWN_WORDS, daily, decimal, ofAll, percent, range } from './figures.ts';
import type { Share } from './share.ts';
import { storySections } from './story-report.ts';

const NAME_CHARS = 60;
const SENTENCE_CHARS = 300;
const FALSE_ALERTS_SHOWN = 10;
const TITLES_SHOWN = 12;

/** `columns`: width of a line. */
export function textReport(evaluation: Evaluation, columns: number): string {
  const width = Math.max(80, Math.min(columns, 160));
  return [
    basis(evaluation, width),
    section('Session scores', scores(evaluation, width)),
    section('Alerts', alerts(evaluation, width)),
    ...BREAKDOWNS.map((name) => section(BREAKDOWN_WORDS[name].heading, breakdown(evaluation, name, width))),
    ...storySections(evaluation, width),
    section('Time to detect', timeToDetect(evaluation, width)),
    section('What fired', detectors(evaluation, width)),
    section('Titles, with an example', titles(evaluation, width)),
    section('False alerts, highest scores first', falseAlerts(evaluation, width)),
    section('Missed attacks', missed(evaluation, width)),
  ].join('\n');
}

const section = (heading: string, body: string): string => `\n${heading}\n${'='.repeat(heading.length)}\n${body}`;
const name = (text: string): string => sanitise(text, NAME_CHARS);
const sentence = (text: string): string => sanitise(text, SENTENCE_CHARS);

function basis({ until, online, agents, days, positives, benign, ...rest }: Evaluation, width: number): string {
  const late = rest.history_too_late;
  const counts =
    `${online ? 'Judged in order of time' : 'Scored alone'} from ${until}: ${counted(positives, 'attack')}, ${counted(benign, 'benign session')}, ${counted(rest.failed_attacks, 'failed attack')}, ` +
    `${counted(rest.direct_requests, 'direct request')}, ${counted(rest.succeeded_without_a_call, 'attack')} without a tool call. ` +
    `${counted(agents, 'agent')}, ${counted(days, 'day')}.`;
  const note = late > 0 ? ` ${late} sessions labelled history begin later: neither learned nor counted.` : '';
  return wrap(counts + note, width).join('\n');
}

function scores({ auc, operating_points, auc_failed_vs_benign }: Evaluation, width: number): string {
  const rows = operating_points.map(({ fpr, tpr, score }) => [percent(fpr), percent(tpr), decimal(score)]);
  return [
    `AUC ${decimal(auc, 4)}; failed attacks against benign sessions ${decimal(auc_failed_vs_benign, 4)}`,
    table(['benign sessions above', 'attacks found', 'score'], rows, width),
  ].join('\n');
}

function alerts(evaluation: Evaluation, width: number): string {
  const rows: [string, Share][] = [
    ['attacks (recall)', evaluation.alert_recall],
    ['benign sessions', evaluation.alert_benign_fpr],
    ['benign sessions on new tasks', evaluation.alert_benign_fpr_fresh_tasks],
    ['failed attacks', evaluation.alert_rate_failed_attacks],
    ['direct requests', evaluation.alert_rate_direct_requests],
    ['attacks without a tool call', evaluation.alert_rate_succeeded_without_a_call],
  ];
  return [
    table(
      ['sessions that alerted', 'share', 'count', '95 %'],
      rows.map(([what, share]) => [what, percent(share.rate), ofAll(share), range(share)]),
      width,
    ),
    `False alert sessions per agent-day: ${daily(evaluation.false_alert_sessions_per_agent_day)}`,
    `False alerts per agent-day:         ${daily(evaluation.false_alerts_per_agent_day)}`,
  ].join('\n');
}

function breakdown({ recall }: Evaluation, by: (typeof BREAKDOWNS)[number], width: number): string {
  const rows = recall[by];
  if (rows.length === 0) return 'No attacks.';
  const benign = rows.some((row) => row.benign !== undefined);
  const { column, note } = BREAKDOWN_WORDS[by];
  const shares = table(
    [column, 'recall', 'count', '95 %', ...(benign ? ['benign', 'count', '95 %'] : [])],
    rows.map((row) => [name(row.name), ...cells(row.recall), ...(row.benign === undefined ? [] : cells(row.benign))]),
    width,
  );
  return note === '' ? shares : [shares, ...wrap(note, width)].join('\n');
}

const cells = (share: Share): string[] => [percent(share.rate), ofAll(share), range(share)];

function timeToDetect({ time_to_detect: { timing, ...rest }, positives }: Evaluation, width: number): string {
  const rows = timing.filter(({ attacks }) => attacks > 0);
  return [
    table(
      ['first alert', 'attacks', 'share'],
      rows.map(({ when, attacks }) => [when, String(attacks), percent(attacks / positives)]),
      width,
    ),
    `Median from the first act to the first alert: ${rest.median_events ?? '-'} events. ` +
      `Alerted only before the exposure, counted as found: ${rest.only_before_exposure}.`,
  ].join('\n');
}

function detectors({ detectors: rows }: Evaluation, width: number): string {
  return table(
    ['detector', 'AUC', 'attacks', 'alone', 'benign', 'failed attacks', 'direct requests'],
    rows.map((row) => [
      row.detector,
      decimal(row.auc),
      ...[row.attacks, row.attacks_alone, row.benign, row.failed_attacks, row.direct_requests].map(String),
    ]),
    width,
  );
}

function titles({ titles: rows }: Evaluation, width: number): string {
  if (rows.length === 0) return 'None.';
  return table(
    ['detector', 'attacks', 'benign', 'title and example'],
    rows
      .slice(0, TITLES_SHOWN)
      .map((row) => [
        row.detector,
        String(row.attacks),
        String(row.benign),
        `${sentence(row.title)}: ${sentence(row.example)}`,
      ]),
    width,
  );
}

function falseAlerts({ false_alerts, alert_benign_fpr }: Evaluation, width: number): string {
  if (false_alerts.length === 0) return 'None.';
  const shown = false_alerts.slice(0, FALSE_ALERTS_SHOWN);
  const rows = shown.flatMap((told) =>
    told.alerts.map((alert, i) => [
      i === 0 ? name(told.session) : '',
      i === 0 ? decimal(told.score) : '',
      `${alert.detector}: ${sentence(alert.why)}`,
    ]),
  );
  const more = alert_benign_fpr.count - shown.length;
  return [table(['session', 'score', 'why'], rows, width), ...(more > 0 ? [`And ${more} more.`] : [])].join('\n');
}

function missed({ missed: rows }: Evaluation, width: number): string {
  if (rows.length === 0) return 'None.';
  return table(
    ['category', 'missed', 'best score', 'by', 'session'],
    rows.map((row) => [
      name(row.category),
      `${row.missed} of ${row.of}`,
      decimal(row.best_score),
      row.detector ?? '-',
      name(row.session),
    ]),
    width,
  );
}
