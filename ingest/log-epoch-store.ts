import type { Store } from '../store/store.ts';

/** The log as it is written now. A new epoch begins when it moves to another number of partitions, another topic or another cluster. */
export interface LogEpoch {
  readonly epoch: number;
  readonly topic: string;
  readonly partitions: number;
  /** Kafka's cluster id: the same topic name on another cluster is another log. */
  readonly cluster: string;
}

export interface LogEpochStore {
  /** Undefined: the log is the embedded one, or there is none yet. */
  current(): Promise<LogEpoch | undefined>;
  /**
   * @param oldEnds of each partition of the epoch before the first position that is not of the log any more, because it goes on to this
   *   epoch; none: all of it counts, whoever still writes there
   */
  begin(epoch: LogEpoch, oldEnds: readonly number[], nowMs: number): Promise<void>;
  /** First positions that are not of the log, by partition; partitions without an end are not among them. */
  ends(): Promise<ReadonlyMap<number, number>>;
  /** Last position up to which a partition that is over was forwarded to the next epoch; -1 for none. */
  forwarded(partition: number): Promise<number>;
  noteForwarded(partition: number, position: number, nowMs: number): Promise<void>;
  /** Every epoch that has begun in Kafka, oldest first; one of the embedded log is not among them. */
  all(): Promise<LogEpoch[]>;
  /** Deletes what stands in an epoch that has not begun: the move there did not come to its end. */
  abandon(epoch: number): Promise<void>;
  /** Whether anything was ever stored in partitions of this epoch. */
  hasRecords(epoch: number): Promise<boolean>;
}

// The row of a move that was done again may come late, and has other ends then: the newest says where the log is.
const ALL = `
  SELECT epoch, topic, partitions, cluster FROM log_epochs FINAL ORDER BY epoch, started DESC LIMIT 1 BY epoch`;
const ENDS = 'SELECT partitions, ends FROM log_ends';
const FORWARDED = `
  SELECT maxOrNull(position) AS last FROM log_forwarded WHERE partition = {partition:UInt32}`;
const PARTITIONED = ['event_log', 'agent_state', 'checkpoints'] as const;
const HAS_RECORDS = `
  SELECT 1 AS found FROM event_log WHERE intDiv(partition, 65536) = {epoch:UInt32} LIMIT 1`;

export function createLogEpochStore(store: Store): LogEpochStore {
  async function all(): Promise<LogEpoch[]> {
    const rows = await store.query<LogEpoch>(ALL);
    return rows.map(({ epoch, topic, partitions, cluster }) => ({
      epoch: Number(epoch),
      topic,
      partitions: Number(partitions),
      cluster,
    }));
  }

  return {
    all,
    current: async () => (await all()).at(-1),
    async abandon(epoch) {
      for (const table of PARTITIONED) {
        await store.command(`DELETE FROM ${table} WHERE intDiv(partition, 65536) = {epoch:UInt32}`, { epoch });
      }
    },
    begin: ({ epoch, topic, partitions, cluster }, oldEnds, nowMs) =>
      store.insert('log_epochs', [{ epoch, topic, partitions, cluster, started: nowMs, old_ends: oldEnds }]),
    async ends() {
      const [row] = await store.query<{ partitions: number[]; ends: number[] }>(ENDS);
      return new Map(row?.partitions.map((partition, i) => [Number(partition), Number(row.ends[i])]));
    },
    async forwarded(partition) {
      const [row] = await store.query<{ last: number | null }>(FORWARDED, { partition });
      return Number(row?.last ?? -1);
    },
    noteForwarded: (partition, position, nowMs) =>
      store.insert('log_forwarded', [{ partition, position, time: nowMs }]),
    hasRecords: async (epoch) => (await store.query(HAS_RECORDS, { epoch })).length > 0,
  };
}
