/** Goal: waiting for the store costs nothing that stays. Node.js 20 never forgets a signal that was made of others with `AbortSignal.any`. */
import { describe, expect, it } from 'vitest';
import { persistWith } from '../../cli/storage.ts';
import { StoreUnavailable } from '../../store/store.ts';

const quiet = { warn: () => {} };

function persistAndSignals(stopping: AbortSignal) {
  const signals: (AbortSignal | undefined)[] = [];
  const sleep = async (_ms: number, signal?: AbortSignal) => {
    signals.push(signal);
  };
  return { persist: persistWith(stopping, quiet, undefined, { random: () => 0, sleep }), signals };
}

/** Fails once, so that it is waited for. */
function awayOnce() {
  let away = true;
  return async () => {
    if (!away) return 'stored';
    away = false;
    throw new StoreUnavailable('The store does not answer.');
  };
}

describe('waiting for the store', () => {
  it('makes one signal of the two it is to end with, however often it waits', async () => {
    const { persist, signals } = persistAndSignals(new AbortController().signal);
    const { signal } = new AbortController();
    for (let i = 0; i < 3; i++) expect(await persist(awayOnce(), { signal })).toBe('stored');
    expect(signals).toHaveLength(3);
    expect(new Set(signals).size).toBe(1);
  });

  it.each(['stopping', 'given back'])('ends when the process or the partition is %s', async (which) => {
    const stopping = new AbortController();
    const revoked = new AbortController();
    const { persist, signals } = persistAndSignals(stopping.signal);
    const away = async () => {
      (which === 'stopping' ? stopping : revoked).abort(new Error(which));
      throw new StoreUnavailable('The store does not answer.');
    };
    await expect(persist(away, { signal: revoked.signal })).rejects.toThrow(which);
    expect(signals.every((signal) => signal?.aborted)).toBe(true);
  });
});
