/**
 * Goal: `picket verify` as a process of its own: on the folder alone, against a server that holds it, and on a folder in which something was
 * deleted and changed behind its back. Exit codes are what scripts go by.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbedded } from '../../store/connection.ts';
import { temporaryFolder } from '../support/embedded-store.ts';
import { type Ended, runPicket, startPicket } from '../support/picket-process.ts';

const folder = await temporaryFolder();
const dataDir = join(folder, 'data');
const AGENT = 'coder-1';

const run = (...args: string[]): Promise<Ended> => runPicket(args, { cwd: folder, env: { PICKET_DATA_DIR: dataDir } });

async function damage(...statements: string[]): Promise<void> {
  const store = await openEmbedded({ path: join(dataDir, 'engine') });
  for (const sql of statements) await store.command(sql);
  await store.close();
}

beforeAll(async () => {
  const file = join(folder, 'events.jsonl.gz');
  expect(await run('simulate', '--small', '--seed', 'chaos', '--out', file)).toMatchObject({ code: 0 });
  expect(await run('replay', file)).toMatchObject({ code: 0 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('verify', () => {
  it('finds nothing on a folder that is as it was left', async () => {
    expect(await run('verify', '--agent', AGENT)).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(
        /^coder-1: what is stored is what the log leads to\.\n\d+ events judged anew, from the beginning of the log to 0:\d+; (\d+) of \1 retained states equal, byte for byte\.\n/,
      ),
    });
    const range = await run('verify', '--range', '..', '--json');
    expect(range).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(range.stdout)).toMatchObject({ left: 0, findings: [], parts: { rows: { missing: 0 } } });
  });

  it('asks a server that holds the folder', async () => {
    const server = await startPicket(dataDir);
    try {
      const agent = await run('verify', '--agent', AGENT, '--json');
      expect(agent).toMatchObject({ code: 0, stderr: '' });
      expect(JSON.parse(agent.stdout)).toMatchObject({ place: server.url, outcome: 'equal', differences: 0 });
      expect(await run('verify', '--agent', 'nobody')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('Nothing is stored'),
      });
      const range = await run('verify', '--range', '..');
      expect(range).toMatchObject({ code: 0, stderr: '' });
      expect(range.stdout).toMatch(/^\d+ positions of 1 partition in http:/);
      const metrics = await (await fetch(`${server.url}/metrics`)).text();
      expect(metrics).toContain('picket_reconcile_rows_missing 0');
    } finally {
      await server.kill('SIGTERM');
    }
  });

  it('finds what was done to the store behind its back, repairs what it can, and names the rest', async () => {
    await damage(
      'DELETE FROM alert_hits WHERE (tenant, alert_id) IN (SELECT tenant, alert_id FROM alert_hits ORDER BY alert_id LIMIT 1)',
      'DELETE FROM event_log WHERE position IN (100, 101)',
    );
    const found = await run('verify', '--range', '..');
    expect(found).toMatchObject({ code: 3, stderr: '' });
    expect(found.stdout).toMatch(/^row_gone {2}0:100\.\.101$/m);
    expect(found.stdout).toMatch(/^hit_missing {2}0:\d+ {2}default {2}\w+$/m);
    expect(found.stdout).toContain('Senders have to send them again');
    const repaired = await run('verify', '--range', '..', '--repair', '--json');
    expect(repaired.code).toBe(3);
    const { left, parts } = JSON.parse(repaired.stdout);
    expect([left, parts.hits.missing - parts.hits.repaired]).toEqual([2, 0]);
    expect(await run('verify', '--range', '200..')).toMatchObject({ code: 0 });
  });

  it('says where a verdict was changed', async () => {
    await damage(
      `INSERT INTO event_log SELECT * REPLACE(0.123 AS score) FROM event_log FINAL
       WHERE agent = '${AGENT}' AND kind = 'event' ORDER BY position DESC LIMIT 1`,
    );
    const changed = await run('verify', '--agent', AGENT, '--json');
    expect(changed.code).toBe(3);
    const { listed, outcome } = JSON.parse(changed.stdout);
    expect(outcome).toBe('different');
    expect(listed.at(-1)).toMatchObject({ what: 'verdict', field: 'score', stored: '0.123' });
  });

  it.each([
    [['verify'], 'Say what to verify'],
    [['verify', '--agent', AGENT, '--range', '..'], 'one of them'],
    [['verify', '--range', '..', '--replay'], 'go with --agent'],
    [['verify', '--agent', AGENT, '--repair'], 'go with --range'],
    [['verify', '--range', '9..5'], 'comes after the last'],
    [['verify', '--agent', 'nobody'], 'Nothing is stored of this agent.'],
  ])('%j ends with 2', async (args, message) => {
    expect(await run(...args)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  });
});
