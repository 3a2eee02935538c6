/**
 * Goal: the log of a single machine acknowledges last, keeps order, groups what waits, and refuses instead of growing.
 * Method: a handler whose promise the test holds open.
 */
import { describe, expect, it } from 'vitest';
import { createEmbeddedLog, DEFAULT_EMBEDDED_LOG } from '../../ingest/embedded-log.ts';
import type { LogRecord, PartitionHandler, WrittenEntry } from '../../ingest/log.ts';

const tick = (receivedMs: number): WrittenEntry => ({ kind: 'tick', receivedMs });

function heldHandler(next: number) {
  const batches: (readonly LogRecord[])[] = [];
  const waiting: { resolve: () => void; reject: (error: unknown) => void; letNext: (() => void) | undefined }[] = [];
  const handler: PartitionHandler = {
    assign: async () => next,
    process(records, letNext) {
      batches.push(records);
      return new Promise<void>((resolve, reject) => waiting.push({ resolve, reject, letNext }));
    },
    revoke: async () => {},
  };
  return {
    handler,
    batches,
    release: () => waiting.shift()?.resolve(),
    letNext: () => waiting.at(-1)?.letNext?.(),
    fail: (error: unknown) => waiting.shift()?.reject(error),
  };
}

const deps = (onFailure: (error: unknown) => void = () => {}) => ({ onFailure, takeBack: async () => {} });

const settled = async (promise: Promise<unknown>): Promise<string> =>
  Promise.race([
    promise.then(
      () => 'done',
      (error: { code?: string }) => error.code ?? 'error',
    ),
    turns(5).then(() => 'waiting'),
  ]);

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise(setImmediate);
}

describe('the embedded log', () => {
  it('acknowledges an append only when the handler has stored it', async () => {
    const { handler, release } = heldHandler(0);
    const log = createEmbeddedLog(DEFAULT_EMBEDDED_LOG, deps());
    await log.start(handler);
    const append = log.append([tick(1)]);
    expect(await settled(append)).toBe('waiting');
    release();
    expect(await settled(append)).toBe('done');
  });

  it('takes nothing before what was said of records that are not stored is taken back', async () => {
    const { handler } = heldHandler(7);
    const asked: (readonly number[])[] = [];
    let resolve = () => {};
    const takeBack = (...place: readonly number[]) => {
      asked.push(place);
      return new Promise<void>((done) => {
        resolve = done;
      });
    };
    const log = createEmbeddedLog(DEFAULT_EMBEDDED_LOG, { ...deps(), takeBack });
    const start = log.start(handler);
    await turns(2);
    expect(asked).toEqual([[0, 7]]);
    expect(await settled(log.append([tick(1)]))).toBe('log_stopped');
    resolve();
    await start;
    expect(await settled(log.append([tick(1)]))).toBe('waiting');
  });

  it('goes on at the position the handler names, and groups what came in the meantime', async () => {
    const { handler, batches, release } = heldHandler(7);
    const log = createEmbeddedLog(DEFAULT_EMBEDDED_LOG, deps());
    await log.start(handler);
    const appends = [log.append([tick(1)]), log.append([tick(2), tick(3)]), log.append([tick(4)])];
    await turns(2);
    release();
    await turns(2);
    release();
    await Promise.all(appends);
    expect(batches.map((batch) => batch.map(({ position }) => position))).toEqual([[7], [8, 9, 10]]);
    expect(batches.flat().map(({ entry }) => entry.receivedMs)).toEqual([1, 2, 3, 4]);
  });

  it('hands over the next batch when the handler lets it, and acknowledges each when it is done', async () => {
    const { handler, batches, release, letNext } = heldHandler(3);
    const log = createEmbeddedLog(DEFAULT_EMBEDDED_LOG, deps());
    await log.start(handler);
    const appends = [log.append([tick(1), tick(2)]), log.append([tick(3)])];
    letNext();
    expect(batches.map((batch) => batch.map(({ position }) => position))).toEqual([[3, 4], [5]]);
    expect(await Promise.all(appends.map(settled))).toEqual(['waiting', 'waiting']);
    release();
    expect(await Promise.all(appends.map(settled))).toEqual(['done', 'waiting']);
    release();
    expect(await Promise.all(appends.map(settled))).toEqual(['done', 'done']);
  });

  it('fails once when two batches in hand fail', async () => {
    const { handler, fail, letNext } = heldHandler(0);
    const failures: unknown[] = [];
    const log = createEmbeddedLog(
      DEFAULT_EMBEDDED_LOG,
      deps((error) => failures.push(error)),
    );
    await log.start(handler);
    const lost = [log.append([tick(1)]), log.append([tick(2)])];
    letNext();
    fail(new Error('hits'));
    fail(new Error('rows'));
    expect(await Promise.all(lost.map(settled))).toEqual(['log_write_failed', 'log_write_failed']);
    expect(failures).toEqual([new Error('hits')]);
  });

  it('keeps an append whole, and a batch within its limits', async () => {
    const { handler, batches, release } = heldHandler(0);
    const log = createEmbeddedLog({ ...DEFAULT_EMBEDDED_LOG, batchMax: 3 }, deps());
    await log.start(handler);
    const appends = [[1], [2, 3], [4, 5], [6, 7, 8, 9]].map((times) => log.append(times.map(tick)));
    for (let i = 0; i < 4; i++) {
      await turns(2);
      release();
    }
    await Promise.all(appends);
    expect(batches.map((batch) => batch.length)).toEqual([1, 2, 2, 4]);
  });

  it.each([
    ['entries', { queueMax: 2 }],
    ['bytes', { queueBytesMax: 2 * 1024 }],
  ])('refuses at once when too many %s wait, and takes more when there is room again', async (_what, limit) => {
    const { handler, release } = heldHandler(0);
    const log = createEmbeddedLog({ ...DEFAULT_EMBEDDED_LOG, ...limit }, deps());
    await log.start(handler);
    const first = log.append([tick(1)]);
    await turns(1);
    const second = log.append([tick(2), tick(3)]);
    expect(await settled(log.append([tick(4)]))).toBe('log_queue_full');
    release();
    await first;
    await turns(2);
    release();
    await second;
    const third = log.append([tick(5)]);
    await turns(2);
    release();
    expect(await settled(third)).toBe('done');
  });

  it('accepts nothing before it runs, after it stopped, or once its handler failed', async () => {
    const { handler, fail } = heldHandler(0);
    const failures: unknown[] = [];
    const log = createEmbeddedLog(
      DEFAULT_EMBEDDED_LOG,
      deps((error) => failures.push(error)),
    );
    expect(await settled(log.append([tick(1)]))).toBe('log_stopped');
    await log.start(handler);
    const lost = [log.append([tick(2)]), log.append([tick(3)])];
    await turns(2);
    fail(new Error('disk'));
    expect(await Promise.all(lost.map(settled))).toEqual(['log_write_failed', 'log_write_failed']);
    expect(failures).toEqual([new Error('disk')]);
    expect(await settled(log.append([tick(4)]))).toBe('log_stopped');
  });

  it('lets the batch in hand finish before it gives the partition back', async () => {
    const { handler, release } = heldHandler(0);
    const order: string[] = [];
    const log = createEmbeddedLog(DEFAULT_EMBEDDED_LOG, deps());
    await log.start({ ...handler, revoke: async () => void order.push('revoked') });
    const append = log.append([tick(1)]).then(() => order.push('acknowledged'));
    const stopped = log.stop();
    await turns(3);
    expect(order).toEqual([]);
    release();
    await Promise.all([append, stopped]);
    expect(order).toEqual(['acknowledged', 'revoked']);
  });
});
