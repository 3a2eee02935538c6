/** Watches what is written, as it is written: nothing may be told, or committed, before the rows it rests on are stored. */
import type { EncodedRecord } from '../../ingest/kafka/envelope.ts';
import type { ModelEntry } from '../../ingest/log.ts';
import { REPLAY } from './deliveries.ts';
import { BASE_POSITION } from './lives.ts';
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

export function watchDurability(tables: Tables): Durable {
  const findings: string[] = [];
  const stateRows: Row[] = [];
  const ended = new Set<string>();
  const durable = new Map<number, Set<number>>();

  function isDurable(partition: number, position: number): boolean {
    const stored = durable.get(partition);
    for (let at = position; at >= BASE_POSITION; at--) if (stored?.has(at) !== true) return false;
    return true;
  }

  function onInsert(table: string, row: Row): void {
    const position = Number(row['position']);
    const partition = Number(row['partition']);
    const isAhead = () => !isDurable(partition, position);
    if (table === 'agent_state' && position >= BASE_POSITION) {
      stateRows.push(row);
      if (isAhead()) findings.push(`a state ahead of the log: ${partition}:${position}`);
    }
    if (table === 'checkpoints' && position >= BASE_POSITION && isAhead())
      findings.push(`a checkpoint ahead of the log: ${partition}:${position}`);
    if (table === 'alert_hits' && isAhead()) findings.push(`a hit ahead of the log: ${partition}:${position}`);
    if (table === 'deliveries') onDelivery(row);
    if (table !== 'event_log') return;
    const stored = durable.get(partition) ?? new Set();
    durable.set(partition, stored.add(position));
  }

  function onDelivery({ alert_id, playbook, outcome, error }: Row): void {
    const name = `${alert_id} ${playbook}`;
    if (error === REPLAY) ended.delete(name);
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
      if (offset > BASE_POSITION && !isDurable(partition, offset - 1))
        findings.push(`${process} commits ${partition}:${offset}, and not all before it is durable`);
    },
  };
}
