/**
 * Goal: `picket baseline` as a process of its own, first on the folder alone and then against a server that holds it: what is shown, and
 * that a reset, a build and a rollback do what they say.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/embedded-store.ts';
import { type Ended, runPicket, startPicket } from '../support/picket-process.ts';

const folder = await temporaryFolder();
const dataDir = join(folder, 'data');
const AGENT = 'coder-1';

const run = (...args: string[]): Promise<Ended> => runPicket(args, { cwd: folder, env: { PICKET_DATA_DIR: dataDir } });

interface Shown {
  readonly baseline: { readonly id: number; readonly knowledge: { readonly level: string; readonly sessions: number } };
}

async function knowledge(): Promise<Shown['baseline']> {
  const { stdout } = await run('baseline', 'show', AGENT, '--json');
  return (JSON.parse(stdout) as Shown).baseline;
}

beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'events.jsonl.gz');
  expect(await run('simulate', '--small', '--seed', 'chaos', '--out', file)).toMatchObject({ code: 0 });
  expect(await run('replay', file)).toMatchObject({ code: 0 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('baseline', () => {
  it('shows a page that a file can hold', async () => {
    const { code, stdout, stderr } = await run('baseline', 'show', AGENT);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const heading of ['Events per hour', 'Endpoints (', 'Amounts,', 'Kept out of the baseline', 'To go back to']) {
      expect(stdout).toContain(`\n${heading}`);
    }
    expect(stdout).toMatch(/^agent {5}coder-1 \(coder\)\nbaseline {2}\d+, as of /);
    // Letters only: nobody knows what reads it.
    expect(stdout).toMatch(/^[\x20-\x7e\n…]+$/);
  });

  it('resets, builds and rolls back on the folder alone', async () => {
    const before = await knowledge();
    expect(before.knowledge.level).toBe('ready');
    expect(await run('baseline', 'reset', AGENT, '--note', 'a test')).toMatchObject({
      code: 0,
      stdout: 'The baseline of coder-1 is reset: it is cold until it has learned again.\n',
    });
    expect((await knowledge()).knowledge).toMatchObject({ level: 'cold', sessions: 0 });
    expect(await run('baseline', 'build', AGENT)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^coder-1: \d+ events, \d+ sessions in [\d.]+ days learned, ready/),
    });
    expect((await knowledge()).knowledge.sessions).toBeGreaterThanOrEqual(before.knowledge.sessions);
    expect(await run('baseline', 'rollback', AGENT, '--to', String(before.id))).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(`^The baseline of coder-1 goes on from ${before.id}, as of `),
    });
    expect((await knowledge()).id).toBe(before.id);
  });

  it('asks a server that holds the folder', async () => {
    const server = await startPicket(dataDir);
    try {
      const built = await run('baseline', 'build', '--all', '--json');
      expect(built).toMatchObject({ code: 0, stderr: '' });
      const answers = JSON.parse(built.stdout) as { agent: string; to: string }[];
      expect(answers.length).toBe(9);
      expect(new Set(answers.map(({ to }) => to))).toEqual(new Set(['built']));
      expect((await knowledge()).knowledge.level).toBe('ready');
    } finally {
      await server.kill('SIGTERM');
    }
  });

  it.each([
    [['baseline', 'show', 'nobody'], 1, 'There is no such agent.'],
    [['baseline', 'build'], 2, 'Name an agent, or say --all.'],
    [['baseline', 'build', AGENT, '--all'], 2, 'Name an agent, or say --all.'],
    [['baseline', 'build', AGENT, '--since', 'May'], 2, 'Write days or hours'],
    [['baseline', 'rollback', AGENT, '--to', 'x'], 2, 'An id is a whole number.'],
    [['baseline', 'rollback', AGENT, '--to', '1'], 1, 'There are: '],
  ])('%j ends with %i', async (args, code, message) => {
    expect(await run(...args)).toMatchObject({ code, stderr: expect.stringContaining(message) });
  });
});
