/** Alerts as a terminal shows them. All that they say may come from events: it is cleaned on the way in, and nowhere else. */
import type { AlertBody, AlertDetailBody } from '../../api/schemas/alert.ts';
import { cleaned } from '../cleaned.ts';
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
  const hits = `${alert.hit_count} ${alert.hit_count === 1 ? 'hit' : 'hits'}`;
  const head = [seen, alert.severity.padEnd(8), alert.state, alert.detector, alert.agent, hits].join('  ');
  const why = wrap(alert.why, Math.max(40, Math.min(columns, 140) - INDENT.length)).map((line) => INDENT + line);
  return [head, `${INDENT}${alert.id}`, ...why].join('\n');
}

const INDENT = ' '.repeat(18);

function detailOf(alert: AlertDetailBody): string {
  const reason = alert.hits[0]?.reason;
  const facts: [string, string][] = [
    ['alert', alert.id],
    ['agent', alert.agent + (alert.agent_kind === undefined ? '' : ` (${alert.agent_kind})`)],
    ['severity', alert.severity],
    ['state', alert.state + (alert.disposition === undefined ? '' : `, ${alert.disposition}`)],
    ['detector', `${alert.detector} [${alert.tags.join(', ')}]`],
    ['seen', `${alert.first_seen} to ${alert.last_seen}, ${alert.hit_count} hits in ${alert.session_count} sessions`],
    ['chance', `p = ${alert.p.toExponential(1)} per session, score ${alert.score.toFixed(2)}`],
  ];
  if (reason !== undefined) {
    const { measure, observed, expected, bound, sessions, knowledge } = reason;
    facts.push([
      'measured',
      `${measure}: ${observed}; usual ${expected}, bound ${bound}; ${sessions} sessions known (${knowledge})`,
    ]);
    for (const { event, role } of reason.chain) facts.push(['event', `${event}: ${role}`]);
  }
  for (const change of alert.changes)
    facts.push([
      'change',
      `${change.time} ${change.state} ${change.disposition ?? ''} by ${change.by} ${change.note ?? ''}`,
    ]);
  const lines = facts.map(([name, value]) => `${name.padEnd(10)}${value}`);
  return [alert.title, '', ...wrap(alert.why, 100), '', ...lines].join('\n');
}
