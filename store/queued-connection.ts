import type { ClickHouseClientConfigOptions } from '@clickhouse/client';
import { createTurns } from './turns.ts';

export type Connection = NonNullable<ClickHouseClientConfigOptions['connection']>;

/**
 * The same connection, whose statements wait here for their turn. The embedded engine runs one at a time on a connection anyway, but each that
 * waits inside it holds one of the four threads that the runtime has for all of them and for every file: five reports on one
 * connection would stop the inserts on all others. Bounded by the callers, who wait.
 */
export function queueStatements(connection: Connection): Connection {
  const inTurn = createTurns();
  return {
    ping: (params) => inTurn(() => connection.ping(params)),
    query: (params) => inTurn(() => connection.query(params)),
    insert: (params) => inTurn(() => connection.insert(params)),
    command: (params) => inTurn(() => connection.command(params)),
    exec: (params) => inTurn(() => connection.exec(params)),
    close: () => connection.close(),
  };
}
