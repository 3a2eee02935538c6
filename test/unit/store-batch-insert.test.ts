/** One bad row must cost one row: every good one is stored, in order, and the bad one is handed over exactly once. */
import { expect, it } from 'vitest';
import { insertBisecting } from '../../store/batch-insert.ts';
import { RowsRefused } from '../../store/row-check.ts';
import { StoreRejected, StoreUnavailable } from '../../store/store.ts';
import { recordingStore } from '../support/recording-store.ts';

interface Row {
  readonly id: number;
}

const rowsUpTo = (count: number): Row[] => Array.from({ length: count }, (_, id) => ({ id }));

/** An engine that refuses any insert with one of these ids in it. */
function engineRefusing(...bad: number[]) {
  const stored: number[] = [];
  const { store, inserts } = recordingStore((rows) => {
    const ids = (rows as Row[]).map((row) => row.id);
    if (ids.some((id) => bad.includes(id))) throw new StoreRejected('no', '469');
    stored.push(...ids);
  });
  return { store, inserts, stored };
}

it.each([[[]], [[0]], [[99]], [[37, 38]], [[0, 50, 99]]])('stores all but %j in order', async (bad) => {
  const { store, stored } = engineRefusing(...bad);
  const rejected: number[] = [];
  const outcome = await insertBisecting(store, 't', rowsUpTo(100), (row) => {
    rejected.push(row.id);
  });
  expect(outcome).toEqual({ inserted: 100 - bad.length, rejected: bad.length });
  expect(stored).toEqual(
    rowsUpTo(100)
      .map((row) => row.id)
      .filter((id) => !bad.includes(id)),
  );
  expect(rejected).toEqual(bad);
});

it('finds one bad row among 1024 with two inserts for each halving', async () => {
  const { store, inserts } = engineRefusing(700);
  await insertBisecting(store, 't', rowsUpTo(1024), () => {});
  expect(inserts.length).toBe(1 + 2 * 10);
});

it('takes out rows that the check refused in one step', async () => {
  let first = true;
  const { store, inserts } = recordingStore(() => {
    if (!first) return;
    first = false;
    const refusals = [2, 5].map((row) => ({ row, column: 'n', problem: 'is not a number' }));
    throw new RowsRefused('t', refusals);
  });
  const rejected: unknown[] = [];
  await insertBisecting(store, 't', rowsUpTo(6), (row, error) => {
    rejected.push([row.id, error.message]);
  });
  expect(inserts[1]).toEqual([{ id: 0 }, { id: 1 }, { id: 3 }, { id: 4 }]);
  expect(rejected).toEqual([
    [2, 'Row 2 for t: n is not a number.'],
    [5, 'Row 5 for t: n is not a number.'],
  ]);
});

it('inserts nothing for no rows', async () => {
  const { store, inserts } = recordingStore();
  expect(await insertBisecting(store, 't', [], () => {})).toEqual({ inserted: 0, rejected: 0 });
  expect(inserts).toEqual([]);
});

it('passes on that the store is gone, and what onRejected throws', async () => {
  const gone = new StoreUnavailable('gone');
  const broken = recordingStore(() => Promise.reject(gone));
  await expect(insertBisecting(broken.store, 't', rowsUpTo(4), () => {})).rejects.toBe(gone);
  const { store } = engineRefusing(1);
  const full = new Error('no room for dead letters');
  const refuse = () => {
    throw full;
  };
  await expect(insertBisecting(store, 't', rowsUpTo(4), refuse)).rejects.toBe(full);
});
