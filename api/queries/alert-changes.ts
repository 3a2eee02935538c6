/** What analysts said about one alert, in log order. */

import type { AlertState, Disposition } from '../../ingest/log.ts';
import { OF_THE_LOG } from '../../ingest/log-ends.ts';
import type { ChangeBody } from '../schemas/alert.ts';
import type { TenantReader } from '../tenant-reader.ts';
import { formatTime } from '../time.ts';

const CHANGES_MAX = 200;

const SQL = `SELECT toUnixTimestamp64Milli(time) AS time_ms, state, disposition, by, note
FROM alert_changes FINAL
WHERE tenant = {tenant:String} AND alert_id = {alert:String} AND ${OF_THE_LOG}
ORDER BY partition DESC, position DESC
LIMIT ${CHANGES_MAX}`;

interface ChangeRow {
  time_ms: number | string;
  state: AlertState;
  disposition: Disposition | '';
  by: string;
  note: string;
}

function toChange(row: ChangeRow): ChangeBody {
  return {
    time: formatTime(row.time_ms),
    state: row.state,
    ...(row.disposition !== '' && { disposition: row.disposition }),
    by: row.by,
    ...(row.note !== '' && { note: row.note }),
  };
}

export async function alertChanges(tenant: TenantReader, alert: string): Promise<ChangeBody[]> {
  return (await tenant.query<ChangeRow>(SQL, { alert })).map(toChange).reverse();
}
