import { FAMILIAR_KINDS, type FamiliarKind } from './baseline.ts';
import type { ForestPrior } from './forest/forest-prior.ts';
import type { Horizon, KindModel, Member } from './kind-model.ts';
import { HORIZONS } from './kind-model.ts';
import { MEASURE_NAMES, type Measure } from './measures.ts';
import { indexRequests, type RequestIndex } from './request-index.ts';
import type { AmountPrior, LogMoments } from './statistics/amount.ts';
import { countToolWords, type ToolWords } from './tool-words.ts';

/** What an agent may expect to be like, from the others of its kind. Made without its own voice, but for the vocabulary. */
export interface KindPrior {
  readonly members: number;
  /** The same, those that are not known well yet counted in part. */
  readonly voices: number;
  readonly amounts: Readonly<Record<Horizon, Readonly<Record<Measure, AmountPrior | undefined>>>>;
  readonly resources: AmountPrior | undefined;
  readonly sessionsPerDay: number;
  /** Things the members met for the first time, and the sessions in which they did, decayed. */
  readonly discoveries: Readonly<Record<FamiliarKind, { readonly met: number; readonly sessions: number }>>;
  /** How many of the members use a thing. */
  users(kind: FamiliarKind, value: string): number;
  /** Hosts that several other members send to. */
  readonly hosts: readonly string[];
  readonly vocabulary: KindVocabulary;
  readonly strangeness: Readonly<Record<FamiliarKind, Strangeness>>;
  /** The shapes of sessions; undefined where the model has no forest. */
  readonly forest?: ForestPrior | undefined;
  /**
   * What the others' detectors of this name lend, made into one by `pool`, which is called once for each agent and model: it must be pure, and
   * always the same for one name. Members whose model is of a build before lend nothing.
   */
  lent<Pooled>(detector: string, pool: (loans: readonly Loan[]) => Pooled): Pooled;
}

/** What one other member lends; `sessions`: learned, decayed, behind it; `voice`: 0..1, as `Member.voice`. */
export interface Loan {
  readonly sessions: number;
  readonly voice: number;
  readonly value: unknown;
}

/** What is the same for every agent of a kind: what requests lead to, and the words of its tools' names. */
export interface KindVocabulary {
  readonly requests: RequestIndex;
  readonly toolWords: ToolWords;
}

export const vocabularyOf = ({ requests, items }: KindModel): KindVocabulary => ({
  requests: indexRequests(requests ?? []),
  toolWords: countToolWords(items.tools.map(([name]) => name)),
});

/** Things that one other member alone uses: how strange members are to each other. Counted as if there were one more of them. */
export interface Strangeness {
  /** How many a member has, and how many come in a session. */
  readonly perMember: number;
  readonly perSession: number;
}

/** An agent varies around its kind at least this much (variance of the log): two agents are never the same. */
const BETWEEN_MIN = 0.05;
const WITHIN_MIN = 0.05;

/** Undefined when the model has too few other members to tell how they differ. */
export function priorFor(
  model: KindModel,
  agent: string,
  vocabulary: KindVocabulary = vocabularyOf(model),
): KindPrior | undefined {
  const self = model.members.findIndex((member) => member.agent === agent);
  const others = model.members.filter((_, index) => index !== self);
  if (others.length < 2) return undefined;
  const users = usersOf(model, self);
  const amounts = HORIZONS.map((horizon) => [
    horizon,
    Object.fromEntries(
      MEASURE_NAMES.map((name) => [name, poolAmounts(others.map((one) => one.amounts[horizon][name]))]),
    ),
  ]);
  return {
    members: others.length,
    voices: others.reduce((sum, { voice = 1 }) => sum + voice, 0),
    amounts: Object.fromEntries(amounts) as unknown as KindPrior['amounts'],
    resources: poolAmounts(others.map((one) => one.resources)),
    sessionsPerDay: others.reduce((sum, one) => sum + one.sessionsPerDay, 0) / others.length,
    discoveries: perKind((kind) => discoveriesOf(others, kind)),
    strangeness: perKind((kind) => strangenessOf(model, others, self, kind)),
    vocabulary,
    users: (kind, value) => users[kind].get(value) ?? 0,
    hosts: [...users.hosts].flatMap(([host, count]) => (count > 1 ? [host] : [])),
    lent: lending(others),
  };
}

function lending(others: readonly Member[]): KindPrior['lent'] {
  const pools = new Map<string, unknown>();
  return <Pooled>(detector: string, pool: (loans: readonly Loan[]) => Pooled): Pooled => {
    if (!pools.has(detector)) pools.set(detector, pool(loansOf(others, detector)));
    return pools.get(detector) as Pooled;
  };
}

const loansOf = (others: readonly Member[], detector: string): Loan[] =>
  others.flatMap(({ sessions, voice = 1, lent }) =>
    lent?.[detector] === undefined ? [] : [{ sessions, voice, value: lent[detector] }],
  );

const perKind = <T>(of: (kind: FamiliarKind) => T) =>
  Object.fromEntries(FAMILIAR_KINDS.map((kind) => [kind, of(kind)])) as Record<FamiliarKind, T>;

const usersOf = ({ items }: KindModel, self: number) =>
  perKind((kind) => new Map(items[kind].map(([value, who]) => [value, who.filter((index) => index !== self).length])));

/** Mean of the members' means, how far members lie apart, and how far a member's values lie apart. */
function poolAmounts(moments: readonly LogMoments[]): AmountPrior | undefined {
  const active = moments.filter(({ n }) => n >= 2);
  if (active.length < 2) return undefined;
  const share = moments.reduce((sum, { positiveShare }) => sum + positiveShare, 0) / moments.length;
  const mean = active.reduce((sum, one) => sum + one.mean, 0) / active.length;
  const apart = active.reduce((sum, one) => sum + (one.mean - mean) ** 2, 0) / (active.length - 1);
  const within = active.reduce((sum, one) => sum + one.variance, 0) / active.length;
  return {
    mean,
    between: Math.max(BETWEEN_MIN, apart),
    within: Math.max(WITHIN_MIN, within),
    positiveShare: share,
    members: active.length,
  };
}

const discoveriesOf = (others: readonly Member[], kind: FamiliarKind) => ({
  met: others.reduce((sum, one) => sum + one.discoveries[kind], 0),
  sessions: others.reduce((sum, one) => sum + one.sessions, 0),
});

function strangenessOf(model: KindModel, others: readonly Member[], self: number, kind: FamiliarKind): Strangeness {
  // What another shares with this agent only is strange to the rest.
  const shared = model.items[kind].filter(([, who]) => who.length === 2 && who.includes(self)).length;
  const alone = others.reduce((sum, one) => sum + one.alone[kind], shared);
  const sessions = others.reduce((sum, one) => sum + one.sessions, 0);
  return { perMember: (alone + 1) / (others.length + 1), perSession: Math.min(1, (alone + 1) / (sessions + 1)) };
}
