/** Stops in order, with work in hand: and the patience of whoever runs the worker, which may end before the work does. */
import type { Random } from '../../cli/simulate/random.ts';
import type { Fleet } from './fleet.ts';
import type { SimProcess, World } from './world.ts';

/** From the request to the kill: amid the first calls of a stop, amid its last ones, amid calls that are slow; or never. */
const PATIENCE_MS = [60, 400, 3_000, 20_000, Number.POSITIVE_INFINITY] as const;
const REQUEST_MS_MAX = 40;
/** Rare calls, at which a stop has most to wait for. */
const RARE = /^post:|^store:insert (deliveries|dead_letters)/;
const RARE_WEIGHT = 15;

/** @param share of port calls at which the worker that makes them is asked to stop, as of now */
export function stopWithWorkInHand(world: World, fleet: Fleet, random: Random, share: () => number): void {
  const asked = new Set<string>();
  const { scheduler, history } = world;

  function stop(process: SimProcess): boolean {
    if (!process.alive || !fleet.stop(process)) return false;
    const patienceMs = random.pick(PATIENCE_MS);
    if (patienceMs === Number.POSITIVE_INFINITY) return true;
    scheduler.after(random.int(1, patienceMs), () => {
      if (process.alive) history.note(`${process.name} has had its time to stop`);
      world.kill(process);
    });
    return true;
  }

  world.onCall.push((process, port) => {
    const chance = share() * (RARE.test(port) ? RARE_WEIGHT : 1);
    if (asked.has(process.name) || !random.chance(chance)) return;
    asked.add(process.name);
    scheduler.after(random.int(0, REQUEST_MS_MAX), () => {
      if (!stop(process)) asked.delete(process.name);
    });
  });
}
