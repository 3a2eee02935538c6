import { openServer } from '../../../store/connection.ts';
import type { Store } from '../../../store/store.ts';
import type { Site } from '../worker-run.ts';

export const PEER_TABLE = 'peer_rows';

/** A table as somebody would make it who only wants the events kept: as durable as Picket's, nothing more. */
export async function openPeerTable({ url }: Site, database: string): Promise<Store> {
  const store = await openServer({ url, database, requestTimeoutMs: 60_000 });
  await store.command(
    `CREATE TABLE ${PEER_TABLE} (id String, agent LowCardinality(String), time DateTime64(3, 'UTC'),
       action LowCardinality(String), endpoint String, record String CODEC(ZSTD(1)))
     ENGINE = MergeTree ORDER BY (agent, time) SETTINGS fsync_after_insert = 1, fsync_part_directory = 1,
     min_rows_to_fsync_after_merge = 1`,
  );
  return store;
}
