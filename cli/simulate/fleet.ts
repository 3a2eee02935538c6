/**
 * A fleet of AI agents at work: two weeks of ordinary life, honest changes, and attacks hidden in it, all from one seed.
 * Pure: the same options give the same events, byte for byte. Nothing in an event says where it came from.
 */
import type { WireEvent } from '../../ingest/event.ts';
import { EVENT_SCHEMA_ID } from '../../ingest/event.ts';
import type { AgentKind } from './agent-kind.ts';
import type { AgentKindName } from './agent-kinds.ts';
import { AGENT_KIND_NAMES, AGENT_KINDS } from './agent-kinds.ts';
import { createProfile } from './agent-profile.ts';
import type { AgentStream } from './agent-stream.ts';
import { ordinarySessions } from './agent-stream.ts';
import type { Effect, FleetMember, PlannedChange, Setting } from './changes/change.ts';
import { conditionsAt } from './changes/change.ts';
import type { ChangeName } from './changes/index.ts';
import { CHANGES } from './changes/index.ts';
import type { Company } from './company.ts';
import { createCompany } from './company.ts';
import { createRandom, type Random } from './random.ts';
import { DAY_MS } from './rhythm.ts';
import type { DraftEvent, EventBody, SessionDraft } from './session-writer.ts';
import type { Candidate, CastStory } from './stories/casting.ts';
import { castStories } from './stories/casting.ts';
import type { StoryName } from './stories/index.ts';
import { plantedEvents } from './stories/stage.ts';
import type { Magnitude } from './stories/story.ts';

export interface FleetOptions {
  /** Part of every id; at most 64 characters. */
  readonly seed: number | string;
  /** Agents at work from the first day; the change `new-agent` adds one. Default 24. */
  readonly agents?: number;
  /** At least 8: four to learn from, four with stories. Default 14. */
  readonly days?: number;
  /** Start of the first day, epoch ms. Default 2026-01-02, a Friday: the days of the stories are then Monday to Thursday. */
  readonly startMs?: number;
  /** Instances of each attack story. Default 2; 0 for a world without attacks. */
  readonly storiesPerKind?: number;
  /** Factor on the number of sessions. Default 1. */
  readonly density?: number;
  /** False: no honest changes. Default true. */
  readonly changes?: boolean;
}

/**
 * For continuous integration: every kind of agent and every story once, about 4000 events. From a Tuesday, so that the days of the
 * stories are again Monday to Thursday.
 */
export const SMALL_FLEET = {
  agents: 8,
  days: 10,
  startMs: Date.UTC(2026, 0, 6),
  storiesPerKind: 1,
  density: 0.6,
} as const satisfies Partial<FleetOptions>;

const DEFAULT_START_MS = Date.UTC(2026, 0, 2);
const DAYS_MIN = 8;
/** With longer seeds, ids could outgrow what the wire format allows. */
export const SEED_CHARS_MAX = 64;
const STORY_DAYS = 4;

export interface SimulatedFleet {
  /** In order of time, in wire format v1, with ids. */
  readonly events: readonly WireEvent[];
  readonly stories: readonly StoryInstance[];
  readonly changes: readonly ChangeInstance[];
  readonly agents: readonly FleetMember[];
  readonly startMs: number;
  readonly endMs: number;
  /** Stories lie between here and `endMs`. */
  readonly storiesFromMs: number;
}

export interface StoryInstance {
  readonly id: string;
  readonly story: StoryName;
  readonly agent: string;
  /** First and last planted event. */
  readonly startMs: number;
  readonly endMs: number;
  /** All events that would be absent or different without the attack. */
  readonly eventIds: readonly string[];
  /** Those among them that only carried the injected text. */
  readonly exposureIds: readonly string[];
  /** The sessions it happened in, each from its first planted event to its last event. */
  readonly spans: readonly Span[];
  readonly magnitude: Magnitude;
}

export interface Span {
  readonly session: string;
  readonly startMs: number;
  readonly endMs: number;
}

export interface ChangeInstance {
  readonly id: string;
  readonly change: ChangeName;
  readonly agents: readonly string[];
  readonly startMs: number;
  readonly endMs: number;
  readonly words: string;
}

type Plan = PlannedChange & { readonly id: string; readonly change: ChangeName };

/** Throws RangeError when the seed is too long, or days or agents are too few for the stories asked for. */
export function simulateFleet(options: FleetOptions): SimulatedFleet {
  const { seed, agents = 24, days = 14, startMs = DEFAULT_START_MS, storiesPerKind = 2, density = 1 } = options;
  if (days < DAYS_MIN) throw new RangeError(`a fleet needs at least ${DAYS_MIN} days`);
  if (String(seed).length > SEED_CHARS_MAX) throw new RangeError(`a seed has at most ${SEED_CHARS_MAX} characters`);
  const random = createRandom(seed);
  const endMs = startMs + days * DAY_MS;
  const storiesFromMs = endMs - STORY_DAYS * DAY_MS;

  const regulars = members(agents, startMs);
  const setting: Setting = { agents: regulars, startMs, endMs, changesFromMs: storiesFromMs };
  const plans = options.changes === false ? [] : planChanges(setting, random);
  const everyone = [...regulars, ...plans.flatMap((plan) => plan.newcomers ?? [])];

  const company = createCompany(random.fork('company'));
  const effects = plans.flatMap((plan) => plan.effects);
  const working = everyone.map((member) => work(member, { company, effects, endMs, density, random }));

  // Newcomers are a trap for false alarms; a story on one would blur it.
  const candidates = working.slice(0, regulars.length);
  const cast = castStories({
    candidates,
    storiesPerKind,
    fromMs: storiesFromMs,
    untilMs: endMs,
    random: random.fork('stories'),
  });

  const published = working.map((candidate) => publishAgent(candidate, cast, seed));
  const events = published
    .flatMap((agent) => agent.events)
    .sort(byTime)
    .map((entry) => entry.event);
  const stories = cast
    .map((story) => describeStory(story, published))
    .sort((one, other) => one.startMs - other.startMs);
  return { events, stories, changes: plans.map(describeChange), agents: everyone, startMs, endMs, storiesFromMs };
}

/** Kinds take turns; the number counts within the kind. */
function members(count: number, startMs: number): FleetMember[] {
  return Array.from({ length: count }, (_, index) => {
    const kind = AGENT_KIND_NAMES[index % AGENT_KIND_NAMES.length] as AgentKindName;
    return { id: `${kind}-${Math.floor(index / AGENT_KIND_NAMES.length) + 1}`, kind, startMs };
  });
}

function planChanges(setting: Setting, random: Random): Plan[] {
  return (Object.keys(CHANGES) as ChangeName[]).flatMap((change) => {
    const planned = CHANGES[change].plan(setting, random.fork(`change/${change}`));
    return planned.map((one, index) => ({ ...one, change, id: `${change}-${index + 1}` }));
  });
}

function describeChange(plan: Plan): ChangeInstance {
  const { id, change, agents, startMs, endMs, words } = plan;
  return { id, change, agents, startMs, endMs, words };
}

export interface World {
  readonly company: Company;
  readonly effects: readonly Effect[];
  readonly endMs: number;
  readonly density: number;
  readonly random: Random;
}

/** `kind`: what agents of its kind do, where it is more than the registry says. */
export function work(member: FleetMember, world: World, kind: AgentKind = AGENT_KINDS[member.kind]): Candidate {
  const { company, endMs, density } = world;
  const random = world.random.fork(`agent/${member.id}`);
  const { id, kind: kindName, startMs } = member;
  const profile = createProfile({
    id,
    kindName,
    steady: kind.rhythm === 'on-schedule',
    sessionsPerDay: kind.sessionsPerDay,
    company,
    startMs,
    endMs,
    density,
    random: random.fork('profile'),
  });
  const effects = world.effects.filter((effect) => effect.agents.includes(id));
  const stream: AgentStream = { profile, kind, company, effects, random };
  return { stream, kindName, sessions: ordinarySessions(stream, endMs) };
}

export interface PublishedAgent {
  readonly events: readonly { readonly timeMs: number; readonly event: WireEvent & { id: string } }[];
  readonly ids: ReadonlyMap<DraftEvent, string>;
  readonly sessionIds: ReadonlyMap<SessionDraft, string>;
}

/** The sessions that an attack changed on an agent, and those it added. */
export type PlantedPlot = Pick<CastStory, 'agent' | 'changed' | 'added'>;

/** Numbers sessions and events in order of time: a story leaves no gap and no high number behind. */
export function publishAgent(
  candidate: Candidate,
  cast: readonly PlantedPlot[],
  seed: number | string,
): PublishedAgent {
  const { stream } = candidate;
  const prefix = `sim-${seed}-${stream.profile.id}`;
  const sessions = withStories(candidate, cast);
  const sessionIds = new Map(sessions.map((session, index) => [session, `${prefix}-s${index + 1}`]));
  const drafts = sessions.flatMap((session) => session.events.map((draft, seq) => ({ session, draft, seq })));
  drafts.sort((one, other) => one.draft.timeMs - other.draft.timeMs);
  const ids = new Map(drafts.map(({ draft }, index) => [draft, `${prefix}-${index + 1}`]));
  const events = drafts.map(({ session, draft, seq }) => {
    const head = { id: ids.get(draft) as string, session: sessionIds.get(session) as string, seq };
    return { timeMs: draft.timeMs, event: wireEvent(stream, session, draft, head) };
  });
  return { events, ids, sessionIds };
}

function withStories(candidate: Candidate, cast: readonly PlantedPlot[]): SessionDraft[] {
  const own = cast.filter((story) => story.agent === candidate.stream.profile.id);
  const changed = new Map(own.flatMap((story) => [...story.changed]));
  const sessions = candidate.sessions.map((session) => changed.get(session) ?? session);
  return [...sessions, ...own.flatMap((story) => story.added)].sort((one, other) => one.startMs - other.startMs);
}

function wireEvent(
  stream: AgentStream,
  session: SessionDraft,
  draft: DraftEvent,
  head: { id: string; session: string; seq: number },
): WireEvent & { id: string } {
  return {
    schema: EVENT_SCHEMA_ID,
    id: head.id,
    time: new Date(draft.timeMs).toISOString(),
    agent: agentFields(stream, session.startMs),
    session: { id: head.session },
    seq: head.seq,
    principal: session.principal,
    ...bodyAt(stream, session.startMs, draft.body),
  };
}

/** After a move, services have other names and the same tools. */
function bodyAt(stream: AgentStream, timeMs: number, body: EventBody): EventBody {
  const { site } = conditionsAt(stream.effects, timeMs);
  if (site === undefined) return body;
  if (body.tool?.server === undefined) return { ...body, endpoint: `${site}.${body.endpoint}` };
  const { server } = body.tool;
  const endpoint = body.endpoint?.replace(`${server}.`, `${server}-${site}.`) ?? '';
  return { ...body, endpoint, tool: { ...body.tool, server: `${server}-${site}` } };
}

function agentFields(stream: AgentStream, timeMs: number): WireEvent['agent'] {
  const { profile, kind } = stream;
  const { release = profile, upgrade } = conditionsAt(stream.effects, timeMs);
  const version = upgrade?.version ?? release.version;
  const { owner, clearance } = kind;
  return {
    id: profile.id,
    kind: profile.kind,
    version,
    owner,
    clearance,
    tools_hash: release.toolsHash,
    prompt_hash: profile.promptHash,
  };
}

export function byTime(one: PublishedAgent['events'][number], other: PublishedAgent['events'][number]): number {
  if (one.timeMs !== other.timeMs) return one.timeMs - other.timeMs;
  return one.event.id < other.event.id ? -1 : 1;
}

function describeStory(story: CastStory, published: readonly PublishedAgent[]): StoryInstance {
  const { id, agent, startMs, endMs, magnitude } = story;
  const sessions = [...story.changed.values(), ...story.added].sort((one, other) => one.startMs - other.startMs);
  const home = published.find((candidate) => sessions.every((session) => candidate.sessionIds.has(session)));
  if (home === undefined) throw new Error(`story ${id} is not in the stream of its agent`);
  const planted = sessions.flatMap(plantedEvents).sort((one, other) => one.timeMs - other.timeMs);
  const idOf = (draft: DraftEvent) => home.ids.get(draft) as string;
  return {
    id,
    story: story.story,
    agent,
    startMs,
    endMs,
    magnitude,
    eventIds: planted.map(idOf),
    exposureIds: planted.filter((draft) => draft.part === 'exposure').map(idOf),
    spans: sessions.map((session) => ({ session: home.sessionIds.get(session) as string, ...spanOf(session) })),
  };
}

function spanOf(session: SessionDraft): { startMs: number; endMs: number } {
  const startMs = plantedEvents(session)[0]?.timeMs ?? session.startMs;
  return { startMs, endMs: session.events.at(-1)?.timeMs ?? startMs };
}
