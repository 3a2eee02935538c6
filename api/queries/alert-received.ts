/** When the record that opened an alert was received, epoch ms; undefined if this tenant has no alert of that id. */
import { OF_THE_LOG } from '../../ingest/log-ends.ts';
import type { TenantReader } from '../tenant-reader.ts';

const SQL = `SELECT toUnixTimestamp64Milli(min(received)) AS received_ms, count() AS hits
FROM alert_hits
WHERE tenant = {tenant:String} AND alert_id = {alert:String} AND opened = 1 AND ${OF_THE_LOG}`;

interface ReceivedRow {
  received_ms: number | string;
  hits: number | string;
}

export async function alertReceived(tenant: TenantReader, alert: string): Promise<number | undefined> {
  const [row] = await tenant.query<ReceivedRow>(SQL, { alert });
  return row === undefined || Number(row.hits) === 0 ? undefined : Number(row.received_ms);
}
