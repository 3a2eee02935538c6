/**
 * The contract of the store, for every way of running ClickHouse: what goes in comes out unchanged or is refused with a class of error
 * that tells the caller what to do; nothing is lost, doubled or half done in silence.
 */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { insertBisecting } from '../../store/batch-insert.ts';
import { ROW_FAULTS, STATEMENT_FAULTS } from '../../store/fault-codes.ts';
import { migrate } from '../../store/migrate.ts';
import { MIGRATIONS_DIRECTORY } from '../../store/migration-files.ts';
import { RowsRefused } from '../../store/row-check.ts';
import { type Store, StoreClosed, StoreRejected } from '../../store/store.ts';
import { temporaryFolder } from './embedded-store.ts';
import type { StoreSubject } from './store-subjects.ts';

const TIME_MS = 1_767_225_600_123;
const HOSTILE = [
  '',
  'nul \0 inside',
  `quotes ' " \` and back\\slashes \\' \\\\ \\n`,
  'tab\tline\nreturn\rbell\x07 backspace\b form\f',
  'emoji 😀 joined 👩‍👩‍👧 right-to-left \u202e separator \u2028',
  '{x:String} {{y}} $z',
  "'; DROP TABLE kinds; --",
  '\\N',
  'NULL',
  ']',
  '\ufeffmark',
];
export const MIGRATE = { now: Date.now, sleep: (ms: number) => sleep(ms), lockWaitMs: 20_000 };

export function describeStore(subject: StoreSubject): void {
  describe(`the store over ${subject.name}`, () => contract(subject));
}

function contract(subject: StoreSubject): void {
  let store: Store;
  let names = 0;
  const newName = (prefix: string) => `${prefix}_${++names}`;

  async function newTable(columns: string, order: string): Promise<string> {
    const table = newName('t');
    await store.command(`CREATE TABLE ${table} (${columns}) ENGINE = ReplacingMergeTree ORDER BY ${order}`);
    return table;
  }

  beforeAll(async () => {
    await subject.start();
    store = await subject.open('contract');
  });

  afterAll(async () => {
    await store.close();
    await subject.stop();
  });

  describe('values', () => {
    it('returns every kind of column as it went in, whatever the strings hold', async () => {
      const table = await newTable(
        `id UInt32, u8 UInt8, u16 UInt16, u64 UInt64, i64 Int64, f Float64, s String, l LowCardinality(String),
         e Enum8('one' = 1, 'it''s, (two)' = 2), t DateTime64(3, 'UTC'), d DateTime('UTC'), list Array(LowCardinality(String)),
         map Map(LowCardinality(String), Float64), ns Nullable(String)`,
        'id',
      );
      const rows = HOSTILE.map((text, id) => ({
        id,
        u8: 255,
        u16: 65_535,
        u64: Number.MAX_SAFE_INTEGER,
        i64: Number.MIN_SAFE_INTEGER,
        f: 0.1 + 0.2,
        s: text,
        l: text,
        e: id % 2 === 0 ? 'one' : "it's, (two)",
        t: TIME_MS,
        d: 1_767_225_600,
        list: [text, ''],
        map: { [text]: 1e-300, other: -0.5 },
        ns: id % 2 === 0 ? null : text,
      }));
      await store.insert(table, rows);
      const out = await store.query(`SELECT * FROM ${table} ORDER BY id`);
      expect(out).toEqual(rows.map((row) => ({ ...row, t: '2026-01-01T00:00:00.123Z', d: '2026-01-01T00:00:00Z' })));
    });

    it('reads every instant from 1970 to 2100 back to the millisecond', async () => {
      const table = await newTable("id UInt32, t DateTime64(3, 'UTC')", 'id');
      const times = [0, 1, 999, 2_999_999_999, 3_000_000_000, 946_684_800_000, TIME_MS, 4_102_444_799_999];
      await store.insert(
        table,
        times.map((t, id) => ({ id, t })),
      );
      const out = await store.query<{ ms: number; t: string }>(
        `SELECT toUnixTimestamp64Milli(t) AS ms, t FROM ${table} ORDER BY id`,
      );
      expect(out.map((row) => row.ms)).toEqual(times);
      expect(out.map((row) => Date.parse(row.t))).toEqual(times);
    });

    it('gives a column that a row does not have its default', async () => {
      const table = await newTable("id UInt32, s String DEFAULT 'unset', n UInt64", 'id');
      await store.insert(table, [
        { id: 1, n: 5 },
        { id: 2, s: 'set' },
        { id: 3, s: undefined },
      ]);
      expect(await store.query(`SELECT * FROM ${table} ORDER BY id`)).toEqual([
        { id: 1, s: 'unset', n: 5 },
        { id: 2, s: 'set', n: 0 },
        { id: 3, s: 'unset', n: 0 },
      ]);
    });

    it('does nothing for an insert without rows', async () => {
      await expect(store.insert('no_such_table', [])).resolves.toBeUndefined();
    });

    it('never takes a parameter for SQL', async () => {
      const sql =
        'SELECT {s:String} AS s, {list:Array(String)} AS list, {map:Map(String, String)} AS map, {n:Nullable(String)} AS n';
      for (const text of HOSTILE) {
        const params = { s: text, list: [text, 'x', text], map: { [text]: text }, n: text === '\\N' ? null : text };
        // A parameter that reads \N stands for NULL in ClickHouse's own protocol, in a nullable place only.
        expect(await store.query(sql, params)).toEqual([params]);
      }
    });

    it('takes a list of parameters that is too long for a URL', async () => {
      const ids = Array.from({ length: 20_000 }, (_, index) => `id-${index}`);
      const out = await store.query('SELECT length({ids:Array(String)}) AS n, {ids:Array(String)}[20000] AS last', {
        ids,
      });
      expect(out).toEqual([{ n: 20_000, last: 'id-19999' }]);
    });

    it('shows a command what its parameters say', async () => {
      const table = await newTable('id UInt32, s String', 'id');
      await store.insert(table, [
        { id: 1, s: 'keep' },
        { id: 2, s: "it's" },
      ]);
      await store.command(`DELETE FROM ${table} WHERE s = {s:String}`, { s: "it's" });
      expect(await store.query(`SELECT id FROM ${table}`)).toEqual([{ id: 1 }]);
    });
  });

  describe('refusals', () => {
    const BAD: readonly [column: string, value: unknown][] = [
      ['u8', 256],
      ['u8', -1],
      ['u8', 1.5],
      ['u8', '1'],
      ['u64', 2 ** 53],
      ['u64', 2 ** 64],
      ['f', Number.NaN],
      ['f', Number.POSITIVE_INFINITY],
      ['f', null],
      ['s', 'half \ud800 pair'],
      ['s', 5],
      ['s', null],
      ['e', 'three'],
      ['t', 1.5],
      ['t', -1],
      ['t', 4_102_444_800_001],
      ['t', '2026-01-01'],
      ['list', ['ok', '\udc00']],
      ['list', ['ok', null]],
      ['list', 'ok'],
      ['map', { a: Number.NaN }],
      ['map', { '\ud800': 1 }],
      ['map', new Map([['a', 1]])],
    ];

    it.each(BAD)('refuses %s = %j before anything is sent, with the row and the column', async (column, value) => {
      const table = await newTable(
        `id UInt32, u8 UInt8, u64 UInt64, f Float64, s String, e Enum8('one' = 1), t DateTime64(3, 'UTC'),
         list Array(String), map Map(LowCardinality(String), Float64)`,
        'id',
      );
      const insert = store.insert(table, [{ id: 0 }, { id: 1, [column]: value }]);
      await expect(insert).rejects.toSatisfy(
        (error) =>
          error instanceof RowsRefused &&
          error instanceof StoreRejected &&
          error.refusals.length === 1 &&
          error.refusals[0]?.row === 1 &&
          error.refusals[0].column === column,
      );
      expect(await store.query(`SELECT count() AS n FROM ${table}`)).toEqual([{ n: 0 }]);
    });

    it('refuses a column that the table does not have, instead of dropping its values', async () => {
      const table = await newTable('id UInt32', 'id');
      await expect(store.insert(table, [{ id: 1 }, { id: 2, typo: 'x' }])).rejects.toMatchObject({ code: '16' });
      expect(await store.query(`SELECT count() AS n FROM ${table}`)).toEqual([{ n: 0 }]);
    });

    it('checks a column that was added after the first insert', async () => {
      const table = await newTable('id UInt32', 'id');
      await store.insert(table, [{ id: 1 }]);
      await store.command(`ALTER TABLE ${table} ADD COLUMN n UInt8`);
      await expect(store.insert(table, [{ id: 2, n: 256 }])).rejects.toBeInstanceOf(RowsRefused);
      await store.insert(table, [{ id: 3, n: 255 }]);
      expect(await store.query(`SELECT id, n FROM ${table} ORDER BY id`)).toEqual([
        { id: 1, n: 0 },
        { id: 3, n: 255 },
      ]);
    });

    it.each([
      ['an unknown table', 'SELECT 1 FROM no_such_table', '60'],
      ['an unknown column', 'SELECT nothing FROM system.one', '47'],
      ['a mistake in the syntax', 'SELEC 1', '62'],
      ['a parameter of the wrong type', 'SELECT {n:UInt64}', '457'],
    ])('throws %s as it is: waiting would not help', async (_, sql, code) => {
      await expect(store.query(sql, { n: 'x' })).rejects.toMatchObject({ code });
    });

    it('lets no name out of its quotes', async () => {
      await expect(store.insert('t` (id) VALUES (1); --', [{ id: 1 }])).rejects.toBeInstanceOf(TypeError);
      const table = await newTable('id UInt32', 'id');
      await expect(store.insert(table, [{ 'id`) VALUES (1) --': 1 }])).rejects.toBeInstanceOf(TypeError);
    });

    it('knows the codes by the names that the engine gives them', async () => {
      const codes = { ...ROW_FAULTS, ...STATEMENT_FAULTS };
      const out = await store.query<{ code: number; name: string }>(
        'SELECT arrayJoin({codes:Array(UInt32)}) AS code, errorCodeToName(code) AS name',
        { codes: Object.keys(codes).map(Number) },
      );
      expect(Object.fromEntries(out.map(({ code, name }) => [code, name]))).toEqual(codes);
    });
  });

  describe('bisecting', () => {
    const constrained = "id UInt32, s String, n UInt8, CONSTRAINT no_poison CHECK s != 'poison'";
    const goodRows = (count: number) => Array.from({ length: count }, (_, id) => ({ id, s: 'good', n: 1 }));

    it('hands over exactly the bad row of a thousand and stores the others', async () => {
      const table = await newTable(constrained, 'id');
      const rows = goodRows(1000).map((row) => (row.id === 617 ? { ...row, s: 'poison' } : row));
      const rejected: unknown[] = [];
      const outcome = await insertBisecting(store, table, rows, (row, error) => {
        rejected.push({ row, code: error.clickhouseCode });
      });
      expect(outcome).toEqual({ inserted: 999, rejected: 1 });
      expect(rejected).toEqual([{ row: rows[617], code: '469' }]);
      const out = await store.query(
        `SELECT count() AS n, uniqExact(id) AS ids, countIf(id = 617) AS bad FROM ${table}`,
      );
      expect(out).toEqual([{ n: 999, ids: 999, bad: 0 }]);
    });

    it('tells rows that the check refuses from rows that the engine refuses', async () => {
      const table = await newTable(constrained, 'id');
      const rows = goodRows(20);
      const bad = new Map<number, object>([
        [3, { n: 256 }],
        [4, { s: '\ud800' }],
        [9, { s: 'poison' }],
        [19, { n: -1 }],
      ]);
      const rejected: unknown[] = [];
      const mixed = rows.map((row) => ({ ...row, ...bad.get(row.id) }));
      const outcome = await insertBisecting(store, table, mixed, (row, error) => {
        rejected.push([row.id, error instanceof RowsRefused ? error.refusals[0]?.column : error.clickhouseCode]);
      });
      expect(outcome).toEqual({ inserted: 16, rejected: 4 });
      expect(rejected).toEqual([
        [9, '469'],
        [3, 'n'],
        [4, 's'],
        [19, 'n'],
      ]);
    });
  });

  describe('streams', () => {
    it('returns 50,000 rows in chunks, each row once', async () => {
      const table = await newTable('id UInt32, s String', 'id');
      const text = 'x'.repeat(100);
      await store.insert(
        table,
        Array.from({ length: 50_000 }, (_, id) => ({ id, s: text })),
      );
      const ids: number[] = [];
      let chunks = 0;
      const rows = store.stream<{ id: number; s: string }>(
        `SELECT id, s FROM ${table} WHERE s = {s:String} ORDER BY id`,
        { s: text },
      );
      for await (const chunk of rows) {
        chunks++;
        for (const row of chunk) ids.push(row.id);
      }
      expect(chunks).toBeGreaterThan(1);
      expect(ids).toEqual(Array.from({ length: 50_000 }, (_, id) => id));
    });

    it('can be left in the middle, many times', async () => {
      for (let round = 0; round < 20; round++) {
        for await (const chunk of store.stream('SELECT number FROM numbers(1000000)')) {
          expect(chunk.length).toBeGreaterThan(0);
          break;
        }
      }
      expect(await store.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    });

    it('fails when the result fails in the middle, rather than ending early', async () => {
      const read = async () => {
        let rows = 0;
        for await (const chunk of store.stream('SELECT throwIf(number = 200000) AS x FROM numbers(400000)')) {
          rows += chunk.length;
        }
        return rows;
      };
      await expect(read()).rejects.toThrow();
    });

    it('tells a reader whose store was closed', async () => {
      const other = await subject.open('contract');
      const rows = other.stream('SELECT number FROM numbers(100000000)')[Symbol.asyncIterator]();
      await rows.next();
      await other.close();
      const drain = async () => {
        while (!(await rows.next()).done);
      };
      await expect(drain()).rejects.toThrow();
    });
  });

  describe('life', () => {
    it('keeps its rows over closing and opening', async () => {
      const database = newName('reopened');
      const first = await subject.open(database);
      await first.command('CREATE TABLE t (id UInt32) ENGINE = MergeTree ORDER BY id');
      await first.insert('t', [{ id: 7 }]);
      await first.close();
      await expect(first.query('SELECT 1')).rejects.toBeInstanceOf(StoreClosed);
      const second = await subject.open(database);
      expect(await second.query('SELECT id FROM t')).toEqual([{ id: 7 }]);
      await second.close();
    });

    it('finishes what is under way before it closes', async () => {
      const database = newName('closing');
      const first = await subject.open(database);
      await first.command('CREATE TABLE t (id UInt32) ENGINE = MergeTree ORDER BY id');
      const rows = Array.from({ length: 20_000 }, (_, id) => ({ id }));
      const insert = first.insert('t', rows);
      await first.close();
      await expect(insert).resolves.toBeUndefined();
      const second = await subject.open(database);
      expect(await second.query('SELECT count() AS n FROM t')).toEqual([{ n: rows.length }]);
      await second.close();
    });

    it('answers a ping, and says what and where it is', async () => {
      await expect(store.ping()).resolves.toBeUndefined();
      expect(store.engine).toBe(subject.engine);
      expect(store.place.length).toBeGreaterThan(0);
    });
  });

  describe('migrations', () => {
    const SMALL = {
      '0001_first.sql': `-- It's a comment; with a quote.
CREATE TABLE a (id UInt32, s String DEFAULT 'x;
y') ENGINE = MergeTree ORDER BY id;
CREATE VIEW v AS SELECT id FROM a; -- with a comment behind
`,
      '0002_second.sql': 'ALTER TABLE a ADD COLUMN IF NOT EXISTS n UInt64 DEFAULT 3;\n',
    };

    const folders: string[] = [];

    afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

    async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
      const directory = await temporaryFolder();
      folders.push(directory);
      for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
      return directory;
    }

    const columnsOf = (of: Store) =>
      of.query(
        `SELECT table, name FROM system.columns WHERE database = currentDatabase() AND table IN ('a', 'v') ORDER BY table, position`,
      );

    it('applies all of this build once, in order', async () => {
      const fresh = await subject.open(newName('migrated'));
      const names = (await readdir(MIGRATIONS_DIRECTORY)).filter((name) => name.endsWith('.sql')).sort();
      const applied = await migrate(fresh, MIGRATE);
      expect(applied.map((migration) => migration.name)).toEqual(names);
      expect(await migrate(fresh, MIGRATE)).toEqual([]);
      await fresh.close();
    });

    it('refuses an applied file that has changed, and says what to do', async () => {
      const fresh = await subject.open(newName('migrated'));
      const directory = await folderWith(SMALL);
      await migrate(fresh, { ...MIGRATE, directory });
      const path = join(directory, '0001_first.sql');
      await writeFile(path, (await readFile(path, 'utf8')).replace('UInt32', 'UInt64'));
      await expect(migrate(fresh, { ...MIGRATE, directory })).rejects.toMatchObject({
        code: 'migration_changed',
        message: expect.stringContaining('0001_first.sql'),
      });
      await fresh.close();
    });

    it('does not mind other line ends', async () => {
      const fresh = await subject.open(newName('migrated'));
      await migrate(fresh, { ...MIGRATE, directory: await folderWith(SMALL) });
      const windows = Object.fromEntries(
        Object.entries(SMALL).map(([name, text]) => [name, text.replaceAll('\n', '\r\n')]),
      );
      expect(await migrate(fresh, { ...MIGRATE, directory: await folderWith(windows) })).toEqual([]);
      await fresh.close();
    });

    it('refuses a database that is ahead of this build', async () => {
      const fresh = await subject.open(newName('migrated'));
      await migrate(fresh, { ...MIGRATE, directory: await folderWith(SMALL) });
      const { '0002_second.sql': _, ...older } = SMALL;
      await expect(migrate(fresh, { ...MIGRATE, directory: await folderWith(older) })).rejects.toMatchObject({
        code: 'migration_unknown',
      });
      await fresh.close();
    });

    it('goes on after a crash at any step', async () => {
      const directory = await folderWith(SMALL);
      const expected = [
        { table: 'a', name: 'id' },
        { table: 'a', name: 's' },
        { table: 'a', name: 'n' },
        { table: 'v', name: 'id' },
      ];
      let crashed = true;
      for (let steps = 1; crashed; steps++) {
        const fresh = await subject.open(newName('crashed'));
        crashed = await migrate(crashingAfter(fresh, steps), { ...MIGRATE, directory }).then(
          () => false,
          (error: unknown) => error instanceof Crash || Promise.reject(error),
        );
        await fresh.command('DROP TABLE IF EXISTS migration_lock');
        await migrate(fresh, { ...MIGRATE, directory });
        expect(await columnsOf(fresh)).toEqual(expected);
        expect(await migrate(fresh, { ...MIGRATE, directory })).toEqual([]);
        await fresh.close();
      }
    });

    it('does not take a table that was there before for its own', async () => {
      const fresh = await subject.open(newName('migrated'));
      await fresh.command('CREATE TABLE a (other String) ENGINE = MergeTree ORDER BY other');
      const directory = await folderWith(SMALL);
      for (let attempt = 0; attempt < 2; attempt++) {
        await expect(migrate(fresh, { ...MIGRATE, directory })).rejects.toMatchObject({ code: '57' });
      }
      await fresh.close();
    });

    it('lets a broken statement be corrected', async () => {
      const fresh = await subject.open(newName('migrated'));
      const broken = { ...SMALL, '0002_second.sql': 'ALTER TABLE a ADD COLUM n UInt64;\n' };
      await expect(migrate(fresh, { ...MIGRATE, directory: await folderWith(broken) })).rejects.toMatchObject({
        code: '62',
      });
      const applied = await migrate(fresh, { ...MIGRATE, directory: await folderWith(SMALL) });
      expect(applied).toEqual([{ version: 2, name: '0002_second.sql', statements: 1 }]);
      await fresh.close();
    });

    it.each(['one.sql', '0000_zero.sql', '0003-dash.sql'])('refuses a file named %s', async (name) => {
      const directory = await folderWith({ ...SMALL, [name]: 'SELECT 1;\n' });
      await expect(migrate(store, { ...MIGRATE, directory })).rejects.toMatchObject({ code: 'migration_name' });
    });
  });

  describe('views', () => {
    let migrated: Store;

    beforeAll(async () => {
      migrated = await subject.open(newName('views'));
      await migrate(migrated, MIGRATE);
    });

    afterAll(() => migrated.close());

    it('shows each event once, and neither control records nor what was not scored', async () => {
      const event = (position: number, more: object) => ({
        tenant: 'acme',
        partition: 0,
        position,
        kind: 'event',
        received: TIME_MS + position,
        time: TIME_MS,
        agent: 'mailer',
        id: `e${position}`,
        status: 'learn',
        rows: Number.MAX_SAFE_INTEGER,
        flags: ['skewed'],
        detectors: { 'mass-read': 0.5 },
        score: 0.5,
        ...more,
      });
      const rows = [
        event(1, {}),
        event(2, { status: 'hold', alert_ids: ['a1', 'a2'] }),
        event(3, { id: 'e1', status: 'duplicate' }),
        event(4, { id: 'e2', status: 'conflict' }),
        event(5, { status: 'late' }),
        event(6, { tenant: 'other', id: 'e1' }),
        { ...event(7, {}), kind: 'tick', status: 'control' },
      ];
      await migrated.insert('event_log', rows);
      await migrated.insert('event_log', rows.slice(0, 3));
      const out = await migrated.query(
        'SELECT tenant, id, status, rows, alert_ids, time FROM events ORDER BY tenant, id',
      );
      const expected = { rows: Number.MAX_SAFE_INTEGER, alert_ids: [], time: '2026-01-01T00:00:00.123Z' };
      expect(out).toEqual([
        { ...expected, tenant: 'acme', id: 'e1', status: 'learn' },
        { ...expected, tenant: 'acme', id: 'e2', status: 'hold', alert_ids: ['a1', 'a2'] },
        { ...expected, tenant: 'acme', id: 'e5', status: 'late' },
        { ...expected, tenant: 'other', id: 'e1', status: 'learn' },
      ]);
      const full = await migrated.query("SELECT * FROM events WHERE tenant = 'acme' AND id = 'e1'");
      expect(full).toEqual([
        {
          tenant: 'acme',
          id: 'e1',
          time: '2026-01-01T00:00:00.123Z',
          received: '2026-01-01T00:00:00.124Z',
          agent: 'mailer',
          agent_kind: '',
          session: '',
          principal: '',
          action_type: '',
          action_name: '',
          endpoint: '',
          outcome: '',
          destinations: [],
          resources: [],
          rows: Number.MAX_SAFE_INTEGER,
          bytes_received: 0,
          bytes_sent: 0,
          input_tokens: 0,
          output_tokens: 0,
          cost_micro_usd: 0,
          status: 'learn',
          flags: ['skewed'],
          knowledge: '',
          known_sessions: 0,
          known_events: 0,
          score: 0.5,
          detectors: { 'mass-read': 0.5 },
          alert_ids: [],
          record: '',
          content: '',
        },
      ]);
    });

    it('computes an alert from distinct hits and its last change', async () => {
      const hit = (event: number, more: object) => ({
        tenant: 'acme',
        alert_id: 'a1',
        event_id: `e${event}`,
        partition: 0,
        position: event,
        time: TIME_MS + event,
        received: TIME_MS,
        agent: 'mailer',
        agent_kind: 'mail',
        session: `s${event % 2}`,
        detector: 'exfiltration',
        subject: 'evil.example',
        opened: event === 1 ? 1 : 0,
        backfill: 0,
        severity: event,
        p: 10 ** -event,
        score: event / 10,
        title: `title ${event}`,
        why: `why ${event}`,
        reason: '{}',
        tags: [`tag ${event}`],
        ...more,
      });
      const hits = [
        hit(2, {}),
        hit(1, {}),
        hit(3, { backfill: 1 }),
        hit(4, { alert_id: 'a2' }),
        hit(5, { tenant: 'other' }),
      ];
      await migrated.insert('alert_hits', hits);
      await migrated.insert('alert_hits', hits.slice(1, 3));
      const change = (position: number, more: object) => ({
        tenant: 'acme',
        alert_id: 'a1',
        partition: 0,
        position,
        time: TIME_MS + position,
        state: 'acknowledged',
        disposition: '',
        by: 'ana',
        note: 'looking',
        ...more,
      });
      await migrated.insert('alert_changes', [
        change(11, { state: 'closed', disposition: 'true_positive', by: 'bo', note: 'confirmed' }),
        change(10, {}),
      ]);
      const out = await migrated.query('SELECT * FROM alerts ORDER BY tenant, alert_id');
      const a1 = {
        tenant: 'acme',
        alert_id: 'a1',
        agent: 'mailer',
        agent_kind: 'mail',
        detector: 'exfiltration',
        subject: 'evil.example',
        first_seen: '2026-01-01T00:00:00.124Z',
        last_seen: '2026-01-01T00:00:00.126Z',
        hits: 3,
        severity: 3,
        score: 0.3,
        p: 0.001,
        title: 'title 1',
        why: 'why 1',
        tags: ['tag 1'],
        backfill: 0,
        sessions: 2,
        state: 'closed',
        disposition: 'true_positive',
        changed_by: 'bo',
        note: 'confirmed',
        changed: '2026-01-01T00:00:00.134Z',
      };
      const unchanged = {
        state: 'open',
        disposition: '',
        changed_by: '',
        note: '',
        changed: '1970-01-01T00:00:00.000Z',
      };
      const single = (n: number) => ({
        hits: 1,
        sessions: 1,
        severity: n,
        score: n / 10,
        p: 10 ** -n,
        title: `title ${n}`,
        why: `why ${n}`,
        tags: [`tag ${n}`],
        first_seen: `2026-01-01T00:00:00.${123 + n}Z`,
        last_seen: `2026-01-01T00:00:00.${123 + n}Z`,
      });
      expect(out).toEqual([
        a1,
        { ...a1, ...unchanged, ...single(4), alert_id: 'a2' },
        { ...a1, ...unchanged, ...single(5), tenant: 'other' },
      ]);
    });
  });
}

class Crash extends Error {}

/** A store whose process dies right after its n-th write took effect. */
function crashingAfter(store: Store, writesMax: number): Store {
  let writes = 0;
  const dying = async (write: Promise<void>) => {
    await write;
    writes++;
    if (writes === writesMax) throw new Crash();
  };
  const alive = () => {
    if (writes >= writesMax) throw new Crash();
  };
  return {
    ...store,
    insert: async (table, rows) => {
      alive();
      await dying(store.insert(table, rows));
    },
    command: async (sql, params) => {
      alive();
      await dying(store.command(sql, params));
    },
  };
}
