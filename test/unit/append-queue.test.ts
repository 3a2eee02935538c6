/**
 * Goal: what the logs share and only one of them shows: whether the batch in hand takes room, and what becomes of the others when a
 * write fails. Method: a write whose promise the test holds open. The rest is proved through `embedded-log.test.ts`.
 */
import { describe, expect, it } from 'vitest';
import { createAppendQueue } from '../../ingest/append-queue.ts';

const LIMITS = { queueMax: 2, queueBytesMax: 100, batchMax: 10, batchBytesMax: 100, countsBatchInHand: false };
const ONE = { entries: 1, bytes: 1 };

function heldQueue(settings: Partial<typeof LIMITS> = {}) {
  const batches: (readonly string[])[] = [];
  const held: { resolve: () => void; reject: (error: Error) => void; letNext: () => void }[] = [];
  const queue = createAppendQueue<string>({ ...LIMITS, ...settings }, (batch, letNext) => {
    batches.push(batch);
    return new Promise<void>((resolve, reject) => held.push({ resolve, reject, letNext }));
  });
  queue.open();
  return {
    queue,
    batches,
    letNext: (write = -1) => held.at(write)?.letNext(),
    write: () => held.shift()?.resolve(),
    fail: () => held.shift()?.reject(new Error('disk')),
  };
}

const outcome = (append: Promise<void>): Promise<string> =>
  append.then(
    () => 'written',
    (error: { code: string }) => error.code,
  );
const turn = () => new Promise(setImmediate);

describe('the append queue', () => {
  it.each([
    { countsBatchInHand: false, queued: [0, 2], last: 'written', batches: [['a'], ['b', 'c']] },
    { countsBatchInHand: true, queued: [1, 2], last: 'log_queue_full', batches: [['a'], ['b']] },
  ])('has room beside the batch in hand, which counts: $countsBatchInHand', async (expected) => {
    const { queue, batches, write } = heldQueue({ countsBatchInHand: expected.countsBatchInHand });
    const first = outcome(queue.append('a', ONE));
    const queued = [queue.queued];
    const others = [outcome(queue.append('b', ONE)), outcome(queue.append('c', ONE))];
    queued.push(queue.queued);
    write();
    expect(await first).toBe('written');
    await turn();
    write();
    expect({ queued, last: (await Promise.all(others))[1], batches }).toEqual({
      queued: expected.queued,
      last: expected.last,
      batches: expected.batches,
    });
    await queue.close();
    expect(queue.queued).toBe(0);
  });

  it('goes on with what waits when a write failed', async () => {
    const { queue, write, fail } = heldQueue();
    const appends = [queue.append('a', ONE), queue.append('b', ONE)].map(outcome);
    fail();
    await turn();
    write();
    expect(await Promise.all(appends)).toEqual(['log_write_failed', 'written']);
  });

  it.each([false, true])(
    'is empty after it was abandoned, and takes nothing more, batch counted: %s',
    async (counts) => {
      const { queue, batches, fail } = heldQueue({ countsBatchInHand: counts });
      const appends = [queue.append('a', ONE), queue.append('b', ONE)].map(outcome);
      queue.abandon(new Error('disk'));
      fail();
      expect(await Promise.all(appends)).toEqual(['log_write_failed', 'log_write_failed']);
      expect(await outcome(queue.append('c', ONE))).toBe('log_stopped');
      await queue.close();
      expect([queue.queued, batches]).toEqual([0, [['a']]]);
    },
  );

  it('begins the next write when the one before lets it, and closes when both are done', async () => {
    const { queue, batches, letNext, write, fail } = heldQueue({ queueMax: 9 });
    const appends = ['a', 'b', 'c'].map((content) => outcome(queue.append(content, ONE)));
    expect(batches).toEqual([['a']]);
    letNext();
    expect(batches).toEqual([['a'], ['b', 'c']]);
    let closed = false;
    const closing = queue.close().then(() => {
      closed = true;
    });
    fail();
    await turn();
    expect(closed).toBe(false);
    write();
    await closing;
    expect(await Promise.all(appends)).toEqual(['log_write_failed', 'written', 'written']);
  });

  it('is held by the newest write only, however often older ones let the next begin', async () => {
    const { queue, batches, letNext } = heldQueue({ queueMax: 9 });
    void queue.append('a', ONE);
    letNext();
    void queue.append('b', ONE);
    void queue.append('c', ONE);
    letNext(0);
    expect(batches).toEqual([['a'], ['b']]);
    letNext(1);
    letNext(0);
    void queue.append('d', ONE);
    expect(batches).toEqual([['a'], ['b'], ['c']]);
  });

  it('lets in what is larger than the queue when nothing waits, and takes nothing for written at once', async () => {
    const { queue, write } = heldQueue();
    expect(await outcome(queue.append('none', { entries: 0, bytes: 0 }))).toBe('written');
    const large = outcome(queue.append('large', { entries: 50, bytes: 5000 }));
    write();
    expect(await large).toBe('written');
  });
});
