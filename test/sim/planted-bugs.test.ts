/** Goal: the simulator is no ornament. Bugs of the kinds it is for, each planted at a port, are found within 200 seeds. */
import { expect, it } from 'vitest';
import { behindHttpFront, drawExtras, NO_EXTRAS, onSingleMachine } from './extras.ts';
import { PLANTED_BUGS, PLANTED_IN_EMBEDDED, PLANTED_IN_FRONT, PLANTED_IN_STAGE } from './planted-bugs.ts';
import { simulate } from './simulation.ts';
import type { SimulationOptions } from './simulation-options.ts';
import type { Variation } from './worker-process.ts';
import { drawSize } from './workload.ts';

const SEEDS_MAX = 200;

type Run = (seed: number) => Partial<SimulationOptions>;

async function find(variation: Variation, run: Run): Promise<void> {
  let seed = 0;
  let findings: readonly string[] = [];
  while (findings.length === 0 && seed < SEEDS_MAX) {
    seed += 1;
    ({ findings } = await simulate({ ...run(seed), seed, variation }));
  }
  expect(findings.length, `${seed} seeds were not enough`).toBeGreaterThan(0);
}

it.each(PLANTED_BUGS.map(({ name, variation }) => [name, variation] as const))('finds: %s', (_, variation) =>
  find(variation, () => ({})),
);

it.each(PLANTED_IN_EMBEDDED.map(({ name, variation }) => [name, variation] as const))(
  'finds on a single machine: %s',
  (_, variation) =>
    find(variation, (seed) => ({ extras: { ...onSingleMachine(drawExtras(seed)), killedStops: 0.02 } })),
);

it.each(PLANTED_IN_STAGE.map(({ name, variation }) => [name, variation] as const))(
  'finds in the intake stage: %s',
  (_, variation) => {
    const extras = { ...NO_EXTRAS, callsAtTheEdge: true, intakeStage: true };
    return find(variation, (seed) => ({ extras, size: { ...drawSize(seed), eventsMax: 12, odd: 0 } }));
  },
);

it.each(PLANTED_IN_FRONT.map(({ name, variation }) => [name, variation] as const))(
  'finds in the HTTP intake before a topic: %s',
  (_, variation) => {
    const extras = behindHttpFront({ ...NO_EXTRAS, callsAtTheEdge: true });
    return find(variation, (seed) => ({ extras, size: { ...drawSize(seed), eventsMax: 12, odd: 0 } }));
  },
);
