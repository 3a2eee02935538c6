/** A baseline on one page of a terminal. Names come from events: they are shown, not believed. */

import type { BaselineBody, SeriesBody } from '../../api/schemas/baseline.ts';
import { sanitise } from '../../ingest/untrusted-text.ts';
import { counted } from '../counted.ts';
import { table } from '../table.ts';
import { type Drawing, shown, weekPlot } from './week-plot.ts';

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const TOP_SHOWN = 6;
const HELD_SHOWN = 8;
const STORED_SHOWN = 8;
const CHANGES_SHOWN = 5;
const NAME_MAX = 60;

export function baselinePage(baseline: BaselineBody, series: SeriesBody, drawing: Drawing): string {
  return [
    ...headOf(baseline, series),
    ...section('Events per hour', weekPlot(series, drawing)),
    ...thingsOf(baseline),
    ...section('Amounts, of the sessions and hours that had any', amountsOf(baseline)),
    ...section('Kept out of the baseline', heldOf(baseline)),
    ...section('To go back to', storedOf(baseline)),
    ...section('Changes by operators', changesOf(baseline)),
  ].join('\n');
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', title, '-'.repeat(title.length), ...lines];

const clean = (text: string, max = NAME_MAX): string => sanitise(text, max);
const when = (time: string): string => time.slice(0, 16).replace('T', ' ');

function headOf(
  { agent, kind, id, as_of, knowledge, hours, growth, last_change }: BaselineBody,
  series: SeriesBody,
): string[] {
  const { level, sessions, events, weighted_sessions, sessions_per_day, half_life_days, first, last } = knowledge;
  const facts: [string, string][] = [
    ['agent', clean(agent, 256) + (kind === undefined ? '' : ` (${clean(kind)})`)],
    ['baseline', `${sessions === 0 ? 'nothing learned' : id}, as of ${when(as_of)}`],
    [
      'known',
      `${level}: ${counted(sessions, 'session')}, ${counted(events, 'event')}${first === undefined || last === undefined ? '' : `, ${when(first)} to ${when(last)}`}`,
    ],
    [
      'weight',
      `${shown(weighted_sessions)} sessions after forgetting (half-life ${half_life_days} days), ${shown(sessions_per_day)} a day`,
    ],
    [
      'hours',
      level === 'cold'
        ? 'too little is known'
        : `${shown(hours.typical_events)} events in a typical hour, ${shown(hours.busiest_events)} in the busiest: ${hourName(hours.busiest_hour)} (${zoneName(series.zone_offset_minutes)})`,
    ],
    ['growth', growthOf(growth)],
  ];
  if (last_change !== undefined) {
    const what = [last_change.release, last_change.model]
      .filter((name) => name !== undefined)
      .map((name) => clean(name));
    facts.push(['changed', `${when(last_change.time)}, now ${what.join(', model ')}`]);
  }
  return facts.map(([name, text]) => `${name.padEnd(10)}${text}`);
}

const hourName = (hour: number): string =>
  `${WEEKDAYS[Math.floor(hour / 24)]} ${String(hour % 24).padStart(2, '0')}:00`;

function zoneName(minutes: number): string {
  if (minutes === 0) return 'UTC';
  const size = Math.abs(minutes);
  const pad = (part: number) => String(part).padStart(2, '0');
  return `UTC${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}

/** A steady agent lies somewhat above its usual half of the time: that is not worth a line. */
const GROWTH_P_MAX = 0.05;

function growthOf(growth: BaselineBody['growth']): string {
  const sure = growth.filter(({ p }) => p <= GROWTH_P_MAX);
  if (sure.length === 0) return 'none under way';
  const words = sure.map(
    ({ unit, ratio, since, p }) =>
      `${unit} ${Math.round((ratio - 1) * 100)} % above usual since ${when(since)} (p = ${p.toExponential(1)})`,
  );
  return words.join('; ');
}

function thingsOf(baseline: BaselineBody): string[] {
  const kinds = ['endpoints', 'tools', 'destinations', 'resources'] as const;
  return kinds.flatMap((kind) => {
    const { known, top } = baseline[kind];
    if (known === 0) return [];
    const rows = top
      .slice(0, TOP_SHOWN)
      .map(({ share, first_seen, last_seen, value }) => [
        percentOf(share),
        when(first_seen),
        when(last_seen),
        clean(value),
      ]);
    const more = known > rows.length ? [`and ${known - rows.length} more`] : [];
    const title =
      kind === 'endpoints'
        ? 'Endpoints'
        : kind === 'tools'
          ? 'Tools'
          : kind === 'destinations'
            ? 'Destinations'
            : 'Resources';
    return section(`${title} (${known} known)`, [table(['share', 'first use', 'last use', 'name'], rows), ...more]);
  });
}

const percentOf = (share: number): string => (share < 0.001 ? '<0.1 %' : `${Number((share * 100).toPrecision(2))} %`);

function amountsOf({ amounts }: BaselineBody): string[] {
  if (amounts.length === 0) return [];
  const rows = amounts.map(({ unit, per, p50, p95, p99, active_share }) => [
    `${unit} per ${per}`,
    shown(p50),
    shown(p95),
    shown(p99),
    percentOf(active_share),
  ]);
  return [table(['amount', 'half below', '95 % below', '99 % below', 'had any'], rows)];
}

function heldOf({ held, alerted }: BaselineBody): string[] {
  const open = alerted.map(({ opened, ...rest }) => heldLines(rest, `under way since ${when(opened)}`));
  const waiting = held.map(({ ended, decide_by, dropped, ...rest }) => {
    const chance = rest.moved_sensitive ? '' : `, learned after ${when(decide_by)} if the same comes back on 3 days`;
    return heldLines(rest, `ended ${when(ended)}${chance}, else dropped ${when(dropped)}`);
  });
  const all = [...open, ...waiting.reverse()];
  const more = all.length > HELD_SHOWN ? [`and ${all.length - HELD_SHOWN} more (--json)`] : [];
  return [...all.slice(0, HELD_SHOWN).flat(), ...more];
}

const heldLines = (
  { session, kinds, alerts }: { session: string; kinds: readonly string[]; alerts: readonly string[] },
  fate: string,
): string[] => [
  `${clean(session)}: ${fate}`,
  ...kinds.map((kind) => `  ${clean(kind, 110)}`),
  ...alerts.map((id) => `  ${clean(id)}`),
];

function storedOf({ stored }: BaselineBody): string[] {
  if (stored.length === 0) return [];
  const rows = stored
    .slice(0, STORED_SHOWN)
    .map(({ id, time, sessions }) => [String(id), when(time), String(sessions)]);
  const more = stored.length > STORED_SHOWN ? [`and ${stored.length - STORED_SHOWN} more (--json)`] : [];
  return [table(['id', 'as of', 'sessions'], rows), ...more];
}

const changesOf = ({ changes }: BaselineBody): string[] =>
  changes.slice(0, CHANGES_SHOWN).map(({ change, time, to, by, note }) => {
    const what = to === undefined ? change : `${change} to ${clean(to)}`;
    return `${when(time)}  ${what} by ${clean(by, 120)}${note === undefined ? '' : `: ${clean(note, 200)}`}`;
  });
