/** Runs in which both are left on the old topic while the log moves and much is written: an intake, and a worker that the group has forgotten. */
import { createRandom } from '../../cli/simulate/random.ts';
import { drawExtras } from './extras.ts';
import { NO_FAULTS } from './faults.ts';
import type { SimulationOptions } from './simulation-options.ts';
import type { Variation } from './worker-process.ts';

const MINUTE_MS = 60_000;
/** The attacks begin after an hour and a half; an intake that is to be stopped holds back for up to twenty minutes. */
const MOVE_MINUTES = { min: 75, max: 98 };

/** @param seed draws all of it, in this order */
export function leftBehind(seed: number): SimulationOptions {
  const random = createRandom(`aimed ${seed}`);
  const accident = {
    leaksAfter: random.pick(['copied', 'begun', 'begun', 'begun'] as const),
    cutAfter: random.chance(0.3) ? random.pick(['begun', 'forwarded'] as const) : undefined,
    isTickLeft: random.chance(0.3),
    diesAsleep: random.chance(0.1),
  };
  const calmer = { movesTo: 0, newerRecords: false, killedStops: 0, lostCoordinators: 0, earlyStops: 0 };
  const moves = { relocatesTo: random.int(1, 4), fromEmbedded: false, leavesBoth: true };
  const trouble = () => ({
    crash: random.pick([0, 0.002, 0.01]),
    refuse: random.pick([0, 0.01]),
    lostAnswer: random.pick([0, 0.01]),
  });
  const rates = random.chance(0.5)
    ? NO_FAULTS
    : { ...NO_FAULTS, ...trouble(), slow: 0.02, producedTwice: 0.2, stray: 0.05 };
  const [agents, partitions] = [random.int(2, 6), random.int(1, 4)];
  return {
    seed,
    accident,
    extras: { ...drawExtras(seed), ...calmer, ...moves },
    rates,
    size: { agents, eventsMax: 40, partitions, odd: 0.4, format1: false },
    workers: random.pick([1, 1, 2]),
    movesAfterMs: random.int(MOVE_MINUTES.min, MOVE_MINUTES.max) * MINUTE_MS,
  };
}

/** A move that does not say where the old log has ended, as it was before. */
export const WITHOUT_ENDS: Variation = {
  mover: (real) => ({
    ...real,
    insert: (table, rows) =>
      real.insert(table, table === 'log_epochs' ? rows.map((row) => ({ ...row, old_ends: [] })) : rows),
  }),
};
