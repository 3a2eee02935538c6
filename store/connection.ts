/**
 * Opens the store: embedded in this process, or on a ClickHouse server. Both speak the same SQL and return the same values.
 *
 * What columns become in JavaScript, going in and coming out:
 *
 * | column          | in                                     | out (selected as it is)                     |
 * |-----------------|----------------------------------------|---------------------------------------------|
 * | UInt8..UInt64   | integer within range, at most 2^53-1   | number                                      |
 * | Float64         | finite number                          | number; null for NaN and infinity           |
 * | String, Enum    | well-formed string                     | string                                      |
 * | DateTime64(3)   | integer, epoch ms, before 2100         | `2026-01-01T00:00:00.123Z`                  |
 * | DateTime        | integer, epoch seconds                 | `2026-01-01T00:00:00Z`                      |
 * | Array, Map      | array, plain object                    | array, plain object                         |
 *
 * For a time as a number select `toUnixTimestamp64Milli(time)`. A key that a row does not have takes the column's default;
 * a key that is no column is an error (ClickHouse code 16). In the embedded engine queries with parameters run one at a time.
 */
import { classifyFault } from './classify-fault.ts';
import { createClickHouseStore } from './clickhouse-store.ts';
import { startEmbeddedEngine } from './embedded-engine.ts';
import type { Engine } from './engine.ts';
import { startServerEngine, withoutCredentials } from './server-engine.ts';
import { DEFAULT_DATABASE } from './session-settings.ts';
import type { Store } from './store.ts';

/**
 * @param options.path data folder, created if absent; one process at a time
 * @param options.hurried groups of tables; the inserts of a group go a way of their own, past all others and past statements. Each takes a thread
 *   of the few that the runtime has for all of them
 * The engine reads standard input: rows that wait there are taken for rows of the next INSERT. A program that may be piped into has to
 * put an empty standard input in place first.
 * @throws StoreLocked when another process holds the folder, EmbeddedEngineMissing when `chdb` is not installed
 */
export function openEmbedded(options: {
  readonly path: string;
  readonly database?: string;
  readonly hurried?: readonly (readonly string[])[];
}): Promise<Store> {
  const { path, database = DEFAULT_DATABASE, hurried = [] } = options;
  return open(path, () => startEmbeddedEngine({ path, database, hurriedLanes: hurried.length }), hurried);
}

/**
 * @param options.url `http://` or `https://`; credentials may stand in it
 * @param options.requestTimeoutMs longest silence of the server before an operation fails as StoreUnavailable
 * @throws StoreUnavailable when the server cannot be reached or refuses the credentials
 */
export function openServer(options: {
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  readonly database?: string;
  readonly requestTimeoutMs: number;
}): Promise<Store> {
  const { database = DEFAULT_DATABASE } = options;
  return open(withoutCredentials(options.url), () => startServerEngine({ ...options, database }));
}

async function open(
  place: string,
  start: () => Promise<Engine>,
  hurried?: readonly (readonly string[])[],
): Promise<Store> {
  try {
    return createClickHouseStore(await start(), hurried);
  } catch (error) {
    throw classifyFault(error, { kind: 'statement', subject: place, place });
  }
}
