/**
 * Goal: whatever goes wrong with processes, store, log, clock and receiver, every record has its one verdict, and states, scores, alerts
 * and webhooks are those of an undisturbed reading of the log. A seed that fails is repeated by `npm run test:sim -- --seed S`.
 */
import { describe, expect, it } from 'vitest';
import { NO_EXTRAS } from './extras.ts';
import { NO_FAULTS } from './faults.ts';
import { simulate } from './simulation.ts';

const SEEDS = 200;
const GROUP = 25;

describe('200 seeds', () => {
  it.each(Array.from({ length: SEEDS / GROUP }, (_, index) => 1 + index * GROUP))('from %d', async (from) => {
    const failed: Record<string, readonly string[]> = {};
    for (let seed = from; seed < from + GROUP; seed++) {
      const { findings } = await simulate({ seed });
      if (findings.length > 0) failed[`seed ${seed}`] = findings;
    }
    expect(failed).toEqual({});
  });
});

/** Seeds that failed once, by what they found; what is drawn from a seed must stay as it is for them to mean anything. */
const REGRESSIONS = [
  [5, 'a state of format 1 with an open session stopped its worker for ever'],
  [11, 'a crash between rows and dead letters lost the letters'],
  [3, 'the verdict on an event whose id a refused one had depended on where a batch ended'],
  [1122, 'a batch with a refused row was learned twice when the answer of its insert was lost'],
  [50325, 'the same, by one event in eighteen'],
  [100357, 'a delivery whose row was given up stayed open until somebody started anew'],
] as const;

describe('a seed that found something', () => {
  it.each(REGRESSIONS)('%d: %s', async (seed) => {
    expect((await simulate({ seed, extras: NO_EXTRAS })).findings).toEqual([]);
  });
});

describe('a seed', () => {
  it.each([3, 14, 37])('%d gives the same history, to the last call, when it is run again', async (seed) => {
    const one = await simulate({ seed, keepHistory: true });
    const other = await simulate({ seed, keepHistory: true });
    expect(other.history).toEqual(one.history);
    expect(other.digest).toBe(one.digest);
  });

  it('tells another history than its neighbour', async () => {
    const [one, other] = [await simulate({ seed: 3 }), await simulate({ seed: 4 })];
    expect(other.digest).not.toBe(one.digest);
  });

  it('does something: records, alerts and faults of every kind', async () => {
    const calm = await simulate({ seed: 6, rates: NO_FAULTS });
    expect(calm.records).toBeGreaterThan(20);
    expect(calm.alerts).toBeGreaterThan(0);
    expect(Object.values(calm.faults).every((count) => count === 0)).toBe(true);
    const rates = Object.fromEntries(Object.keys(NO_FAULTS).map((kind) => [kind, 0.05])) as unknown as typeof NO_FAULTS;
    const harsh = await simulate({ seed: 6, rates: { ...rates, crash: 0.02, olderSnapshot: 0.5, unknownFormat: 0.5 } });
    expect(harsh.findings).toEqual([]);
    for (const kind of ['crash', 'refuse', 'lostAnswer', 'slow', 'rebalance', 'zombie', 'stray'] as const) {
      expect(harsh.faults[kind], kind).toBeGreaterThan(0);
    }
  });
});
