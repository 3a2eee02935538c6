/** Goal: inserts that wait share one, in order; a refused one takes no other with it; what fails otherwise fails for all of its group. */
import { describe, expect, it } from 'vitest';
import { groupInserts } from '../../store/grouped-store.ts';
import { type Store, StoreRejected, StoreUnavailable } from '../../store/store.ts';

type Row = { readonly n: number };

/** Takes one insert at a time, when it is told to; remembers what came in together. */
function slowStore(answer: (rows: readonly Row[]) => Error | undefined = () => undefined) {
  const inserts: number[][] = [];
  const waiting: (() => void)[] = [];
  const store = {
    insert: (_table: string, rows: readonly object[]) =>
      new Promise<void>((resolve, reject) => {
        inserts.push((rows as Row[]).map(({ n }) => n));
        const error = answer(rows as Row[]);
        waiting.push(() => (error === undefined ? resolve() : reject(error)));
      }),
  } as unknown as Store;
  async function settleAll(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) {
      waiting.shift()?.();
      await new Promise(setImmediate);
    }
  }
  return { store, inserts, settleAll };
}

const rows = (...numbers: number[]): Row[] => numbers.map((n) => ({ n }));
const outcome = (insert: Promise<void>) =>
  insert.then(
    () => 'stored',
    (error: Error) => error.name,
  );

describe('grouped inserts', () => {
  it('share the next insert while one is under way, in the order in which they came', async () => {
    const { store, inserts, settleAll } = slowStore();
    const grouped = groupInserts(store, 'log');
    const all = [rows(1), rows(2, 3), rows(4)].map((one) => outcome(grouped.insert('log', one)));
    await settleAll();
    expect(await Promise.all(all)).toEqual(['stored', 'stored', 'stored']);
    expect(inserts).toEqual([[1], [2, 3, 4]]);
  });

  it('leave other tables alone', async () => {
    const { store, inserts, settleAll } = slowStore();
    const grouped = groupInserts(store, 'log');
    const all = [grouped.insert('other', rows(1)), grouped.insert('other', rows(2))];
    await settleAll();
    await Promise.all(all);
    expect(inserts).toEqual([[1], [2]]);
  });

  it('are tried one by one when their group is refused', async () => {
    const refused = new StoreRejected('no', '117');
    const { store, inserts, settleAll } = slowStore((group) => (group.some(({ n }) => n === 3) ? refused : undefined));
    const grouped = groupInserts(store, 'log');
    const all = [rows(1), rows(2), rows(3), rows(4)].map((one) => outcome(grouped.insert('log', one)));
    await settleAll();
    expect(await Promise.all(all)).toEqual(['stored', 'stored', 'StoreRejected', 'stored']);
    expect(inserts).toEqual([[1], [2, 3, 4], [2], [3], [4]]);
  });

  it('fail together when the store is away, and later ones are tried again', async () => {
    let away = true;
    const { store, inserts, settleAll } = slowStore(() => (away ? new StoreUnavailable('away') : undefined));
    const grouped = groupInserts(store, 'log');
    const first = [rows(1), rows(2), rows(3)].map((one) => outcome(grouped.insert('log', one)));
    await settleAll();
    expect(await Promise.all(first)).toEqual(['StoreUnavailable', 'StoreUnavailable', 'StoreUnavailable']);
    away = false;
    const later = outcome(grouped.insert('log', rows(4)));
    await settleAll();
    expect(await later).toBe('stored');
    expect(inserts).toEqual([[1], [2, 3], [4]]);
  });

  it('hold no more rows than a group may, unless one alone is larger', async () => {
    const { store, inserts, settleAll } = slowStore();
    const grouped = groupInserts(store, 'log');
    const many = Array.from({ length: 3_000 }, (_, n) => ({ n }));
    const all = [rows(1), many, many, [...many, ...many]].map((one) => grouped.insert('log', one));
    await settleAll();
    await Promise.all(all);
    expect(inserts.map(({ length }) => length)).toEqual([1, 3_000, 3_000, 6_000]);
  });
});
