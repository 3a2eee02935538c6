import type { ClickHouseClient } from '@clickhouse/client';
import type { Store } from './store.ts';

/** What the two ways of running ClickHouse have in common. */
export interface Engine {
  readonly engine: Store['engine'];
  readonly place: string;
  /**
   * Several connections, because the embedded engine runs one statement per connection at a time: a report must not delay an insert, nor
   * an insert that can wait one that somebody waits for.
   */
  readonly reads: ClickHouseClient;
  /** One for each group of tables that somebody waits for; then the one for all the others, and statements. A server needs no others. */
  readonly hurried: readonly WriteLane[];
  readonly patient: WriteLane;
  stream(sql: string, params: Readonly<Record<string, unknown>> | undefined): AsyncIterable<unknown[]>;
  close(): Promise<void>;
}

export interface WriteLane {
  readonly writes: ClickHouseClient;
  /** One insert of one block of the format Native. `target`: the table and its columns, quoted. */
  insertNative(target: string, block: Buffer): Promise<void>;
}
