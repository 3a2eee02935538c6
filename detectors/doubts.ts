import type { AgentState } from '../baselines/agent-state.ts';
import type { Loan } from '../baselines/kind-prior.ts';
import { boundedKey, fnv1a } from '../baselines/statistics/bounded-key.ts';
import { addDecayed, type Decayed, emptyDecayed, valueAt } from '../baselines/statistics/decay.ts';
import { truncatedProduct } from '../baselines/statistics/truncated-product.ts';

/**
 * What earlier sessions held against a subject, in none of them enough for an alert: an attack in small doses is a row of near misses on one tool or
 * one destination.
 *
 * Model: of the newest sessions that dealt with the subject since the first doubt of it, those with a claim of p <= 0.1 are multiplied (truncated
 * product), and the chance of such a product among so many sessions is the claim. Twice that, for the session is also judged alone. Each p is
 * the one that was taken at the time: that a dose was learned makes the next one milder, but takes nothing back of what was held against the first.
 *
 * What is doubtful every time is a habit. So the share of a subject's sessions that is expected to be in doubt comes from those before the newest and
 * from the others of the kind. It begins at four in ten, for tools and destinations may be ways of
 * working, until sessions without a doubt are known, and is never less than one in ten, which is what p = 0.1 says of itself.
 *
 * Fails, loudly, for an agent that takes up something that nobody asks for and that its kind does not do: an analyst's word on the alert clears
 * the subject. Evaded by another subject each time, by doses above p = 0.1, and by patience.
 */
export type Doubts = Map<string, Doubted>;

export interface Doubted {
  /** The newest sessions that dealt with the subject since the first doubt, oldest first. */
  readonly newest: Doubt[];
  /** Those of them before the newest, decayed: in doubt, and all. */
  readonly doubtful: Decayed;
  readonly all: Decayed;
}

/** One session that dealt with a subject: the most that was held against it, in decades of p. */
export interface Doubt {
  /** Hash of the session's name, and when it opened. */
  readonly session: number;
  readonly openedMs: number;
  decades: number;
  /** The event that was the most doubtful, and its time. */
  event: string;
  timeMs: number;
}

/** Subjects with a doubt; at the limit the one that was not dealt with for longest goes. */
const SUBJECTS_MAX = 32;
/** The newest sessions of a subject; at the limit the oldest counts as what came before. */
const NEWEST_MAX = 8;
/** A claim of p <= 0.1 is a doubt. */
const DOUBT_DECADES = 1;
const SHARE_MIN = 0.1;
/** The belief for a way of working of which nothing is known, and what it is worth in sessions; experience. */
const WAY_SHARE = 0.4;
const PRIOR_SESSIONS = 5;
/** The claim is made once for the session alone, and once with those before it. */
const LOOKS = 2;
/** Whatever was seen, the chance of a doubt stays below this. */
const SHARE_MAX = 0.95;

/** The session that an event is of. */
interface Of {
  readonly key: string;
  readonly openedMs: number;
}

export const DOUBTS = 'doubts';

/** An agent's doubts; empty for one that has none. */
export function doubtsOf({ slots }: Readonly<AgentState>): Doubts {
  let doubts = slots.get(DOUBTS) as Doubts | undefined;
  if (doubts === undefined) {
    doubts = new Map();
    slots.set(DOUBTS, doubts);
  }
  return doubts;
}

/** The detector whose subjects are destinations. */
export const JUDGES_DESTINATIONS = 'exfiltration';

export const doubtKey = (detector: string, subject: string): string => `${detector}: ${boundedKey(subject)}`;

const isOf = ({ key, openedMs }: Of, doubt: Doubt): boolean =>
  doubt.openedMs === openedMs && doubt.session === fnv1a(key);

const isDoubtful = ({ decades }: Doubt): boolean => decades >= DOUBT_DECADES;

/** A p that is held against its subject. */
export const isDoubt = (p: number): boolean => -Math.log10(p) >= DOUBT_DECADES;

/** Whether most of the newest sessions that dealt with the subject were in doubt: what they made known speaks for nothing (docs/adr/0042). */
export const isMostlyDoubtful = ({ newest }: Doubted): boolean => 2 * newest.filter(isDoubtful).length > newest.length;

/** Notes what an event of a session showed of a subject. A subject that was never in doubt is not noted. */
export function noteDoubt(
  doubts: Doubts,
  key: string,
  shown: { readonly decades: number; readonly event: string; readonly timeMs: number },
  session: Of,
  halfLifeMs: number,
): void {
  const known = doubts.get(key);
  if (known === undefined && shown.decades < DOUBT_DECADES) return;
  const { newest, doubtful, all } = known ?? { newest: [], doubtful: emptyDecayed(), all: emptyDecayed() };
  const same = newest.find((one) => isOf(session, one));
  if (same !== undefined && shown.decades > same.decades) Object.assign(same, shown);
  if (same === undefined) newest.push({ session: fnv1a(session.key), openedMs: session.openedMs, ...shown });
  const oldest = newest.length > NEWEST_MAX ? newest.shift() : undefined;
  if (oldest !== undefined) {
    addDecayed(all, 1, shown.timeMs, halfLifeMs);
    if (isDoubtful(oldest)) addDecayed(doubtful, 1, shown.timeMs, halfLifeMs);
  }
  doubts.delete(key);
  if (doubts.size >= SUBJECTS_MAX) doubts.delete(doubts.keys().next().value ?? '');
  doubts.set(key, { newest, doubtful, all });
}

/** A session that alerted is an analyst's to judge, and no doubt any more. */
export function dropDoubt(doubts: Doubts, key: string, session: Of): void {
  const newest = doubts.get(key)?.newest;
  const at = newest?.findIndex((one) => isOf(session, one)) ?? -1;
  if (at >= 0) newest?.splice(at, 1);
}

/** What the session's claim comes to with those of sessions before it. */
export interface Repeated {
  readonly p: number;
  /** Those that were in doubt, oldest first, and how many dealt with the subject. */
  readonly doubts: readonly Doubt[];
  readonly sessions: number;
}

/** How known a way of working is: learned sessions of the agent with it, decayed, and others of its kind that have it. */
export interface Way {
  readonly learned: number;
  readonly peers: number;
}

/** Sessions that dealt with a subject, those in doubt and all. */
export interface Tally {
  readonly doubtful: number;
  readonly all: number;
}

interface Beside {
  readonly session: Of | undefined;
  readonly timeMs: number;
  readonly halfLifeMs: number;
  /** Undefined where the subject is no way of working. */
  readonly way: Way | undefined;
  /** Of the others of the kind; undefined where they have no doubt of it. */
  readonly kind: Tally | undefined;
}

/** Undefined where no other session was in doubt, or this one is not. */
export function repeatedDoubt(known: Doubted | undefined, p: number, at: Beside): Repeated | undefined {
  const decades = -Math.log10(p);
  if (known === undefined || decades < DOUBT_DECADES) return undefined;
  const { session, timeMs, halfLifeMs } = at;
  const before = known.newest.filter(
    (one) => timeMs - one.timeMs <= halfLifeMs && (session === undefined || !isOf(session, one)),
  );
  const doubts = before.filter(isDoubtful);
  if (doubts.length === 0) return undefined;
  const sum = doubts.reduce((total, one) => total + one.decades, decades);
  const share = expectedShare(known, before.length, at);
  const chance = truncatedProduct(sum * Math.LN10, before.length + 1, DOUBT_DECADES * Math.LN10, share);
  return { p: Math.min(1, LOOKS * chance), doubts, sessions: before.length };
}

/** Sessions before the first doubt were not in doubt, nor those of peers that lend none; each peer counts as so many as the belief does. */
function expectedShare(known: Doubted, newest: number, { timeMs, halfLifeMs, way, kind }: Beside): number {
  const since = valueAt(known.all, timeMs, halfLifeMs);
  const doubtful = valueAt(known.doubtful, timeMs, halfLifeMs) + (kind?.doubtful ?? 0);
  const own = Math.max(since, (way?.learned ?? 0) - newest);
  const peers = Math.max(kind?.all ?? 0, PRIOR_SESSIONS * (way?.peers ?? 0));
  const belief = way === undefined ? SHARE_MIN : WAY_SHARE;
  const share = (PRIOR_SESSIONS * belief + doubtful) / (PRIOR_SESSIONS + own + peers);
  return Math.min(SHARE_MAX, Math.max(SHARE_MIN, share));
}

/** What one member lends: subjects with its sessions in doubt and all. */
type LentDoubts = readonly (readonly [key: string, doubtful: number, all: number])[];

const LENT_MAX = 16;
/** A subject that one member alone had doubts about is not lent: an attack on it must not excuse one on the next. */
const MEMBERS_MIN = 2;

/** Undefined for an agent without a doubt. */
export function lendDoubts(doubts: Readonly<Doubts>, timeMs: number, halfLifeMs: number): LentDoubts | undefined {
  const lent = [...doubts].map(([key, { newest, doubtful, all }]): [string, number, number] => [
    key,
    newest.filter(isDoubtful).length + valueAt(doubtful, timeMs, halfLifeMs),
    newest.length + valueAt(all, timeMs, halfLifeMs),
  ]);
  if (lent.length === 0) return undefined;
  return lent.sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, LENT_MAX);
}

/** What the members lend of each subject, each with one voice of at most so many sessions as the belief is worth. */
export function poolDoubts(loans: readonly Loan[]): ReadonlyMap<string, Tally> {
  const sums = new Map<string, Tally & { readonly members: number }>();
  for (const { value } of loans)
    for (const [key, doubtful, all] of value as LentDoubts) {
      const voice = Math.min(1, PRIOR_SESSIONS / Math.max(1, all));
      const sum = sums.get(key) ?? { doubtful: 0, all: 0, members: 0 };
      const { members } = sum;
      sums.set(key, { doubtful: sum.doubtful + doubtful * voice, all: sum.all + all * voice, members: members + 1 });
    }
  return new Map([...sums].filter(([, { members }]) => members >= MEMBERS_MIN));
}
