/** Attempts to deliver playbooks for one alert, in order of time. */
import type { DeliveryBody } from '../schemas/alert.ts';
import type { TenantReader } from '../tenant-reader.ts';
import { formatTime } from '../time.ts';

const DELIVERIES_MAX = 200;

const SQL = `SELECT playbook, webhook_id, attempt, toUnixTimestamp64Milli(time) AS time_ms, target, outcome, http_status,
  error, duration_ms, toUnixTimestamp64Milli(next_attempt) AS next_attempt_ms
FROM deliveries FINAL
WHERE tenant = {tenant:String} AND alert_id = {alert:String}
ORDER BY time DESC, playbook DESC, attempt DESC
LIMIT ${DELIVERIES_MAX}`;

interface DeliveryRow {
  playbook: string;
  webhook_id: string;
  attempt: number | string;
  time_ms: number | string;
  target: string;
  outcome: DeliveryBody['outcome'];
  http_status: number | string;
  error: string;
  duration_ms: number | string;
  next_attempt_ms: number | string;
}

function toDelivery(row: DeliveryRow): DeliveryBody {
  return {
    playbook: row.playbook,
    webhook_id: row.webhook_id,
    attempt: Number(row.attempt),
    time: formatTime(row.time_ms),
    target: row.target,
    outcome: row.outcome,
    ...(Number(row.http_status) > 0 && { http_status: Number(row.http_status) }),
    ...(row.error !== '' && { error: row.error }),
    duration_ms: Number(row.duration_ms),
    ...(Number(row.next_attempt_ms) > 0 && { next_attempt: formatTime(row.next_attempt_ms) }),
  };
}

export async function alertDeliveries(tenant: TenantReader, alert: string): Promise<DeliveryBody[]> {
  return (await tenant.query<DeliveryRow>(SQL, { alert })).map(toDelivery).reverse();
}
