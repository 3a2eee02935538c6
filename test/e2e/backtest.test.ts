/**
 * Goal: `picket backtest` as a process of its own on a folder that `picket replay` has filled: without changes it finds none, with changes
 * it names what would be lost, and whatever it is asked it leaves the folder as it was.
 */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BacktestSummary } from '../../cli/backtest/summary.ts';
import { temporaryFolder } from '../support/embedded-store.ts';
import { contentsOf, type FolderContents } from '../support/folder-contents.ts';
import { type Ended, runPicket, startPicket } from '../support/picket-process.ts';

const folder = await temporaryFolder();
const dataDir = join(folder, 'data');
const run = (...args: string[]): Promise<Ended> => runPicket(args, { cwd: folder, env: { PICKET_DATA_DIR: dataDir } });

async function summary(...args: string[]): Promise<BacktestSummary> {
  const { code, stdout, stderr } = await run('backtest', '--json', ...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as BacktestSummary;
}

let before: FolderContents;
beforeAll(async () => {
  const file = join(folder, 'events.jsonl.gz');
  expect(await run('simulate', '--small', '--seed', 'chaos', '--out', file)).toMatchObject({ code: 0 });
  expect(await run('replay', file)).toMatchObject({ code: 0 });
  before = await contentsOf(dataDir);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const NO_DIFFERENCE = { count: 0, confirmed: 0, dismissed: 0, alerts: [] };
const STRICT = 'detection.alert_budget=0.0001';

describe('backtest', () => {
  it('finds no difference without changes, and gives what is stored', async () => {
    const alerts = before.opened.length;
    expect(alerts).toBeGreaterThan(0);
    expect(await summary()).toMatchObject({
      history: { events: before.events.size, agents: 9, warmup_days: 0, warmup_events: 0 },
      settings: [],
      alerts: { now: alerts, tried: alerts },
      disappeared: NO_DIFFERENCE,
      appeared: NO_DIFFERENCE,
      severity_changed: NO_DIFFERENCE,
      moved: NO_DIFFERENCE,
      stored: { alerts, missing: 0, missing_confirmed: 0, additional: 0, severity_changed: 0, moved: 0 },
    });
    expect(await contentsOf(dataDir)).toEqual(before);
  });

  it('takes from another file what influences judging, with --set on top', async () => {
    const file = join(folder, 'other.yaml');
    await writeFile(
      file,
      `data_dir: ${join(folder, 'nowhere')}\nbaseline:\n  half_life_days: 7\ndetection:\n  alert_budget: 3\n`,
    );
    const found = await summary('--config', file, '--set', 'detection.alert_budget=0.5');
    expect(found.settings).toEqual([
      { key: 'baseline.half_life_days', now: 14, tried: 7 },
      { key: 'detection.alert_budget', now: 0.02, tried: 0.5 },
    ]);
    expect(found.appeared.count).toBeGreaterThan(0);
    expect(found.alerts.tried - found.alerts.now).toBe(found.appeared.count - found.disappeared.count);
    expect(await contentsOf(dataDir)).toEqual(before);
  });

  it('names the loss of an alert that an analyst has confirmed, before everything else', async () => {
    const { disappeared } = await summary('--set', STRICT);
    const lost = disappeared.alerts[0]?.stored_id ?? '';
    expect(await run('alerts', 'close', lost, '--disposition', 'true_positive')).toMatchObject({ code: 0 });
    const { code, stdout } = await run('backtest', '--set', STRICT);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\n\nWARNING: 1 alert that an analyst CONFIRMED as an attack would not be there any more\./);
    expect(stdout.slice(stdout.indexOf('Disappear: '))).toMatch(
      new RegExp(
        `^Disappear: ${disappeared.count} alerts?, of which 1 confirmed as attacks\\.\\n.+CONFIRMED ATTACK\\n +${lost}\\n`,
      ),
    );
  });

  it('says what to do while a server holds the folder', async () => {
    const server = await startPicket(dataDir);
    try {
      expect(await run('backtest', '--set', STRICT)).toEqual({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(
          /^A server runs on .+ \(http:.+, process \d+\).+Stop it for as long as the backtest takes; or.+copy/,
        ),
      });
    } finally {
      await server.kill('SIGTERM');
    }
  });

  it.each([
    [['--set', 'listen.port=1'], 'These do: baseline.half_life_days'],
    [['--set', 'detection.alert_budget=100'], 'must be <= 10'],
    [['--config', 'none.yaml'], 'no such file'],
    [['--since', 'May'], 'A time looks like'],
    [['--warmup', 'x', '--since', '2026-01-10T00:00:00Z'], 'A number of days'],
    [['--warmup', '3'], '--warmup needs --since.'],
    [['--since', '2026-01-10T00:00:00Z', '--until', '2026-01-10T00:00:00Z'], '--since must be before --until.'],
    [['--since', '2030-01-10T00:00:00Z'], 'there is nothing to judge again'],
    [['--agent', 'nobody'], 'No events are stored'],
  ])('%j ends with 2', async (args, message) => {
    expect(await run('backtest', ...args)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(message),
    });
  });

  it('does not make a store where there is none', async () => {
    const elsewhere = { cwd: folder, env: { PICKET_DATA_DIR: join(folder, 'empty') } };
    expect(await runPicket(['backtest'], elsewhere)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('There is no store'),
    });
    expect(await runPicket(['backtest'], elsewhere)).toMatchObject({ code: 2 });
  });
});
