/** Agents, their weeks, and what is known about every session: events and labels of any number of workplaces. */
import type { WireEvent } from '../../ingest/event.ts';
import { makePipelines } from './pipelines.ts';
import { DAY_MS, type Workplace } from './place.ts';
import { createRandom, type Random } from './random.ts';
import { type AgentOf, type Attack, type Reaction, runSession, type SessionPlan, type SessionRun } from './session.ts';

export interface Label {
  readonly session_id: string;
  readonly agent_id: string;
  readonly kind: 'benign' | 'attacked' | 'direct_request';
  readonly attacked: boolean;
  readonly attack_succeeded: boolean;
  readonly attack_type: string | null;
  readonly injection_task: string | null;
  readonly category: string | null;
  readonly exposed: boolean | null;
  readonly exposure_event_id: string | null;
  readonly core_event_ids: readonly string[];
  readonly support_event_ids: readonly string[];
  readonly tool_visible: boolean;
  readonly user_task: string;
  readonly utility: boolean;
  readonly pipeline: string;
  readonly phase: 'history' | 'test' | 'episode';
  readonly in_stream: boolean;
  readonly user_task_fresh: boolean;
  readonly workplace: string;
}

export interface Corpus {
  /** By time. */
  readonly stream: readonly WireEvent[];
  /** Session by session. */
  readonly episodes: readonly WireEvent[];
  /** By session id. */
  readonly labels: readonly Label[];
}

export interface CorpusSize {
  readonly agents: number;
  readonly history: number;
  readonly benign: number;
  readonly attacked: number;
  readonly ignored: number;
  readonly blocked: number;
  readonly direct: number;
  /** Attacked sessions in the stream, for each agent. */
  readonly streamed: number;
}

export const FULL_SIZE: CorpusSize = {
  agents: 6,
  history: 70,
  benign: 20,
  attacked: 34,
  ignored: 10,
  blocked: 2,
  direct: 3,
  streamed: 2,
};

const HISTORY_START_MS = Date.UTC(2026, 0, 5);
const TEST_START_MS = Date.UTC(2026, 1, 4);
const HISTORY_DAYS = 30;
const TEST_DAYS = 10;

interface Done {
  readonly label: Label;
  readonly run: SessionRun;
}

/** `progress` is told after every agent. */
export function makeCorpus(
  places: readonly Workplace[],
  seed: string,
  size: CorpusSize = FULL_SIZE,
  progress: (done: number, of: number) => void = () => {},
): Corpus {
  const agents = places.flatMap((place) => makeAgents(place, `${seed}/${place.name}`, size.agents));
  const done = agents.flatMap((agent, index) => {
    const sessions = liveAgent(agent, `${seed}/${agent.id}`, size);
    progress(index + 1, agents.length);
    return sessions;
  });
  return assemble(done);
}

export function makeAgents(place: Workplace, seed: string, count: number): AgentOf[] {
  return makePipelines(createRandom(`${seed}/pipelines`), count).map((pipeline, index) => {
    const forwarder = place.forwarders[index % place.forwarders.length];
    if (forwarder === undefined) throw new Error(`${place.name} has no forwarder`);
    return { id: `${place.kind}-${pipeline.name}`, place, pipeline, forwarder, worldSeed: `${seed}/world` };
  });
}

function assemble(done: readonly Done[]): Corpus {
  const byId = [...done].sort((a, b) => (a.label.session_id < b.label.session_id ? -1 : 1));
  const stream = byId.filter(({ label }) => label.in_stream).flatMap(({ run }) => run.events);
  return {
    stream: stream.sort((a, b) => Date.parse(String(a.time)) - Date.parse(String(b.time))),
    episodes: byId.filter(({ label }) => !label.in_stream).flatMap(({ run }) => run.events),
    labels: byId.map(({ label }) => label),
  };
}

const NEVER_BEFORE_SHARE = 0.3;

function liveAgent(agent: AgentOf, seed: string, size: CorpusSize): Done[] {
  const r = createRandom(`${seed}/life`);
  const { taskIds } = agent.place;
  const unseen = new Set(r.sample(taskIds, Math.round(taskIds.length * NEVER_BEFORE_SHARE)));
  const draw = taskDraw(agent, r, unseen);
  const about = (count: number) => Math.max(1, Math.round(count * (0.85 + 0.3 * r.next())));
  let number = 0;
  const next = (phase: Label['phase'], fresh: boolean, attack?: Attack, inStream = phase !== 'episode'): Wanted => {
    number += 1;
    return { phase, fresh, inStream, seed: `${seed}/${number}`, ...(attack !== undefined && { attack }) };
  };
  const attacked = (count: number, reaction: Reaction) =>
    Array.from({ length: about(count) }, () =>
      next('episode', r.chance(0.3), { goalId: pickGoal(agent, r), reaction }),
    );
  const wanted = [
    ...Array.from({ length: about(size.history) }, () => next('history', false)),
    ...Array.from({ length: about(size.benign) }, () => next('test', r.chance(0.5))),
    ...attacked(size.attacked, 'obeys'),
    ...attacked(size.ignored, 'ignores'),
    ...attacked(size.blocked, 'blocked'),
    ...Array.from({ length: size.direct }, () =>
      next('episode', false, { goalId: pickGoal(agent, r), reaction: 'obeys' }),
    ).map((want) => ({ ...want, direct: true })),
    ...Array.from({ length: size.streamed }, () =>
      next('test', r.chance(0.3), { goalId: pickGoal(agent, r), reaction: r.pick(['obeys', 'obeys', 'ignores']) }),
    ),
  ];
  const done = wanted.map((want) => perform(agent, want, draw));
  return markFresh(done);
}

interface Wanted {
  readonly phase: Label['phase'];
  readonly fresh: boolean;
  readonly inStream: boolean;
  readonly seed: string;
  readonly attack?: Attack;
  readonly direct?: boolean;
}

const pickGoal = (agent: AgentOf, r: Random) => r.pick(agent.place.goalIds).id;

/** Every agent has its own mix: what one does daily another does once a month. */
function taskDraw(agent: AgentOf, r: Random, unseen: ReadonlySet<string>): (fresh: boolean, dice: Random) => string {
  const weighted = agent.place.taskIds.map((id) => ({
    id,
    weight: (agent.place.taskWeights.get(id) ?? 1) * r.around(1, 0.6),
  }));
  return (fresh, dice) => {
    const open = weighted.filter(({ id }) => unseen.has(id) === fresh);
    let left = dice.next() * open.reduce((sum, { weight }) => sum + weight, 0);
    for (const { id, weight } of open) {
      left -= weight;
      if (left < 0) return id;
    }
    return dice.pick(open).id;
  };
}

/** Draws another task while the one drawn reads nothing into which an injection could be put. */
const DRAWS_MAX = 50;
/** Of sessions in which the user has one more wish. */
const SECOND_TASK_SHARE = 0.1;

function perform(agent: AgentOf, want: Wanted, draw: (fresh: boolean, dice: Random) => string): Done {
  const dice = createRandom(`${want.seed}/plan`);
  for (let draws = 0; draws < DRAWS_MAX; draws += 1) {
    const plan: SessionPlan = {
      agent,
      seed: `${want.seed}/${draws}`,
      startMs: startTime(agent.place.hours, want.phase, dice),
      ...(want.direct !== true && { taskId: draw(want.fresh, dice) }),
      ...(want.attack !== undefined && { attack: want.attack }),
      ...(want.direct !== true && dice.chance(SECOND_TASK_SHARE) && { nextTaskId: draw(false, dice) }),
    };
    const run = runSession(plan);
    if (run !== undefined) return { run, label: labelOf(plan, want, run) };
  }
  throw new Error(`${agent.place.name}: no task reads a text`);
}

function labelOf({ agent, taskId, attack }: SessionPlan, { phase, inStream, direct }: Wanted, run: SessionRun): Label {
  const attacked = attack !== undefined && direct !== true;
  return {
    session_id: run.sessionId,
    agent_id: agent.id,
    kind: attack === undefined ? 'benign' : attacked ? 'attacked' : 'direct_request',
    attacked,
    attack_succeeded: attacked && attack.reaction === 'obeys' && run.coreIds.length > 0,
    attack_type: run.style ?? null,
    injection_task: attack?.goalId ?? null,
    category: agent.place.goalIds.find(({ id }) => id === attack?.goalId)?.category ?? null,
    exposed: attacked ? run.exposureId !== undefined : null,
    exposure_event_id: run.exposureId ?? null,
    core_event_ids: run.coreIds,
    support_event_ids: run.supportIds,
    tool_visible: run.coreIds.length > 0,
    user_task: taskId ?? attack?.goalId ?? '',
    utility: run.utility,
    pipeline: agent.pipeline.name,
    phase,
    in_stream: inStream,
    user_task_fresh: false,
    workplace: agent.place.name,
  };
}

/** Fresh is what the agent's history in fact does not hold. */
function markFresh(done: readonly Done[]): Done[] {
  const known = new Set(done.filter(({ label }) => label.phase === 'history').map(({ label }) => label.user_task));
  return done.map(({ label, run }) => {
    const fresh = label.phase !== 'history' && label.kind !== 'direct_request' && !known.has(label.user_task);
    return { run, label: { ...label, user_task_fresh: fresh } };
  });
}

/** Hours at which work begins: middle and spread of one or two shifts. */
const SHIFTS: Readonly<Record<Workplace['hours'], readonly (readonly [middle: number, spread: number])[]>> = {
  office: [
    [10, 1.3],
    [14.6, 1.6],
  ],
  early: [
    [6.8, 1.1],
    [11, 2.2],
  ],
  shop: [
    [11, 2.4],
    [17.5, 2.6],
  ],
  always: [[12, 9]],
};

function startTime(hours: Workplace['hours'], phase: Label['phase'], r: Random): number {
  const [start, days] = phase === 'history' ? [HISTORY_START_MS, HISTORY_DAYS] : [TEST_START_MS, TEST_DAYS];
  const weekends = hours === 'always' ? 0.8 : hours === 'shop' ? 0.5 : 0.05;
  let day = r.int(0, days - 1);
  for (let tries = 0; tries < 20 && isWeekend(start + day * DAY_MS) && !r.chance(weekends); tries += 1)
    day = r.int(0, days - 1);
  const [middle, spread] = r.pick(SHIFTS[hours]);
  const hour = middle + spread * (r.next() + r.next() + r.next() - 1.5) * 1.8;
  const minutes = ((((hour % 24) + 24) % 24) * 60) % (24 * 60 - 30);
  return start + day * DAY_MS + Math.floor(minutes * 60_000) + r.int(0, 59_999);
}

const isWeekend = (ms: number) => [0, 6].includes(new Date(ms).getUTCDay());
