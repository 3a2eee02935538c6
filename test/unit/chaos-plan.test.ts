/** The plan of a chaos run: as many steps as asked for, from the seed alone, zombies only where another worker can take over. */
import { expect, it } from 'vitest';
import { planSteps, type Step, workersAt } from '../support/kafka-chaos/plan.ts';

const OPTIONS = {
  seed: 'one',
  kills: 200,
  workers: 4,
  intakes: 2,
  partitions: 12,
  agents: 60,
  scaleOuts: 4,
  zombies: 20,
  brokerRestarts: 10,
};

const ofKind = (steps: readonly Step[], kind: RegExp) => steps.filter((step) => kind.test(step.kind));

it('holds every step that was asked for, in the order of the work', () => {
  const steps = planSteps(OPTIONS);
  const counts = ['kill', 'zombie', 'broker'].map((kind) => ofKind(steps, new RegExp(`^${kind}`)).length);
  expect(counts).toEqual([200, 20, 10]);
  expect(steps.map(({ at }) => at)).toEqual(steps.map(({ at }) => at).sort((a, b) => a - b));
  expect(Math.max(...steps.map(({ at }) => at))).toBeLessThan(1);
});

it('kills workers and intake processes', () => {
  const steps = planSteps(OPTIONS);
  expect(ofKind(steps, /intake/).length).toBeGreaterThan(10);
  expect(ofKind(steps, /worker/).length).toBeGreaterThan(100);
});

it('follows from the seed alone', () => {
  expect(planSteps(OPTIONS)).toEqual(planSteps({ ...OPTIONS }));
  expect(planSteps(OPTIONS)).not.toEqual(planSteps({ ...OPTIONS, seed: 'two' }));
});

it('lets a worker stand still only while there are others, and never the only one', () => {
  for (const { at } of ofKind(planSteps(OPTIONS), /zombie/)) expect(workersAt(at, OPTIONS)).toBe(4);
  expect(ofKind(planSteps({ ...OPTIONS, workers: 1 }), /zombie/)).toEqual([]);
});

it('goes from one worker to all and back, as often as asked for, and ends with one', () => {
  const counts = Array.from({ length: 1001 }, (_, i) => workersAt((i / 1001) * 0.9999, OPTIONS));
  const outs = counts.filter((count, i) => count > (counts[i - 1] ?? count)).length;
  const backs = counts.filter((count, i) => count < (counts[i - 1] ?? count)).length;
  expect({ first: counts[0], last: counts.at(-1), outs, backs }).toEqual({ first: 1, last: 1, outs: 4, backs: 4 });
});
