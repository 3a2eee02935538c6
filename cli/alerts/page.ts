/** Alerts as a terminal shows them. All that they say may come from events: it is cleaned on the way in, and nowhere else. */
import type { AlertBody, AlertDetailBody, DeliveryBody, WaitingBody } from '../../api/schemas/alert.ts';
import { grouped } from '../../detectors/amount-words.ts';
import { cleaned } from '../cleaned.ts';
import { counted } from '../counted.ts';
import { wrap } from '../table.ts';

/** Each alert in two parts: a line to scan by, and the sentence. */
export const alertList = (alerts: readonly AlertBody[], columns: number): string =>
  cleaned(alerts)
    .map((alert) => entryOf(alert, columns))
    .join('\n');

/** One alert with its evidence. */
export const alertPage = (alert: AlertDetailBody): string => detailOf(cleaned(alert));

function entryOf(alert: AlertBody, columns: number): string {
  const seen = alert.first_seen.slice(0, 16).replace('T', ' ');
  const hits = counted(alert.hit_count, 'hit');
  const head = [seen, alert.severity.padEnd(8), alert.state, alert.detector, alert.agent, hits].join('  ');
  const why = wrap(alert.why, Math.max(40, Math.min(columns, 140) - INDENT.length)).map((line) => INDENT + line);
  return [head, `${INDENT}${alert.id}`, ...why].join('\n');
}

const number = (amount: number | string): string => (typeof amount === 'number' ? grouped(amount) : amount);

const INDENT = ' '.repeat(18);

function detailOf(alert: AlertDetailBody): string {
  const reason = alert.hits[0]?.reason;
  const facts: [string, string][] = [
    ['alert', alert.id],
    ['agent', alert.agent + (alert.agent_kind === undefined ? '' : ` (${alert.agent_kind})`)],
    ['severity', alert.severity],
    ['state', alert.state + (alert.disposition === undefined ? '' : `, ${alert.disposition}`)],
    ['detector', `${alert.detector} [${alert.tags.join(', ')}]`],
    [
      'seen',
      `${alert.first_seen} to ${alert.last_seen}, ${counted(alert.hit_count, 'hit')} in ${counted(alert.session_count, 'session')}`,
    ],
    ['chance', `p = ${alert.p.toExponential(1)} per session, score ${alert.score.toFixed(2)}`],
  ];
  if (reason !== undefined) {
    const { measure, observed, expected, bound, sessions, knowledge } = reason;
    facts.push([
      'measured',
      `${measure}: ${number(observed)}; usual ${number(expected)}, bound ${number(bound)}; ${counted(sessions, 'session')} known (${knowledge})`,
    ]);
    for (const { event, role } of reason.chain) facts.push(['event', `${event}: ${role}`]);
  }
  for (const change of alert.changes)
    facts.push([
      'change',
      [change.time, change.state, change.disposition, `by ${change.by}`, change.note].filter(Boolean).join(' '),
    ]);
  facts.push(...deliveriesOf(alert).map((text): [string, string] => ['delivery', text]));
  const lines = facts.map(([name, value]) => `${name.padEnd(10)}${value}`);
  return [alert.title, '', ...wrap(alert.why, 100), '', ...lines].join('\n');
}

/** One line for each playbook: its newest attempt, or that it waits. */
function deliveriesOf({ deliveries, waiting = [] }: AlertDetailBody): string[] {
  const newest = new Map(deliveries.map((one) => [one.playbook, one]));
  const held = new Map(waiting.map((one) => [one.playbook, one]));
  const untried = waiting.filter(({ playbook }) => !newest.has(playbook));
  const lines = [
    ...[...newest.values()].map((one) => attemptedText(one, held.get(one.playbook))),
    ...untried.map((one) => `${one.playbook}: waiting, not tried yet${pauseText(one)}`),
  ];
  return lines.length === 0 ? ['none'] : lines;
}

function attemptedText(
  { playbook, outcome, attempt, time, http_status, error, next_attempt }: DeliveryBody,
  held: WaitingBody | undefined,
): string {
  const tried = counted(attempt, 'attempt');
  if (outcome === 'delivered') return `${playbook}: delivered at ${time}, ${tried}`;
  const why = error ?? (http_status === undefined ? 'no answer' : `HTTP ${http_status}`);
  if (outcome === 'failed') return `${playbook}: given up at ${time}, ${tried}; ${why}`;
  const next = next_attempt === undefined ? '' : `, next attempt at ${next_attempt}`;
  return `${playbook}: to be tried again, ${tried}${next}${held === undefined ? '' : pauseText(held)}; ${why}`;
}

const pauseText = ({ not_before }: WaitingBody): string =>
  not_before === undefined ? '' : ` (nothing goes to its target before ${not_before})`;
