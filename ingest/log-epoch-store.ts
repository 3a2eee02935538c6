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
  /** Whether anything was ever stored in partitions of this epoch. */
  hasRecords(epoch: number): Promise<boolean>;
}

const CURRENT = 'SELECT epoch, topic, partitions, cluster FROM log_epochs FINAL ORDER BY epoch DESC LIMIT 1';
const HAS_RECORDS = `
  SELECT 1 AS found FROM event_log WHERE intDiv(partition, 65536) = {epoch:UInt32} LIMIT 1`;

export function createLogEpochStore(store: Store): LogEpochStore {
  return {
    async current() {
      const [row] = await store.query<LogEpoch>(CURRENT);
      if (row === undefined) return undefined;
      const { epoch, topic, partitions, cluster } = row;
      return { epoch: Number(epoch), topic, partitions: Number(partitions), cluster };
    },
    begin: ({ epoch, topic, partitions, cluster }, nowMs) =>
      store.insert('log_epochs', [{ epoch, topic, partitions, cluster, started: nowMs }]),
    hasRecords: async (epoch) => (await store.query(HAS_RECORDS, { epoch })).length > 0,
  };
}
