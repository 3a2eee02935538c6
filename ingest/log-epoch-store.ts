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
  begin(epoch: LogEpoch, nowMs: number): Promise<void>;
  /** Every epoch that has begun in Kafka, oldest first; one of the embedded log is not among them. */
  all(): Promise<LogEpoch[]>;
  /** Deletes what stands in an epoch that has not begun: the move there did not come to its end. */
  abandon(epoch: number): Promise<void>;
  /** Whether anything was ever stored in partitions of this epoch. */
  hasRecords(epoch: number): Promise<boolean>;
}

const ALL = 'SELECT epoch, topic, partitions, cluster FROM log_epochs FINAL ORDER BY epoch';
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
    begin: ({ epoch, topic, partitions, cluster }, nowMs) =>
      store.insert('log_epochs', [{ epoch, topic, partitions, cluster, started: nowMs }]),
    hasRecords: async (epoch) => (await store.query(HAS_RECORDS, { epoch })).length > 0,
  };
}
