/** Opens the store of a configuration as it is: nothing is made, migrated or written. */
import { existsSync } from 'node:fs';
import { MIGRATIONS_DIRECTORY, readMigrations } from '../../store/migration-files.ts';
import type { Store } from '../../store/store.ts';
import { type Config, enginePath } from '../config.ts';
import { CommandFailure, EXIT } from '../context.ts';
import { runningServer } from '../data-folder.ts';
import { openUnmigrated } from '../storage.ts';

/** @throws CommandFailure that says what to do when the store is not there, held by a server, or of another schema */
export async function openHistory(config: Config, command: 'backtest' | 'verify'): Promise<Store> {
  if (config.clickhouse === undefined) assertFree(config, command);
  const store = await openUnmigrated(config);
  try {
    await assertSchema(store);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

function assertFree(config: Config, command: string): void {
  const server = runningServer(config.dataDir);
  if (server !== undefined) {
    throw new CommandFailure(
      `A server runs on ${config.dataDir} (${server.url}, process ${server.pid}), and the embedded engine belongs to one process. Stop it for as ` +
        `long as the ${command} takes; or, to have it down only shortly, stop it, copy the folder, start it again, and run the ${command} with ` +
        'PICKET_DATA_DIR set to the copy. With a ClickHouse server (CLICKHOUSE_URL) nothing has to stop.',
    );
  }
  if (existsSync(enginePath(config))) return;
  throw new CommandFailure(
    `There is no store in ${config.dataDir}. A ${command} needs the history that \`picket up\` or \`picket replay\` has stored: set data_dir, ` +
      'PICKET_DATA_DIR or CLICKHOUSE_URL to where it is.',
    EXIT.usage,
  );
}

// A SELECT, because EXISTS gives no rows where results are streamed.
const HAS_PROGRESS = `
  SELECT count() AS there FROM system.tables WHERE database = currentDatabase() AND name = 'schema_migrations'`;

async function assertSchema(store: Store): Promise<void> {
  const [table] = await store.query<{ there: number }>(HAS_PROGRESS);
  const newest = (await readMigrations(MIGRATIONS_DIRECTORY)).at(-1)?.version ?? 0;
  const [row] = Number(table?.there ?? 0) === 0 ? [] : await store.query<{ version: number }>(APPLIED);
  const version = Number(row?.version ?? 0);
  if (version < newest)
    throw new CommandFailure(`The store has an older schema than this build. Run \`picket migrate\`, then this again.`);
  if (version > newest) throw new CommandFailure('The store was migrated by a newer build. Use that one, or a later.');
}

const APPLIED = `SELECT max(version) AS version FROM schema_migrations FINAL WHERE statement = 0 AND state = 'done'`;
