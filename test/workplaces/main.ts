/**
 * Writes a corpus of invented workplaces: events of the stream, of the episodes, and labels.
 *
 *   npx tsx test/workplaces/main.ts --seed N --out DIR [--workplace NAME...]
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { makeCorpus } from './corpus.ts';
import type { Workplace } from './place.ts';
import { LATEST_WORKPLACES, NAMED_WORKPLACES, WORKPLACES } from './registry.ts';

const ONLY_NAMED = [...NAMED_WORKPLACES, ...LATEST_WORKPLACES];
const ALL = [...WORKPLACES, ...ONLY_NAMED];
const listed = (places: readonly Workplace[]) => places.map(({ name }) => name).join(', ');

const HELP = `Usage: main.ts --seed N --out DIR [--workplace NAME...] [--json]

Writes events.stream.jsonl.gz, events.episodes.jsonl.gz and labels.sessions.jsonl.gz into DIR.
One seed gives the same bytes, and a workplace is the same with or without others beside it.

Workplaces: ${listed(WORKPLACES)}
Only when named: ${listed(ONLY_NAMED)}
`;

const { values, positionals } = parseArgs({
  options: {
    seed: { type: 'string' },
    out: { type: 'string' },
    workplace: { type: 'string', multiple: true, default: [] },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});

process.exitCode = run();

function run(): number {
  if (values.help) return say(HELP, 0);
  const { seed, out } = values;
  if (seed === undefined || out === undefined) return say(`Give --seed and --out.\n\n${HELP}`, 2);
  // Further names may follow the first: `--workplace a b`.
  const names = [...values.workplace, ...positionals];
  const unknown = names.filter((name) => !ALL.some((place) => place.name === name));
  if (unknown.length > 0) return say(`No such workplace: ${unknown.join(', ')}. See --help.\n`, 2);
  const places = names.length === 0 ? WORKPLACES : ALL.filter(({ name }) => names.includes(name));
  const show = process.stderr.isTTY
    ? (done: number, of: number) => process.stderr.write(`\r${done}/${of} agents`)
    : () => {};
  const { stream, episodes, labels } = makeCorpus(places, seed, undefined, show);
  mkdirSync(out, { recursive: true });
  const files = { 'events.stream': stream, 'events.episodes': episodes, 'labels.sessions': labels };
  for (const [name, lines] of Object.entries(files)) writeFileSync(join(out, `${name}.jsonl.gz`), pack(lines));
  const counts = {
    workplaces: places.length,
    sessions: labels.length,
    stream_events: stream.length,
    episode_events: episodes.length,
  };
  const sentence = `${counts.workplaces} workplaces, ${counts.sessions} sessions, ${counts.stream_events} events in the stream, ${counts.episode_events} in episodes\n`;
  process.stdout.write(values.json ? `${JSON.stringify(counts)}\n` : sentence);
  return 0;
}

function say(text: string, code: number): number {
  (code === 0 ? process.stdout : process.stderr).write(text);
  return code;
}

/** The header of gzip names no time here, so equal lines are equal bytes. */
function pack(lines: readonly unknown[]): Buffer {
  return gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}
