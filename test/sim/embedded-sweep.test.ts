/**
 * Goal: a crash of a single machine at any port call, before its effect or after it, leaves nothing wrong behind: what it has acknowledged is there,
 * and has one verdict. Crashes have met it waiting at every `await` between the route and its partition. As `crash-sweep.test.ts`, for the log
 * that is in the process.
 */
import { describe, expect, it } from 'vitest';
import { createAwaitCoverage } from './await-coverage.ts';
import { EMBEDDED_FILES } from './await-sites.ts';
import { sweep } from './sweep.ts';
import { EMBEDDED_SWEEP, EMBEDDED_TROUBLES } from './sweep-scenarios.ts';

const { onWaited, trouble, search } = createAwaitCoverage(EMBEDDED_FILES);

describe('a crash of a single machine', () => {
  it('leaves nothing wrong behind, whatever call it comes before or after', async () => {
    const result = await sweep(EMBEDDED_SWEEP);
    expect(result.findings).toEqual([]);
    expect(result.runs).toBeGreaterThan(100);
    result.waitedAt.forEach(onWaited);
  });

  describe.each(EMBEDDED_TROUBLES)('nor %s', (_what, seeds, scenario) => {
    it.each(Array.from({ length: seeds }, (_, seed) => seed))('seed %d', (seed) => trouble(scenario(seed)));
  });
});

it('has met a process waiting at every await', async () => {
  expect(await search(EMBEDDED_TROUBLES)).toEqual([]);
});
