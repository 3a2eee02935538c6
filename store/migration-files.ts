import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MigrationError } from './migration-error.ts';
import { splitStatements } from './sql-statements.ts';

export interface MigrationStatement {
  /** 1 for the first statement of the file. */
  readonly number: number;
  readonly sql: string;
  readonly checksum: string;
}

export interface MigrationFile {
  /** The four digits in front of the name. */
  readonly version: number;
  /** File name, `0001_log.sql`. */
  readonly name: string;
  readonly checksum: string;
  readonly statements: readonly MigrationStatement[];
}

export const MIGRATIONS_DIRECTORY = fileURLToPath(new URL('./migrations', import.meta.url));

/** All `NNNN_name.sql` of a folder, in order of version. Rejects with MigrationError for any other `.sql` or a version used twice. */
export async function readMigrations(directory: string): Promise<MigrationFile[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort();
  const files = await Promise.all(names.map((name) => readMigration(directory, name)));
  files.forEach((file, index) => {
    const before = files[index - 1];
    if (before?.version === file.version) {
      throw new MigrationError(
        'migration_name',
        `${before.name} and ${file.name} have the same version: renumber one.`,
      );
    }
  });
  return files;
}

async function readMigration(directory: string, name: string): Promise<MigrationFile> {
  const version = /^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1];
  if (version === undefined || version === '0000') {
    throw new MigrationError('migration_name', `${name} is no name of a migration: write 0001_what_it_does.sql.`);
  }
  // A checkout with other line ends is the same migration.
  const text = (await readFile(join(directory, name), 'utf8')).replaceAll('\r\n', '\n');
  const statements = splitStatements(text).map((sql, index) => ({ number: index + 1, sql, checksum: checksumOf(sql) }));
  return { version: Number(version), name, checksum: checksumOf(text), statements };
}

function checksumOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
