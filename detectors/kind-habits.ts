import type { BaselineSettings } from '../baselines/baseline.ts';
import type { Habits } from '../baselines/flow.ts';
import { FULL_KIND } from '../baselines/kind-model.ts';
import type { Loan } from '../baselines/kind-prior.ts';
import { valueAt } from '../baselines/statistics/decay.ts';
import type { View } from './detector.ts';

/**
 * How the others of an agent's kind send, lent to one that has not shown its own ways yet: to pay whoever stands on an invoice is what such agents
 * do, from their first day on.
 *
 * Model: each member has one voice, its learned uses of a way by learned session; the mean of them, over all members that lend, is what the
 * agent may expect of a session. It counts as so many sessions as `KIND_SESSIONS`, fewer of a small kind, and gives way to what the agent does
 * itself. A way of one member alone is not lent: or one agent that was taught badly would teach the rest.
 */
export interface KindHabits {
  /** Expected uses in one session, by habit or way. */
  readonly rates: ReadonlyMap<string, number>;
  /** Of the members that lend, those that are not known well yet in part. */
  readonly voices: number;
}

/** What one member lends: its most used habits, and how often each comes in a learned session. */
type LentHabits = readonly (readonly [habit: string, uses: number])[];

const LENT_MAX = 32;
const USERS_MIN = 2;
/** What the kind knows counts as so many learned sessions of an agent that has none. */
const KIND_SESSIONS = 20;

export function lendHabits(
  own: Readonly<Habits>,
  { halfLifeMs }: BaselineSettings,
  at: { readonly timeMs: number; readonly sessions: number },
): LentHabits {
  const perSession = [...own].map(([habit, uses]): [string, number] => [
    habit,
    valueAt(uses, at.timeMs, halfLifeMs) / Math.max(1, at.sessions),
  ]);
  return perSession.sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, LENT_MAX);
}

export function poolHabits(loans: readonly Loan[]): KindHabits {
  const users = new Map<string, number[]>();
  for (const { value } of loans)
    for (const [habit, uses] of value as LentHabits) {
      const rates = users.get(habit) ?? [];
      rates.push(Math.min(1, uses));
      users.set(habit, rates);
    }
  const shared = [...users].filter(([, rates]) => rates.length >= USERS_MIN);
  return {
    rates: new Map(shared.map(([habit, rates]) => [habit, rates.reduce((sum, one) => sum + one, 0) / loans.length])),
    voices: loans.reduce((sum, { voice }) => sum + voice, 0),
  };
}

/** What the others of its kind stand for, in uses of a habit or way by this agent; the less, the more is known of itself. */
export function borrowedUses(key: string, view: View): number {
  const kind = kindHabits(view);
  return kind === undefined ? 0 : (kind.rates.get(key) ?? 0) * borrowedSessions(kind, view);
}

/** The same for all habits and ways whose names `matches`. */
export function borrowedUsesOf(matches: (key: string) => boolean, view: View): number {
  const kind = kindHabits(view);
  if (kind === undefined) return 0;
  let rate = 0;
  for (const [key, one] of kind.rates) if (matches(key)) rate += one;
  return rate * borrowedSessions(kind, view);
}

const kindHabits = ({ prior }: View): KindHabits | undefined => prior?.lent('exfiltration', poolHabits);

const borrowedSessions = ({ voices }: KindHabits, { sessions }: View): number =>
  (KIND_SESSIONS * Math.min(1, voices / FULL_KIND) * KIND_SESSIONS) / (KIND_SESSIONS + sessions);
