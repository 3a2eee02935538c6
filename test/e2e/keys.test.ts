/**
 * Goal: keys are made, listed, replaced and revoked while the server runs, by its API; without a server, and only then, the store is opened.
 * What else wants the folder of a running server hears one sentence, and nothing from the engine.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/embedded-store.ts';
import { type Ended, type PicketServer, runPicket, startPicket } from '../support/picket-process.ts';

let folder: string;
let dataDir: string;
let server: PicketServer;
/** Made before the first start. */
let early: string;

const run = (args: readonly string[], env: Record<string, string> = {}): Promise<Ended> =>
  runPicket(args, { cwd: folder, env: { PICKET_DATA_DIR: dataDir, ...env } });
const statusWith = async (key: string): Promise<number> =>
  (await fetch(`${server.url}/v1/alerts`, { headers: { authorization: `Bearer ${key}` } })).status;
const idOf = (key: string): string => key.split('_')[1] ?? '';
const fileKey = async (): Promise<string> => (await readFile(join(dataDir, 'admin.key'), 'utf8')).trim();

beforeAll(async () => {
  folder = await temporaryFolder();
  dataDir = join(folder, 'data');
  const made = await run(['keys', 'create', 'globex admin', '--scope', 'admin', '--tenant', 'globex']);
  expect(made).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/^Key [0-9a-f]{16} for tenant globex; it cannot/),
  });
  early = made.stdout.trim();
  server = await startPicket(dataDir);
});
afterAll(async () => {
  await server?.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

describe('while the server runs', () => {
  it('a key is made, listed and revoked, and stops working at once', async () => {
    const made = await run(['keys', 'create', 'forwarder', '--scope', 'read', 'triage', '--days', '2']);
    expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^pk_\w+\n$/) });
    const key = made.stdout.trim();
    const id = idOf(key);
    expect(made.stderr).toBe(
      `Key ${id} for the tenant that ${server.url} knows by the key; it cannot be shown again:\n`,
    );
    expect(await statusWith(key)).toBe(200);
    const listed = await run(['keys', 'list']);
    expect(listed).toMatchObject({ code: 0, stderr: '' });
    expect(listed.stdout).toMatch(
      new RegExp(`^${id}  forwarder  read,triage +\\d{4}-\\d\\d-\\d\\d  \\d{4}-\\d\\d-\\d\\d  active$`, 'm'),
    );
    expect(listed.stdout).not.toContain(key.slice(20));
    expect(listed.stdout).not.toContain('globex');
    expect(await run(['keys', 'revoke', id])).toEqual({ code: 0, stdout: `${id} is revoked.\n`, stderr: '' });
    expect(await statusWith(key)).toBe(401);
    const { items } = JSON.parse((await run(['keys', 'list', '--json'])).stdout);
    expect(items).toContainEqual(expect.objectContaining({ id, state: 'revoked' }));
    expect(server.printed()).not.toContain(key.slice(20));
  });

  it('a key is replaced; when it is the one in the data folder, there too', async () => {
    const old = await fileKey();
    const ended = await run(['keys', 'rotate', idOf(old), '--grace-hours', '1']);
    expect(ended).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/works until .*It also stands in .*admin\.key now/s),
    });
    expect(await fileKey()).toBe(ended.stdout.trim());
    expect(await fileKey()).not.toBe(old);
    expect([await statusWith(old), await statusWith(await fileKey())]).toEqual([200, 200]);
    expect(await run(['keys', 'revoke', idOf(old)])).toMatchObject({ code: 0, stderr: '' });
    expect([await statusWith(old), await statusWith(await fileKey())]).toEqual([401, 200]);
  });

  it('the last admin key is not revoked, and what to do instead is said', async () => {
    const { code, stdout, stderr } = await run(['keys', 'revoke', idOf(await fileKey())]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^It is the last key of this tenant with scope admin\. Make another .*\n$/);
    expect(await statusWith(await fileKey())).toBe(200);
  });

  it('the tenant is that of the key', async () => {
    const mine = await run(['keys', 'list', '--json', '--key', early]);
    expect(JSON.parse(mine.stdout).items).toMatchObject([{ id: idOf(early), name: 'globex admin' }]);
    expect(await run(['keys', 'list', '--json'], { PICKET_API_KEY: early })).toEqual(mine);
    const empty = await run(['keys', 'list', '--json'], { PICKET_API_KEY: '' });
    expect(JSON.parse(empty.stdout).items).toContainEqual(expect.objectContaining({ id: idOf(await fileKey()) }));
    const theirs = idOf(await fileKey());
    const refused = await run(['keys', 'revoke', theirs, '--key', early]);
    expect(refused).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(`^No key ${theirs} in the tenant`),
    });
    const named = await run(['keys', 'create', 'x', '--scope', 'read', '--tenant', 'globex']);
    expect(named).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('knows the tenant by the key'),
    });
  });

  it('a key without scope admin changes nothing', async () => {
    const reader = (await run(['keys', 'create', 'reader', '--scope', 'read'])).stdout.trim();
    for (const args of [['list'], ['create', 'x', '--scope', 'read'], ['revoke', idOf(reader)]]) {
      const { code, stdout, stderr } = await run(['keys', ...args, '--key', reader]);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/^This key may not use this route\. .*\n$/);
    }
  });

  it('who has no key hears one sentence', async () => {
    const path = join(dataDir, 'admin.key');
    const key = await fileKey();
    await rm(path);
    try {
      const said = `No API key for ${server.url}: pass --key, or set PICKET_API_KEY, to one with scope admin.\n`;
      expect(await run(['keys', 'list'])).toEqual({ code: 2, stdout: '', stderr: said });
      expect(await run(['keys', 'list'], { PICKET_API_KEY: '' })).toEqual({ code: 2, stdout: '', stderr: said });
    } finally {
      await writeFile(path, `${key}\n`, { mode: 0o600 });
    }
  });

  it.each([
    ['up', ['up', '--port', '0']],
    ['migrate', ['migrate']],
  ])('%s says who has the folder, and lets nothing of the engine through', async (_name, args) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^The data folder \S+ is in use by process \d+\. .*\n$/);
  });
});

describe('when no server runs', () => {
  it('the store is opened, and keys are changed by the same rules', async () => {
    await server.kill('SIGTERM');
    const before = JSON.parse((await run(['keys', 'list', '--json', '--tenant', 'globex'])).stdout);
    expect(before.items).toMatchObject([{ id: idOf(early), state: 'active' }]);
    const last = await run(['keys', 'revoke', idOf(early), '--tenant', 'globex']);
    expect(last).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^It is the last key of this tenant with scope admin\./),
    });
    expect(await run(['keys', 'create', 'a\u001b[2J', '--scope', 'read'])).toMatchObject({ code: 2, stdout: '' });
    expect(await run(['keys', 'revoke', '0'.repeat(16)])).toEqual({
      code: 2,
      stdout: '',
      stderr: `No key ${'0'.repeat(16)} in tenant default.\n`,
    });
    const keyless = await run(['keys', 'list', '--key', early]);
    expect(keyless).toMatchObject({ code: 2, stderr: expect.stringContaining('pass --url') });
  });

  it('what was revoked stays revoked after a restart', async () => {
    const made = await run(['keys', 'create', 'second', '--scope', 'read']);
    const key = made.stdout.trim();
    expect(await run(['keys', 'revoke', idOf(key)])).toEqual({
      code: 0,
      stdout: `${idOf(key)} is revoked.\n`,
      stderr: '',
    });
    server = await startPicket(dataDir);
    expect([await statusWith(key), await statusWith(await fileKey())]).toEqual([401, 200]);
  });
});
