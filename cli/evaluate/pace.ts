/** How fast an attack goes, told from its labels and the times of the events they name. */
import type { Label } from './label.ts';

const MINUTE_MS = 60_000;

/** An attack that takes longer counts as slow: whoever watched the agent at the exposure has by then gone on to other things. */
const SLOW_MS = 10 * MINUTE_MS;

/**
 * `slow`: the first act of the attacker comes more than ten minutes after the exposure, or the last one more than ten minutes after
 * the first. Otherwise `single` or `burst`, by whether there is one act or several. `unknown`: no act is labelled.
 */
export const PACES = ['single', 'burst', 'slow', 'unknown'] as const;
export type Pace = (typeof PACES)[number];

type Attack = Pick<Label, 'core' | 'exposure'>;

export function paceOf(attack: Attack, timesMs: ReadonlyMap<string, number>): Pace {
  const acts = actTimes(attack, timesMs);
  const [first = 0] = acts;
  const last = acts.at(-1) ?? first;
  if (attack.core.size === 0) return 'unknown';
  if (last - first > SLOW_MS || (delayMs(attack, timesMs) ?? 0) > SLOW_MS) return 'slow';
  return attack.core.size === 1 ? 'single' : 'burst';
}

/** By number of acts. */
export const ACT_CLASSES = ['1', '2-3', '4 and more', 'unknown'] as const;

export function actClassOf({ core }: Attack): (typeof ACT_CLASSES)[number] {
  if (core.size === 0) return 'unknown';
  if (core.size === 1) return '1';
  return core.size <= 3 ? '2-3' : '4 and more';
}

/** By time from exposure to the first act. */
export const DELAY_CLASSES = ['under 10 s', '10 s to 1 min', '1 to 10 min', 'over 10 min', 'unknown'] as const;

export function delayClassOf(attack: Attack, timesMs: ReadonlyMap<string, number>): (typeof DELAY_CLASSES)[number] {
  const ms = delayMs(attack, timesMs);
  if (ms === undefined) return 'unknown';
  if (ms < MINUTE_MS / 6) return 'under 10 s';
  if (ms < MINUTE_MS) return '10 s to 1 min';
  return ms <= SLOW_MS ? '1 to 10 min' : 'over 10 min';
}

/** Undefined where no exposure is labelled or its event is not there. */
function delayMs(attack: Attack, timesMs: ReadonlyMap<string, number>): number | undefined {
  const [first] = actTimes(attack, timesMs);
  const exposed = attack.exposure === undefined ? undefined : timesMs.get(attack.exposure);
  return first === undefined || exposed === undefined ? undefined : first - exposed;
}

const actTimes = ({ core }: Attack, timesMs: ReadonlyMap<string, number>): number[] =>
  [...core].flatMap((id) => timesMs.get(id) ?? []).sort((one, other) => one - other);
