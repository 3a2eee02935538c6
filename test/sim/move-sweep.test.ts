/**
 * Goal: a crash at any port call of a process that moves the log leaves nothing wrong behind, and crashes have met it waiting at every `await`. As
 * `crash-sweep.test.ts`, for the files that only such a process runs.
 */
import { describe, expect, it } from 'vitest';
import { createAwaitCoverage } from './await-coverage.ts';
import { MOVE_FILES } from './await-sites.ts';
import { sweep } from './sweep.ts';
import { MOVE_SWEEPS, MOVE_TROUBLES } from './sweep-scenarios.ts';

const { onWaited, trouble, search } = createAwaitCoverage(MOVE_FILES);

describe('a crash while the log moves', () => {
  it.each(MOVE_SWEEPS)('leaves nothing wrong behind while %s', async (_what, scenario, among) => {
    const result = await sweep(scenario, among);
    expect(result.findings).toEqual([]);
    expect(result.runs).toBeGreaterThan(2);
    result.waitedAt.forEach(onWaited);
  });

  describe.each(MOVE_TROUBLES)('nor %s', (_what, seeds, scenario) => {
    it.each(Array.from({ length: seeds }, (_, seed) => seed))('seed %d', (seed) => trouble(scenario(seed)));
  });
});

it('has met a process waiting at every await', async () => {
  expect(await search(MOVE_TROUBLES)).toEqual([]);
});
