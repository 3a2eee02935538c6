/** What one agent did per hour, of one measure: as the baseline counts it, except that late and alerted events count too. */

import type { Measure } from '../../baselines/measures.ts';
import { EVENT_LIMITS } from '../../ingest/event.ts';
import { OF_THE_LOG } from '../../ingest/log-ends.ts';
import type { TenantReader } from '../tenant-reader.ts';

const COMPLETED = `JSONExtractString(record, 'action', 'phase') = 'completed'`;
const WITHOUT_MODELS = `${COMPLETED} AND action_type != 'model_call'`;

const AMOUNTS: Readonly<Record<Measure, string>> = {
  events: '1',
  rows: `if(${COMPLETED}, rows, 0)`,
  bytes_received: `if(${WITHOUT_MODELS}, bytes_received, 0)`,
  bytes_sent: `if(${WITHOUT_MODELS}, bytes_sent, 0)`,
  tokens: `if(${COMPLETED}, input_tokens + output_tokens, 0)`,
  cost_micro_usd: `if(${COMPLETED}, cost_micro_usd, 0)`,
};

const sqlFor = (measure: Measure) => `SELECT toUnixTimestamp(toStartOfHour(at)) AS hour, toFloat64(sum(amount)) AS total
FROM (
  SELECT least(time, received) AS at, ${AMOUNTS[measure]} AS amount
  FROM event_log FINAL
  WHERE tenant = {tenant:String} AND agent = {agent:String} AND kind = 'event'
    AND status NOT IN ('duplicate', 'conflict', 'rejected') AND ${OF_THE_LOG}
    AND time >= fromUnixTimestamp64Milli({since:Int64}) AND received >= fromUnixTimestamp64Milli({receivedSince:Int64})
  LIMIT 1 BY id
)
WHERE at < fromUnixTimestamp64Milli({until:Int64})
GROUP BY hour`;

/** By start of the hour, epoch ms; hours without any are absent. */
export async function hourlySums(
  tenant: TenantReader,
  agent: string,
  measure: Measure,
  since: number,
  until: number,
): Promise<Map<number, number>> {
  const receivedSince = since - EVENT_LIMITS.timeAheadMsMax;
  const params = { agent, since, until, receivedSince };
  const rows = await tenant.query<{ hour: number | string; total: number }>(sqlFor(measure), params);
  return new Map(rows.map(({ hour, total }) => [Number(hour) * 1000, Number(total)]));
}
