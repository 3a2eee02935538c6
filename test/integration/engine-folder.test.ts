/**
 * Goal: where the embedded engine keeps its data is said by nobody but us. It looks for a `config.xml` where the process is started, which may be
 * any program's. Apart from the other store tests: a process binds one folder, and the settings of the engine are read once.
 */
import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
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
  process.chdir(home);
  await rm(folder, { recursive: true, force: true });
});

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

it('names no other place, whatever the file config.xml of the folder says', async () => {
  const elsewhere = join(folder, 'elsewhere');
  await mkdir(elsewhere);
  await writeFile('config.xml', `<widget><path>${elsewhere}</path></widget>`);
  const path = join(folder, 'data');
  const store = await openEmbedded({ path });
  await store.command('CREATE TABLE kept (n UInt8) ENGINE = MergeTree ORDER BY n');
  expect(
    await store.query('SELECT value FROM system.server_settings WHERE name = {name:String}', { name: 'path' }),
  ).toEqual([{ value: path }]);
  await store.close();
  expect(await isThere(join(path, 'store'))).toBe(true);
  expect(await isThere(join(elsewhere, 'store'))).toBe(false);
  // What runs beside the engine still finds its own files.
  expect(process.cwd()).toBe(folder);
});

it('opens beside a config.xml that is none', async () => {
  await writeFile('config.xml', '<project');
  const store = await openEmbedded({ path: join(folder, 'data') });
  expect(await store.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await store.close();
});
