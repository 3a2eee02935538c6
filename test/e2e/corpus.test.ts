/**
 * Goal: `picket simulate --corpus` and `picket evaluate --online` as processes: the files fit each other, and the figures are those that
 * anyone gets who counts the lines of `picket score` without --freeze.
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Evaluation } from '../../cli/evaluate/evaluation.ts';
import type { CorpusLabel } from '../../cli/simulate/corpus-labels.ts';
import { temporaryFolder } from '../support/embedded-store.ts';
import { runPicket } from '../support/picket-process.ts';

const folder = await temporaryFolder();
afterAll(() => rm(folder, { recursive: true, force: true }));
const picket = (...args: string[]) => runPicket(args, { cwd: folder });
const FILES = ['--events', 'corpus.jsonl.gz', '--labels', 'labels.jsonl'];

async function linesOf<Line>(file: string): Promise<Line[]> {
  const text = await readFile(join(folder, file), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

let labels: CorpusLabel[];
beforeAll(async () => {
  const { code, stderr } = await picket(
    'simulate',
    '--corpus',
    '--agents',
    '8',
    '--seed',
    '3',
    '--out',
    'corpus.jsonl.gz',
    '--labels',
    'labels.jsonl',
  );
  expect({ code, stderr: stderr.replace(/\d+ events/, 'n events') }).toEqual({
    code: 0,
    stderr: 'n events of 9 agents, 6 stories.\n',
  });
  labels = await linesOf<CorpusLabel>('labels.jsonl');
});

describe('a corpus of the simulator', () => {
  it('is judged online with the alerts that picket score gives', async () => {
    const { code, stdout, stderr } = await picket('evaluate', ...FILES, '--online', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const evaluation = JSON.parse(stdout) as Evaluation;
    const scored = ['--history', 'corpus.jsonl.gz', '--until', evaluation.until, '--out', 'scores.jsonl'];
    expect((await picket('score', ...scored)).code).toBe(0);
    const lines = await linesOf<{ session: string; alert: boolean }>('scores.jsonl');
    const alerted = new Set(lines.flatMap(({ session, alert }) => (alert ? [session] : [])));
    const attacked = labels.filter(({ kind }) => kind === 'attacked');
    const benign = labels.filter(({ kind, phase }) => kind === 'benign' && phase === 'test');
    const caught = attacked.filter(({ session_id }) => alerted.has(session_id));

    expect(evaluation.online).toBe(true);
    expect(evaluation.alert_recall).toMatchObject({ count: caught.length, of: attacked.length });
    expect(evaluation.alert_benign_fpr).toMatchObject({
      count: benign.filter(({ session_id }) => alerted.has(session_id)).length,
      of: benign.length,
    });
    expect(evaluation.stories?.all.stories).toMatchObject({
      count: new Set(caught.map(({ story_id }) => story_id)).size,
      of: 6,
    });
  });

  it('is judged session by session without --online, with other words', async () => {
    const { code, stdout } = await picket('evaluate', ...FILES);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Scored alone from /);
    expect(stdout).toContain('Stories by labelled age and pace');
    expect(stdout).toContain('Benign sessions by honest change');
  });

  it.each<[string, string[], string]>([
    [
      'episodes online',
      ['evaluate', ...FILES, '--online', '--episodes', 'corpus.jsonl.gz'],
      'Episodes have no place in time: --online goes without --episodes.\n',
    ],
    ['agents without a corpus', ['simulate', '--agents', '9', '--out', 'x'], '--agents goes with --corpus.\n'],
    [
      'a small corpus',
      ['simulate', '--corpus', '--small', '--out', 'x'],
      '--corpus goes without --small: give --agents.\n',
    ],
    ['too few agents', ['simulate', '--corpus', '--agents', '3', '--out', 'x'], 'a corpus has 4 to 1000 agents.\n'],
  ])('refuses %s', async (_name, args, said) => {
    expect(await picket(...args)).toMatchObject({ code: 2, stdout: '', stderr: said });
  });
});
