/** Whether everything that playbooks match has come to its end. The checker says exactly what is missing. */
import { type ClosedTimes, closedTimes, isToBeTold } from '../../alerts/delivery.ts';
import type { AlertNotice } from '../../alerts/notice.ts';
import { enabledSince } from './deliveries.ts';
import { closingsOf, ofTheLog } from './statements.ts';
import type { Row, Tables } from './tables.ts';
import { PLAYBOOKS } from './worker-process.ts';

/** @param ended `alert playbook` */
export function isAllTold(tables: Tables, ended: ReadonlySet<string>): boolean {
  const since = enabledSince(tables);
  const opened = ofTheLog(tables, tables.final('alert_hits'));
  const closed = closedTimes(closingsOf(tables));
  return opened.every((row) => toldOf(row, since, closed).every(({ name }) => ended.has(`${row['alert_id']} ${name}`)));
}

/** Playbooks that are to hear of the alert that opened with this hit; @param since when they are enabled, epoch ms by name */
export function toldOf(row: Row, since: ReadonlyMap<string, number>, closed: ClosedTimes): typeof PLAYBOOKS {
  if (row['opened'] !== 1) return [];
  const notice = noticeOf(row);
  return PLAYBOOKS.filter((one) => isToBeTold(one, notice, since.get(one.name) ?? 0, closed(notice)));
}

function noticeOf(row: Row): AlertNotice {
  const { severity, detector, agent_kind: agentKind, tenant, received: receivedMs } = row;
  return {
    alertId: row['alert_id'],
    receivedMs,
    severity,
    detector,
    agentKind,
    tenant,
    backfill: row['backfill'] === 1,
  } as AlertNotice;
}
