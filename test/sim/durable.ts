/** Watches what is written, as it is written: nothing may be told, or committed, before the rows it rests on, and their hits, are stored. */
import type { Hit } from '../../baselines/verdict.ts';
import type { EncodedRecord } from '../../ingest/kafka/envelope.ts';
import { type ModelEntry, PARTITIONS_MAX } from '../../ingest/log.ts';
import { REPLAY } from './deliveries.ts';
import { firstPosition } from './lives.ts';
import type { Row, Tables } from './tables.ts';

export interface Durable {
  readonly findings: string[];
  /** Rows of `agent_state` that were ever written. */
  readonly stateRows: Row[];
  /**
   * `alert playbook` of deliveries that came to an end after they were last asked for. Not by the number of the attempt: who tells of an
   * alert before it is stored, and dies, leaves one behind that begins to count anew.
   */
  readonly ended: ReadonlySet<string>;
  /** All of the log up to a position. */
  isDurable(partition: number, position: number): boolean;
  onAppend(record: EncodedRecord): void;
  onCommit(process: string, partition: number, offset: number): void;
}

/** @param base first position that the run itself writes, of the first epoch */
export function watchDurability(tables: Tables, base: number): Durable {
  const findings: string[] = [];
  const stateRows: Row[] = [];
  const ended = new Set<string>();
  const durable = new Map<number, Set<number>>();
  /** Hits of stored rows that are not stored themselves, by alert and event, with the place of the row. */
  const owed = new Map<string, { readonly partition: number; readonly position: number }>();
  const known = new Set<string>();

  function isDurable(partition: number, position: number): boolean {
    const stored = durable.get(partition);
    for (let at = position; at >= firstPosition(partition, base); at--) if (stored?.has(at) !== true) return false;
    return true;
  }

  /** Who dies now, or goes on from here, will not store them. */
  function owes(partition: number, upTo: number): boolean {
    return [...owed.values()].some((row) => row.partition === partition && row.position <= upTo);
  }

  function oweHits(row: Row, partition: number, position: number): void {
    const hits = row['hits'] === '' ? [] : (JSON.parse(String(row['hits'])) as Hit[]);
    for (const { alertId, stored } of hits) {
      const name = `${alertId} ${row['id']}`;
      if (stored && position >= firstPosition(partition, base) && !known.has(name))
        owed.set(name, { partition, position });
    }
  }

  function payHit(row: Row): void {
    const name = `${row['alert_id']} ${row['event_id']}`;
    known.add(name);
    owed.delete(name);
  }

  function onInsert(table: string, row: Row): void {
    const position = Number(row['position']);
    const partition = Number(row['partition']);
    const isAhead = () => !isDurable(partition, position);
    // What moves in at the first position of a later epoch comes before its row; the end of the run looks at it.
    const isOfRun = position >= firstPosition(partition, base) && (position > 0 || partition < PARTITIONS_MAX);
    if (table === 'agent_state' && isOfRun) {
      stateRows.push(row);
      if (isAhead()) findings.push(`a state ahead of the log: ${partition}:${position}`);
    }
    if (table === 'checkpoints' && isOfRun && isAhead())
      findings.push(`a checkpoint ahead of the log: ${partition}:${position}`);
    if (table === 'checkpoints' && isOfRun && owes(partition, position))
      findings.push(`a checkpoint ahead of the hits: ${partition}:${position}`);
    if (table === 'alert_hits') payHit(row);
    if (table === 'alert_hits' && isAhead()) findings.push(`a hit ahead of the log: ${partition}:${position}`);
    if (table === 'deliveries') onDelivery(row);
    if (table !== 'event_log') return;
    oweHits(row, partition, position);
    const stored = durable.get(partition) ?? new Set();
    durable.set(partition, stored.add(position));
  }

  function onDelivery({ alert_id, playbook, outcome, error }: Row): void {
    const name = `${alert_id} ${playbook}`;
    if (String(error).startsWith(REPLAY)) ended.delete(name);
    else if (outcome !== 'retry') ended.add(name);
  }

  tables.onInsert.push(onInsert);
  return {
    findings,
    stateRows,
    ended,
    isDurable,
    onAppend({ headers, value }) {
      if (headers['kind'] !== 'model') return;
      const { content, agentKind } = JSON.parse(value) as ModelEntry;
      if (tables.all('log_contents').some(({ hash }) => hash === content)) return;
      findings.push(`a model of ${agentKind} is in the log before its content is stored`);
    },
    onCommit(process, partition, offset) {
      if (offset > firstPosition(partition, base) && !isDurable(partition, offset - 1))
        findings.push(`${process} commits ${partition}:${offset}, and not all before it is durable`);
      if (offset > firstPosition(partition, base) && owes(partition, offset - 1))
        findings.push(`${process} commits ${partition}:${offset}, and not all hits before it are stored`);
    },
  };
}
