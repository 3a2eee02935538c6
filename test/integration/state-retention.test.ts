/** Goal: of every agent one state a day is kept for as many days as are configured, the newest of its day, and never fewer than one. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createStateStore } from '../../baselines/state-store.ts';
import { openTemporaryStore, type TemporaryStore } from '../support/embedded-store.ts';

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 0, 1);
let temporary: TemporaryStore;

beforeAll(async () => {
  temporary = await openTemporaryStore();
});
afterEach(() => temporary.store.command('TRUNCATE TABLE agent_state'));
afterAll(() => temporary.close());

const states = (daysKept?: number) =>
  createStateStore(
    temporary.store,
    { encode: () => ({}), decode: () => {} },
    'test',
    daysKept === undefined ? {} : { daysKept },
  );

/** Three states a day at positions 10 apart; a day is a hundred positions. */
const row = (agent: string, day: number, turn: number) => ({
  tenant: 'acme',
  agent,
  partition: 4,
  position: day * 100 + turn * 10,
  clock: START + day * DAY_MS + turn * 3_600_000,
  sessions: 1,
  format: 2,
  state: '{}',
});

const busy = (agent: string, days: number) =>
  Array.from({ length: days * 3 }, (_, i) => row(agent, Math.floor(i / 3), i % 3));

async function kept(agent: string): Promise<number[]> {
  const rows = await temporary.store.query<{ position: number }>(
    'SELECT position FROM agent_state FINAL WHERE agent = {agent:String} ORDER BY position',
    { agent },
  );
  return rows.map(({ position }) => Number(position));
}

it.each([
  [undefined, 30],
  [5, 5],
  [60, 40],
])('keeps the last state of a day, with %s days configured of %i', async (daysKept, days) => {
  await temporary.store.insert('agent_state', [...busy('busy', 40), row('asleep', 0, 0), row('asleep', 0, 1)]);
  await states(daysKept).prune(4, 39 * 100 + 20);
  expect(await kept('busy')).toEqual(Array.from({ length: days }, (_, i) => (40 - days + i) * 100 + 20));
  // Whoever has not acted for long has its newest state, and may go on from it.
  expect(await kept('asleep')).toEqual([10]);
});

it('keeps what is newer than the position, and other partitions', async () => {
  const elsewhere = { ...row('busy', 0, 0), partition: 5 };
  await temporary.store.insert('agent_state', [...busy('busy', 2), elsewhere, { ...elsewhere, position: 10 }]);
  await states(1).prune(4, 10);
  expect(await kept('busy')).toEqual([0, 10, 10, 20, 100, 110, 120]);
});
