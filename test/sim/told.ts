/** Whether everything that playbooks match has come to its end. The checker says exactly what is missing. */
import { isToBeTold } from '../../alerts/delivery.ts';
import type { AlertNotice } from '../../alerts/notice.ts';
import { enabledSince } from './deliveries.ts';
import { ofTheLog } from './statements.ts';
import type { Row, Tables } from './tables.ts';
import { PLAYBOOKS } from './worker-process.ts';

/** @param ended `alert playbook` */
export function isAllTold(tables: Tables, ended: ReadonlySet<string>): boolean {
  const since = enabledSince(tables);
  const opened = ofTheLog(tables, tables.final('alert_hits')).filter((row) => row['opened'] === 1);
  return opened.every((row) => {
    const notice = noticeOf(row);
    const told = PLAYBOOKS.filter((one) => isToBeTold(one, notice, since.get(one.name) ?? 0));
    return told.every(({ name }) => ended.has(`${row['alert_id']} ${name}`));
  });
}

function noticeOf(row: Row): AlertNotice {
  const { severity, detector, agent_kind: agentKind, tenant, received: receivedMs } = row;
  return { receivedMs, severity, detector, agentKind, tenant, backfill: row['backfill'] === 1 } as AlertNotice;
}
