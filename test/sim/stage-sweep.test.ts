/**
 * Goal: a crash of the intake stage at any port call, before its effect or after it, loses nothing of the topic that it reads and takes nothing
 * twice. Crashes have met it waiting at every `await` between that topic and the log. As `crash-sweep.test.ts`, for the stage.
 */
import { describe, expect, it } from 'vitest';
import { createAwaitCoverage } from './await-coverage.ts';
import { STAGE_FILES } from './await-sites.ts';
import { sweep } from './sweep.ts';
import { CALLS_OF_STAGE, STAGE_SWEEP, STAGE_TROUBLES } from './sweep-scenarios.ts';
import { UNREACHED_BY_STAGE } from './unreached-awaits.ts';

const { onWaited, trouble, search } = createAwaitCoverage(STAGE_FILES, UNREACHED_BY_STAGE);

describe('a crash of the intake stage', () => {
  it('leaves nothing wrong behind, whatever call it comes before or after', async () => {
    const result = await sweep(STAGE_SWEEP, CALLS_OF_STAGE);
    expect(result.findings).toEqual([]);
    expect(result.runs).toBeGreaterThan(20);
    result.waitedAt.forEach(onWaited);
  });

  describe.each(STAGE_TROUBLES)('nor %s', (_what, seeds, scenario) => {
    it.each(Array.from({ length: seeds }, (_, seed) => seed))('seed %d', (seed) => trouble(scenario(seed)));
  });
});

it('has met a process waiting at every await', async () => {
  expect(await search(STAGE_TROUBLES)).toEqual([]);
});
