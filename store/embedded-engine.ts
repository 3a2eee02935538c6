import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { openBlockInserts } from './block-inserts.ts';
import { createEmbeddedStreams } from './embedded-streams.ts';
import type { Engine } from './engine.ts';
import { openFault, refuseIfHeld } from './folder-lock.ts';
import { type Connection, queueStatements } from './queued-connection.ts';
import { quoteName, SESSION_SETTINGS } from './session-settings.ts';
import { EmbeddedEngineMissing } from './store.ts';

export interface EmbeddedOptions {
  /** Data folder; created if absent, readable by its owner only. One process at a time. */
  readonly path: string;
  /** Created if absent. */
  readonly database: string;
  /** Connections for inserts that somebody waits for, beside those for reads and for all else. */
  readonly hurriedLanes: number;
}

/** Rows that a stream holds at a time; the default of 65,409 agent states would be half a gigabyte. */
const STREAM_BLOCK = 'SET max_block_size = 8192';

/** No settings: the defaults hold. Written at every start. */
const ENGINE_CONFIG = '<clickhouse></clickhouse>\n';

type Chdb = Awaited<ReturnType<typeof loadChdb>>;

/**
 * Opens the engine inside this process.
 * Rejects with StoreLocked when another process holds the folder, with EmbeddedEngineMissing when `chdb` is not installed.
 */
export async function startEmbeddedEngine(options: EmbeddedOptions): Promise<Engine> {
  const path = resolve(options.path);
  const preamble = [`USE ${quoteName(options.database)}`, setStatement()];
  const chdb = await loadChdb();
  await refuseIfHeld(path);
  await mkdir(path, { recursive: true, mode: 0o700 });
  await writeFile(join(path, 'config.xml'), ENGINE_CONFIG);
  const { reads, patient, hurried } = await connectAll(chdb, path, options.hurriedLanes);
  const all = [reads, patient, ...hurried];
  const streams = createEmbeddedStreams(async () => {
    const session = new chdb.Session(path);
    for (const statement of [...preamble, STREAM_BLOCK]) await session.queryAsync(statement);
    return session;
  });
  const close = async () => {
    streams.close();
    await Promise.all(all.map((client) => client.close()));
    // Closing only asks; another folder cannot be opened before the engine has let go of this one.
    await chdb.drainPending();
  };
  try {
    await patient.command({ query: `CREATE DATABASE IF NOT EXISTS ${quoteName(options.database)}` });
    await Promise.all(all.map((client) => prepare(client, preamble)));
  } catch (error) {
    await close();
    throw error;
  }
  const lane = async (writes: ClickHouseClient) => ({
    writes,
    insertNative: await openBlockInserts(writes, join(path, 'inserts')),
  });
  return {
    engine: 'embedded',
    place: path,
    reads,
    hurried: await Promise.all(hurried.map(lane)),
    patient: await lane(patient),
    stream: streams.stream,
    close,
  };
}

async function loadChdb(): Promise<typeof import('chdb') & typeof import('chdb/connection')> {
  try {
    return { ...(await import('chdb')), ...(await import('chdb/connection')) };
  } catch (cause) {
    const message =
      'The embedded ClickHouse engine cannot be loaded: install the package `chdb` (Linux or macOS), ' +
      'or set CLICKHOUSE_URL to use a server.';
    throw new EmbeddedEngineMissing(message, { cause });
  }
}

async function connectAll(chdb: Chdb, path: string, hurriedLanes: number) {
  const connectEach = () => ({
    reads: connect(chdb, path),
    patient: connect(chdb, path),
    hurried: Array.from({ length: hurriedLanes }, () => connect(chdb, path)),
  });
  try {
    return startingIn(path, connectEach);
  } catch (cause) {
    throw await openFault(path, cause);
  }
}

/**
 * When the engine starts it looks for settings in the folder the process is in, in the user's home and in `/etc`: `config.xml` of any program, or
 * what is meant for `clickhouse-local`. It might not open, or keep the data in another place. It reads the first it finds, so it finds one
 * in its own folder.
 */
function startingIn<Result>(folder: string, start: () => Result): Result {
  const before = process.cwd();
  process.chdir(folder);
  try {
    return start();
  } finally {
    process.chdir(before);
  }
}

function connect(chdb: Chdb, path: string): ClickHouseClient {
  // The two packages declare the same contract twice; the declarations differ in private members only.
  const connection = chdb.createChdbConnection({ path }) as unknown as Connection;
  return createClient({ connection: queueStatements(connection), log: { level: ClickHouseLogLevel.OFF } });
}

async function prepare(client: ClickHouseClient, statements: readonly string[]): Promise<void> {
  for (const query of statements) await client.command({ query });
}

function setStatement(): string {
  const settings = Object.entries(SESSION_SETTINGS);
  return `SET ${settings.map(([name, value]) => `${name} = ${typeof value === 'number' ? value : `'${value}'`}`).join(', ')}`;
}
