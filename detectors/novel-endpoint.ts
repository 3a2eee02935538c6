import { type Baseline, type FamiliarKind, READY_SESSIONS } from '../baselines/baseline.ts';
import { acquaintance, chanceOfNew, thingsKnown } from '../baselines/familiarity.ts';
import type { Strangeness } from '../baselines/kind-prior.ts';
import type { Severity } from '../baselines/verdict.ts';
import type { WaitingEvents } from '../baselines/waiting-events.ts';
import type { AuditEvent, Classification } from '../ingest/event.ts';
import { quote } from '../ingest/untrusted-text.ts';
import { countWords } from './amount-words.ts';
import { serviceDesk } from './canaries.ts';
import { type Detector, type Explanation, type Finding, link, noSlot, type View, voiced } from './detector.ts';
import { movedFrom, newPlaceOf } from './moved-endpoint.ts';
import { TAGS } from './tags.ts';

/**
 * Prior for the share of sessions in which an agent meets a new thing of this sort: a beta distribution worth 20 sessions with this
 * mean. Experience, not measurement: see the docs.
 */
const PRIOR_P = { endpoint: 2e-3, tool: 2e-3, resource: 0.2, confidential: 0.03, restricted: 0.01 } as const;
const PRIOR_SESSIONS = 20;
/** A thing that fell out of memory was known once. */
const FORGOTTEN_FACTOR = 20;
/** Every further new endpoint of a session makes it at most this much rarer: some agents explore, and then all is new at once. */
const FURTHER_FACTOR = 0.2;
/** Each time as many peers as there are use a thing, an agent's first use of it is this much likelier than of any new thing. */
const PEERS_FACTOR = 20;
/** A release brings new tools, a move new addresses. */
const CHANGE_FACTOR = 20;

interface Novelty {
  readonly what: keyof typeof PRIOR_P;
  readonly kind: FamiliarKind;
  readonly value: string;
  readonly forgotten: boolean;
  /** The known endpoint that it has the place of. */
  readonly movedFrom?: string | undefined;
  readonly p: number;
  readonly level: Finding['level'];
}

/**
 * Fires on an endpoint, tool or sensitive resource that the agent has not used before.
 *
 * Model: the chance that a session meets this many new things (`new-item.ts`): an agent that keeps meeting new things surprises nobody
 * with another, and strangers come in groups. Agents of the same kind lend it their rate, and tell what is strange to all of them: a
 * thing that most of them use is likely, one that none uses is as rare as such things are among them. Says little while an agent and
 * its kind are young, within a day of a change of release or model, and of a known tool at a new address of its service
 * (`moved-endpoint.ts`). A sensitive resource starts from a lower prior.
 */
export const novelEndpoint: Detector<null> = {
  name: 'novel-endpoint',
  tags: TAGS['novel-endpoint'],
  budgetShare: { told: 0.16, untold: 0.25, shaped: 0.085 },
  judgesNewness: true,
  ...noSlot,
  score(event, view) {
    const found = novelties(event, view);
    if (found.length === 0) return undefined;
    const asked = view.askedFor() ?? 0;
    const rarest = found.map((one) => asAsked(one, asked)).sort((a, b) => a.p - b.p)[0];
    return rarest && findingOf(event, view, rarest);
  },
  canary: {
    history: serviceDesk.history,
    probe: serviceDesk.session('probe', { endpoint: 'payroll.export', name: 'export_payroll', type: 'tool_call' }),
  },
};

/** Any request explains any tool this much. */
const ASKED_BY_CHANCE = 0.1;

/** A new task is not a new place for data to go: a tool that the user asked for in so many words may be new. */
function asAsked(novelty: Novelty, asked: number): Novelty {
  if (novelty.kind === 'resources') return novelty;
  const beyondChance = Math.max(0, asked - ASKED_BY_CHANCE) / (1 - ASKED_BY_CHANCE);
  return { ...novelty, p: novelty.p ** (1 - beyondChance) };
}

function novelties(event: AuditEvent, view: View): Novelty[] {
  const found: Novelty[] = [];
  const look = (what: Novelty['what'], kind: FamiliarKind, value: string) => {
    const known = acquaintance(view.baseline.familiar[kind], value);
    if (known === 'known') return;
    const forgotten = known === 'forgotten';
    const old = kind === 'endpoints' ? movedFrom(actOf(event), view.baseline, view.session?.pending) : undefined;
    const factor = (forgotten ? FORGOTTEN_FACTOR : 1) * (view.changed || old !== undefined ? CHANGE_FACTOR : 1);
    found.push({ what, kind, value, forgotten, movedFrom: old, ...chanceOf(view, what, kind, value, factor) });
  };
  look('endpoint', 'endpoints', event.endpoint);
  if (event.action.name !== event.endpoint) look('tool', 'tools', event.action.name);
  for (const { name, classification } of event.resources ?? []) look(sensitivity(classification), 'resources', name);
  return found;
}

const actOf = ({ endpoint, action: { name } }: AuditEvent) => ({ endpoint, tool: name });

function chanceOf(
  view: View,
  what: Novelty['what'],
  kind: FamiliarKind,
  value: string,
  factor: number,
): { p: number; level: Finding['level'] } {
  const { baseline, prior, sessions, timeMs } = view;
  const count = 1 + (kind === 'endpoints' ? newEndpointsBefore(view, value) : 0);
  const belief = { sessions, prior: priorOf(view, what, kind), priorSessions: PRIOR_SESSIONS };
  const chance = (news: number) => chanceOfNew(baseline.familiar[kind], news, timeMs, belief);
  const own = Math.max(chance(count), chance(1) * FURTHER_FACTOR ** (count - 1));
  // Documents come and go with every task; what tools an agent has does not.
  if (prior === undefined || kind === 'resources') return { p: voiced(own * factor, view), level: 'agent' };
  const users = prior.users(kind, value);
  const share = users / prior.members;
  // What peers do says less of an agent, the longer it has not done it.
  const borrowed = PRIOR_SESSIONS / (PRIOR_SESSIONS + sessions);
  const byPeers =
    users > 0
      ? Math.min(1, Math.max(own * (1 + PEERS_FACTOR * share * borrowed), share * firstUseNow(baseline)))
      : Math.min(own, strangeness(prior.strangeness[kind], view));
  const level = baseline.sessionsEver < READY_SESSIONS ? 'kind' : 'agent';
  return { p: voiced(byPeers * factor, view), level };
}

/** An agent meets what is its own alone early: the chance falls with every session, down to what it is for the others. */
const strangeness = ({ perMember, perSession }: Strangeness, { baseline }: View): number =>
  Math.max(perSession, perMember / (1 + baseline.sessionsEver));

/**
 * The chance that one of those who use a thing does so for the first time in the session after `n` without it: a member uses it in a share of
 * its sessions that may be anything, so the integral of u (1 - u)^n. What every member uses, a new agent begins with.
 */
const firstUseNow = ({ sessionsEver: n }: Readonly<Baseline>): number => 1 / ((n + 1) * (n + 2));

/** The kind's rate starts from the fixed prior as an agent's own does: a kind that never meets anything new is not one that often does. */
function priorOf({ prior }: View, what: Novelty['what'], kind: FamiliarKind): number {
  if (prior === undefined || kind === 'resources') return PRIOR_P[what];
  const { met, sessions } = prior.discoveries[kind];
  return Math.min(1, (PRIOR_SESSIONS * PRIOR_P[what] + met) / (PRIOR_SESSIONS + sessions));
}

/** Further new endpoints of one session are not counted: a session that meets so many is told from hardly any by another. */
const NEWS_MAX = 64;

/** Other new endpoints that the session has used before this event, at most `NEWS_MAX` less one. */
function newEndpointsBefore({ session, baseline }: View, endpoint: string): number {
  if (session === undefined) return 0;
  const met = strangersAmong(session.pending, baseline);
  return Math.min(NEWS_MAX - 1, met.has(endpoint) ? met.size - 1 : met.size);
}

/** New endpoints among the events that wait, as far as they count. Kept until something is learned or the events are others. */
function strangersAmong(pending: WaitingEvents, baseline: Readonly<Baseline>): ReadonlySet<string> {
  let met = MET.get(pending);
  if (met?.baseline !== baseline || met.learned !== baseline.eventsEver || met.left !== pending.left) {
    met = { baseline, learned: baseline.eventsEver, left: pending.left, seen: 0, names: new Set() };
    MET.set(pending, met);
  }
  const { names } = met;
  met.seen = pending.eachAct(met.seen, (act) => {
    if (names.size > NEWS_MAX) return false;
    const isNew = acquaintance(baseline.familiar.endpoints, act.endpoint) === 'new';
    if (isNew && movedFrom(act, baseline) === undefined) names.add(act.endpoint);
    return true;
  });
  return names;
}

interface Met {
  readonly baseline: Readonly<Baseline>;
  readonly learned: number;
  /** Events that had left. */
  readonly left: number;
  /** Where those begin that were not looked at. */
  seen: number;
  readonly names: Set<string>;
}

const MET = new WeakMap<WaitingEvents, Met>();

const sensitivity = (classification: Classification | undefined): 'resource' | 'confidential' | 'restricted' =>
  classification === 'confidential' || classification === 'restricted' ? classification : 'resource';

const TITLES: Record<Novelty['what'], string> = {
  endpoint: 'Agent used an endpoint for the first time',
  tool: 'Agent used a tool for the first time',
  resource: 'Agent touched a resource for the first time',
  confidential: 'Agent touched a confidential resource for the first time',
  restricted: 'Agent touched a restricted resource for the first time',
};

const SEVERITIES: Record<Novelty['what'], Severity> = {
  endpoint: 3,
  tool: 3,
  resource: 2,
  confidential: 3,
  restricted: 4,
};

const findingOf = (event: AuditEvent, view: View, novelty: Novelty): Finding => ({
  subject: (novelty.kind === 'resources' ? undefined : newPlaceOf(actOf(event), view.baseline)) ?? novelty.value,
  p: novelty.p,
  level: novelty.level,
  severity: SEVERITIES[novelty.what],
  news: newsOf(event, view, novelty),
  explain: () => explain(event, view, novelty),
});

/** A tool and its endpoint come together. */
function newsOf({ endpoint, action }: AuditEvent, { baseline }: View, { kind }: Novelty): number {
  if (kind === 'resources') return 1;
  const isNew = (of: FamiliarKind, name: string) => (acquaintance(baseline.familiar[of], name) === 'new' ? 1 : 0);
  return isNew('endpoints', endpoint) + isNew('tools', action.name);
}

function explain(
  event: AuditEvent,
  view: View,
  { what, kind, value, forgotten, movedFrom: old }: Novelty,
): Explanation {
  const known = thingsKnown(view.baseline.familiar[kind]);
  const noun = what === 'endpoint' || what === 'tool' ? what : 'resource';
  const sessions = view.baseline.sessionsEver;
  const since = forgotten
    ? 'for the first time in a long while'
    : `for the first time in ${countWords(sessions, 'learned sessions')}`;
  const after = view.changed ? ' Its release changed within the last day.' : '';
  const moved = old === undefined ? '' : ` It may be ${quote(old)} moved.`;
  return {
    title: TITLES[what],
    why: `The agent used the ${noun} ${quote(value)} ${since}; it knows ${countWords(known, `${noun}s`)}.${after}${moved}`,
    measure: `new ${noun}s in one session`,
    observed: quote(value),
    expected: `one of ${known} known ${noun}s`,
    bound: 'no new one',
    chain: [link(event.id, `first use of the ${noun}`)],
  };
}
