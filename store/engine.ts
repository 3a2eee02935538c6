import type { ClickHouseClient } from '@clickhouse/client';
import type { Store } from './store.ts';

/** What the two ways of running ClickHouse have in common. */
export interface Engine {
  readonly engine: Store['engine'];
  readonly place: string;
  /** Two connections, because the embedded engine runs one statement per connection at a time: a report must not delay an insert. */
  readonly reads: ClickHouseClient;
  readonly writes: ClickHouseClient;
  stream(sql: string, params: Readonly<Record<string, unknown>> | undefined): AsyncIterable<unknown[]>;
  /** One insert of one block of the format Native. `target`: the table and its columns, quoted. */
  insertNative(target: string, block: Buffer): Promise<void>;
  close(): Promise<void>;
}
