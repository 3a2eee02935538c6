/** The writer promises durability before it resolves, and bounded memory: both are held up here with inserts that wait. */
import { describe, expect, it } from 'vitest';
import { type BatchWriterOptions, createBatchWriter, type Timers } from '../../store/batch-writer.ts';
import { StoreClosed, StoreRejected, StoreUnavailable } from '../../store/store.ts';
import { recordingStore } from '../support/recording-store.ts';

interface Row {
  readonly id: number;
  readonly text?: string;
}

/** Timers that fire when told to. */
function handTimers() {
  const pending = new Map<number, () => void>();
  let last = 0;
  const timers: Timers = {
    setTimeout: (callback) => {
      pending.set(++last, callback);
      return last;
    },
    clearTimeout: (timer) => {
      pending.delete(timer as number);
    },
  };
  const fire = () => {
    const callbacks = [...pending.values()];
    pending.clear();
    for (const callback of callbacks) callback();
  };
  return { timers, fire, pending };
}

/** Inserts that end when told to. */
function gatedStore() {
  const gates: Gate[] = [];
  const recording = recordingStore(() => {
    const gate = newGate();
    gates.push(gate);
    return gate.promise;
  });
  const open = async () => {
    gates.shift()?.resolve();
    await settle();
  };
  return { ...recording, gates, open };
}

interface Gate {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

function newGate(): Gate {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

function writerOn(store: BatchWriterOptions<Row>['store'], more: Partial<BatchWriterOptions<Row>> = {}) {
  const hand = handTimers();
  const writer = createBatchWriter<Row>({
    store,
    table: 't',
    rowsMax: 3,
    bytesMax: 1_000,
    lingerMs: 50,
    queueBytesMax: 10_000,
    onRejected: () => {},
    timers: hand.timers,
    ...more,
  });
  return { writer, ...hand };
}

const row = (id: number, text?: string): Row => (text === undefined ? { id } : { id, text });
const isSettled = async (promise: Promise<unknown>) => {
  let settled = false;
  promise.then(
    () => {
      settled = true;
    },
    () => {
      settled = true;
    },
  );
  await settle();
  return settled;
};

describe('when a batch is sent', () => {
  it('after the linger, with all that came', async () => {
    const { store, inserts } = recordingStore();
    const { writer, fire } = writerOn(store);
    const writes = [writer.write(row(1)), writer.write(row(2))];
    await settle();
    expect(inserts).toEqual([]);
    fire();
    await Promise.all(writes);
    expect(inserts).toEqual([[row(1), row(2)]]);
  });

  it('at once when it has its rows, and the timer is put away', async () => {
    const { store, inserts } = recordingStore();
    const { writer, pending } = writerOn(store);
    await Promise.all([1, 2, 3].map((id) => writer.write(row(id))));
    expect(inserts).toEqual([[row(1), row(2), row(3)]]);
    expect(pending.size).toBe(0);
  });

  it('at once when it has its bytes, and with no more than those', async () => {
    const { store, inserts } = recordingStore();
    const { writer } = writerOn(store, { rowsMax: 100, bytesMax: 250 });
    const text = 'x'.repeat(100);
    const writes = Promise.all([1, 2, 3, 4].map((id) => writer.write(row(id, text))));
    await writer.flush();
    await writes;
    expect(inserts.map((batch) => batch.length)).toEqual([2, 2]);
  });

  it('one at a time, in order', async () => {
    const { store, inserts, gates, open } = gatedStore();
    const { writer } = writerOn(store, { rowsMax: 1 });
    const writes = [1, 2, 3].map((id) => writer.write(row(id)));
    await settle();
    expect(gates).toHaveLength(1);
    for (let opened = 0; opened < 3; opened++) await open();
    await Promise.all(writes);
    expect(inserts).toEqual([[row(1)], [row(2)], [row(3)]]);
  });
});

describe('what a write promises', () => {
  it('resolves only when the row is durable', async () => {
    const { store, open } = gatedStore();
    const { writer } = writerOn(store, { rowsMax: 1 });
    const write = writer.write(row(1));
    expect(await isSettled(write)).toBe(false);
    await open();
    await expect(write).resolves.toBeUndefined();
  });

  it('rejects when its batch failed, and the next batch is tried afresh', async () => {
    let fail = true;
    const gone = new StoreUnavailable('gone');
    const { store } = recordingStore(() => (fail ? Promise.reject(gone) : undefined));
    const { writer } = writerOn(store, { rowsMax: 1 });
    await expect(writer.write(row(1))).rejects.toBe(gone);
    fail = false;
    await expect(writer.write(row(2))).resolves.toBeUndefined();
  });

  it('resolves once a refused row was taken over', async () => {
    const refused: Row[] = [];
    const { store } = recordingStore((rows) => {
      if ((rows as Row[]).some((each) => each.id === 2)) throw new StoreRejected('no', '117');
    });
    const onRejected = (bad: Row) => void refused.push(bad);
    const { writer } = writerOn(store, { onRejected });
    await Promise.all([1, 2, 3].map((id) => writer.write(row(id))));
    expect(refused).toEqual([row(2)]);
  });

  it('waits for room when the queue is full, in order, and lets a huge row in alone', async () => {
    const { store, inserts, open } = gatedStore();
    const { writer } = writerOn(store, { rowsMax: 10, queueBytesMax: 50 });
    const writes = [row(1, 'x'.repeat(20)), row(2, 'y'.repeat(200)), row(3)].map((each) => writer.write(each));
    await settle();
    expect(inserts.map((batch) => (batch as Row[]).map((each) => each.id))).toEqual([[1]]);
    await open();
    expect(inserts.map((batch) => (batch as Row[]).map((each) => each.id))).toEqual([[1], [2]]);
    await open();
    const flushed = writer.flush();
    await open();
    await flushed;
    await Promise.all(writes);
    expect(inserts.map((batch) => (batch as Row[]).map((each) => each.id))).toEqual([[1], [2], [3]]);
  });
});

describe('the end', () => {
  it('sends what is left, then refuses', async () => {
    const { store, inserts } = recordingStore();
    const { writer } = writerOn(store);
    const write = writer.write(row(1));
    await writer.close();
    await write;
    expect(inserts).toEqual([[row(1)]]);
    await expect(writer.write(row(2))).rejects.toBeInstanceOf(StoreClosed);
  });

  it('flushes although the store is gone, and the writes say so', async () => {
    const { store } = recordingStore(() => Promise.reject(new StoreUnavailable('gone')));
    const { writer } = writerOn(store);
    const write = expect(writer.write(row(1))).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(writer.flush()).resolves.toBeUndefined();
    await write;
  });

  it('flushes nothing at once', async () => {
    const { writer } = writerOn(recordingStore().store);
    await expect(writer.flush()).resolves.toBeUndefined();
  });
});
