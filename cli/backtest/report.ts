/** A backtest for people: what is lost comes first. */
import { isPlainIdentifier, quote, sanitise } from '../../ingest/untrusted-text.ts';
import { counted } from '../counted.ts';
import { table, wrap } from '../table.ts';
import { DEFAULT_TENANT } from '../tenant.ts';
import type { BacktestSummary, ListedAlert } from './summary.ts';

const LISTED_MAX = 20;
const WHY_CHARS_MAX = 400;

export function reportOf(summary: BacktestSummary, columns: number): string {
  const { disappeared, appeared, severity_changed: severity } = summary;
  return [
    historyOf(summary),
    settingsTable(summary),
    ...lossesOf(summary),
    countsTable(summary),
    section('Disappear', disappeared, columns),
    section('Appear', appeared, columns),
    section('Change severity', severity, columns),
    ...[...movedOf(summary), storedOf(summary)].map((text) => wrap(text, Math.min(columns, 140)).join('\n')),
  ].join('\n\n');
}

function historyOf({ place, history }: BacktestSummary): string {
  const { events, agents, from, to, warmup_days, warmup_events, compared_from, compared_until, agent_days } = history;
  const warmUp =
    warmup_events === 0
      ? 'Nothing was learned before that: agents were new at first, and alert as new agents do. --since leaves a time to learn.'
      : `Learned before that, not compared: ${counted(warmup_events, 'event')} in ${warmup_days.toFixed(1)} days.`;
  return [
    `${counted(events, 'event')} of ${counted(agents, 'agent')} from ${short(from)} to ${short(to)}, in ${place}.`,
    `Compared: alerts that opened from ${short(compared_from)} until ${short(compared_until)}, ${agent_days.toFixed(1)} agent-days.`,
    warmUp,
  ].join('\n');
}

function settingsTable({ settings }: BacktestSummary): string {
  if (settings.length === 0) return 'The settings are the same: whatever differs below is not due to them.';
  const rows = settings.map(({ key, now, tried }) => [shown(key), String(now), String(tried)]);
  return table(['setting', 'now', 'tried'], rows);
}

function lossesOf({ disappeared, stored }: BacktestSummary): string[] {
  const lost = disappeared.confirmed;
  const warnings: string[] = [];
  if (lost > 0)
    warnings.push(
      `WARNING: ${counted(lost, 'alert')} that an analyst CONFIRMED as an attack would not be there any more. These are losses.`,
    );
  if (stored.missing_confirmed > 0)
    warnings.push(
      `WARNING: ${counted(stored.missing_confirmed, 'stored alert')} that an analyst CONFIRMED as an attack ${isAre(stored.missing_confirmed)} not given by this build with the settings of now.`,
    );
  return warnings.length === 0 ? [] : [warnings.join('\n')];
}

function countsTable({ alerts, alerts_per_agent_day: rate, detectors }: BacktestSummary): string {
  const rows = detectors.map(({ detector, now, tried, appeared, disappeared, severity_changed }) =>
    [shown(detector), now, tried, signed(tried - now), appeared, disappeared, severity_changed].map(String),
  );
  const total = ['all alerts', alerts.now, alerts.tried, signed(alerts.tried - alerts.now), '', '', ''].map(String);
  const perDay = ['per agent-day', rateText(rate.now), rateText(rate.tried), '', '', '', ''];
  const head = ['detector', 'now', 'tried', 'change', 'appear', 'disappear', 'other severity'];
  return table(head, [...rows, total, perDay]);
}

function section(title: string, differences: BacktestSummary['appeared'], columns: number): string {
  const { count, confirmed, dismissed, alerts } = differences;
  if (count === 0) return `${title}: none.`;
  const words = [
    ...(confirmed > 0 ? [`${confirmed} confirmed as attacks`] : []),
    ...(dismissed > 0 ? [`${dismissed} dismissed as false alarms or benign changes`] : []),
  ];
  const listed = alerts.slice(0, LISTED_MAX);
  const more = count - listed.length;
  return [
    `${title}: ${counted(count, 'alert')}${words.length === 0 ? '' : `, of which ${words.join(' and ')}`}.`,
    ...listed.map((alert) => entryOf(alert, columns)),
    ...(more > 0 ? [`and ${more} more; --json lists ${alerts.length}.`] : []),
  ].join('\n');
}

/** A line to scan by, the id in the store, and the sentence. */
function entryOf(alert: ListedAlert, columns: number): string {
  const { opened, tenant, agent, detector, severity, severity_before, disposition, subject, why, stored_id } = alert;
  const owner = tenant === DEFAULT_TENANT ? shown(agent) : `${shown(tenant)}/${shown(agent)}`;
  const change = severity_before === undefined || severity_before === severity ? '' : `${severity_before} > `;
  const head = [short(opened), `${change}${severity}`, shown(detector), owner, WORDS[disposition ?? ''] ?? ''];
  const text = `${quote(subject)}: ${sanitise(why, WHY_CHARS_MAX)}`;
  const lines = [...(stored_id === undefined ? [] : [stored_id]), ...wrap(text, widthOf(columns))];
  return [head.join('  ').trimEnd(), ...lines.map((line) => INDENT + line)].join('\n');
}

const INDENT = ' '.repeat(19);
const widthOf = (columns: number): number => Math.max(40, Math.min(columns, 140) - INDENT.length);

const WORDS: Readonly<Record<string, string>> = {
  true_positive: 'CONFIRMED ATTACK',
  false_positive: 'was dismissed: false alarm',
  benign_change: 'was dismissed: benign change',
};

function movedOf({ moved: { count, confirmed } }: BacktestSummary): string[] {
  if (count === 0) return [];
  const attacks = confirmed === 0 ? '' : ` ${confirmed} of them ${isAre(confirmed)} of a confirmed attack.`;
  return [
    `Of the alerts that stay, ${count} ${isAre(count)} opened by another event of the same session or day, and so under another id.${attacks}`,
  ];
}

function storedOf({ stored }: BacktestSummary): string {
  const { alerts, missing, additional, severity_changed, moved } = stored;
  const intro = `In the store stand ${counted(alerts, 'alert')} of that time.`;
  if (missing + additional + severity_changed + moved === 0)
    return `${intro} The run with the settings of now gives the very same.`;
  return (
    `${intro} The run with the settings of now does not give ${missing} of them, gives ${additional} others, ${severity_changed} with another severity ` +
    `and ${moved} under another id: an older build, other settings, or more history than was read judged them then. The tables above compare ` +
    'two runs of this build, so none of it is laid at the door of the settings.'
  );
}

/** Names stand bare when nothing in them can deceive. */
const shown = (name: string): string => (isPlainIdentifier(name) ? name : quote(name));
const short = (time: string): string => `${time.slice(0, 16).replace('T', ' ')}Z`;
const isAre = (count: number): string => (count === 1 ? 'is' : 'are');
const signed = (change: number): string => (change > 0 ? `+${change}` : String(change));
const rateText = (rate: number | null): string => (rate === null ? '-' : rate.toFixed(4));
