import type { AgentState } from '../baselines/agent-state.ts';
import type { SessionState } from '../baselines/session-state.ts';
import { type Amount, amountTail, emptyMoments, learnAmount } from '../baselines/statistics/amount.ts';
import { fnv1a } from '../baselines/statistics/bounded-key.ts';
import { addDecayed, type Decayed, emptyDecayed, valueAt } from '../baselines/statistics/decay.ts';

/**
 * How an agent's acts usually come by what they are told to act on, and how much they touch.
 *
 * Of the sessions that used a tool to act: in how many it was given a value that no text of the session names, and in how many one that the
 * agent never had to do with besides. A tool whose folders and people users always name is odd when it is given a stranger; one that takes a
 * new number each time is not. Addresses are counted apart from other values.
 *
 * Model: beta-binomial on two levels, the tool's share starting from that of all the agent's acts, which starts from a fixed prior; of a tool
 * never used it is that of the agent's tools.
 */
export interface ActHabits {
  /** Open sessions in which something acted, by key. */
  readonly open: Map<string, OpenSession>;
  readonly tools: Map<string, ToolHabit>;
  /** Rows that acts touched, and acts, in a session; quiet sessions count. */
  readonly rows: Amount;
  readonly acts: Amount;
}

interface OpenSession {
  readonly openedMs: number;
  /** Tools that acted, by role of the values: the strangest they were given. */
  readonly tools: Map<string, Naming>;
  rows: number;
  acts: number;
}

/** Who named the values: somebody; nobody; nobody, and they are new to the agent. */
export type Naming = 0 | 1 | 2;
export const NAMED = 0;
export const UNNAMED = 1;
export const STRANGE = 2;

export type Role = 'address' | 'value';

/** Learned sessions in which the tool acted on values of a role, decayed; those with an unnamed value, with a strange one. */
interface ToolHabit {
  readonly sessions: Decayed;
  readonly unnamed: Decayed;
  readonly strange: Decayed;
}

/** As many sessions as an agent may have open; tools of one, tools remembered: at the limit the one longest in the map goes. */
const OPEN_MAX = 64;
const OPEN_TOOLS_MAX = 16;
const TOOLS_MAX = 64;

/** Shares of sessions before anything is known; experience. */
const PRIOR_SHARE = {
  address: { unnamed: 0.2, strange: 0.1 },
  value: { unnamed: 0.5, strange: 0.3 },
} as const;
const PRIOR_SESSIONS = 5;
/** What they are worth against what the agent's tools are like. */
const PRIOR_TOOLS = 2;

export const emptyHabits = (): ActHabits => ({
  open: new Map(),
  tools: new Map(),
  rows: emptyMoments(),
  acts: emptyMoments(),
});

/** What one act shows: by role, how its values were named; absent where it has none. */
interface ActShown {
  readonly tool: string;
  readonly naming: Readonly<Partial<Record<Role, Naming>>>;
  readonly rows: number;
}

/** Tools by hash: 64 open sessions may hold many names. */
const keyOf = (tool: string, role: Role): string => `${MARKS[role]}${fnv1a(tool).toString(36)}`;
const MARKS: Readonly<Record<Role, string>> = { address: '@', value: '=' };

/** Notes an act in its open session. A session's first act also throws out what is left of sessions that were never learned. */
export function noteAct(
  habits: ActHabits,
  { tool, naming, rows }: ActShown,
  session: Readonly<SessionState>,
  state: Readonly<AgentState>,
): void {
  const open = openOf(habits, session) ?? enter(habits, session, state);
  open.rows += rows;
  open.acts += 1;
  for (const [role, how] of Object.entries(naming) as [Role, Naming][]) {
    const key = keyOf(tool, role);
    const before = open.tools.get(key);
    if (before !== undefined || open.tools.size < OPEN_TOOLS_MAX)
      open.tools.set(key, before === undefined || how > before ? how : before);
  }
}

function openOf({ open }: Readonly<ActHabits>, session: Readonly<SessionState> | undefined): OpenSession | undefined {
  const known = session && open.get(session.key);
  return known?.openedMs === session?.openedMs ? known : undefined;
}

function enter({ open }: ActHabits, session: Readonly<SessionState>, state: Readonly<AgentState>): OpenSession {
  for (const key of open.keys()) if (!state.sessions.has(key)) open.delete(key);
  if (open.size >= OPEN_MAX) open.delete(open.keys().next().value ?? '');
  const entered: OpenSession = { openedMs: session.openedMs, tools: new Map(), rows: 0, acts: 0 };
  open.set(session.key, entered);
  return entered;
}

export function learnActs(habits: ActHabits, session: Readonly<SessionState>, halfLifeMs: number): void {
  const open = openOf(habits, session);
  const { lastMs } = session;
  learnAmount(habits.rows, open?.rows ?? 0, lastMs, halfLifeMs);
  learnAmount(habits.acts, open?.acts ?? 0, lastMs, halfLifeMs);
  if (open === undefined) return;
  habits.open.delete(session.key);
  for (const [key, naming] of open.tools) learnNaming(habits, key, naming, lastMs, halfLifeMs);
}

function learnNaming({ tools }: ActHabits, key: string, naming: Naming, tMs: number, halfLifeMs: number): void {
  let known = tools.get(key);
  if (known === undefined) {
    if (tools.size >= TOOLS_MAX) tools.delete(tools.keys().next().value ?? '');
    known = { sessions: emptyDecayed(), unnamed: emptyDecayed(), strange: emptyDecayed() };
    tools.set(key, known);
  }
  addDecayed(known.sessions, 1, tMs, halfLifeMs);
  if (naming >= UNNAMED) addDecayed(known.unnamed, 1, tMs, halfLifeMs);
  if (naming >= STRANGE) addDecayed(known.strange, 1, tMs, halfLifeMs);
}

interface At {
  readonly timeMs: number;
  readonly halfLifeMs: number;
}

/** Share of the tool's sessions that are expected to give it a value that is unnamed, or strange. */
export function shareOf(
  { tools }: Readonly<ActHabits>,
  tool: string,
  role: Role,
  what: 'unnamed' | 'strange',
  { timeMs, halfLifeMs }: At,
): number {
  const prior = PRIOR_SHARE[role][what];
  const seen = (one: ToolHabit): Seen => ({
    sessions: valueAt(one.sessions, timeMs, halfLifeMs),
    some: valueAt(one[what], timeMs, halfLifeMs),
  });
  const all: Seen[] = [];
  for (const [key, one] of tools) if (key.startsWith(MARKS[role])) all.push(seen(one));
  const own = tools.get(keyOf(tool, role));
  return own === undefined ? shareOfTools(prior, all) : shrunk(shrunk(prior, sumOf(all)), seen(own));
}

interface Seen {
  readonly sessions: number;
  readonly some: number;
}

const sumOf = (all: readonly Seen[]): Seen => ({
  sessions: all.reduce((sum, { sessions }) => sum + sessions, 0),
  some: all.reduce((sum, { some }) => sum + some, 0),
});

const shrunk = (prior: number, { sessions, some }: Seen): number =>
  (PRIOR_SESSIONS * prior + some) / (PRIOR_SESSIONS + sessions);

/**
 * What to expect of a tool never used: what tools are like, each with one voice, and that is known of as many tools as there are. A hundred
 * sessions with one tool that is always given names say nothing of the next, which may be one to take notes with.
 */
function shareOfTools(prior: number, all: readonly Seen[]): number {
  let voices = PRIOR_TOOLS;
  let heard = PRIOR_TOOLS * prior;
  for (const { sessions, some } of all) {
    voices += sessions / (1 + sessions);
    heard += some / (1 + sessions);
  }
  return heard / voices;
}

/** Learned sessions in which the tool acted on a value, decayed. */
export const sessionsWith = ({ tools }: Readonly<ActHabits>, tool: string, { timeMs, halfLifeMs }: At): number =>
  Math.max(
    ...(['address', 'value'] as const).map((role) =>
      valueAt(tools.get(keyOf(tool, role))?.sessions ?? emptyDecayed(), timeMs, halfLifeMs),
    ),
  );

/** Chance that acts of a session of this agent touch so many rows as this one with the act, or are so many: the smaller; 1 from a quarter on. */
export function amountChance(
  habits: Readonly<ActHabits>,
  rows: number,
  session: Readonly<SessionState> | undefined,
  { timeMs, halfLifeMs }: At,
): number {
  const open = openOf(habits, session);
  const chance = (amount: Amount, x: number) => amountTail(amount, x, timeMs, halfLifeMs, 'humped', undefined, USUAL);
  const byRows = rows > 0 ? chance(habits.rows, rows + (open?.rows ?? 0)) : 1;
  // Two looks.
  return Math.min(1, 2 * Math.min(byRows, chance(habits.acts, 1 + (open?.acts ?? 0))));
}

/** Two looks at so much or more are no evidence of anything (`unasked-weight.ts`), and not told from one that is certain. */
const USUAL = 1 / 8;

interface StoredHabits {
  readonly open: readonly (readonly [string, number, number, number, readonly (readonly [string, Naming])[]])[];
  readonly tools: readonly (readonly [string, ToolHabit])[];
  readonly rows: Amount;
  readonly acts: Amount;
}

/** Nothing for what is still empty, as in builds before. */
export const encodeHabits = (habits: Readonly<ActHabits>): StoredHabits | null =>
  isEmpty(habits) ? null : storedFrom(habits);

const isEmpty = ({ open, rows }: Readonly<ActHabits>): boolean =>
  open.size === 0 && rows.zeros.value === 0 && rows.positive.value === 0;

const storedFrom = ({ open, tools, rows, acts }: Readonly<ActHabits>): StoredHabits => ({
  open: [...open].map(([key, one]) => [key, one.openedMs, one.rows, one.acts, [...one.tools]]),
  tools: [...tools],
  rows,
  acts,
});

/** Builds before kept nothing here. */
export function decodeHabits(json: unknown): ActHabits {
  if (json === null) return emptyHabits();
  const { open, tools, rows, acts } = json as StoredHabits;
  return {
    open: new Map(
      open.map(([key, openedMs, r, a, used]) => [key, { openedMs, tools: new Map(used), rows: r, acts: a }]),
    ),
    tools: new Map(tools),
    rows: { ...emptyMoments(), ...rows },
    acts: { ...emptyMoments(), ...acts },
  };
}
