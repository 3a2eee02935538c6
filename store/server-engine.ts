import { Readable } from 'node:stream';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import type { Engine } from './engine.ts';
import { quoteName, SESSION_SETTINGS } from './session-settings.ts';

export interface ServerOptions {
  /** `http://host:8123` or `https://`. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** Created if absent. */
  readonly database: string;
  /** Longest silence of the server before an operation counts as failed. */
  readonly requestTimeoutMs: number;
}

/** Connects to a ClickHouse server or cluster. Rejects with what the client says when the database cannot be created. */
export async function startServerEngine(options: ServerOptions): Promise<Engine> {
  await createDatabase(options);
  const client = connect(options, { database: options.database, clickhouse_settings: SESSION_SETTINGS });
  const lane = {
    writes: client,
    async insertNative(target: string, block: Buffer) {
      const query = `INSERT INTO ${target} FORMAT Native`;
      const { stream } = await client.exec({ query, values: Readable.from([block], { objectMode: false }) });
      // The answer is empty, but its socket is free only when it has been read.
      for await (const _ of stream);
    },
  };
  return {
    engine: 'server',
    place: withoutCredentials(options.url),
    reads: client,
    hurried: [],
    patient: lane,
    async *stream(sql, params) {
      const bound = params === undefined ? {} : { query_params: { ...params } };
      const result = await client.query({ query: sql, format: 'JSONEachRow', ...bound });
      for await (const rows of result.stream()) yield rows.map((row) => row.json());
    },
    close: () => client.close(),
  };
}

/** The URL as people may see it in a log. */
export function withoutCredentials(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}

async function createDatabase(options: ServerOptions): Promise<void> {
  const client = connect(options, {});
  try {
    await client.command({ query: `CREATE DATABASE IF NOT EXISTS ${quoteName(options.database)}` });
  } finally {
    await client.close();
  }
}

function connect(options: ServerOptions, more: { database?: string; clickhouse_settings?: typeof SESSION_SETTINGS }) {
  return createClient({
    url: options.url,
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.password === undefined ? {} : { password: options.password }),
    request_timeout: options.requestTimeoutMs,
    // A long list of ids does not fit into a URL.
    use_multipart_params_auto: true,
    // A socket that idled while the event loop was busy may be closed at the other end.
    keep_alive: { eagerly_destroy_stale_sockets: true },
    // Every error reaches the caller; the client's own log would print row contents.
    log: { level: ClickHouseLogLevel.OFF },
    ...more,
  });
}
