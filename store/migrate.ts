/**
 * Brings a database to the newest schema. Migrations are plain SQL files, applied in order of their number and never undone.
 *
 * Progress is recorded per statement, before and after it ran, because ClickHouse has no transaction around a DDL statement: a crash
 * between the two leaves one statement of which nobody knows whether it took effect. It runs again. So every statement has to bear
 * a second run: a CREATE does (an object that is there after an interrupted attempt counts as created), others are written so that
 * they do (`ADD COLUMN IF NOT EXISTS`).
 */
import { asClickHouseFault } from './classify-fault.ts';
import { MigrationError } from './migration-error.ts';
import {
  MIGRATIONS_DIRECTORY,
  type MigrationFile,
  type MigrationStatement,
  readMigrations,
} from './migration-files.ts';
import { withMigrationLock } from './migration-lock.ts';
import type { Store } from './store.ts';

export interface AppliedMigration {
  readonly version: number;
  readonly name: string;
  readonly statements: number;
}

export interface MigrateOptions {
  /** Wall clock, epoch ms. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Folder of `NNNN_name.sql` files; default: the ones this build brings. */
  readonly directory?: string;
  /** How long to wait for another process that migrates the same server. Default 60 s. */
  readonly lockWaitMs?: number;
}

/** `statement` 0 stands for the file as a whole. */
interface ProgressRow {
  readonly version: number;
  readonly statement: number;
  readonly name: string;
  readonly checksum: string;
  readonly state: 'started' | 'failed' | 'done';
}

const CREATE_PROGRESS = `
CREATE TABLE IF NOT EXISTS schema_migrations
(
    version UInt32,
    statement UInt32,
    name String,
    checksum String,
    state Enum8('started' = 1, 'failed' = 2, 'done' = 3),
    applied DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (version, statement)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`;

/** Changes nothing when it is done again, so that it need not be recorded before it is begun. */
const REPEATABLE = /^ALTER TABLE \w+ MODIFY SETTING [^;]*$/;

/** 57 TABLE_ALREADY_EXISTS */
const ALREADY_EXISTS = '57';

/**
 * Applies what is missing and returns the migrations this call finished: none, when all were there.
 * Rejects with MigrationError when an applied file has changed, when the database is ahead of this build, or when another process
 * holds the lock for longer than `lockWaitMs`.
 */
export async function migrate(store: Store, options: MigrateOptions): Promise<AppliedMigration[]> {
  const files = await readMigrations(options.directory ?? MIGRATIONS_DIRECTORY);
  return withMigrationLock(store, { lockWaitMs: 60_000, ...options }, async () => {
    await store.command(CREATE_PROGRESS);
    const progress = await readProgress(store);
    refuseUnknown(files, progress);
    const applied: AppliedMigration[] = [];
    const recorder = createRecorder(store, options.now);
    for (const file of files) {
      if (isApplied(file, progress)) continue;
      await applyFile(store, file, progress, recorder);
      applied.push({ version: file.version, name: file.name, statements: file.statements.length });
    }
    await recorder.flush();
    return applied;
  });
}

async function readProgress(store: Store): Promise<ProgressRow[]> {
  return store.query<ProgressRow>('SELECT version, statement, name, checksum, state FROM schema_migrations FINAL');
}

function refuseUnknown(files: readonly MigrationFile[], progress: readonly ProgressRow[]): void {
  const known = new Set(files.map((file) => file.version));
  const unknown = progress.find((row) => !known.has(row.version));
  if (unknown === undefined) return;
  throw new MigrationError(
    'migration_unknown',
    `The database has ${unknown.name}, which this build does not know: it was migrated by a newer one. Run that one, or a later.`,
  );
}

function isApplied(file: MigrationFile, progress: readonly ProgressRow[]): boolean {
  const done = progress.find((row) => row.version === file.version && row.statement === 0);
  if (done === undefined) return false;
  if (done.checksum === file.checksum && done.name === file.name) return true;
  throw changed(file, 'Restore the file as it was applied, and put the change into a new migration.');
}

async function applyFile(
  store: Store,
  file: MigrationFile,
  progress: readonly ProgressRow[],
  recorder: Recorder,
): Promise<void> {
  for (const statement of file.statements) {
    const before = progress.find((row) => row.version === file.version && row.statement === statement.number);
    if (before?.state !== 'done') {
      await applyStatement(store, file, statement, before?.state === 'started', recorder);
    } else if (before.checksum !== statement.checksum) {
      throw changed(
        file,
        `Its statement ${statement.number} was applied already: restore it, change only what follows.`,
      );
    }
  }
  recorder.note(file, { number: 0, checksum: file.checksum, state: 'done' });
}

async function applyStatement(
  store: Store,
  file: MigrationFile,
  statement: MigrationStatement,
  interrupted: boolean,
  recorder: Recorder,
): Promise<void> {
  if (!REPEATABLE.test(statement.sql)) await recorder.write(file, { ...statement, state: 'started' });
  try {
    await store.command(statement.sql);
  } catch (error) {
    const code = asClickHouseFault(error)?.code;
    if (!(interrupted && code === ALREADY_EXISTS)) {
      // A statement that was refused did not take effect; without an answer, nobody knows: it stays `started`.
      if (code !== undefined) await recorder.write(file, { ...statement, state: 'failed' });
      throw error;
    }
  }
  recorder.note(file, { ...statement, state: 'done' });
}

interface Step {
  readonly number: number;
  readonly checksum: string;
  readonly state: ProgressRow['state'];
}

/** What has been done is written with what is begun next, in one insert: a crash before it finds the statement begun, as it would anyway. */
interface Recorder {
  note(file: MigrationFile, step: Step): void;
  write(file: MigrationFile, step: Step): Promise<void>;
  flush(): Promise<void>;
}

function createRecorder(store: Store, now: () => number): Recorder {
  let noted: object[] = [];

  function note({ version, name }: MigrationFile, { number: statement, checksum, state }: Step): void {
    noted.push({ version, statement, name, checksum, state, applied: now() });
  }

  async function flush(): Promise<void> {
    if (noted.length === 0) return;
    const rows = noted;
    noted = [];
    await store.insert('schema_migrations', rows);
  }

  return {
    note,
    flush,
    write(file, step) {
      note(file, step);
      return flush();
    },
  };
}

function changed(file: MigrationFile, advice: string): MigrationError {
  return new MigrationError('migration_changed', `${file.name} has changed since it was applied. ${advice}`);
}
