/**
 * Goal: every command of `picket` as a process of its own: what it prints, where, and how it ends.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/embedded-store.ts';
import { contentsOf, type FolderContents, withEngine } from '../support/folder-contents.ts';
import { type Ended, PICKET_MAIN, type PicketServer, runPicket, startPicket } from '../support/picket-process.ts';

const folder = await temporaryFolder();
const file = join(folder, 'events.jsonl.gz');
/** Events in the simulated file. */
let count: number;
beforeAll(async () => {
  const { code, stdout, stderr } = await runPicket(['simulate', '--small', '--seed', 'chaos', '--out', file]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  count = Number(/^(\d+) events of \d+ agents, \d+ stories\.\n$/.exec(stderr)?.[1]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A command in a folder of its own: no configuration, no data of others. */
function inFolder(name: string) {
  const cwd = join(folder, name);
  const env = { PICKET_DATA_DIR: join(cwd, 'data') };
  return {
    cwd,
    dataDir: env.PICKET_DATA_DIR,
    async run(args: readonly string[], stdin?: string | Uint8Array): Promise<Ended> {
      await mkdir(cwd, { recursive: true });
      return runPicket(args, { env, cwd, ...(stdin === undefined ? {} : { stdin }) });
    },
  };
}

/** What replaying twice must not change; duplicates are counted, not shown. */
const shownOf = ({ events, doubled, hits, opened }: FolderContents) => ({ events, doubled, hits, opened });

const line = (fields: object) =>
  JSON.stringify({
    time: '2026-01-02T03:04:05Z',
    agent: { id: 'a1' },
    action: { type: 'tool_call', name: 'x' },
    ...fields,
  });

describe('replay', () => {
  it('takes a file into the embedded engine; the same file again changes nothing', async () => {
    const { run, dataDir } = inFolder('embedded');
    const first = await run(['replay', file, '--json']);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(first.stdout)).toMatchObject({ sent: count, accepted: count, rejected: 0 });
    const before = await contentsOf(dataDir);
    expect(before.events.size).toBe(count);
    expect(before.opened.length).toBeGreaterThan(0);

    expect(await run(['replay', file])).toMatchObject({ code: 0, stderr: '' });
    const after = await contentsOf(dataDir);
    expect(shownOf(after)).toEqual(shownOf(before));
    expect(after.states).toEqual(before.states);
    expect(after.duplicates).toBe(count);
  });

  it('gives events without a usable id the same one every time', async () => {
    const { run, dataDir } = inFolder('nameless');
    const lines = [
      `\ufeff${line({})}`,
      line({ seq: 1 }),
      line({ id: null, seq: 2 }),
      line({ id: '', seq: 3 }),
      '  ',
      line({}),
    ];
    for (let times = 0; times < 2; times++) {
      expect(await run(['replay', '-'], lines.join('\n'))).toMatchObject({ code: 0, stderr: '' });
    }
    expect((await contentsOf(dataDir)).events.size).toBe(5);
  });

  const bad = [line({ id: 'g1' }), '', 'nonsense', line({ id: 'g2' }), line({ id: 'b', agent: {} })].join('\n');
  const complaints = /^line 3: invalid_json: .+\nline 5: missing_field at agent: .+\n$/;

  it('names line, code and field of bad lines and takes the others', async () => {
    const { run } = inFolder('bad-lines');
    const ended = await run(['replay', '-'], bad);
    expect(ended).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^4 events to .+: 2 accepted, 2 rejected/),
      stderr: expect.stringMatching(complaints),
    });
  });

  it('ends with 2 when not one line was good', async () => {
    const { run } = inFolder('bad-lines');
    const ended = await run(['replay', '-'], 'nonsense\n[]\n');
    expect(ended).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^line 1: .+\nline 2: not_an_object: .+\n$/),
    });
  });

  it('says that a file is missing, and ends with 2', async () => {
    const { run } = inFolder('missing');
    expect(await run(['replay', 'no-such.jsonl'])).toEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('no-such.jsonl: no such file'),
    });
  });

  it('says that a server cannot be reached, without a stack', async () => {
    const { run } = inFolder('unreachable');
    const ended = await run(['replay', file, '--to', `http://127.0.0.1:${await closedPort()}`, '--key', 'pk_x']);
    expect(ended).toEqual({ code: 1, stdout: '', stderr: expect.stringContaining('cannot be reached') });
    expect(ended.stderr).not.toContain('    at ');
  });
});

/** A port that nobody listens on any more. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

interface AlertItem {
  readonly id: string;
  readonly state: string;
  readonly disposition?: string;
  readonly why: string;
}

const itemsOf = ({ stdout }: Ended): AlertItem[] => (JSON.parse(stdout) as { items: AlertItem[] }).items;

describe('alerts and replay with a running server', () => {
  const { run, dataDir } = inFolder('server');
  let server: PicketServer;
  beforeAll(async () => {
    server = await startPicket(dataDir);
  });
  afterAll(() => server.kill('SIGKILL'));

  it('sends a file from standard input to the server on the data folder', async () => {
    const ended = await run(['replay', '-', '--json'], await readFile(file));
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(ended.stdout)).toMatchObject({ sent: count, accepted: count, rejected: 0, place: server.url });
  });

  it('lists bad lines as without a server, also when a batch holds no good one', async () => {
    const ended = await run(['replay', '-'], 'nonsense\n[]\n');
    expect(ended).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^line 1: .+\nline 2: not_an_object: .+\n$/),
    });
    const mixed = `nonsense\n${line({ id: 'm1' })}\n`;
    expect(await run(['replay', '-'], mixed)).toMatchObject({ code: 0, stderr: expect.stringMatching(/^line 1: /) });
  });

  it('lists, shows and closes; the word is a record of the log', async () => {
    const [first] = itemsOf(await run(['alerts', 'list', '--json', '--state', 'open']));
    const id = first?.id ?? '';
    const listed = await run(['alerts', 'list', '--limit', '2']);
    expect(listed).toMatchObject({ code: 0, stderr: '' });
    expect(listed.stdout).toMatch(/More: --cursor \S{8,}\n$/);
    const cursor = /--cursor (\S+)/.exec(listed.stdout)?.[1] ?? '';
    expect((await run(['alerts', 'list', '--limit', '2', '--cursor', cursor])).code).toBe(0);

    const shown = await run(['alerts', 'show', id]);
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(shown.stdout).toContain(id);
    const close = ['alerts', 'close', id, '--disposition', 'benign_change', '--note', 'a new tool'];
    expect(await run(close)).toEqual({ code: 0, stdout: `${id} is closed as benign_change.\n`, stderr: '' });
    const after = JSON.parse((await run(['alerts', 'show', id, '--json'])).stdout);
    expect(after).toMatchObject({ id, state: 'closed', disposition: 'benign_change' });
    expect(after.changes).toMatchObject([{ state: 'closed', disposition: 'benign_change', note: 'a new tool' }]);
    expect(itemsOf(await run(['alerts', 'list', '--json', '--state', 'open'])).map((item) => item.id)).not.toContain(
      id,
    );
  });

  it('acknowledges', async () => {
    const [first] = itemsOf(await run(['alerts', 'list', '--json', '--state', 'open']));
    const id = first?.id ?? '';
    const ended = await run(['alerts', 'ack', id, '--note', 'looking into it']);
    expect(ended).toEqual({ code: 0, stdout: `${id} is acknowledged.\n`, stderr: '' });
    const after = JSON.parse((await run(['alerts', 'show', id, '--json'])).stdout);
    expect(after).toMatchObject({ id, state: 'acknowledged', changes: [{ note: 'looking into it' }] });
    expect((await run(['alerts', 'show', id])).stdout).toMatch(/\ndelivery +none\n$/);
  });

  it.each([
    [['--detector', 'foo'], 'The parameter "detector" must be one of novel-endpoint, '],
    [['--limit', '1000'], 'The parameter "limit" must be <= 200. Correct it and run the command again.'],
    [['--severity', 'grave'], 'Allowed choices are informational, low, medium, high, critical, info.'],
  ])('lists nothing for a wrong filter, and says what is wrong: %j', async (filter, complaint) => {
    const ended = await run(['alerts', 'list', ...filter]);
    expect(ended).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining(complaint) });
  });

  it('takes the short word for informational', async () => {
    expect(await run(['alerts', 'list', '--severity', 'info'])).toMatchObject({ code: 0, stderr: '' });
  });

  it('does not print a cursor when there is no further page', async () => {
    const { stdout } = await run(['alerts', 'list', '--limit', '200']);
    expect(stdout).not.toContain('--cursor');
  });

  it('says that an alert is unknown', async () => {
    const ended = await run(['alerts', 'show', 'al_00000000000000000000000000000000']);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).not.toContain('    at ');
    expect(ended.stderr).toBe(
      'There is no alert al_00000000000000000000000000000000. `picket alerts list` shows the ids of those there are.\n',
    );
  });

  it('is asked by doctor, too', async () => {
    const ended = await run(['doctor']);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toMatch(/ok +running server +http\S+ answers 200/);
  });

  it('leaves the same visible events and alerts as a replay without a server', async () => {
    await server.kill('SIGTERM');
    const here = await contentsOf(dataDir);
    const embedded = await contentsOf(inFolder('embedded').dataDir);
    expect(here.hits).toEqual(embedded.hits);
    expect([...here.events.keys()].filter((id) => !embedded.events.has(id))).toEqual(['m1']);
    const words = await withEngine(dataDir, (store) =>
      store.query<{ kind: string; record: string }>(
        "SELECT kind, record FROM event_log WHERE kind = 'disposition' ORDER BY position",
      ),
    );
    expect(words.map(({ record }) => JSON.parse(record))).toMatchObject([
      { kind: 'disposition', state: 'closed', disposition: 'benign_change', note: 'a new tool' },
      { kind: 'disposition', state: 'acknowledged', note: 'looking into it' },
    ]);
  });
});

describe('alerts without a server', () => {
  it('lists, shows and closes on the embedded engine', async () => {
    const { run, dataDir } = inFolder('embedded');
    const open = itemsOf(await run(['alerts', 'list', '--json', '--state', 'open']));
    const id = open[0]?.id ?? '';
    expect((await run(['alerts', 'show', id])).stdout).toContain(id);
    const closed = await run(['alerts', 'close', id, '--disposition', 'true_positive']);
    expect(closed).toEqual({ code: 0, stdout: `${id} is closed as true_positive.\n`, stderr: '' });
    const left = itemsOf(await run(['alerts', 'list', '--json', '--state', 'open']));
    expect(left).toHaveLength(open.length - 1);
    const words = await withEngine(dataDir, (store) =>
      store.query<{ words: number }>("SELECT count() AS words FROM event_log WHERE kind = 'disposition'"),
    );
    expect(words).toEqual([{ words: 1 }]);
  });

  it('takes nothing that waits on standard input for rows of its own', async () => {
    const { run, dataDir } = inFolder('piped');
    const row = '{"tenant":"default","alert_id":"al_1","version":99,"partition":7,"kind":"tick"}\n';
    for (const args of [['migrate'], ['keys', 'create', 'x', '--scope', 'read'], ['doctor']]) {
      expect(await run(args, row.repeat(1000))).toMatchObject({ code: 0 });
    }
    const { events, hits, checkpoints } = await contentsOf(dataDir);
    expect([events.size, hits.length, checkpoints]).toEqual([0, 0, 0]);
    const versions = await withEngine(dataDir, (store) =>
      store.query<{ version: number }>('SELECT version FROM schema_migrations WHERE version = 99'),
    );
    expect(versions).toEqual([]);
  });

  it('finds nothing in an empty folder', async () => {
    expect(await inFolder('empty').run(['alerts', 'list'])).toEqual({ code: 0, stdout: 'No alerts.\n', stderr: '' });
  });
});

describe('score', () => {
  const until = '2026-01-12T00:00:00Z';

  it.each([
    ['online', []],
    ['from a time on', ['--until', until]],
    ['frozen', ['--until', until, '--freeze']],
  ])('gives the same bytes twice: %s', async (_name, options) => {
    const { run, cwd } = inFolder('score');
    const texts: Buffer[] = [];
    for (const out of ['one.jsonl', 'two.jsonl']) {
      const ended = await run(['score', '--history', file, '--out', out, ...options]);
      expect(ended).toMatchObject({ code: 0, stdout: '' });
      expect(ended.stderr).toMatch(new RegExp(`^${count} events read, \\d+ scored, 0 refused`));
      texts.push(await readFile(join(cwd, out)));
    }
    expect(texts[0]?.equals(texts[1] ?? Buffer.alloc(0))).toBe(true);
    const scored = String(texts[0])
      .trimEnd()
      .split('\n')
      .map((one) => JSON.parse(one));
    const sent = String(gunzipSync(await readFile(file)))
      .trimEnd()
      .split('\n')
      .map((one) => JSON.parse(one));
    const due = sent.filter(({ time }) => options.length === 0 || time >= until).map(({ id }) => id);
    if (options.includes('--freeze')) expect(scored.length).toBeGreaterThan(0);
    else expect(scored.map(({ id }) => id)).toEqual(due);
    for (const one of scored) {
      expect(Object.keys(one)).toEqual(['id', 'session', 'agent', 'score', 'alert', 'detectors']);
    }
    expect(scored.some(({ alert }) => alert)).toBe(true);
  });

  it('prints ids that no terminal acts on, and that are still the same ids', async () => {
    const id = 'e\u001b[31m\u009b1';
    const { code, stdout } = await inFolder('score').run(['score', '--history', '-', '--out', '-'], line({ id }));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are what is looked for
    expect({ code, controls: /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/.test(stdout) }).toEqual({
      code: 0,
      controls: false,
    });
    expect(JSON.parse(stdout)).toMatchObject({ id });
  });

  it('refuses --freeze without --until', async () => {
    const { run } = inFolder('score');
    expect(await run(['score', '--history', file, '--out', 'x', '--freeze'])).toMatchObject({
      code: 2,
      stderr: '--freeze needs --until.\n',
    });
  });
});

describe('schema', () => {
  it('prints the JSON Schema of an event', async () => {
    const { code, stdout } = await inFolder('schema').run(['schema', 'event']);
    const schema = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      required: expect.arrayContaining(['time', 'agent', 'action']),
      properties: { agent: { required: ['id'] }, action: { required: expect.arrayContaining(['type', 'name']) } },
    });
  });
});

describe('config check', () => {
  it.each([
    [
      'an unknown setting',
      'listen:\n  prot: 1\n',
      /picket\.yaml:2: unknown setting "listen\.prot"; did you mean "listen\.port"\?\n$/,
    ],
    ['a wrong value', 'data_dir: x\nlisten:\n  port: high\n', /picket\.yaml:3: listen\.port /],
    ['no YAML', 'listen: {\n  port: 1\n', /picket\.yaml:\d: /],
  ])('names file and line: %s', async (_name, yaml, complaint) => {
    const { run, cwd } = inFolder('config');
    await mkdir(cwd, { recursive: true });
    await writeFile(join(cwd, 'picket.yaml'), yaml);
    const ended = await run(['config', 'check']);
    expect(ended).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(complaint) });
  });

  it('warns of variables that nothing reads, unless a playbook refers to them', async () => {
    const { cwd } = inFolder('config-variables');
    await mkdir(join(cwd, 'playbooks'), { recursive: true });
    const url = '"$' + '{PICKET_SOAR_URL}"';
    await writeFile(join(cwd, 'playbooks', 'soar.yaml'), `name: soar\nwhen: {}\nwebhook: { url: ${url} }\n`);
    const env = { PICKET_PROT: '1', PICKET_SOAR_URL: 'https://soar.example.com', PICKET_PORT: '' };
    const ended = await runPicket(['config', 'check'], { cwd, env });
    expect(ended).toMatchObject({
      code: 0,
      stderr: 'Warning: nothing reads the variable PICKET_PROT; did you mean PICKET_PORT?\n',
    });
    expect(ended.stdout).toMatch(/"half_life_days": 14/);
    expect(ended.stdout).toMatch(/"port": 8321/);
  });

  it('names file and line of a fault in a playbook', async () => {
    const { run, cwd } = inFolder('config-playbook');
    await mkdir(join(cwd, 'playbooks'), { recursive: true });
    await writeFile(join(cwd, 'playbooks', 'soar.yaml'), 'name: soar\nwhen: {}\nwebhook:\n  url: 4711\n');
    const ended = await run(['config', 'check']);
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringMatching(/playbooks\/soar\.yaml:4:/) });
  });

  it('starts nothing', async () => {
    const { run, dataDir } = inFolder('config-good');
    expect(await run(['config', 'check'])).toMatchObject({ code: 0, stderr: '' });
    await expect(stat(dataDir)).rejects.toThrow('ENOENT');
  });
});

describe('migrate', () => {
  it('does its work once', async () => {
    const { run } = inFolder('migrate');
    const first = await run(['migrate']);
    expect(first).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/is now up to date\.\n$/) });
    const second = await run(['migrate']);
    expect(second).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^\S+ is up to date\.\n$/) });
  });
});

describe('doctor', () => {
  it('finds a new folder in order and every detector able to fire', async () => {
    const { code, stdout, stderr } = await inFolder('doctor').run(['doctor']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const canaries = stdout.split('\n').filter((one) => one.includes('detector '));
    expect(canaries.length).toBeGreaterThan(3);
    for (const one of canaries) expect(one).toMatch(/^ok +detector \S+ +its canary is seen \(p /);
  });

  it('ends with 3 when others may read a secret, and says what to do', async () => {
    const { run, dataDir } = inFolder('doctor');
    await run(['alerts', 'list']);
    const key = join(dataDir, 'admin.key');
    await chmod(key, 0o644);
    const ended = await run(['doctor']);
    expect(ended).toMatchObject({ code: 3, stderr: expect.stringMatching(/^1 of \d+ checks failed\./) });
    expect(ended.stdout).toContain(`chmod 600 ${key}`);
  });
});

describe('the command line', () => {
  const commands = [
    'up',
    'demo',
    'replay',
    'alerts',
    'score',
    'simulate',
    'keys',
    'schema',
    'config',
    'migrate',
    'doctor',
  ];

  it('explains itself and every command', async () => {
    const { run } = inFolder('help');
    const all = await run(['--help']);
    expect(all).toMatchObject({ code: 0, stderr: '' });
    for (const command of commands) expect(all.stdout).toMatch(new RegExp(`^ +${command}\\b`, 'm'));
    for (const command of commands) {
      const { code, stdout, stderr } = await run([command, '--help']);
      expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: '' });
      expect(stdout).toMatch(new RegExp(`^Usage: picket ${command}`));
    }
  });

  it.each([
    [['no-such-command']],
    [['replay']],
    [['up', '--port', 'eighty']],
    [['alerts', 'close', 'al_1']],
    [['alerts', 'close', 'al_1', '--disposition', 'whatever']],
    [['up', '--config', 'no-such.yaml']],
  ])('ends with 2 for %j', async (args) => {
    const { run, dataDir } = inFolder('usage');
    const ended = await run(args);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).not.toContain('    at ');
    await expect(stat(dataDir)).rejects.toThrow('ENOENT');
  });

  it('writes out what a terminal would act on, wherever it comes from', async () => {
    const ended = await inFolder('usage').run(['up', '--config', 'x\u001b[2J.yaml']);
    expect(ended).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/x\\u001b\[2J\.yaml: no such file\.\n$/),
    });
  });

  it('ends quietly when the reader of its output goes away', async () => {
    const picket = `"${process.execPath}" "${PICKET_MAIN}"`;
    const script = `set -o pipefail; ${picket} simulate --small --out - | head -n 1; echo "ended with $?"`;
    const shell = spawn('bash', ['-c', script], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    const [stdout, stderr] = await Promise.all([text(shell.stdout), text(shell.stderr), once(shell, 'close')]);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^\{"schema".+\}\nended with 0\n$/);
  });
});
