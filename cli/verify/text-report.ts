/** What was found, for people: what is wrong first. */

import { type AgentVerification, PARTS, type RangeFinding, type RangeReport } from '../../api/schemas/verify.ts';
import { cleaned } from '../cleaned.ts';
import { counted } from '../counted.ts';
import { table } from '../table.ts';

export function agentText(report: AgentVerification, place: string): string {
  const { agent, mode, outcome, start, end, events, snapshots, differences, listed, notes } = cleaned(report);
  const how = mode === 'judge' ? 'judged anew' : 'taken in with the verdicts on record';
  const from =
    start.from === 'beginning' ? 'the beginning of the log' : `the state as of ${start.partition}:${start.position}`;
  const lines = [`${agent}: ${OUTCOMES[outcome]}`];
  const [first] = listed;
  if (first !== undefined) {
    lines.push(
      `First difference: ${first.what} at ${first.partition}:${first.position}, ${first.field || 'as a whole'}`,
      `  stored      ${first.stored}`,
      `  recomputed  ${first.recomputed}`,
      `${counted(differences, 'difference')} in all.`,
    );
    for (const one of listed.slice(1, SHOWN_MAX))
      lines.push(`  ${one.what} at ${one.partition}:${one.position}, ${one.field}`);
  }
  lines.push(
    `${counted(events, 'event')} ${how}, from ${from} to ${end.partition}:${end.position}; ${snapshots.equal} of ${snapshots.compared} retained states equal, byte for byte.`,
  );
  if (snapshots.other_format > 0) lines.push(`${snapshots.other_format} states of older formats were not compared.`);
  return [...lines, ...notes.map((note) => `Note: ${note}`), `Store: ${place}`].join('\n');
}

const OUTCOMES: Record<AgentVerification['outcome'], string> = {
  equal: 'what is stored is what the log leads to.',
  different: 'DIFFERENT from what the log leads to.',
  unclear: 'cannot be told; see the notes.',
};

const SHOWN_MAX = 20;

export function rangeText(report: RangeReport, place: string, repair: boolean): string {
  const { parts, positions, findings, not_sent, no_record, notes, stretches } = cleaned(report);
  const lines = [
    `${counted(positions, 'position')} of ${counted(new Set(stretches.map(({ partition }) => partition)).size, 'partition')} in ${place}`,
    '',
  ];
  const rows = PARTS.map((part) => [
    PART_NAMES[part],
    String(parts[part].expected),
    String(parts[part].missing),
    repair ? String(parts[part].repaired) : '-',
  ]);
  lines.push(table(['part', 'expected', 'missing', 'repaired'], rows));
  if (findings.length > 0) lines.push('', ...findings.slice(0, SHOWN_MAX).map(findingText));
  if (findings.length > SHOWN_MAX) lines.push(`and more; --json lists up to 200`);
  const advice = [...new Set(findings.filter(({ repaired }) => !repaired).map(({ code }) => ADVICE[code] ?? ''))];
  lines.push(...advice.filter(Boolean).map((text) => `\n${text}`));
  const unsent = Object.entries(not_sent).filter(([, count]) => count > 0);
  if (unsent.length > 0)
    lines.push(
      '',
      `Alerts that no playbook was to be told of: ${unsent.map(([why, count]) => `${count} ${why.replaceAll('_', ' ')}`).join(', ')}.`,
    );
  if (no_record > 0) lines.push(`${no_record} offsets of the topic hold no record.`);
  return [...lines, ...notes.map((note) => `Note: ${note}`)].join('\n');
}

const PART_NAMES = {
  rows: 'rows of the log',
  hits: 'hits of alerts',
  changes: 'changes of alerts',
  dead_letters: 'dead letters',
  deliveries: 'deliveries',
} as const;

const findingText = ({ code, partition, first, last, tenant, id, repaired }: RangeFinding): string => {
  const place = first === last ? `${partition}:${first}` : `${partition}:${first}..${last}`;
  return [code, place, tenant, id, repaired ? '(repaired)' : ''].filter(Boolean).join('  ');
};

const ADVICE: Readonly<Record<string, string>> = {
  row_gone:
    'row_gone: neither the store nor the topic holds these records. Senders have to send them again, or a backup to be restored.',
  row_in_topic:
    'row_in_topic: the topic still holds these records. To have them judged: stop the workers, delete from event_log, agent_state and ' +
    'checkpoints of that partition all from the first such position on, start the workers; they judge it again, to the same ids. See docs/verify.md.',
  hit_missing: 'hit_missing, hit_altered, change_missing, dead_letter_missing: --repair writes them again.',
  hit_altered: 'hit_missing, hit_altered, change_missing, dead_letter_missing: --repair writes them again.',
  change_missing: 'hit_missing, hit_altered, change_missing, dead_letter_missing: --repair writes them again.',
  dead_letter_missing: 'hit_missing, hit_altered, change_missing, dead_letter_missing: --repair writes them again.',
  delivery_missing:
    'delivery_missing: the worker that owns the partition sends them at its next start, or with --repair through its server.',
};
