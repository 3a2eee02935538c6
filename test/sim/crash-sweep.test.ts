/**
 * Goal: a crash at any port call, before its effect or after it, leaves nothing wrong behind, and crashes have met a process waiting at
 * every `await` of the simulated files. One run without a crash numbers the calls, then it is run again for each of them (twice for those
 * that change anything); what it never comes to (retries, rebalances, refused rows, stops with work in hand) is met in runs with more
 * trouble, by crashes at random and, where those missed, by aimed ones. The log stays where it is: see `move-sweep.test.ts`.
 */
import { describe, expect, it } from 'vitest';
import { createAwaitCoverage } from './await-coverage.ts';
import { WORKER_FILES } from './await-sites.ts';
import { sweep } from './sweep.ts';
import { EVERY_CALL, SWEEPS, TROUBLES } from './sweep-scenarios.ts';

const { onWaited, trouble, search } = createAwaitCoverage(WORKER_FILES);

describe('a crash', () => {
  it('leaves nothing wrong behind, whatever call it comes before or after', async () => {
    const result = await sweep(EVERY_CALL);
    expect(result.findings).toEqual([]);
    expect(result.runs).toBeGreaterThan(150);
    result.waitedAt.forEach(onWaited);
  });

  it.each(SWEEPS)('nor while %s', async (_what, scenario, among) => {
    const result = await sweep(scenario, among);
    expect(result.findings).toEqual([]);
    expect(result.runs).toBeGreaterThan(2);
    result.waitedAt.forEach(onWaited);
  });

  describe.each(TROUBLES)('nor %s', (_what, seeds, scenario) => {
    it.each(Array.from({ length: seeds }, (_, seed) => seed))('seed %d', (seed) => trouble(scenario(seed)));
  });
});

it('has met a process waiting at every await', async () => {
  expect(await search(TROUBLES)).toEqual([]);
});
