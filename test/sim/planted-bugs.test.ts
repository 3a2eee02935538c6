/** Goal: the simulator is no ornament. Bugs of the kinds it is for, each planted at a port, are found within 200 seeds. */
import { expect, it } from 'vitest';
import { PLANTED_BUGS } from './planted-bugs.ts';
import { simulate } from './simulation.ts';

const SEEDS_MAX = 200;

it.each(PLANTED_BUGS.map(({ name, variation }) => [name, variation] as const))('finds: %s', async (_, variation) => {
  let seed = 0;
  let findings: readonly string[] = [];
  while (findings.length === 0 && seed < SEEDS_MAX) {
    seed += 1;
    ({ findings } = await simulate({ seed, variation }));
  }
  expect(findings.length, `${seed} seeds were not enough`).toBeGreaterThan(0);
});
