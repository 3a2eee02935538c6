/**
 * Goal: a checkpoint beside the batches takes states down only while memory is what the log holds, and writes all that had changed when it
 * began, however often a state changes meanwhile. Method: its parts by hand, with writes that are held open.
 */
import { describe, expect, it } from 'vitest';
import { emptyAgentState } from '../../baselines/agent-state.ts';
import { estimateBytes } from '../../baselines/state-bytes.ts';
import { type CacheLimits, createStateCache } from '../../baselines/state-cache.ts';
import { beginCheckpoint } from '../../cli/checkpointing.ts';
import { crowdAgent } from '../support/agent-crowd.ts';
import { createMemoryStates } from '../support/memory-states.ts';

const UNBOUNDED: CacheLimits = {
  agentsMax: Number.MAX_SAFE_INTEGER,
  bytesMax: Number.MAX_SAFE_INTEGER,
  sessionBytesMax: Number.MAX_SAFE_INTEGER,
};

/** Every agent here weighs the same. */
const AGENT_BYTES = estimateBytes(emptyAgentState('t', crowdAgent(0))).all;

const settle = () => new Promise((resolve) => setImmediate(resolve));

async function openRun(agents: number) {
  const states = createMemoryStates();
  const cache = createStateCache(0, states, UNBOUNDED);
  const run = { states, cache, atRest: true, log: [] as string[], release: () => {} };
  await change(Array.from({ length: agents }, (_, n) => n));

  async function change(numbers: readonly number[]): Promise<void> {
    const keys = numbers.map((n) => ({ tenant: 't', agent: crowdAgent(n) }));
    await cache.ensure(keys, 1);
    for (const key of keys) cache.take(key).clockMs += 1;
    await cache.trim();
  }

  const begin = (statesAtOnce: number, statesPerWrite = 1) =>
    beginCheckpoint({
      states: cache.beginFlush(),
      isAtRest: () => run.atRest,
      bytesAtOnce: () => {
        run.log.push('taken down');
        return statesAtOnce * AGENT_BYTES;
      },
      bytesPerWrite: statesPerWrite * AGENT_BYTES,
      breathe: async () => {},
      persist: (operation) => operation(),
      check: async () => {},
      finish: async (count) => void run.log.push(`finished with ${count}`),
      onEnd: (error) => void run.log.push(error === undefined ? 'ended' : String(error)),
    });

  /** The next write waits until it is released. */
  function hold(): void {
    const { write } = states;
    const held = new Promise<void>((resolve) => {
      run.release = resolve;
    });
    states.write = (rows) => {
      states.write = write;
      return held.then(() => write(rows));
    };
  }
  return { run, change, begin, hold };
}

describe('a checkpoint beside the batches', () => {
  it('takes down nothing while a batch is in hand, and the next part when the batch is over', async () => {
    const { run, begin } = await openRun(3);
    run.atRest = false;
    const checkpoint = begin(2);
    await settle();
    expect(run.log).toEqual([]);
    checkpoint.atRest();
    await settle();
    expect(run.log).toEqual(['taken down']);
    expect(run.states.stored.size).toBe(2);
    checkpoint.atRest();
    await settle();
    checkpoint.atRest();
    await checkpoint.ended;
    expect(run.states.stored.size).toBe(3);
    expect(run.log).toEqual(['taken down', 'taken down', 'taken down', 'finished with 3', 'ended']);
  });

  it('goes on by itself where no batch comes', async () => {
    const { run, begin } = await openRun(5);
    await begin(2).ended;
    expect(run.states.stored.size).toBe(5);
    expect(run.log.at(-2)).toBe('finished with 5');
  });

  it('takes down a little at a time and writes much at once', async () => {
    const { run, begin } = await openRun(5);
    const sizes: number[] = [];
    const { write } = run.states;
    run.states.write = (rows) => {
      sizes.push(rows.length);
      return write(rows);
    };
    run.atRest = false;
    const checkpoint = begin(1, 3);
    for (let batch = 1; batch <= 3; batch += 1) {
      checkpoint.atRest();
      await settle();
      expect(run.log).toHaveLength(batch);
    }
    expect(sizes).toEqual([3]);
    run.atRest = true;
    checkpoint.atRest();
    await checkpoint.ended;
    expect(sizes).toEqual([3, 2]);
    expect(run.log.at(-2)).toBe('finished with 5');
  });

  it('leaves a state that changes while it waits to be written to be written again', async () => {
    const { run, change, begin } = await openRun(2);
    run.atRest = false;
    const checkpoint = begin(1, 2);
    checkpoint.atRest();
    await settle();
    await change([0, 1]);
    run.atRest = true;
    checkpoint.atRest();
    await checkpoint.ended;
    expect(run.states.stored.size).toBe(2);
    expect(await run.cache.flush()).toBe(1);
  });

  it('leaves a state that changes while it is written to be written again', async () => {
    const { run, change, begin, hold } = await openRun(2);
    hold();
    const checkpoint = begin(10);
    await settle();
    await change([0]);
    run.release();
    await checkpoint.ended;
    expect(await run.cache.flush()).toBe(1);
    expect(run.states.stored.size).toBe(2);
  });

  it('writes neither more states nor itself when it is abandoned', async () => {
    const { run, begin, hold } = await openRun(4);
    hold();
    const checkpoint = begin(1);
    await settle();
    checkpoint.abandon();
    run.release();
    await checkpoint.ended;
    expect(run.states.stored.size).toBe(1);
    expect(run.log).toEqual(['taken down', 'ended']);
    expect(await run.cache.flush()).toBe(3);
  });

  it('says what went wrong, once', async () => {
    const { run, begin } = await openRun(1);
    run.states.write = () => Promise.reject(new Error('gone'));
    await begin(1).ended;
    expect(run.log).toEqual(['taken down', 'Error: gone']);
  });
});
