/**
 * What happens when the embedded engine cannot be had: another process holds the folder, or the package is not installed.
 * Apart from the other store tests, because a process can bind one folder only.
 */
import { spawn } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openEmbedded } from '../../store/connection.ts';
import { StoreLocked } from '../../store/store.ts';
import { temporaryFolder } from '../support/embedded-store.ts';
import { spawnFront } from '../support/front-process.ts';

let path: string;

beforeAll(async () => {
  path = await temporaryFolder();
});

afterAll(() => rm(path, { recursive: true, force: true }));

it('names the folder that another process holds, and opens it when that process is gone', async () => {
  const front = await spawnFront({ path });
  await expect(openEmbedded({ path })).rejects.toSatisfy(
    (error) => error instanceof StoreLocked && error.path === path && error.message.includes(path),
  );
  await front.kill();
  const store = await openEmbedded({ path });
  expect(await store.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await store.close();
});

it('lets nothing of the engine through when another process holds the folder', async () => {
  const front = await spawnFront({ path });
  const connection = fileURLToPath(new URL('../../store/connection.ts', import.meta.url));
  const script = `const { openEmbedded } = await import(${JSON.stringify(connection)});
    await openEmbedded({ path: ${JSON.stringify(path)} }).catch((error) => process.stdout.write(error.code));`;
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  expect(await Promise.all([text(child.stdout), text(child.stderr)])).toEqual(['store_locked', '']);
  await front.kill();
});

it('opens a folder whose last holder has left its id to another process', async () => {
  const other = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await writeFile(join(path, 'status'), `PID: ${other.pid}\n`);
  const store = await openEmbedded({ path });
  expect(await store.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await store.close();
  other.kill();
});

it('says what to install or to set when the engine is not there', async () => {
  // A process in which no module named chdb can be found.
  const hooks = `export async function resolve(name, context, next) {
    if (name.startsWith('chdb')) throw Object.assign(new Error('Cannot find package chdb'), { code: 'ERR_MODULE_NOT_FOUND' });
    return next(name, context);
  }`;
  const register = `import { register } from 'node:module'; register(${JSON.stringify(dataUrl(hooks))});`;
  const connection = fileURLToPath(new URL('../../store/connection.ts', import.meta.url));
  const script = `const { openEmbedded } = await import(${JSON.stringify(connection)});
    await openEmbedded({ path: ${JSON.stringify(path)} }).catch((error) => process.stdout.write(error.code + ': ' + error.message));`;
  const args = ['--import', 'tsx', '--import', dataUrl(register), '--input-type=module', '--eval', script];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const output = await text(child.stdout);
  expect(output).toMatch(/^embedded_engine_missing: .*chdb.*CLICKHOUSE_URL/);
});

function dataUrl(module: string): string {
  return `data:text/javascript,${encodeURIComponent(module)}`;
}
