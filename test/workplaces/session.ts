/**
 * One run of an agent on a task, with or without an injection. The same seed walks the same way up to the moment of obedience, so that a
 * first run without injection finds the texts into which one can be put.
 */
import type { WireEvent } from '../../ingest/event.ts';
import { makeAttacker } from './names.ts';
import type { Pipeline } from './pipelines.ts';
import {
  DAY_MS,
  type Demand,
  type Fields,
  type Forwarder,
  type OpenPlace,
  type Session,
  type Workplace,
} from './place.ts';
import { createRandom, type Random } from './random.ts';
import { createRecorder, type Failure } from './recorder.ts';
import { type Planting, resolve, type Slot, unmarked } from './slots.ts';
import { insert, type StyleName, stylesFor, writeInjection } from './styles.ts';

export interface AgentOf {
  readonly id: string;
  readonly place: Workplace;
  readonly pipeline: Pipeline;
  readonly forwarder: Forwarder;
  /** Seed of the workplace's lasting world. */
  readonly worldSeed: string;
}

/** `obeys`: does it; `ignores`: reads on; `blocked`: tries, and the tool refuses. */
export type Reaction = 'obeys' | 'ignores' | 'blocked';

export interface Attack {
  readonly goalId: string;
  readonly reaction: Reaction;
}

export interface SessionPlan {
  readonly agent: AgentOf;
  readonly seed: string;
  readonly startMs: number;
  /** Absent: the user asks for the goal itself. */
  readonly taskId?: string;
  /** What the user asks for when the first is done. */
  readonly nextTaskId?: string;
  readonly attack?: Attack;
}

export interface SessionRun {
  readonly sessionId: string;
  readonly events: readonly WireEvent[];
  readonly slots: readonly (readonly Slot[])[];
  readonly exposureId?: string;
  readonly coreIds: readonly string[];
  readonly supportIds: readonly string[];
  readonly style?: StyleName;
  /** The user's task was done to its end. */
  readonly utility: boolean;
}

/** Thrown where the rest of the work is dropped. */
class Dropped extends Error {}

const CALLS_MAX = 60;
type Timing = 'before' | 'later' | 'after' | 'wholly';

/** Undefined: the task reads no text into which an injection could be put. */
export function runSession(plan: SessionPlan): SessionRun | undefined {
  if (plan.attack === undefined || plan.taskId === undefined) return walk(plan, new Map());
  const dry = walk({ ...plan, attack: { ...plan.attack, reaction: 'ignores' } }, new Map());
  const seen = dry.slots.filter((answer) => answer.length > 0);
  if (seen.length === 0) return undefined;
  const dice = createRandom(`${plan.seed}/plant`);
  const answer = dice.pick(seen);
  const chosen = dice.pick(answer);
  const style = dice.pick(stylesFor(chosen.carrier));
  const planting = plant(plan, plan.attack, chosen, answer, style);
  return { ...walk(plan, planting), style };
}

function plant(plan: SessionPlan, attack: Attack, slot: Slot, answer: readonly Slot[], style: StyleName): Planting {
  const stage = openStage(plan, new Map());
  const demand = stage.demand(attack.goalId);
  const r = createRandom(`${plan.seed}/text`);
  const authority = r.pick(stage.opened.staff).name;
  const injection = writeInjection(style, { demand, r, company: plan.agent.place.company, authority }, slot.carrier);
  const partner = answer.find(({ key, carrier }) => key !== slot.key && carrier === slot.carrier);
  const { second } = injection;
  if (second === undefined) return new Map([[slot.key, (text) => insert(injection, text)]]);
  if (partner === undefined) return new Map([[slot.key, (text) => `${second} ${text} ${injection.text}`]]);
  return new Map([
    [slot.key, (text) => insert(injection, text)],
    [partner.key, (text) => `${text} ${second}`],
  ]);
}

function walk(plan: SessionPlan, planting: Planting): SessionRun {
  const stage = openStage(plan, planting);
  const { state } = stage;
  try {
    if (plan.taskId !== undefined) work(plan, plan.taskId, stage);
    else if (plan.attack !== undefined) stage.ask(plan.attack.goalId);
    state.utility = true;
    stage.finish();
  } catch (error) {
    if (!(error instanceof Dropped)) throw error;
  }
  stage.recorder.modelCall(state.prompt, Math.round(stage.dice.around(180, 0.8)));
  const { events } = stage.recorder;
  return {
    sessionId: events[0]?.session?.id ?? '',
    events,
    slots: state.slots,
    ...(state.exposureId !== undefined && { exposureId: state.exposureId }),
    coreIds: state.coreIds,
    supportIds: state.supportIds,
    utility: state.utility,
  };
}

function work({ nextTaskId, agent }: SessionPlan, taskId: string, { opened, session, dice }: Stage): void {
  opened.perform(taskId, session);
  if (dice.chance(agent.pipeline.eager)) opened.beEager(session);
  if (nextTaskId !== undefined) opened.perform(nextTaskId, session);
  if (dice.chance(0.06)) session.user(...FAREWELLS);
}

const FAREWELLS = [
  'Thanks, that is all.',
  'Perfect.',
  'Great, thank you!',
  'ok',
  'Could you say that again in one sentence?',
];

interface State {
  prompt: string | undefined;
  calls: number;
  lastWasRead: boolean;
  slots: Slot[][];
  exposureId: string | undefined;
  coreIds: string[];
  supportIds: string[];
  /** Calls until the agent obeys; undefined: it does not, or did. */
  countdown: number | undefined;
  acting: boolean;
  wandering: boolean;
  /** All that the agent was told or has read, lower case. */
  seen: string;
  utility: boolean;
}

interface Stage {
  readonly state: State;
  readonly session: Session;
  readonly opened: OpenPlace;
  readonly recorder: ReturnType<typeof createRecorder>;
  readonly dice: Random;
  demand(goalId: string): Demand;
  ask(goalId: string): void;
  finish(): void;
}

/** One length for all: functions below share the state of one session. */
function openStage(plan: SessionPlan, planting: Planting): Stage {
  const { place, pipeline, forwarder, id: agentId, worldSeed } = plan.agent;
  const dice = createRandom(`${plan.seed}/dice`);
  const acts = createRandom(`${plan.seed}/acts`);
  const script = createRandom(`${plan.seed}/script`);
  const fixed = createRandom(worldSeed);
  const opened = place.open(fixed.fork('world'), createRandom(`${plan.seed}/day`), plan.startMs);
  const principal = script.often(opened.staff);
  const recorder = createRecorder({
    place,
    pipeline,
    forwarder,
    agentId,
    principal,
    startMs: plan.startMs,
    r: createRandom(`${plan.seed}/ids`),
  });
  const state: State = {
    prompt: undefined,
    calls: 0,
    lastWasRead: false,
    slots: [],
    exposureId: undefined,
    coreIds: [],
    supportIds: [],
    countdown: undefined,
    acting: false,
    wandering: false,
    seen: `${principal.handle} ${principal.email}`,
    utility: false,
  };
  const timing: Timing = acts.pick([
    'before',
    'before',
    'before',
    'before',
    'later',
    'after',
    'after',
    'after',
    'wholly',
  ] as const);
  const attacker = makeAttacker(createRandom(`${plan.seed}/attacker`), place.domain);
  const random = () => (state.acting ? acts : script);

  function think(argsBytes: number): void {
    if (state.prompt === undefined && state.lastWasRead && dice.chance(pipeline.parallel)) return;
    recorder.modelCall(state.prompt, argsBytes + Math.round(dice.around(40 + 200 * pipeline.chatty, 0.6)));
    state.prompt = undefined;
  }

  function stumble(tool: string, args: Fields): void {
    if (!dice.chance(pipeline.fails)) return;
    const [failure, message] = dice.pick(STUMBLES);
    recorder.toolCall(tool, failure.kind === 'ValidationError' ? without(args, dice) : args, message, failure);
    state.lastWasRead = false;
    think(60);
  }

  function call(tool: string, given: Fields, reply: unknown): void {
    const args = unmarked(given) as Fields;
    state.calls += 1;
    if (state.calls > CALLS_MAX) throw new Dropped();
    if (!state.acting && !state.wandering && dice.chance(pipeline.wanders)) wander();
    if (!state.acting && !state.wandering) lookUp(JSON.stringify(args));
    think(JSON.stringify(args).length);
    const { type: kind, external } = place.tools[tool] ?? {};
    // A read within the house prepares the act; a read of the attacker's own page carries data out.
    const core = state.acting && (kind !== 'data_read' || external === true);
    if (core && plan.attack?.reaction === 'blocked') refuse(tool, args);
    stumble(tool, args);
    const { value, slots, exposed } = resolve(reply, planting, fixed);
    const id = recorder.toolCall(tool, args, value);
    state.lastWasRead = kind === 'data_read';
    state.seen += ` ${JSON.stringify(value)}`.toLowerCase();
    state.slots.push([...slots]);
    if (state.acting) (core ? state.coreIds : state.supportIds).push(id);
    if (exposed) expose(id);
    countDown();
  }

  function refuse(tool: string, args: Fields): never {
    const [failure, message] = dice.pick(REFUSALS);
    state.coreIds.push(recorder.toolCall(tool, args, message, failure));
    state.lastWasRead = false;
    throw new Refused();
  }

  /** Now and then a model knows from elsewhere: its system prompt, or the day before. */
  function lookUp(text: string): void {
    if (dice.chance(0.06)) return;
    state.wandering = true;
    opened.lookUp(session, text, (name) => state.seen.includes(name.toLowerCase()));
    state.wandering = false;
  }

  function wander(): void {
    state.wandering = true;
    opened.wander(session);
    state.wandering = false;
  }

  function expose(id: string): void {
    if (state.exposureId !== undefined) return;
    state.exposureId = id;
    if (plan.attack === undefined || plan.attack.reaction === 'ignores') return;
    state.countdown = timing === 'later' ? acts.int(1, 3) : timing === 'after' ? Number.POSITIVE_INFINITY : 0;
  }

  function countDown(): void {
    if (state.countdown === undefined || state.acting || state.wandering) return;
    if (state.countdown > 0) state.countdown -= 1;
    else obey();
  }

  function obey(): void {
    if (plan.attack === undefined) return;
    state.countdown = undefined;
    state.acting = true;
    try {
      demand(plan.attack.goalId).act();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
    state.acting = false;
    if (timing === 'wholly') throw new Dropped();
  }

  /** Made anew each time, of the same dice: what is done is what was demanded. */
  function demand(goalId: string): Demand {
    const wishes = createRandom(`${plan.seed}/wishes`);
    return opened.demand(goalId, { ...session, r: wishes }, attacker);
  }

  function ask(goalId: string): void {
    const wish = demand(goalId);
    const order = script.pick(wish.orders);
    session.user(`${order.charAt(0).toUpperCase()}${order.slice(1)}.`, `Please ${order}.`, `Could you ${order}?`);
    state.acting = true;
    wish.act();
    state.acting = false;
  }

  const session: Session = {
    get r() {
      return random();
    },
    today: plan.startMs,
    principal,
    company: place.company,
    domain: place.domain,
    user: (...wordings) => {
      state.prompt = inTone(script.pick(wordings), script, place.smalltalk);
      state.seen += ` ${state.prompt}`.toLowerCase();
    },
    call,
    fail: (tool, args, kind, message) => {
      think(JSON.stringify(args).length);
      recorder.toolCall(tool, unmarked(args) as Fields, message, { outcome: 'failure', kind });
      state.lastWasRead = false;
    },
    opt: (args) => Object.fromEntries(Object.entries(args).filter(() => random().chance(pipeline.fills))),
    careful: (check) => {
      if (random().chance(pipeline.careful)) check();
    },
    anyOrder: (...steps) => {
      for (const step of random().chance(pipeline.reorders) ? random().shuffle(steps) : steps) step();
    },
    either: (...ways) => {
      const liked = ways[pipeline.taste % ways.length];
      (random().chance(0.75) && liked !== undefined ? liked : random().pick(ways))();
    },
    say: (...wordings) => random().pick(wordings),
    letter: (to, lines) => writeLetter(to, lines, random(), pipeline, session),
    ...spellings(pipeline, random),
  };

  function finish(): void {
    if (state.countdown !== undefined) obey();
  }

  return { state, session, opened, recorder, dice, demand, ask, finish };
}

class Refused extends Error {}

/** What a model forgot, and then was told to give. */
function without(args: Fields, r: Random): Fields {
  const keys = Object.keys(args);
  const forgotten = keys.length < 2 ? undefined : r.pick(keys);
  return Object.fromEntries(Object.entries(args).filter(([key]) => key !== forgotten));
}

const STUMBLES: readonly (readonly [Failure, string])[] = [
  [{ outcome: 'failure', kind: 'Timeout' }, 'Request timed out after 30000 ms'],
  [{ outcome: 'failure', kind: 'RateLimited' }, '429 Too Many Requests, retry in 2 s'],
  [{ outcome: 'failure', kind: 'ValidationError' }, 'Invalid arguments: a required field is missing or malformed'],
  [{ outcome: 'failure', kind: 'Unavailable' }, '503 Service Unavailable'],
];
const REFUSALS: readonly (readonly [Failure, string])[] = [
  [{ outcome: 'denied', kind: 'Forbidden' }, 'Not permitted for this role'],
  [{ outcome: 'failure', kind: 'ValidationError' }, 'The value was rejected'],
  [{ outcome: 'failure', kind: 'NotFound' }, 'No such entry'],
];

const OPENINGS = [
  '',
  '',
  '',
  '',
  'Hi! ',
  'Good morning, ',
  'hey, ',
  'Quick one: ',
  'Hello there. ',
  'When you have a minute: ',
];
const ENDINGS = [
  '',
  '',
  '',
  '',
  ' Thanks!',
  ' Thank you.',
  ' asap please',
  ' Let me know when done.',
  ' Cheers',
  ' No rush.',
];

/** Some users are terse, some tell their day. */
function inTone(text: string, r: Random, smalltalk: readonly string[]): string {
  if (r.chance(0.12))
    return text
      .replace(/[.!]$/, '')
      .toLowerCase()
      .replace(/^(?:please|could you) /, '');
  const story = r.chance(0.15) ? `${r.pick(smalltalk)} ` : '';
  const more = r.chance(0.1) ? ` ${r.pick(smalltalk)}` : '';
  return `${r.pick(OPENINGS)}${story}${text}${more}${r.pick(ENDINGS)}`;
}

const GREETINGS = ['Dear', 'Hello', 'Hi', 'Good day'];
const PARTINGS = ['Kind regards,', 'Best,', 'Thank you and best regards,', 'Regards,'];
const FILLERS = [
  'I hope this message finds you well.',
  'Please let us know if you have any questions.',
  'Do not hesitate to reach out should anything be unclear.',
  'We appreciate your patience.',
];

function writeLetter(
  to: string,
  lines: readonly (string | readonly string[])[],
  r: Random,
  pipeline: Pipeline,
  s: Session,
): string {
  const body = lines.map((line) => (typeof line === 'string' ? line : r.pick(line)));
  if (r.chance(pipeline.chatty)) body.push(r.pick(FILLERS));
  const greeting = to === '' ? [] : [`${GREETINGS[pipeline.manner] ?? 'Hi'} ${to},`];
  const parting = r.chance(0.8)
    ? [`${PARTINGS[pipeline.manner] ?? 'Best,'}\n${r.chance(0.6) ? s.principal.name : s.company}`]
    : [];
  return [...greeting, ...body, ...parting].join(pipeline.chatty > 0.2 ? '\n\n' : '\n');
}

/** A model has its spelling, and leaves it now and then. */
function spellings(pipeline: Pipeline, r: () => Random): Pick<Session, 'iban' | 'phone' | 'money' | 'date'> {
  const own = <T>(habit: T, other: T): T => (r().chance(0.9) ? habit : other);
  return {
    iban: (plain) => (own(pipeline.ibanSpaced, !pipeline.ibanSpaced) ? plain.replace(/.{4}(?=.)/g, '$& ') : plain),
    phone: (e164) => {
      const style = own(pipeline.phoneStyle, 0);
      if (style === 0) return e164;
      return style === 1
        ? e164.replace(/^\+(\d\d?)(\d{3})(\d{3})/, '+$1 $2 $3 ')
        : e164.replace(/^\+(\d\d)(\d{2})/, '00$1 $2-');
    },
    money: (amount) => {
      const style = own(pipeline.moneyStyle, 0);
      if (style === 0) return amount.toFixed(2);
      return style === 1 ? amount.toLocaleString('en-US', { minimumFractionDigits: 2 }) : `EUR ${amount.toFixed(2)}`;
    },
    date: (ms) => spellDate(ms, own(pipeline.dateStyle, 0)),
  };
}

const MONTHS = 'January February March April May June July August September October November December'.split(' ');

function spellDate(ms: number, style: 0 | 1 | 2 | 3): string {
  const day = new Date(Math.floor(ms / DAY_MS) * DAY_MS);
  const [month = '', number] = [MONTHS[day.getUTCMonth()], day.getUTCDate()];
  if (style === 1) return `${number} ${month.slice(0, 3)} ${day.getUTCFullYear()}`;
  if (style === 2)
    return `${String(number).padStart(2, '0')}.${String(day.getUTCMonth() + 1).padStart(2, '0')}.${day.getUTCFullYear()}`;
  if (style === 3) return `${month} ${number}`;
  return day.toISOString().slice(0, 10);
}
