/** When agents work: a weight for every hour of the week, UTC. */

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

export type RhythmName = keyof typeof RHYTHMS;

/** `weekday` 0 is Sunday, as in Date. `on-schedule` agents start at fixed times and take no notice of the weights. */
const RHYTHMS = {
  office: (weekday, hour) => (isWeekend(weekday) ? 0.03 : 1) * (OFFICE_HOURS[hour] ?? 0),
  'long-days': (weekday, hour) => (isWeekend(weekday) ? 0.25 : 1) * (hour >= 6 && hour < 23 ? 1 : 0.08),
  'round-the-clock': (weekday, hour) =>
    (isWeekend(weekday) ? 0.7 : 1) * (1 + 0.7 * Math.sin(((hour - 8) / 24) * 2 * Math.PI)),
  'on-schedule': () => 1,
} as const satisfies Record<string, (weekday: number, hour: number) => number>;

const OFFICE_HOURS: readonly number[] = [
  0, 0, 0, 0, 0, 0.02, 0.1, 0.5, 1, 1.3, 1.3, 1, 0.5, 0.9, 1.2, 1.1, 0.9, 0.5, 0.2, 0.1, 0.05, 0.02, 0, 0,
];

export function hourWeights(rhythm: RhythmName, dayStartMs: number): number[] {
  const weekday = new Date(dayStartMs).getUTCDay();
  return Array.from({ length: 24 }, (_, hour) => RHYTHMS[rhythm](weekday, hour));
}

/** How busy this day is, as a share of the rhythm's busiest day: 0..1. */
export function dayWeight(rhythm: RhythmName, dayStartMs: number): number {
  const total = (start: number) => hourWeights(rhythm, start).reduce((sum, weight) => sum + weight, 0);
  return total(dayStartMs) / total(WEDNESDAY_MS);
}

/** 1970-01-07, a Wednesday: an ordinary working day. */
const WEDNESDAY_MS = 6 * DAY_MS;

function isWeekend(weekday: number): boolean {
  return weekday === 0 || weekday === 6;
}
