/**
 * Goal: workers of two builds over one store, while an upgrade rolls, corrupt nothing. The rule: a build that meets what a later one has
 * written stops, with an exit code of its own and before it writes anything; a later build goes on from what an earlier one has left.
 * Each worker is a process, the store is shared over HTTP, and the later build is this one with its format counted one higher.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { STATE_FORMAT } from '../../baselines/state-codec.ts';
import { createStateStore } from '../../baselines/state-store.ts';
import { EXIT } from '../../cli/context.ts';
import { slotCodec } from '../../cli/scorer.ts';
import { SMALL_FLEET, simulateFleet } from '../../cli/simulate/fleet.ts';
import { NewerBuild } from '../../ingest/newer-build.ts';
import { migrate } from '../../store/migrate.ts';
import type { Store } from '../../store/store.ts';
import { entriesOf, openPartition, recordsOf, runInMemory, scoring } from '../support/partition-run.ts';
import { frontSubject } from '../support/store-subjects.ts';

const PROCESS = fileURLToPath(new URL('../support/partition-process.ts', import.meta.url));
const DATABASE = 'two_builds';
const [OLD, NEW] = [STATE_FORMAT, STATE_FORMAT + 1];
const subject = frontSubject({ requestTimeoutMs: 60_000 });
const records = recordsOf(0, entriesOf('acme', simulateFleet({ seed: 'side-by-side', ...SMALL_FLEET }).events)).slice(
  0,
  1500,
);
let store: Store;

beforeAll(async () => {
  await subject.start();
  store = await subject.open(DATABASE);
  await migrate(store, { now: Date.now, sleep: (ms) => sleep(ms) });
});
afterAll(async () => {
  await store.close();
  await subject.stop();
});

async function work(format: number, upto: number) {
  const args = [
    '--url',
    subject.front().url,
    '--database',
    DATABASE,
    '--format',
    String(format),
    '--upto',
    String(upto),
  ];
  const child = spawn(process.execPath, ['--import', 'tsx', PROCESS, ...args]);
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { code, stdout, stderr };
}

/** All there is, independent of the order in which parts of the tables were merged. */
const everything = async (): Promise<string> => {
  const tables = ['event_log', 'agent_state', 'checkpoints', 'alert_hits'];
  const sums = tables.map(
    (table) => `SELECT '${table}' AS name, count() AS n, sum(cityHash64(*)) AS digest FROM ${table} FINAL`,
  );
  return JSON.stringify(await store.query(`SELECT * FROM (${sums.join(' UNION ALL ')}) ORDER BY name`));
};

const newestStates = async (): Promise<Map<string, string>> => {
  const rows = await store.query<{ agent: string; state: string }>(
    'SELECT agent, argMax(state, position) AS state FROM agent_state FINAL GROUP BY agent',
  );
  return new Map(rows.map(({ agent, state }) => [`acme\u0000${agent}`, state]));
};

it('an older worker leaves what a newer one has written alone, whether it starts or still believes to be the owner', async () => {
  expect(await work(OLD, 500)).toMatchObject({ code: 0, stdout: JSON.stringify({ from: 0, to: 499 }) });

  // The older one holds the partition, and does not notice that it has lost it.
  const zombie = openPartition(store, {
    checkpointRecords: 100,
    states: () => createStateStore(store, slotCodec(scoring), 'test', { format: OLD }),
  });
  expect(await zombie.partition.assign(0)).toBe(500);
  expect(await work(NEW, 1000)).toMatchObject({ code: 0, stdout: JSON.stringify({ from: 500, to: 999 }) });
  const before = await everything();
  const stopped = await zombie.partition.process(records.slice(500, 650)).catch((error: unknown) => error);
  expect(stopped).toBeInstanceOf(NewerBuild);
  expect(await everything()).toBe(before);

  const refused = await work(OLD, 1500);
  expect(refused).toMatchObject({ code: EXIT.outdated, stdout: '' });
  expect(refused.stderr).toBe(
    `The checkpoint of partition 0 is of format ${NEW}, and this build reads up to ${OLD}: a newer build has been at work. ` +
      'Use that build, or a later one; nothing was changed.',
  );
  expect(await everything()).toBe(before);

  expect(await work(NEW, 1500)).toMatchObject({ code: 0, stdout: JSON.stringify({ from: 1000, to: 1499 }) });
  const undisturbed = runInMemory(records);
  expect(await newestStates()).toEqual(undisturbed.states);
  const scores = await store.query<{ position: number; score: number }>(
    'SELECT position, score FROM event_log FINAL ORDER BY position',
  );
  expect(scores.map(({ position, score }) => [Number(position), score])).toEqual(
    [...undisturbed.verdicts].map(([position, { score }]) => [position, score]),
  );
});
