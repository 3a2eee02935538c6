/**
 * Goal: a crash at any port call of a process that verifies the log, and writes again what is missing, leaves nothing wrong behind, and the next
 * one finds the rest; crashes have met it waiting at every `await`. As `crash-sweep.test.ts`, for the files that only such a process runs.
 */
import { describe, expect, it } from 'vitest';
import { createAwaitCoverage } from './await-coverage.ts';
import { VERIFY_FILES } from './await-sites.ts';
import { waitedAtDeath } from './await-tracker.ts';
import { simulate } from './simulation.ts';
import { VERIFY_SWEEP, VERIFY_TROUBLES } from './sweep-scenarios.ts';

const { onWaited, trouble, search } = createAwaitCoverage(VERIFY_FILES);

describe('a crash while the log is verified', () => {
  it('leaves nothing wrong behind, whatever step it comes before or after', async () => {
    let deaths = 0;
    const onDeath = (name: string) => {
      const sites = waitedAtDeath();
      if (name !== 'repairer') return;
      deaths += 1;
      sites.forEach(onWaited);
    };
    const { findings } = await simulate({ ...VERIFY_SWEEP, onDeath });
    expect(findings).toEqual([]);
    expect(deaths).toBeGreaterThan(100);
  });

  describe.each(VERIFY_TROUBLES)('nor %s', (_what, seeds, scenario) => {
    it.each(Array.from({ length: seeds }, (_, seed) => seed))('seed %d', (seed) => trouble(scenario(seed)));
  });
});

it('has met a process waiting at every await', async () => {
  expect(await search(VERIFY_TROUBLES)).toEqual([]);
});
