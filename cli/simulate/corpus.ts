/**
 * A second corpus to measure on, beside the fleets of the demo and the tests: a company of agents aged 1, 7 and 30 days, each attack at three
 * paces, and more honest changes. Pure: the same options give the same events and labels, byte for byte.
 */
import type { WireEvent } from '../../ingest/event.ts';
import type { AgentKindName } from './agent-kinds.ts';
import { AGENT_KIND_NAMES, AGENT_KINDS } from './agent-kinds.ts';
import type { CampaignName } from './campaigns/index.ts';
import { CAMPAIGNS } from './campaigns/index.ts';
import type { CorpusPace } from './campaigns/pace.ts';
import { ATTACK_DAYS, CORPUS_PACES } from './campaigns/pace.ts';
import { stageCampaign } from './campaigns/staging.ts';
import type { FleetMember, PlannedChange, Setting } from './changes/change.ts';
import { FURTHER_CHANGES } from './changes/further.ts';
import { CHANGES } from './changes/index.ts';
import { withChores } from './chores.ts';
import { createCompany } from './company.ts';
import type { PublishedAgent } from './fleet.ts';
import { byTime, publishAgent, SEED_CHARS_MAX, work } from './fleet.ts';
import type { Random } from './random.ts';
import { createRandom } from './random.ts';
import { DAY_MS } from './rhythm.ts';
import type { SessionDraft } from './session-writer.ts';
import type { Candidate } from './stories/casting.ts';

export interface CorpusOptions {
  /** Part of every id; at most 64 characters. */
  readonly seed: number | string;
  /** Three of four are attacked, once each. The default has one for every attack at every pace and age. */
  readonly agents?: number;
  /** Factor on the number of sessions. Default 0.6. */
  readonly density?: number;
}

/** Days an agent has been at work when it is attacked. */
export const CORPUS_AGES = [1, 7, 30] as const;
export type CorpusAge = (typeof CORPUS_AGES)[number];

export const CORPUS_CHANGES = { ...CHANGES, ...FURTHER_CHANGES } as const;
export type CorpusChangeName = keyof typeof CORPUS_CHANGES;

export interface Corpus {
  /** In order of time, in wire format v1, with ids. */
  readonly events: readonly WireEvent[];
  readonly attacks: readonly CorpusAttack[];
  readonly changes: readonly CorpusChange[];
  readonly agents: readonly CorpusMember[];
  /** Sessions from here on are to be judged. */
  readonly judgedFromMs: number;
}

export interface CorpusAttack {
  readonly id: string;
  readonly story: CampaignName;
  readonly pace: CorpusPace;
  readonly ageDays: CorpusAge;
  readonly agent: string;
  readonly words: string;
  /** In order of time. */
  readonly sessions: readonly AttackedSession[];
}

export interface AttackedSession {
  readonly session: string;
  /** The event that carried the text of an outsider. */
  readonly exposureId: string | undefined;
  /** The attacker's calls; the model calls between them are not named. */
  readonly coreIds: readonly string[];
}

export interface CorpusChange {
  readonly change: CorpusChangeName;
  readonly agents: readonly string[];
  readonly startMs: number;
  readonly endMs: number;
  readonly words: string;
}

export type CorpusMember = FleetMember & {
  /** When attacks begin, or would; 0 for agents that a change brings. */
  readonly ageDays: CorpusAge | 0;
  readonly role: Role | undefined;
};

interface Role {
  readonly id: string;
  readonly story: CampaignName;
  readonly pace: CorpusPace;
  readonly ageDays: CorpusAge;
}

const JUDGED_DAYS = 7;
/** A Monday: an agent of one day has then seen a day of work when it is attacked. */
const JUDGED_FROM_MS = Date.UTC(2026, 1, 9);
const ATTACKS_FROM_MS = JUDGED_FROM_MS + DAY_MS;
const END_MS = JUDGED_FROM_MS + JUDGED_DAYS * DAY_MS;
const START_MS = ATTACKS_FROM_MS - Math.max(...CORPUS_AGES) * DAY_MS;
const ATTACKED_SHARE = 0.75;
const AGENTS_MIN = 4;
/** All events are held in memory, about 1 500 per agent. */
const AGENTS_MAX = 1_000;

/** Throws RangeError for a seed that is too long, or too few or too many agents. */
export function simulateCorpus({ seed, agents = AGENTS_DEFAULT, density = 0.6 }: CorpusOptions): Corpus {
  if (String(seed).length > SEED_CHARS_MAX) throw new RangeError(`a seed has at most ${SEED_CHARS_MAX} characters`);
  if (!Number.isInteger(agents) || agents < AGENTS_MIN || agents > AGENTS_MAX)
    throw new RangeError(`a corpus has ${AGENTS_MIN} to ${AGENTS_MAX} agents`);
  const random = createRandom(seed).fork('corpus');
  const regulars = membersOf(agents, random.fork('members'));
  const setting = { agents: regulars, startMs: START_MS, endMs: END_MS, changesFromMs: JUDGED_FROM_MS };
  const plans = planChanges(setting, random);
  const newcomers = plans.flatMap((plan) => plan.newcomers ?? []);
  const everyone: CorpusMember[] = [
    ...regulars,
    ...newcomers.map((member) => ({ ...member, ageDays: 0 as const, role: undefined })),
  ];
  const company = createCompany(random.fork('company'));
  const effects = plans.flatMap((plan) => plan.effects);
  const world = { company, effects, endMs: END_MS, density, random };
  const told = everyone.map((member) => {
    const kind = withChores(AGENT_KINDS[member.kind], random.fork(`chores/${member.id}`));
    return tellMember(member, work(member, world, kind), random, seed);
  });
  return {
    events: told
      .flatMap(({ published }) => published.events)
      .sort(byTime)
      .map(({ event }) => event),
    attacks: told.flatMap(({ attack }) => attack ?? []),
    changes: plans.map(({ change, agents: concerned, startMs, endMs, words }) => ({
      change,
      agents: concerned,
      startMs,
      endMs,
      words,
    })),
    agents: everyone,
    judgedFromMs: JUDGED_FROM_MS,
  };
}

/** Every attack at every pace and age. */
const cells = (): Omit<Role, 'id'>[] =>
  (Object.keys(CAMPAIGNS) as CampaignName[]).flatMap((story) =>
    CORPUS_PACES.flatMap((pace) => CORPUS_AGES.map((ageDays) => ({ story, pace, ageDays }))),
  );

const AGENTS_DEFAULT = Math.ceil(cells().length / ATTACKED_SHARE);

/** The first three of four are attacked; a small corpus has a part of the attacks, drawn by the seed, and a large one each several times. */
function membersOf(count: number, random: Random): CorpusMember[] {
  const all = cells();
  const order = random.sample(all, all.length);
  const attacked = Math.round(count * ATTACKED_SHARE);
  const numbers = new Map<AgentKindName, number>();
  return Array.from({ length: count }, (_, index) => {
    const cell = index < attacked ? order[index % order.length] : undefined;
    const kind = kindFor(cell?.story, random.fork(`kind/${index}`));
    const number = (numbers.get(kind) ?? 0) + 1;
    numbers.set(kind, number);
    const ageDays = cell?.ageDays ?? random.fork(`age/${index}`).pick(CORPUS_AGES);
    const role = cell && {
      ...cell,
      id: `${cell.story}-${cell.pace}-${cell.ageDays}-${Math.floor(index / order.length) + 1}`,
    };
    return { id: `${kind}-${number}`, kind, startMs: ATTACKS_FROM_MS - ageDays * DAY_MS, ageDays, role };
  });
}

function kindFor(story: CampaignName | undefined, random: Random): AgentKindName {
  if (story === undefined) return random.pick(AGENT_KIND_NAMES);
  return random.pick(AGENT_KIND_NAMES.filter((name) => CAMPAIGNS[story].suits(AGENT_KINDS[name])));
}

function planChanges(setting: Setting, random: Random): (PlannedChange & { change: CorpusChangeName })[] {
  return (Object.keys(CORPUS_CHANGES) as CorpusChangeName[]).flatMap((change) =>
    CORPUS_CHANGES[change].plan(setting, random.fork(`change/${change}`)).map((plan) => ({ ...plan, change })),
  );
}

interface ToldMember {
  readonly published: PublishedAgent;
  readonly attack: CorpusAttack | undefined;
}

function tellMember(member: CorpusMember, candidate: Candidate, random: Random, seed: number | string): ToldMember {
  const { role, id: agent } = member;
  if (role === undefined) return { published: publishAgent(candidate, [], seed), attack: undefined };
  const scene = sceneOf(candidate);
  const staged = stageCampaign(scene, CAMPAIGNS[role.story], role.pace, random.fork(`attack/${role.id}`));
  const published = publishAgent(candidate, [{ agent, ...staged }], seed);
  const sessions = [...staged.changed.values(), ...staged.added].sort((one, other) => one.startMs - other.startMs);
  return {
    published,
    attack: {
      ...role,
      agent,
      words: staged.words,
      sessions: sessions.map((session) => attackedSession(session, published)),
    },
  };
}

function sceneOf({ stream, kindName, sessions }: Candidate) {
  const endMs = ATTACKS_FROM_MS + ATTACK_DAYS * DAY_MS;
  const foreignTools = Object.entries(AGENT_KINDS).flatMap(([name, kind]) =>
    name === kindName ? [] : Object.values(kind.toolbox),
  );
  const during = sessions.filter(({ startMs }) => startMs >= ATTACKS_FROM_MS && startMs < endMs);
  return { stream, sessions: during, startMs: ATTACKS_FROM_MS, endMs, foreignTools };
}

function attackedSession(session: SessionDraft, { ids, sessionIds }: PublishedAgent): AttackedSession {
  const acts = session.events.filter(({ part, body }) => part === 'attack' && body.action.type !== 'model_call');
  const exposure = session.events.find(({ part }) => part === 'exposure');
  return {
    session: sessionIds.get(session) as string,
    exposureId: exposure && ids.get(exposure),
    coreIds: acts.map((draft) => ids.get(draft) as string),
  };
}
