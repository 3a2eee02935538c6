/**
 * The contract of the store, run over both ways to ClickHouse that need no container: embedded in this process, and over HTTP to another
 * one. Then what only a network can do to it.
 */
import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openServer } from '../../store/connection.ts';
import { migrate } from '../../store/migrate.ts';
import { MIGRATIONS_DIRECTORY } from '../../store/migration-files.ts';
import { untilAvailable } from '../../store/retry.ts';
import { type Store, StoreUnavailable } from '../../store/store.ts';
import { describeStore, MIGRATE } from '../support/store-contract.ts';
import { embeddedSubject, frontSubject } from '../support/store-subjects.ts';

const REQUEST_TIMEOUT_MS = 5_000;

const http = frontSubject({ requestTimeoutMs: REQUEST_TIMEOUT_MS });

describeStore(embeddedSubject());
describeStore(http);

describe('what only a network can do', () => {
  let store: Store;

  beforeAll(async () => {
    await http.start();
    store = await http.open('network');
    await store.command('CREATE TABLE t (id UInt32, s String) ENGINE = ReplacingMergeTree ORDER BY id');
    await store.insert('t', [{ id: 0, s: 'first' }]);
  });

  afterAll(async () => {
    await store.close();
    await http.stop();
  });

  const retry = {
    minDelayMs: 10,
    maxDelayMs: 200,
    attemptsMax: 50,
    random: Math.random,
    sleep: (ms: number) => sleep(ms),
  };

  it('is unavailable while connections are refused, and comes back', async () => {
    await http.front().inject({ kind: 'refuse', forMs: 400 });
    await expect(store.insert('t', [{ id: 1, s: 'x' }])).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(store.ping()).rejects.toBeInstanceOf(StoreUnavailable);
    let retries = 0;
    await untilAvailable(() => store.insert('t', [{ id: 1, s: 'x' }]), { ...retry, onRetry: () => retries++ });
    expect(retries).toBeGreaterThan(0);
  });

  it('shows a row once although its acknowledgement was lost', async () => {
    await http.front().inject({ kind: 'apply-then-drop', times: 2, on: 'insert' });
    let retries = 0;
    await untilAvailable(() => store.insert('t', [{ id: 2, s: 'x' }]), { ...retry, onRetry: () => retries++ });
    expect(retries).toBe(2);
    expect(await store.query('SELECT count() AS n FROM t FINAL WHERE id = 2')).toEqual([{ n: 1 }]);
  });

  it('is unavailable when the server has too many parts, and retries', async () => {
    await http.front().inject({ kind: 'error', code: 252, times: 1, on: 'insert' });
    const insert = () => store.insert('t', [{ id: 3, s: 'x' }]);
    await expect(insert()).rejects.toMatchObject({ code: 'store_unavailable', cause: { code: '252' } });
    await expect(insert()).resolves.toBeUndefined();
  });

  it('takes half an answer for no answer', async () => {
    for (const read of [() => store.query('SELECT number FROM numbers(1000)'), () => readAll(store)]) {
      await http.front().inject({ kind: 'half-body', times: 1, on: 'other' });
      await expect(read()).rejects.toBeInstanceOf(StoreUnavailable);
    }
  });

  it('gives up waiting after the request timeout', async () => {
    const impatient = await openImpatient(http.front().url);
    await http.front().inject({ kind: 'delay', ms: 2_000, times: 1, on: 'other' });
    await expect(impatient.query('SELECT 1')).rejects.toBeInstanceOf(StoreUnavailable);
    await impatient.close();
  });

  it('is unavailable when nothing listens', async () => {
    await expect(openImpatient('http://127.0.0.1:9')).rejects.toBeInstanceOf(StoreUnavailable);
  });

  it('hides credentials when it says where it is', async () => {
    const { host } = new URL(http.front().url);
    const other = await openImpatient(`http://user:secret@${host}`);
    expect(other.place).toBe(`http://${host}`);
    await other.close();
  });

  it('lets one of two migrators go first', async () => {
    const stores = await Promise.all([http.open('raced'), http.open('raced')]);
    const applied = await Promise.all(stores.map((each) => migrate(each, MIGRATE)));
    const counts = applied.map((each) => each.length).sort();
    const files = (await readdir(MIGRATIONS_DIRECTORY)).filter((name) => name.endsWith('.sql'));
    expect(counts).toEqual([0, files.length]);
    await Promise.all(stores.map((each) => each.close()));
  });

  it('passes by a dead migrator after its lease, and waits for a living one', async () => {
    const fresh = await http.open('leased');
    const lock = (expiresMs: number) =>
      fresh.command(
        `CREATE TABLE migration_lock (held UInt8) ENGINE = TinyLog COMMENT '${'0'.repeat(32)} ${expiresMs}'`,
      );
    await lock(Date.now() + 60_000);
    const locked = migrate(fresh, { ...MIGRATE, lockWaitMs: 0 });
    await expect(locked).rejects.toMatchObject({ code: 'migration_locked' });
    await fresh.command('DROP TABLE migration_lock');
    await lock(Date.now() - 1);
    expect((await migrate(fresh, MIGRATE)).length).toBeGreaterThan(0);
    await fresh.close();
  });
});

function openImpatient(url: string): Promise<Store> {
  return openServer({ url, database: 'network', requestTimeoutMs: 300 });
}

async function readAll(store: Store): Promise<number> {
  let rows = 0;
  for await (const chunk of store.stream('SELECT number FROM numbers(1000)')) rows += chunk.length;
  return rows;
}
