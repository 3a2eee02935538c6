import type { AgentState } from './agent-state.ts';
import {
  type BaselineSettings,
  FAMILIAR_KINDS,
  FAMILIAR_MAX,
  type FamiliarKind,
  knowledgeOf,
  sessionCount,
  sessionsPerDay,
} from './baseline.ts';
import { discoveriesAt, mostUsed } from './familiarity.ts';
import type { ForestJob } from './forest/grow-forest.ts';
import { vectorsOf } from './forest/session-memory.ts';
import type { StoredForest } from './forest/stored-forest.ts';
import { MEASURE_NAMES, type Measure } from './measures.ts';
import { type RequestSummary, summariseRequests } from './requests.ts';
import { type Amount, type LogMoments, logMoments } from './statistics/amount.ts';

/**
 * What the agents of one kind have in common: where an agent begins that nobody knows yet.
 *
 * Every member has one voice, however busy it is, and its voice stays its own: so that a prior for an agent can be made of the others
 * alone (leave-one-out), or an attacker's past would excuse its present. Only agents that are known well are members.
 */
export interface KindModel {
  readonly format: 1;
  readonly kind: string;
  /** In the order of their ids, at most `MEMBERS_MAX`. */
  readonly members: readonly Member[];
  /** Things at least one member uses, with the indexes of those members, most shared first. */
  readonly items: Readonly<Record<FamiliarKind, readonly (readonly [string, readonly number[]])[]>>;
  /** Distinct requests of all members and what they led to, those made most often first; models of builds before had none. */
  readonly requests?: readonly RequestSummary[];
  /** The shapes of their sessions; absent where too few are known or the training failed. Builds before it ignore it. */
  readonly forest?: StoredForest;
}

export const HORIZONS = ['session', 'hour', 'day'] as const;
export type Horizon = (typeof HORIZONS)[number];

export interface Member {
  readonly agent: string;
  /** Learned sessions, decayed, and how many a day. */
  readonly sessions: number;
  readonly sessionsPerDay: number;
  readonly amounts: Readonly<Record<Horizon, Readonly<Record<Measure, LogMoments>>>>;
  readonly resources: LogMoments;
  /** Things met for the first time after its first sessions, decayed. */
  readonly discoveries: Readonly<Record<FamiliarKind, number>>;
  /** Things that no other member uses. */
  readonly alone: Readonly<Record<FamiliarKind, number>>;
  /** What its detectors have learned and others of its kind may begin with, by their names; models of builds before had none. */
  readonly lent?: Readonly<Record<string, unknown>>;
}

/** What the detectors of one agent lend its kind: JSON values by the detectors' names. Baselines carry them and know nothing of their form. */
export type Lend = (state: Readonly<AgentState>) => Readonly<Record<string, unknown>>;

/** Beyond this the members are a sample: a prior gains nothing from more. */
export const MEMBERS_MAX = 100;
/** Fewer agents are no kind: their model would be a portrait of one of them. */
export const MEMBERS_MIN = 3;
const ITEMS_MAX = 512;
const REQUESTS_MAX = 384;

/** A model that lacks its forest, and what that is to be grown from. */
export interface TrainableModel {
  readonly tenant: string;
  readonly model: KindModel;
  readonly job: ForestJob;
}

/** The models of all kinds among the states, in the order of their names. */
export function modelsOf(
  states: readonly Readonly<AgentState>[],
  settings: BaselineSettings,
  lend: Lend,
): TrainableModel[] {
  const groups = new Map<string, Readonly<AgentState>[]>();
  for (const state of states) {
    if (state.kind === '') continue;
    const key = `${state.tenant}\u0000${state.kind}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [state]);
    else group.push(state);
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, group]) => {
      const [first] = group;
      const model = first && summariseKind(first.kind, group, settings, lend);
      if (first === undefined || model === undefined) return [];
      return [{ tenant: first.tenant, model, job: forestJobOf(first.tenant, model, group) }];
    });
}

/** Undefined while too few agents of the kind are known well. */
export function summariseKind(
  kind: string,
  states: readonly Readonly<AgentState>[],
  settings: BaselineSettings,
  lend: Lend,
): KindModel | undefined {
  const ready = states
    .filter((state) => knowledgeOf(state.baseline, state.clockMs, settings) === 'ready')
    .sort((a, b) => (a.agent < b.agent ? -1 : 1))
    .slice(0, MEMBERS_MAX);
  if (ready.length < MEMBERS_MIN) return undefined;
  const users = perKind((familiar) => usersOf(ready, familiar));
  return {
    format: 1,
    kind,
    members: ready.map((state, index) => ({
      ...memberOf(state, settings),
      alone: perKind((one) => aloneIn(users[one], index)),
      lent: lend(state),
    })),
    items: perKind((familiar) => mostShared(users[familiar])),
    requests: pooledRequests(ready, settings),
  };
}

const perKind = <T>(of: (kind: FamiliarKind) => T) =>
  Object.fromEntries(FAMILIAR_KINDS.map((kind) => [kind, of(kind)])) as Record<FamiliarKind, T>;

function memberOf(
  { agent, baseline, clockMs }: Readonly<AgentState>,
  settings: BaselineSettings,
): Omit<Member, 'alone' | 'lent'> {
  const { halfLifeMs } = settings;
  const moments = (amounts: Record<Measure, Amount>) =>
    Object.fromEntries(
      MEASURE_NAMES.map((measure) => [measure, logMoments(amounts[measure], clockMs, halfLifeMs)]),
    ) as Record<Measure, LogMoments>;
  return {
    agent,
    sessions: sessionCount(baseline, clockMs, settings),
    sessionsPerDay: sessionsPerDay(baseline, clockMs, settings),
    amounts: {
      session: moments(baseline.perSession),
      hour: moments(baseline.perHour),
      day: moments(baseline.perDay),
    },
    resources: logMoments(baseline.resourcesPerSession, clockMs, halfLifeMs),
    discoveries: perKind((kind) => discoveriesAt(baseline.familiar[kind], clockMs)),
  };
}

type Users = ReadonlyMap<string, readonly number[]>;

function usersOf(states: readonly Readonly<AgentState>[], kind: FamiliarKind): Users {
  const users = new Map<string, number[]>();
  for (const [index, { baseline, clockMs }] of states.entries()) {
    for (const { key } of mostUsed(baseline.familiar[kind], clockMs, FAMILIAR_MAX[kind])) {
      const known = users.get(key);
      if (known === undefined) users.set(key, [index]);
      else known.push(index);
    }
  }
  return users;
}

function pooledRequests(states: readonly Readonly<AgentState>[], { halfLifeMs }: BaselineSettings): RequestSummary[] {
  const pool = new Map<string, RequestSummary>();
  for (const { baseline, clockMs } of states)
    for (const one of summariseRequests(baseline.requests, clockMs, halfLifeMs))
      pool.set(one.key, joinedRequests(pool.get(one.key), one));
  return [...pool.values()].sort((a, b) => b.sessions - a.sessions || (a.key < b.key ? -1 : 1)).slice(0, REQUESTS_MAX);
}

function joinedRequests(known: RequestSummary | undefined, more: RequestSummary): RequestSummary {
  if (known === undefined) return more;
  const acts = new Map(known.acts);
  for (const [act, used] of more.acts) acts.set(act, (acts.get(act) ?? 0) + used);
  return { ...known, sessions: known.sessions + more.sessions, acts: [...acts] };
}

const aloneIn = (users: Users, index: number): number =>
  [...users.values()].filter((who) => who.length === 1 && who[0] === index).length;

const mostShared = (users: Users): (readonly [string, readonly number[]])[] =>
  [...users].sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1)).slice(0, ITEMS_MAX);

/** What the forest of a model is grown from: the sessions of its members. The seed follows from them, so the same give the same. */
export function forestJobOf(tenant: string, model: KindModel, states: readonly Readonly<AgentState>[]): ForestJob {
  const byAgent = new Map(states.map((state) => [state.agent, vectorsOf(state)]));
  const vectors = model.members.map(({ agent }) => byAgent.get(agent) ?? []);
  return { seed: JSON.stringify([tenant, model.kind, vectors]), vectors };
}

/** Undefined for a text that is no model of a format this build knows. */
export function decodeKindModel(text: string): KindModel | undefined {
  try {
    const model = JSON.parse(text) as KindModel;
    return model.format === 1 && Array.isArray(model.members) ? model : undefined;
  } catch {
    return undefined;
  }
}
