/** What the demo prints: what was caught, what was missed, what was false, and why each alert came. */
import { severityName } from '../../baselines/severity.ts';
import { sanitise } from '../../ingest/untrusted-text.ts';
import type { SimulatedFleet } from '../simulate/fleet.ts';
import { table, wrap } from '../table.ts';
import type { DemoAlert, DemoRun } from './run.ts';

const WIDTH = 118;

export interface DemoSummary {
  readonly events: number;
  readonly agents: number;
  readonly stories: number;
  readonly caught: number;
  readonly missed: number;
  readonly false_alerts_per_agent_day: number;
  readonly alerts: number;
  readonly webhooks_delivered: number;
  readonly seconds: number;
}

export function summaryOf(fleet: SimulatedFleet, run: DemoRun): DemoSummary {
  const { caught, falseAlertsPerAgentDay } = run.judgement;
  return {
    events: fleet.events.length,
    agents: fleet.agents.length,
    stories: caught.of,
    caught: caught.count,
    missed: caught.of - caught.count,
    false_alerts_per_agent_day: Number(falseAlertsPerAgentDay.toFixed(4)),
    alerts: run.alerts.length,
    webhooks_delivered: run.webhooksDelivered,
    seconds: Number(run.seconds.toFixed(1)),
  };
}

export function reportOf(fleet: SimulatedFleet, run: DemoRun): string {
  const { judgement } = run;
  const { interval, count, of } = judgement.caught;
  const summary = summaryOf(fleet, run);
  return [
    heading('Planted attacks'),
    storyTable(run),
    `Caught ${count} of ${of} (95 % interval ${percent(interval.low)} to ${percent(interval.high)}).`,
    heading('False alerts, with their sentences'),
    falseTable(run),
    heading('Honest changes in the simulation (traps for false alerts)'),
    ...fleet.changes.map(({ change, words, agents }) => `  ${change}: ${words} (${agents.length} agents)`),
    heading('In numbers'),
    `  ${summary.events} events of ${summary.agents} agents in ${summary.seconds} s, through HTTP, ClickHouse and webhooks`,
    `  ${summary.alerts} alerts, of which ${judgement.falseAlerts.length} false: ${summary.false_alerts_per_agent_day} per agent-day; ${judgement.nearby.length} in an attack's session but not on its events`,
    `  ${summary.webhooks_delivered} signed webhooks received by the playbook's target`,
  ].join('\n');
}

const heading = (text: string): string => `\n${text}\n${'='.repeat(text.length)}`;
const percent = (share: number): string => `${Math.round(share * 100)} %`;

function storyTable({ judgement }: DemoRun): string {
  return judgement.stories
    .map(({ story, caught, alerts }) => {
      const line = `${caught ? 'CAUGHT' : 'MISSED'}  ${story.story.padEnd(24)} ${story.agent.padEnd(22)} ${story.magnitude.words}`;
      return [line, ...alerts.slice(0, ALERTS_SHOWN).map(sentenceOf), ...moreOf(alerts)].join('\n');
    })
    .join('\n');
}

const ALERTS_SHOWN = 3;
const INDENT = ' '.repeat(8);

const sentenceOf = (alert: DemoAlert): string =>
  wrap(`${alert.detector} (${severityName(alert.severity)}): ${sanitise(alert.why, 600)}`, WIDTH - INDENT.length - 2)
    .map((line, i) => `${INDENT}${i === 0 ? '- ' : '  '}${line}`)
    .join('\n');

const moreOf = (alerts: readonly DemoAlert[]): string[] =>
  alerts.length > ALERTS_SHOWN ? [`${INDENT}  and ${alerts.length - ALERTS_SHOWN} more alerts`] : [];

function falseTable({ judgement }: DemoRun): string {
  if (judgement.falseAlerts.length === 0) return 'None.';
  const rows = judgement.falseAlerts.map(({ alert, changes }) => [
    sanitise(alert.agent, 80),
    alert.detector,
    changes.join(', ') || '-',
    sanitise(alert.why, 400),
  ]);
  return table(['agent', 'detector', 'honest change under way', 'why'], rows, WIDTH + 20);
}
