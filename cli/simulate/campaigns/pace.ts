/** When the doses of an attack fall, and how large they are. */
import type { Random } from '../random.ts';
import { DAY_MS, HOUR_MS } from '../rhythm.ts';

/**
 * `burst`: all at once, within minutes. `ramp`: five sessions over two days, each with twice the one before.
 * `low-and-slow`: six to nine sessions over four days, a small and equal part in each.
 */
export const CORPUS_PACES = ['burst', 'ramp', 'low-and-slow'] as const;
export type CorpusPace = (typeof CORPUS_PACES)[number];

export interface DoseTime {
  /** From the beginning of the attack's first day. */
  readonly afterMs: number;
  /** Share of the whole, as in `Dose`. */
  readonly size: number;
}

/** An attack is over so many days after it began. */
export const ATTACK_DAYS = 4;
/** Even nine of them are little more than half of what a burst does. */
const LOW_DOSE = 1 / 16;
const RAMP: readonly (readonly [day: number, hour: number, size: number])[] = [
  [0, 8, 1 / 16],
  [0, 11, 1 / 8],
  [0, 14, 1 / 4],
  [1, 9, 1 / 2],
  [1, 13, 1],
];

/** In order of time. Around working hours: attacks ride on what goes on anyway. */
export function scheduleOf(pace: CorpusPace, random: Random): DoseTime[] {
  if (pace === 'burst') return [{ afterMs: hours(8 + 7 * random.uniform()), size: 1 }];
  if (pace === 'ramp')
    return RAMP.map(([day, hour, size]) => ({ afterMs: day * DAY_MS + hours(hour + 2 * random.uniform()), size }));
  const count = random.int(6, 9);
  return Array.from({ length: count }, (_, step) => {
    const day = Math.floor((step * ATTACK_DAYS) / count);
    const place = step - Math.ceil((day * count) / ATTACK_DAYS);
    return { afterMs: day * DAY_MS + hours(8 + 3 * place + 2 * random.uniform()), size: LOW_DOSE };
  });
}

const hours = (count: number): number => Math.round(count * HOUR_MS);
