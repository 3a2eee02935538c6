/** The baselines of one agent that stand in its stored states, newest first; one that did not change in between is listed once. */

import { PRESENT_FORMATS, type StoredState } from '../../baselines/state-codec.ts';
import { OF_THE_LOG } from '../../ingest/log-ends.ts';
import type { StoredBaselineBody } from '../schemas/baseline.ts';
import type { TenantReader } from '../tenant-reader.ts';
import { formatTime } from '../time.ts';

export interface StoredBaseline {
  readonly partition: number;
  readonly position: number;
  /** Position of the newest record in it. */
  readonly id: number;
  /** The agent's clock then, epoch ms. */
  readonly clockMs: number;
  readonly sessions: number;
}

const LISTED_MAX = 30;

const LIST = `SELECT partition, position, toUnixTimestamp64Milli(clock) AS clockMs, sessions,
  if(format = 2, JSONExtractInt(state, 'baseline', 'position'), JSONExtractInt(summary, 'baseline')) AS id
FROM agent_state FINAL
WHERE tenant = {tenant:String} AND agent = {agent:String} AND format IN {formats:Array(UInt16)} AND sessions > 0
  AND ${OF_THE_LOG}
ORDER BY partition DESC, position DESC
LIMIT 1 BY partition, id
LIMIT ${LISTED_MAX}`;

type Row = Readonly<Record<keyof StoredBaseline, number | string>>;

export async function storedBaselines(tenant: TenantReader, agent: string): Promise<StoredBaseline[]> {
  const rows = await tenant.query<Row>(LIST, { agent, formats: PRESENT_FORMATS });
  return rows.map((row) => ({
    partition: Number(row.partition),
    position: Number(row.position),
    id: Number(row.id),
    clockMs: Number(row.clockMs),
    sessions: Number(row.sessions),
  }));
}

const STATE = `SELECT format, state
FROM agent_state
WHERE tenant = {tenant:String} AND agent = {agent:String} AND partition = {partition:UInt32} AND position = {position:UInt64}
LIMIT 1`;

/** The whole state that holds it; undefined when it was deleted meanwhile. */
export async function storedState(
  tenant: TenantReader,
  agent: string,
  { partition, position }: Pick<StoredBaseline, 'partition' | 'position'>,
): Promise<StoredState | undefined> {
  const [row] = await tenant.query<StoredState>(STATE, { agent, partition, position });
  return row === undefined ? undefined : { format: Number(row.format), state: row.state };
}

export const showStored = ({ id, clockMs, sessions }: StoredBaseline): StoredBaselineBody => ({
  id,
  time: formatTime(clockMs),
  sessions,
});
