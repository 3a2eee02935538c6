/** Which story happens to which agent. Two stories never meet on one agent within a day, or neither could be judged. */
import type { AgentKindName } from '../agent-kinds.ts';
import { AGENT_KINDS } from '../agent-kinds.ts';
import type { AgentStream } from '../agent-stream.ts';
import type { Random } from '../random.ts';
import { DAY_MS } from '../rhythm.ts';
import type { SessionDraft } from '../session-writer.ts';
import type { StoryName } from './index.ts';
import { STORIES } from './index.ts';
import { plantedEvents } from './stage.ts';
import type { Magnitude, Pace, Plot, Scene } from './story.ts';

/** Slowest last. */
const PACES: readonly Pace[] = ['minutes', 'hours', 'days'];
/** Draws per agent, until one lies far enough from its other stories. */
const ATTEMPTS_MAX = 5;

/** An agent that stories may happen to, with its ordinary sessions. */
export interface Candidate {
  readonly stream: AgentStream;
  readonly kindName: AgentKindName;
  readonly sessions: readonly SessionDraft[];
}

/** A story that found its agent. */
export interface CastStory {
  readonly id: string;
  readonly story: StoryName;
  readonly agent: string;
  readonly magnitude: Magnitude;
  readonly changed: Plot['changed'];
  readonly added: Plot['added'];
  /** First and last planted event. */
  readonly startMs: number;
  readonly endMs: number;
}

export interface CastingOptions {
  readonly candidates: readonly Candidate[];
  readonly storiesPerKind: number;
  /** Stories happen within these days. */
  readonly fromMs: number;
  readonly untilMs: number;
  readonly random: Random;
}

/**
 * Plants `storiesPerKind` instances of every story; slow stories choose first, then those that suit few agents.
 * Throws RangeError when the fleet is too small for them all: a story left out in silence would look like a miss.
 */
export function castStories(options: CastingOptions): CastStory[] {
  const cast: CastStory[] = [];
  for (const story of hardestFirst(options.candidates)) {
    for (let number = 1; number <= options.storiesPerKind; number += 1) {
      const found = castOne(options, cast, story, `${story}-${number}`);
      if (found === undefined)
        throw new RangeError(`no agent is left for ${story}: raise agents or lower storiesPerKind`);
      cast.push(found);
    }
  }
  return cast;
}

function hardestFirst(candidates: readonly Candidate[]): StoryName[] {
  const suited = (story: StoryName) => candidates.filter((one) => STORIES[story].suits(one.stream.kind)).length;
  return (Object.keys(STORIES) as StoryName[]).sort((one, other) => {
    const slower = PACES.indexOf(STORIES[other].pace) - PACES.indexOf(STORIES[one].pace);
    return slower !== 0 ? slower : suited(one) - suited(other);
  });
}

function castOne(
  options: CastingOptions,
  cast: readonly CastStory[],
  story: StoryName,
  id: string,
): CastStory | undefined {
  for (const candidate of inTurn(options, cast, story, id)) {
    const agent = candidate.stream.profile.id;
    const own = cast.filter((other) => other.agent === agent);
    const scene = sceneOf(options, own, candidate);
    if (scene.sessions.length === 0) continue;
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
      const plot = STORIES[story].plot(scene, options.random.fork(`${id}/${agent}/${attempt}`));
      if (plot === undefined) continue;
      const told = { id, story, agent, ...plot, ...extent(plot) };
      if (own.every((other) => farApart(other, told))) return told;
    }
  }
  return undefined;
}

/**
 * Agents without a story first; among equals, a draw of each agent's own decides (rendezvous hashing), so that a further agent
 * takes at most the stories it wins and moves no other.
 */
function inTurn(options: CastingOptions, cast: readonly CastStory[], story: StoryName, id: string): Candidate[] {
  const rank = (candidate: Candidate) => {
    const agent = candidate.stream.profile.id;
    const busy = cast.filter((other) => other.agent === agent).length;
    return busy + options.random.fork(`rank/${id}/${agent}`).uniform();
  };
  const suited = options.candidates.filter((candidate) => STORIES[story].suits(candidate.stream.kind));
  const ranked = suited.map((candidate) => ({ candidate, rank: rank(candidate) }));
  return ranked.sort((one, other) => one.rank - other.rank).map(({ candidate }) => candidate);
}

/** The agent's days as far as they are a day away from the stories it already has. */
function sceneOf(options: CastingOptions, own: readonly CastStory[], candidate: Candidate): Scene {
  const { fromMs, untilMs } = options;
  const isFree = ({ startMs, events }: SessionDraft) => {
    const session = { startMs, endMs: events.at(-1)?.timeMs ?? startMs };
    return startMs >= fromMs && startMs < untilMs && own.every((other) => farApart(other, session));
  };
  const foreignTools = Object.entries(AGENT_KINDS).flatMap(([name, kind]) =>
    name === candidate.kindName ? [] : Object.values(kind.toolbox),
  );
  return {
    stream: candidate.stream,
    sessions: candidate.sessions.filter(isFree),
    startMs: fromMs,
    endMs: untilMs,
    foreignTools,
  };
}

function extent(plot: Plot): { startMs: number; endMs: number } {
  const times = [...plot.changed.values(), ...plot.added].flatMap(plantedEvents).map((event) => event.timeMs);
  return { startMs: Math.min(...times), endMs: Math.max(...times) };
}

function farApart(one: { startMs: number; endMs: number }, other: { startMs: number; endMs: number }): boolean {
  return one.endMs + DAY_MS <= other.startMs || other.endMs + DAY_MS <= one.startMs;
}
