/**
 * Goal: `picket evaluate` as a process, on a simulated fleet with labels: its figures are those that anyone gets who takes the lines of
 * `picket score --freeze` and counts by hand, and files that do not fit are refused with what is wrong.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Evaluation } from '../../cli/evaluate/evaluation.ts';
import { SMALL_FLEET, simulateFleet } from '../../cli/simulate/fleet.ts';
import { temporaryFolder } from '../support/embedded-store.ts';
import { runPicket } from '../support/picket-process.ts';
import { storyLabels } from '../support/story-labels.ts';

const folder = await temporaryFolder();
afterAll(() => rm(folder, { recursive: true, force: true }));
const path = (name: string) => join(folder, name);
const picket = (...args: string[]) => runPicket(args, { cwd: folder });

const fleet = simulateFleet({ seed: 'evaluate', ...SMALL_FLEET });
const labels = storyLabels(fleet);
const sessionOf = new Map(fleet.events.map(({ id, session }) => [id, session?.id]));
/** Sessions of the last test day, which go into a file of their own. */
const apart = new Set(
  labels
    .filter(({ phase }) => phase === 'test')
    .slice(-20)
    .map(({ session_id }) => session_id),
);
const lines = (values: readonly unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');
const isApart = ({ id }: { id?: string | null }) => apart.has(sessionOf.get(id ?? ''));
const evaluate = (...more: string[]) =>
  picket(
    'evaluate',
    '--events',
    'events.jsonl.gz',
    '--labels',
    'labels.jsonl',
    '--episodes',
    'episodes.jsonl',
    ...more,
  );

let evaluation: Evaluation;
beforeAll(async () => {
  await writeFile(path('events.jsonl.gz'), gzipSync(lines(fleet.events.filter((event) => !isApart(event)))));
  await writeFile(path('episodes.jsonl'), lines(fleet.events.filter(isApart)));
  await writeFile(
    path('labels.jsonl'),
    lines(labels.map((label) => (apart.has(label['session_id']) ? { ...label, phase: 'episode' } : label))),
  );
  const { code, stdout, stderr } = await evaluate('--json', '--html', 'out.html');
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'Written: out.html\n' });
  evaluation = JSON.parse(stdout) as Evaluation;
});

interface Counted {
  readonly score: number;
  readonly alert: boolean;
}

/** Session scores and alerts by counting the lines of `picket score`. */
async function counted(until: string): Promise<Map<string, Counted>> {
  const files = ['--history', 'events.jsonl.gz', '--episodes', 'episodes.jsonl', '--out', 'scores.jsonl'];
  expect((await picket('score', ...files, '--freeze', '--until', until)).code).toBe(0);
  const sessions = new Map<string, Counted>();
  for (const line of (await readFile(path('scores.jsonl'), 'utf8')).trim().split('\n')) {
    const { session, score, alert } = JSON.parse(line) as Counted & { session: string };
    const known = sessions.get(session) ?? { score: 0, alert: false };
    sessions.set(session, { score: Math.max(known.score, score), alert: known.alert || alert });
  }
  return sessions;
}

describe('picket evaluate', () => {
  it('gives the figures that counting the lines of picket score gives', async () => {
    const sessions = await counted(evaluation.until);
    const ofKind = (kind: string) =>
      labels
        .filter((label) => label['kind'] === kind && label['phase'] === 'test')
        .flatMap(({ session_id, category }) => ({ category, ...(sessions.get(String(session_id)) as Counted) }));
    const [attacks, benign] = [ofKind('attacked'), ofKind('benign')];
    const alerts = (group: readonly Counted[]) => group.filter(({ alert }) => alert).length;
    const pairs = attacks.flatMap((one) => benign.map((other) => (Math.sign(one.score - other.score) + 1) / 2));
    const cut =
      benign.map(({ score }) => score).sort((one, other) => other - one)[Math.floor(0.05 * benign.length)] ?? 0;

    expect(evaluation).toMatchObject({ positives: attacks.length, benign: benign.length, agents: fleet.agents.length });
    expect(attacks.length).toBeGreaterThan(4);
    expect(alerts(attacks)).toBeGreaterThan(0);
    expect(evaluation.auc).toBe(pairs.reduce((sum, one) => sum + one, 0) / pairs.length);
    expect(evaluation.tpr_at_5pct_fpr).toBe(attacks.filter(({ score }) => score > cut).length / attacks.length);
    expect(evaluation.alert_recall).toMatchObject({ count: alerts(attacks), of: attacks.length });
    expect(evaluation.alert_benign_fpr).toMatchObject({ count: alerts(benign), of: benign.length });
    const byCategory = evaluation.recall.category.map(({ name, recall: { count, of } }) => [name, count, of]);
    const categories = [...new Set(attacks.map(({ category }) => category))].sort();
    const expected = categories.map((name) => attacks.filter(({ category }) => category === name));
    expect(byCategory).toEqual(expected.map((group, i) => [categories[i], alerts(group), group.length]));
  });

  it('learns up to the first event of a session labelled test', () => {
    const test = new Set(labels.filter(({ phase }) => phase === 'test').map(({ session_id }) => session_id));
    const first = fleet.events.find(({ id }) => test.has(sessionOf.get(id)));
    expect(evaluation.until).toBe(new Date(first?.time ?? 0).toISOString());
  });

  it('explains alerts and misses, and puts all into one page', async () => {
    expect(evaluation.titles.length).toBeGreaterThan(0);
    expect(evaluation.titles.every(({ example }) => example.length > 20)).toBe(true);
    const missed = evaluation.missed.reduce((sum, row) => sum + row.missed, 0);
    expect(missed).toBe(evaluation.alert_recall.of - evaluation.alert_recall.count);
    const page = await readFile(path('out.html'), 'utf8');
    expect(page.match(/<svg role="img"/g)).toHaveLength(3);
    expect(page).not.toMatch(/<script|https?:/);
  });

  it('prints the same for people', async () => {
    const { code, stdout, stderr } = await evaluate();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { count, of } = evaluation.alert_recall;
    expect(stdout).toContain(`AUC ${evaluation.auc?.toFixed(4)};`);
    expect(stdout).toContain(`${count} of ${of} `);
  });

  it.each<[string, string[], string | RegExp]>([
    [
      'bad labels, by their line',
      ['--labels', 'bad.jsonl'],
      'bad.jsonl:1: kind must be benign, attacked or direct_request.\nbad.jsonl:3: "s1" has a label already; one line per session.\n',
    ],
    ['no labels at all', ['--labels', 'empty.jsonl'], /^empty\.jsonl: no labels; a line looks like \{.*\}\n$/],
    ['sessions without a label', ['--labels', 'few.jsonl'], /^Sessions without a label: \d+ \(sim-.*, \.\.\.\)\. /],
    ['standard input', ['--labels', '-'], 'Events are read twice, so standard input will not do: give files.\n'],
    ['a time that is none', ['--until', 'noon'], /A time looks like/],
    ['a file that is not there', ['--labels', 'gone.jsonl'], /^gone\.jsonl: no such file or folder\.\n$/],
  ])('refuses %s', async (_name, more, said) => {
    const good = '{"session_id":"s1","phase":"test","kind":"benign"}\n';
    await writeFile(path('bad.jsonl'), `{"session_id":"s0","phase":"test","kind":"odd"}\n${good}${good}`);
    await writeFile(path('empty.jsonl'), '\n');
    await writeFile(path('few.jsonl'), lines(labels.slice(0, -30)));
    const { code, stdout, stderr } = await evaluate(...more);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    if (typeof said === 'string') expect(stderr).toBe(said);
    else expect(stderr).toMatch(said);
  });
});
