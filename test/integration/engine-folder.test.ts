/**
 * Goal: where the embedded engine keeps its data is said by nobody but us. It looks for settings where the process is started, which may be any
 * program's, and where the user keeps those of `clickhouse-local`. Apart from the other store tests: a process binds one folder, and the settings of the engine are read once.
 */
import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openEmbedded } from '../../store/connection.ts';
import { temporaryFolder } from '../support/embedded-store.ts';

const home = process.cwd();
let folder: string;

/** The process is in a folder of somebody else's. */
beforeEach(async () => {
  folder = await temporaryFolder();
  process.chdir(folder);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  process.chdir(home);
  await rm(folder, { recursive: true, force: true });
});

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

describe('where the data is kept', () => {
  it.each(['config.xml', 'clickhouse-local.xml', '.clickhouse-local/config.xml'])(
    'is what we say, whatever %s says',
    async (file) => {
      vi.stubEnv('HOME', folder);
      const elsewhere = join(folder, 'elsewhere');
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, `<widget><path>${elsewhere}</path></widget>`);
      const path = join(folder, 'data');
      const store = await openEmbedded({ path });
      try {
        await store.command('CREATE TABLE kept (n UInt8) ENGINE = MergeTree ORDER BY n');
      } finally {
        await store.close();
      }
      expect(await isThere(join(path, 'store'))).toBe(true);
      expect(await isThere(elsewhere)).toBe(false);
      // What runs beside the engine still finds its own files.
      expect(process.cwd()).toBe(folder);
    },
  );

  it('opens beside a config.xml that cannot be read', async () => {
    await writeFile('config.xml', '<project');
    const store = await openEmbedded({ path: join(folder, 'data') });
    expect(await store.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await store.close();
  });
});
