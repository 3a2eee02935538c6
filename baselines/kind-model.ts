import { NewerBuild } from '../ingest/newer-build.ts';
import type { AgentState } from './agent-state.ts';
import {
  type BaselineSettings,
  FAMILIAR_KINDS,
  FAMILIAR_MAX,
  type FamiliarKind,
  knowledgeOf,
  READY_SESSIONS,
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
import type { Knowledge } from './verdict.ts';

/**
 * What the agents of one kind have in common: where an agent begins that nobody knows yet.
 *
 * Every member has one voice, however busy it is, and its voice stays its own: so that a prior for an agent can be made of the others
 * alone (leave-one-out), or an attacker's past would excuse its present. Members are the agents that are known well; while those are fewer
 * than a full kind, the best known of the others too, with as much of a voice as they have sessions.
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
  /** Part of a full voice, 0..1, of one that is not known well yet; absent: 1. Builds before knew no such members. */
  readonly voice?: number;
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
/** From so many members on a kind says all that a kind can say of a new one. */
export const FULL_KIND = 10;
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

/** Undefined while too few agents of the kind are known. */
export function summariseKind(
  kind: string,
  states: readonly Readonly<AgentState>[],
  settings: BaselineSettings,
  lend: Lend,
): KindModel | undefined {
  const members = membersAmong(states, settings);
  if (members.length < MEMBERS_MIN) return undefined;
  const users = perKind((familiar) => usersOf(members, familiar));
  return {
    format: 1,
    kind,
    members: members.map((state, index) => ({
      ...memberOf(state, settings),
      alone: perKind((one) => aloneIn(users[one], index)),
      lent: lend(state),
    })),
    items: perKind((familiar) => mostShared(users[familiar])),
    requests: pooledRequests(members, settings),
  };
}

/** Agents that began together would otherwise have no kind until the third of them is known well. */
function membersAmong(states: readonly Readonly<AgentState>[], settings: BaselineSettings): Readonly<AgentState>[] {
  const known = (how: Knowledge) =>
    states.filter((state) => knowledgeOf(state.baseline, state.clockMs, settings) === how).sort(byAgent);
  const ready = known('ready').slice(0, MEMBERS_MAX);
  if (ready.length >= FULL_KIND) return ready;
  const young = known('warming').sort((a, b) => b.baseline.sessionsEver - a.baseline.sessionsEver || byAgent(a, b));
  return [...ready, ...young.slice(0, FULL_KIND - ready.length)].sort(byAgent);
}

const byAgent = (a: Readonly<AgentState>, b: Readonly<AgentState>): number => (a.agent < b.agent ? -1 : 1);

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
  const voice = baseline.sessionsEver / READY_SESSIONS;
  return {
    agent,
    ...(voice < 1 ? { voice } : {}),
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

const MODEL_FORMAT = 1;

/**
 * Undefined for a text that is no model.
 *
 * @throws NewerBuild for a model of a later format: whoever kept the one before it would judge otherwise than who can read it
 */
export function decodeKindModel(text: string): KindModel | undefined {
  const model = parse(text);
  const format = model?.format ?? 0;
  if (Number.isSafeInteger(format) && format > MODEL_FORMAT)
    throw new NewerBuild('The model of a kind', format, MODEL_FORMAT);
  return format === MODEL_FORMAT && Array.isArray(model?.members) ? (model as KindModel) : undefined;
}

function parse(text: string): (Omit<Partial<KindModel>, 'format'> & { readonly format?: number }) | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}
