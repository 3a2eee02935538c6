import { type Habits, isWayOf } from '../baselines/flow.ts';
import { addDecayed, type Decayed, valueAt } from '../baselines/statistics/decay.ts';
import type { View } from './detector.ts';
import { borrowedUses, borrowedUsesOf } from './kind-habits.ts';

/** At the limit the habit longest in the map goes: it is odd again until it comes back. */
const HABITS_MAX = 128;

export function learnHabits(
  event: { readonly flows: readonly string[]; readonly timeMs: number },
  own: Habits,
  { halfLifeMs }: { readonly halfLifeMs: number },
): void {
  for (const habit of event.flows) {
    const known = own.get(habit);
    if (known !== undefined) addDecayed(known, 1, event.timeMs, halfLifeMs);
    else {
      if (own.size >= HABITS_MAX) own.delete(own.keys().next().value ?? '');
      own.set(habit, { value: 1, atMs: event.timeMs });
    }
  }
}

/** Learned uses of a habit or a way, decayed, and what the agent's kind stands for. */
export const usesOf = (own: Readonly<Habits>, key: string, view: View): number =>
  learnedUses(own, key, view) + borrowedUses(key, view);

const learnedUses = (own: Readonly<Habits>, key: string, { timeMs, settings }: View): number =>
  valueAt(own.get(key) ?? NEVER, timeMs, settings.halfLifeMs);

/** The same for all ways of one tool. */
export const usesByTool = (tool: string, own: Readonly<Habits>, view: View): number =>
  usesOfAll((key) => isWayOf(tool, key), own, view);

/** The same for all ways from one source, by whatever tool. */
export function usesFrom(way: string, own: Readonly<Habits>, view: View): number {
  // A long name was cut: then the way itself is all that is known of its source.
  const source = way.slice(Math.max(0, way.indexOf(' <- ')));
  return usesOfAll((key) => key.endsWith(source), own, view);
}

function usesOfAll(matches: (key: string) => boolean, own: Readonly<Habits>, view: View): number {
  let uses = borrowedUsesOf(matches, view);
  for (const key of own.keys()) if (matches(key)) uses += learnedUses(own, key, view);
  return uses;
}

const NEVER: Decayed = { value: 0, atMs: 0 };
