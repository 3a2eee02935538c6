/** Retrying what cannot succeed stalls the pipeline; not retrying what can loses events. */
import { expect, it } from 'vitest';
import { type RetryOptions, untilAvailable } from '../../store/retry.ts';
import { StoreRejected, StoreUnavailable } from '../../store/store.ts';

function failing(...errors: Error[]) {
  let calls = 0;
  return async () => {
    const error = errors[calls++];
    if (error !== undefined) throw error;
    return calls;
  };
}

function options(more: Partial<RetryOptions> = {}) {
  const slept: number[] = [];
  const sleep = async (ms: number, signal?: AbortSignal) => {
    slept.push(ms);
    signal?.throwIfAborted();
  };
  const all: RetryOptions = { minDelayMs: 100, maxDelayMs: 1_000, attemptsMax: 10, random: () => 0.5, sleep, ...more };
  return { slept, all };
}

const gone = () => new StoreUnavailable('gone');

it('waits a random part of a bound that doubles up to its limit', async () => {
  const { slept, all } = options();
  const retries: number[] = [];
  const result = await untilAvailable(failing(gone(), gone(), gone(), gone(), gone(), gone()), {
    ...all,
    onRetry: ({ attempt }) => retries.push(attempt),
  });
  expect(result).toBe(7);
  expect(slept).toEqual([50, 100, 200, 400, 500, 500]);
  expect(retries).toEqual([1, 2, 3, 4, 5, 6]);
});

it('gives up after its attempts with the last error', async () => {
  const last = gone();
  const { slept, all } = options({ attemptsMax: 3 });
  await expect(untilAvailable(failing(gone(), gone(), last), all)).rejects.toBe(last);
  expect(slept).toHaveLength(2);
});

it.each([new StoreRejected('bad', '117'), new TypeError('bug')])('throws %s at once', async (error) => {
  const { slept, all } = options();
  await expect(untilAvailable(failing(error), all)).rejects.toBe(error);
  expect(slept).toEqual([]);
});

it('stops when it is told to, before an attempt and during a wait', async () => {
  const stop = new AbortController();
  const reason = new Error('shutting down');
  const { all } = options({ signal: stop.signal, onRetry: () => stop.abort(reason) });
  await expect(untilAvailable(failing(gone()), all)).rejects.toBe(reason);
  await expect(untilAvailable(failing(), all)).rejects.toBe(reason);
});

it('goes on for ever only when asked to', async () => {
  const { all } = options({ attemptsMax: Number.POSITIVE_INFINITY });
  expect(await untilAvailable(failing(...Array.from({ length: 2_000 }, gone)), all)).toBe(2_001);
  await expect(untilAvailable(failing(), { ...all, attemptsMax: 0 })).rejects.toBeInstanceOf(RangeError);
});
