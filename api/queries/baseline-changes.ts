/** Resets and rollbacks of one agent's baseline as they stand in the log, newest first. */

import type { BaselineChangeEntry } from '../../ingest/log.ts';
import { OF_THE_LOG } from '../../ingest/log-ends.ts';
import type { PastChangeBody } from '../schemas/baseline.ts';
import type { TenantReader } from '../tenant-reader.ts';
import { formatTime } from '../time.ts';

const CHANGES_MAX = 50;

const SQL = `SELECT record
FROM event_log FINAL
WHERE tenant = {tenant:String} AND agent = {agent:String} AND kind IN ('reset', 'rollback') AND ${OF_THE_LOG}
ORDER BY partition DESC, position DESC
LIMIT ${CHANGES_MAX}`;

function toChange({ kind, receivedMs, to, by, note }: BaselineChangeEntry): PastChangeBody {
  return {
    change: kind,
    time: formatTime(receivedMs),
    ...(to !== undefined && { to }),
    by,
    ...(note !== undefined && { note }),
  };
}

export async function baselineChanges(tenant: TenantReader, agent: string): Promise<PastChangeBody[]> {
  const rows = await tenant.query<{ record: string }>(SQL, { agent });
  return rows.map(({ record }) => toChange(JSON.parse(record) as BaselineChangeEntry));
}
