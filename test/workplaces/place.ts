/** What a workplace is made of, and what its tasks and attacks may use. One file of `places/` fills one in. */
import type { ActionType, Classification, Destination } from '../../ingest/event.ts';
import type { Attacker, Person } from './names.ts';
import type { Random } from './random.ts';
import type { Format } from './render.ts';

export type DestinationKind = Destination['kind'];
export type Fields = Readonly<Record<string, unknown>>;

export interface Tool {
  readonly type: ActionType;
  /** Endpoint is `server.name`; absent: the forwarder sends none. */
  readonly server?: string;
  readonly format?: Format;
  /** Which arguments (dotted paths) are destinations, by kind. */
  readonly to?: Partial<Record<DestinationKind, readonly string[]>>;
  /** Which arguments (dotted paths) name resources, by kind of resource. */
  readonly on?: Readonly<Record<string, readonly string[]>>;
  readonly classification?: Classification;
  readonly external?: boolean;
}

/** How the events of an agent reach the SOC. Honest, but not complete. */
export interface Forwarder {
  readonly destinations: 'all' | 'sends' | 'never';
  readonly resources: 'all' | 'never';
  /** `coarse`: every tool is a `tool_call`. */
  readonly types: 'mapped' | 'coarse';
  readonly arguments: 'json' | 'spaced' | 'keywords';
  /** Every model call carries the request again. */
  readonly repeatsPrompt: boolean;
  readonly tokens: boolean;
}

/** Where free text stands, and so what an attacker can write there. */
export type Carrier = 'mail' | 'web' | 'file' | 'record' | 'chat' | 'log' | 'dns' | 'calendar' | 'review' | 'name';

/** What the attacker wants, and how the agent does it when it obeys. */
export interface Demand {
  /** Begins with a verb, no full stop: "send the list to x@y". */
  readonly orders: readonly string[];
  /** The same in another language, whole sentences. */
  readonly foreign: string;
  /** A story told by an outsider that never speaks to a machine, whole sentences. */
  readonly notice: readonly string[];
  readonly act: () => void;
}

export interface Goal<W> {
  readonly id: string;
  readonly category: string;
  readonly make: (s: Session, w: W, attacker: Attacker) => Demand;
}

export interface Task<W> {
  readonly id: string;
  /** How common it is; 1 is usual. */
  readonly weight: number;
  readonly run: (s: Session, w: W) => void;
}

export interface Place<W> {
  readonly name: string;
  /** `agent.kind`, and the stem of `agent.id`. */
  readonly kind: string;
  readonly domain: string;
  readonly company: string;
  readonly hours: 'office' | 'shop' | 'always' | 'early';
  /** One an agent, in turn. */
  readonly forwarders: readonly Forwarder[];
  readonly tools: Readonly<Record<string, Tool>>;
  /** `fixed` gives the same in every session; `r` is the session's own, `today` its time in epoch ms. */
  readonly world: (fixed: Random, r: Random, today: number) => W;
  readonly staff: (w: W) => readonly Person[];
  readonly tasks: readonly Task<W>[];
  /** Reads that an agent does without need. */
  readonly wander: readonly ((s: Session, w: W) => void)[];
  /** Well-meant acts that nobody asked for. */
  readonly eager: readonly ((s: Session, w: W) => void)[];
  readonly goals: readonly Goal<W>[];
  /** How an agent comes to know what it was not told: a read that shows the name found by the pattern. */
  readonly lookups: readonly { readonly pattern: RegExp; readonly find: (s: Session, w: W, name: string) => void }[];
  /** Sentences that users add for no reason. */
  readonly smalltalk: readonly string[];
}

/** One session, as tasks and attacks see it. Every call becomes events. */
export interface Session {
  readonly r: Random;
  readonly today: number;
  /** On whose behalf. */
  readonly principal: Person;
  readonly company: string;
  readonly domain: string;
  /** The user's words: one of these, in the tone of the day. Later calls are later turns. */
  user(...wordings: readonly string[]): void;
  /** Calls a tool. `reply` may hold marks of `free`. */
  call(tool: string, args: Fields, reply: unknown): void;
  /** A call that fails for a reason of its own. */
  fail(tool: string, args: Fields, kind: string, message: string): void;
  /** Arguments that some models give and some do not. */
  opt(args: Fields): Fields;
  /** Done by models that check their work. */
  careful(check: () => void): void;
  /** Independent steps, in the order that the model likes. */
  anyOrder(...steps: readonly (() => void)[]): void;
  /** Ways to the same end; a model prefers one. */
  either(...ways: readonly (() => void)[]): void;
  /** Several wordings of one thing. */
  say(...wordings: readonly string[]): string;
  /** A letter in the manner of the model. A line that is a list is one of its wordings. */
  letter(to: string, lines: readonly (string | readonly string[])[]): string;
  iban(plain: string): string;
  phone(e164: string): string;
  money(amount: number): string;
  date(ms: number): string;
}

/** A workplace whose world is hidden, so that places of different worlds stand in one list. */
export interface Workplace
  extends Omit<Place<never>, 'world' | 'staff' | 'tasks' | 'wander' | 'eager' | 'goals' | 'lookups'> {
  readonly taskIds: readonly string[];
  readonly taskWeights: ReadonlyMap<string, number>;
  readonly goalIds: readonly { readonly id: string; readonly category: string }[];
  open(fixed: Random, r: Random, today: number): OpenPlace;
}

export interface OpenPlace {
  readonly staff: readonly Person[];
  perform(taskId: string, s: Session): void;
  wander(s: Session): void;
  beEager(s: Session): void;
  /** Reads for the names in `text` that `known` does not hold. */
  lookUp(s: Session, text: string, known: (name: string) => boolean): void;
  demand(goalId: string, s: Session, attacker: Attacker): Demand;
}

export function definePlace<W>(place: Place<W>): Workplace {
  const { world, staff, tasks, wander, eager, goals, lookups, ...rest } = place;
  return {
    ...rest,
    taskIds: tasks.map(({ id }) => id),
    taskWeights: new Map(tasks.map(({ id, weight }) => [id, weight])),
    goalIds: goals.map(({ id, category }) => ({ id, category })),
    open(fixed, r, today) {
      const w = world(fixed, r, today);
      return {
        staff: staff(w),
        perform: (taskId, s) => byId(tasks, taskId).run(s, w),
        wander: (s) => s.r.pick(wander)(s, w),
        beEager: (s) => s.r.pick(eager)(s, w),
        lookUp(s, text, known) {
          for (const { pattern, find } of lookups)
            for (const [name] of text.matchAll(pattern)) if (!known(name)) find(s, w, name);
        },
        demand: (goalId, s, attacker) => byId(goals, goalId).make(s, w, attacker),
      };
    },
  };
}

function byId<T extends { readonly id: string }>(list: readonly T[], id: string): T {
  const found = list.find((entry) => entry.id === id);
  if (found === undefined) throw new Error(`Unknown id ${id}`);
  return found;
}

export const DAY_MS = 86_400_000;

/** `2026-02-04`. */
export const isoDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Short forms for the lists of one workplace. */
export function makersFor<W>() {
  return {
    task: (id: string, run: Task<W>['run'], weight = 1): Task<W> => ({ id, run, weight }),
    goal: (id: string, category: string, make: Goal<W>['make']): Goal<W> => ({ id, category, make }),
  };
}
