/** What is retained of an agent, and what is known of who judged it. */
import { OF_THE_LOG } from '../../ingest/log-ends.ts';
import type { Store } from '../../store/store.ts';

/** A stored state of an agent. */
export interface Snapshot {
  readonly partition: number;
  readonly position: number;
  readonly format: number;
}

export interface Snapshots {
  /** In the order of the log, at most `SNAPSHOTS_MAX`, the newest if there are more. */
  list(): Promise<Snapshot[]>;
  /** Undefined: it was replaced by a newer one meanwhile. */
  text(snapshot: Snapshot): Promise<string | undefined>;
  /** First position of a partition that has a row, and how many of its positions up to another have none. */
  log(partition: number, upTo: number): Promise<{ first: number; holes: number }>;
  /** How many records about the agent stand after one position, up to another. */
  records(partition: number, after: number, upTo: number): Promise<number>;
  /**
   * The clock at a position as checkpoints have it: `undefined` where none is as old as that. `movedIn`: the position is the one at which
   * states moved into the partition, whose checkpoint brought the clock along.
   */
  checkpointTick(partition: number, upTo: number): Promise<{ position: number; tickMs: number } | undefined>;
  /** Position of the newest checkpoint, from which a restart begins; undefined for none. */
  newestCheckpoint(partition: number): Promise<number | undefined>;
  /** Checkpoints of a partition that somebody wrote who judges otherwise: the newest, and the first one after it of our own. */
  otherJudging(partition: number, mark: string): Promise<OtherJudging | undefined>;
}

export interface OtherJudging {
  readonly mark: string;
  readonly position: number;
  /** Undefined: none yet. */
  readonly ownPosition: number | undefined;
}

/** One a day for a month, and those of the last minutes: more than this only where retention was set to years. */
const SNAPSHOTS_MAX = 5_000;

export function createSnapshots(store: Pick<Store, 'query'>, tenant: string, agent: string): Snapshots {
  const of = { tenant, agent };
  return {
    async list() {
      const rows = await store.query<Snapshot>(LIST, { ...of, limit: SNAPSHOTS_MAX });
      return rows.map(numbers).sort((a, b) => a.partition - b.partition || a.position - b.position);
    },
    async text({ partition, position }) {
      const [row] = await store.query<{ state: string }>(TEXT, { ...of, partition, position });
      return row?.state;
    },
    async log(partition, upTo) {
      const [row] = await store.query<{ first: number; rows: number }>(LOG, { partition, upTo });
      const { first, rows } = numbers(row ?? { first: 0, rows: 0 });
      return { first, holes: rows === 0 ? 0 : upTo - first + 1 - rows };
    },
    async records(partition, after, upTo) {
      const [row] = await store.query<{ n: number }>(RECORDS, { ...of, partition, after, upTo });
      return Number(row?.n ?? 0);
    },
    async checkpointTick(partition, upTo) {
      const [row] = await store.query<{ position: number; tickMs: number }>(TICK, { partition, upTo });
      return row === undefined ? undefined : numbers(row);
    },
    newestCheckpoint: async (partition) => {
      const [row] = await store.query<{ position: number }>(TICK, { partition, upTo: Number.MAX_SAFE_INTEGER });
      return row === undefined ? undefined : Number(row.position);
    },
    async otherJudging(partition, mark) {
      const [row] = await store.query<{ mark: string; position: number }>(OTHERS, { partition, mark });
      if (row === undefined) return undefined;
      const [own] = await store.query<{ first: number | null }>(OWN, { partition, mark, after: row.position });
      const ownPosition = own?.first ?? undefined;
      return {
        mark: row.mark,
        position: Number(row.position),
        ownPosition: ownPosition === undefined ? undefined : Number(ownPosition),
      };
    },
  };
}

/** 64-bit numbers come as text from some engines. */
const numbers = <Row extends object>(row: Row): Row =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)])) as Row;

const OF_AGENT = 'tenant = {tenant:String} AND agent = {agent:String}';

const LIST = `
  SELECT partition, position, any(format) AS format FROM agent_state WHERE ${OF_AGENT} AND ${OF_THE_LOG}
  GROUP BY partition, position ORDER BY partition DESC, position DESC LIMIT {limit:UInt32}`;

const TEXT = `
  SELECT state FROM agent_state FINAL
  WHERE ${OF_AGENT} AND partition = {partition:UInt32} AND position = {position:UInt64}`;

// FINAL merges as it reads: counting distinct positions would hold all of them.
const LOG = `
  SELECT min(position) AS first, count() AS rows FROM event_log FINAL
  WHERE partition = {partition:UInt32} AND position <= {upTo:Int64}`;

const RECORDS = `
  SELECT count() AS n FROM event_log
  WHERE ${OF_AGENT} AND partition = {partition:UInt32} AND position > {after:Int64} AND position <= {upTo:Int64}
    AND kind IN ('event', 'disposition', 'reset', 'rollback') AND status NOT IN ('duplicate', 'conflict', 'rejected')`;

// A forgotten worker writes checkpoints, too: what they say of who judged, and up to where, is not said of the log.
const TICK = `
  SELECT position, toUnixTimestamp64Milli(last_tick) AS tickMs FROM checkpoints
  WHERE partition = {partition:UInt32} AND position <= {upTo:Int64} AND ${OF_THE_LOG} ORDER BY position DESC LIMIT 1`;

const OTHERS = `
  SELECT build AS mark, position FROM checkpoints
  WHERE partition = {partition:UInt32} AND build != {mark:String} AND ${OF_THE_LOG} ORDER BY position DESC LIMIT 1`;

const OWN = `
  SELECT minOrNull(position) AS first FROM checkpoints
  WHERE partition = {partition:UInt32} AND build = {mark:String} AND position > {after:Int64} AND ${OF_THE_LOG}`;
