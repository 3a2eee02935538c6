import { ACTION_TYPES } from '../ingest/event.ts';
import type { LearnedEvent } from './learned-event.ts';
import { NameTable, nameBytes } from './name-table.ts';
import { RecordQueue } from './record-queue.ts';
import { eachNameNumber, readRecord, recordAct, recordTimes, writeRecord } from './waiting-record.ts';

/**
 * How much the events of a session that wait to be learned may take up, and which leave when it is more: the oldest, so that what waits is
 * what was seen last, without a gap. Who fills it up makes his first events leave sooner than after the hour that they wait, and an agent that
 * has alerted loses them; that is won by waiting for the hour, too. A function of the events alone: a list that was read back parts where the one
 * that was stored would have.
 */
export const WAITING_LIMITS = {
  eventsMax: 1024,
  /** Of all events, and of the names in them, each once. */
  bytesMax: 10 * 1024,
  /**
   * Of the names of one event besides its endpoint and tool, or a single one would make all others leave. What is beyond is not learned, and stays
   * new: the later places, then the later habits of its flows, then the later resources.
   */
  eventNameBytesMax: 4 * 1024,
} as const;

/** Part of an event: what was done, and where. */
export type WaitingAct = Pick<LearnedEvent, 'endpoint' | 'tool'>;

/** Events of one session that wait to be learned, oldest first, kept as bytes; see `waiting-record.ts`. */
export class WaitingEvents implements Iterable<LearnedEvent> {
  readonly #names = new NameTable();
  /** Acts by number, and how many events are of each. */
  readonly #acts: number[] = [];
  readonly #actUses: number[] = [];
  readonly #freeActs: number[] = [];
  readonly #records = new RecordQueue(WAITING_LIMITS.bytesMax);
  #left = 0;

  /** As they were stored: what is more than may wait leaves with the next event. */
  constructor(events: Iterable<LearnedEvent> = []) {
    for (const event of events) this.#append(event);
  }

  get length(): number {
    return this.#records.length;
  }

  /** How many have left so far: what was made of the events before is true only while it stays. */
  get left(): number {
    return this.#left;
  }

  /** What they take up by what the limit goes by; memory is never much more. */
  get bytes(): number {
    return this.#records.byteLength + this.#names.bytes + ACT_BYTES * (this.#acts.length - this.#freeActs.length);
  }

  /** Takes in an event. Returns those that must leave for it; never the newest. */
  put(event: LearnedEvent): readonly LearnedEvent[] {
    this.#append(fitted(event));
    const { eventsMax, bytesMax } = WAITING_LIMITS;
    if (this.length <= eventsMax && this.bytes <= bytesMax) return NONE;
    const leaving: LearnedEvent[] = [];
    while (this.length > 1 && (this.length > eventsMax || this.bytes > bytesMax)) leaving.push(this.#shift());
    return leaving;
  }

  /** Times of the oldest; undefined where there is none. */
  oldestTimes(): Pick<LearnedEvent, 'timeMs' | 'receivedMs'> | undefined {
    return this.length === 0 ? undefined : recordTimes(this.#records.bytes, this.#records.start);
  }

  /** Takes out the oldest, as many as there are of so many. */
  takeOldest(count: number): readonly LearnedEvent[] {
    return Array.from({ length: Math.min(count, this.length) }, () => this.#shift());
  }

  *[Symbol.iterator](): Iterator<LearnedEvent> {
    for (let at = this.#records.start; at < this.#records.end; at = this.#records.behind(at)) yield this.#read(at);
  }

  /**
   * Calls back with what each event did, oldest first, until that returns false. Begins at `from`: 0, or what was returned the last time.
   * @returns where to go on, as long as none has left
   */
  eachAct(from: number, visit: (act: WaitingAct) => boolean): number {
    const records = this.#records;
    let at = records.start + from;
    while (at < records.end && visit(this.#act(recordAct(records.bytes, at)))) at = records.behind(at);
    return at - records.start;
  }

  #append(event: LearnedEvent): void {
    this.#records.add(writeRecord(event, this.#takeAct(event), this.#names));
  }

  #shift(): LearnedEvent {
    const { bytes, start } = this.#records;
    const event = this.#read(start);
    eachNameNumber(bytes, start, (name) => this.#names.release(name));
    this.#releaseAct(recordAct(bytes, start));
    this.#records.dropFirst();
    this.#left += 1;
    return event;
  }

  #read(at: number): LearnedEvent {
    const { bytes } = this.#records;
    const { type, endpoint, tool, after } = unpackedAct(this.#acts[recordAct(bytes, at)] ?? 0);
    const { timeMs, receivedMs, ...rest } = readRecord(bytes, at, this.#names);
    const name = (number: number) => this.#names.name(number);
    return { timeMs, receivedMs, type, endpoint: name(endpoint), tool: name(tool), after: name(after), ...rest };
  }

  #act(number: number): WaitingAct {
    const { endpoint, tool } = unpackedAct(this.#acts[number] ?? 0);
    return { endpoint: this.#names.name(endpoint), tool: this.#names.name(tool) };
  }

  /** Each event of an act has its own use of the names. */
  #takeAct({ type, endpoint, tool, after }: LearnedEvent): number {
    const names = this.#names;
    const act = packedAct({ type, endpoint: names.take(endpoint), tool: names.take(tool), after: names.take(after) });
    const known = this.#acts.indexOf(act);
    const number = known >= 0 ? known : (this.#freeActs.pop() ?? this.#acts.length);
    this.#acts[number] = act;
    this.#actUses[number] = (this.#actUses[number] ?? 0) + 1;
    return number;
  }

  #releaseAct(number: number): void {
    const { endpoint, tool, after } = unpackedAct(this.#acts[number] ?? 0);
    for (const name of [endpoint, tool, after]) this.#names.release(name);
    const uses = (this.#actUses[number] ?? 0) - 1;
    this.#actUses[number] = uses;
    if (uses > 0) return;
    this.#acts[number] = NO_ACT;
    this.#freeActs.push(number);
  }
}

const NONE: readonly LearnedEvent[] = [];
/** Its places in the lists. */
const ACT_BYTES = 32;
const NO_ACT = -1;

/** What was done as one whole number: names have numbers of 16 bits. */
interface ActNumbers extends Pick<LearnedEvent, 'type'> {
  readonly endpoint: number;
  readonly tool: number;
  readonly after: number;
}

const NAME_END = 2 ** 16;

const packedAct = ({ type, endpoint, tool, after }: ActNumbers): number =>
  ((ACTION_TYPES.indexOf(type) * NAME_END + endpoint) * NAME_END + tool) * NAME_END + after;

function unpackedAct(packed: number): ActNumbers {
  const place = Math.floor(packed / (NAME_END * NAME_END));
  return {
    type: ACTION_TYPES[Math.floor(place / NAME_END)] ?? 'tool_call',
    endpoint: place % NAME_END,
    tool: Math.floor(packed / NAME_END) % NAME_END,
    after: packed % NAME_END,
  };
}

/** The event as it waits: hardly any names so much that it is cut. */
function fitted(event: LearnedEvent): LearnedEvent {
  const { destinations, hosts, resources, flows } = event;
  if (destinations.length + hosts.length + resources.length + flows.length <= NAMES_THAT_FIT) return event;
  let room: number = WAITING_LIMITS.eventNameBytesMax;
  const cut = (names: readonly string[]): readonly string[] => {
    const end = names.findIndex((name) => {
      room -= nameBytes(name);
      return room < 0;
    });
    return end < 0 ? names : names.slice(0, end);
  };
  return { ...event, destinations: cut(destinations), hosts: cut(hosts), flows: cut(flows), resources: cut(resources) };
}

/** So many are never too much: names are cut at 160 characters, and what is put before or behind them is short. */
const NAMES_THAT_FIT = 16;
