import { type LearnedEvent, namesOf } from './learned-event.ts';

/**
 * How much the events of a session that wait to be learned may take up, and which leave when it is more: the oldest, so that what waits is
 * what was seen last, without a gap. A function of the events alone: a list that was read back parts where the one that was stored would have.
 */
export const WAITING_LIMITS = {
  eventsMax: 1024,
  /** Names of at most 160 characters in all of them. */
  namesMax: 4096,
  /** Characters of these names, each name once: sessions use a few names over and over, unless somebody uses none twice. */
  charsMax: 64 * 1024,
} as const;

/** What the events of one list come to. */
interface Taken {
  /** Events that are counted. */
  events: number;
  names: number;
  /** Of all names: while these are few, nobody asks how many of them differ. */
  chars: number;
  distinct: Distinct | undefined;
}

interface Distinct {
  /** Of each name. */
  readonly uses: Map<string, number>;
  chars: number;
}

/** Lists are only ever added to or replaced, so that what was counted of one stays true. */
const TAKEN = new WeakMap<readonly LearnedEvent[], Taken>();

/** The events that may stay, and those that must leave; never the newest. */
export function partedAtLimit(waiting: LearnedEvent[]): {
  readonly staying: LearnedEvent[];
  readonly leaving: readonly LearnedEvent[];
} {
  const taken = takenBy(waiting);
  let leaving = 0;
  while (waiting.length - leaving > 1 && isTooMuch(taken, waiting, leaving)) {
    takeOut(taken, waiting[leaving] as LearnedEvent);
    leaving += 1;
  }
  if (leaving === 0) return { staying: waiting, leaving: NONE };
  return { staying: handOn(waiting, leaving, taken), leaving: waiting.slice(0, leaving) };
}

const NONE: readonly LearnedEvent[] = [];

/** The list without its oldest events. */
export function withoutOldest(waiting: LearnedEvent[], leaving: number): LearnedEvent[] {
  const taken = takenBy(waiting);
  for (let i = 0; i < leaving; i++) takeOut(taken, waiting[i] as LearnedEvent);
  return handOn(waiting, leaving, taken);
}

/** What was counted goes on with the list that replaces this one: nothing is counted twice. */
function handOn(waiting: LearnedEvent[], leaving: number, taken: Taken): LearnedEvent[] {
  const staying = waiting.slice(leaving);
  TAKEN.delete(waiting);
  TAKEN.set(staying, taken);
  return staying;
}

function takenBy(waiting: readonly LearnedEvent[]): Taken {
  let taken = TAKEN.get(waiting);
  if (taken === undefined) {
    taken = { events: 0, names: 0, chars: 0, distinct: undefined };
    TAKEN.set(waiting, taken);
  }
  for (let at = taken.events; at < waiting.length; at++) {
    const event = waiting[at] as LearnedEvent;
    taken.names += namesOf(event);
    taken.chars += charsOf(event);
    if (taken.distinct !== undefined) putIn(taken.distinct, event);
  }
  taken.events = waiting.length;
  return taken;
}

function takeOut(taken: Taken, event: LearnedEvent): void {
  taken.events -= 1;
  taken.names -= namesOf(event);
  taken.chars -= charsOf(event);
  if (taken.distinct !== undefined) takeOutNames(taken.distinct, event);
}

function isTooMuch(taken: Taken, waiting: readonly LearnedEvent[], from: number): boolean {
  const { eventsMax, namesMax, charsMax } = WAITING_LIMITS;
  if (taken.events > eventsMax || taken.names > namesMax) return true;
  if (taken.chars <= charsMax) {
    taken.distinct = undefined;
    return false;
  }
  taken.distinct ??= distinctFrom(waiting, from);
  return taken.distinct.chars > charsMax;
}

function distinctFrom(waiting: readonly LearnedEvent[], from: number): Distinct {
  const distinct: Distinct = { uses: new Map(), chars: 0 };
  for (let at = from; at < waiting.length; at++) putIn(distinct, waiting[at] as LearnedEvent);
  return distinct;
}

function putIn(distinct: Distinct, event: LearnedEvent): void {
  for (const name of eachName(event)) {
    const uses = distinct.uses.get(name) ?? 0;
    if (uses === 0) distinct.chars += name.length;
    distinct.uses.set(name, uses + 1);
  }
}

function takeOutNames(distinct: Distinct, event: LearnedEvent): void {
  for (const name of eachName(event)) {
    const uses = distinct.uses.get(name) ?? 0;
    if (uses > 1) distinct.uses.set(name, uses - 1);
    else {
      distinct.chars -= name.length;
      distinct.uses.delete(name);
    }
  }
}

/** The tool used before it is that of another event, or of one that has left. */
const eachName = ({ endpoint, tool, destinations, hosts, resources, flows }: LearnedEvent): readonly string[] => [
  endpoint,
  tool,
  ...destinations,
  ...hosts,
  ...resources,
  ...flows,
];

const charsOf = ({ endpoint, tool, destinations, hosts, resources, flows }: LearnedEvent): number =>
  endpoint.length + tool.length + charsIn(destinations) + charsIn(hosts) + charsIn(resources) + charsIn(flows);

function charsIn(names: readonly string[]): number {
  let chars = 0;
  for (let i = 0; i < names.length; i++) chars += names[i]?.length ?? 0;
  return chars;
}
