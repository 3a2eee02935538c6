/** One alert, or undefined if this tenant has none of that id. */
import type { AlertBody } from '../schemas/alert.ts';
import type { TenantReader } from '../tenant-reader.ts';
import { ALERT_COLUMNS, type AlertRow, toAlert } from './alert-row.ts';

const SQL = `SELECT ${ALERT_COLUMNS}
FROM alerts
WHERE tenant = {tenant:String} AND alert_id = {alert:String}
LIMIT 1`;

export async function findAlert(tenant: TenantReader, alert: string): Promise<AlertBody | undefined> {
  const [row] = await tenant.query<AlertRow>(SQL, { alert });
  return row && toAlert(row);
}
