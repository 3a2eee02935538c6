/**
 * Who sends to a single machine over HTTP, and sends again what was not acknowledged: forwarders their events, some at a time, and people their
 * words on alerts and baselines. They outlive the process, know nothing of it but its answers, and do not wait for them for ever.
 */
import type { Random } from '../../cli/simulate/random.ts';
import type { EncodedRecord } from '../../ingest/kafka/envelope.ts';
import type { EventEntry, WrittenEntry } from '../../ingest/log.ts';
import type { Intake } from './intake.ts';
import type { Post, Posts } from './posts.ts';
import type { Workload } from './workload.ts';
import type { SimProcess, World } from './world.ts';

export interface Request {
  /** The same whenever it is sent. */
  readonly idempotencyKey: string;
  readonly records: readonly Uint8Array[];
  /** What the API writes for somebody, in place of records. */
  readonly word?: WrittenEntry;
  /** As it goes over the wire this time; absent: it is handed over behind the route. */
  readonly post?: Post | undefined;
}

/** A process that listens. */
export interface Listener {
  readonly process: SimProcess;
  /** Calls `acknowledge` when it answers that all is safe, in the log or as a dead letter; otherwise rejects, or says nothing. */
  take(request: Request, acknowledge: () => void): Promise<void>;
}

export interface Senders {
  /** What comes from outside, as it is due. */
  readonly intake: Intake;
  /** Nothing waits for its acknowledgement. */
  readonly isIdle: boolean;
  readonly sent: { readonly requests: number; readonly repeats: number };
}

const TOGETHER_MAX = 4;
const AGAIN_MS = { min: 500, max: 60_000 };
/** Over HTTP who is refused at once, and again, waits longer each time, up to so many times as long: an outage would be nothing but refusals. */
const LONGER_MAX = 10;
const PATIENCE_MS = [2_000, 60_000, 600_000] as const;
/** Share of events that bring no id: the key of their request and their place in it have to do. */
const NAMELESS = 0.2;

/** As the route makes it of what it is asked for. */
function wordOf({ value }: EncodedRecord): WrittenEntry {
  return JSON.parse(value) as Exclude<WrittenEntry, EventEntry>;
}

/**
 * @param listener whoever listens at the moment
 * @param posts how requests go over the wire; absent: they do not
 */
export function createSenders(
  world: World,
  random: Random,
  { wires }: Pick<Workload, 'wires'>,
  listener: () => Listener | undefined,
  posts?: Posts,
): Senders {
  const { scheduler } = world;
  const waiting = new Set<Request>();
  const sent = { requests: 0, repeats: 0 };
  let due: EncodedRecord[] = [];

  function append(record: EncodedRecord): void {
    if (due.length === 0) scheduler.after(0, sendDue);
    due.push(record);
  }

  function sendDue(): void {
    const records = due;
    due = [];
    for (const record of records) if (!isBody(record)) submit([], wordOf(record));
    const bodies = records.filter(isBody).map(bodyOf);
    while (bodies.length > 0) submit(bodies.splice(0, random.int(1, TOGETHER_MAX)));
  }

  /** Garbage is sent as events are. */
  const isBody = (record: EncodedRecord): boolean => wires.has(record) || record.headers['v'] === undefined;

  function bodyOf(record: EncodedRecord): Uint8Array {
    const wire = wires.get(record);
    if (wire === undefined) return Buffer.from(record.value);
    return Buffer.from(JSON.stringify(random.chance(NAMELESS) ? { ...wire, id: undefined } : wire));
  }

  function submit(records: readonly Uint8Array[], word?: WrittenEntry): void {
    sent.requests += 1;
    const request = { idempotencyKey: `request ${sent.requests}`, records, ...(word === undefined ? {} : { word }) };
    waiting.add(request);
    attempt(request);
  }

  function attempt(request: Request, times = 1): void {
    let heard = false;
    function hear(acknowledged: boolean): void {
      if (heard) return;
      heard = true;
      stopWaiting();
      // Who loses the answer sends what is in the log already.
      if (acknowledged && !world.strikes('producedTwice')) waiting.delete(request);
      else again(request, times);
    }
    const stopWaiting = scheduler.after(random.pick(PATIENCE_MS), () => hear(false));
    const to = listener();
    const taken =
      to?.take({ ...request, post: posts?.post(request) }, () => hear(true)) ??
      Promise.reject(new Error('Nobody listens.'));
    to?.process.onEnd(() => hear(false));
    taken.catch(() => hear(false));
  }

  function again(request: Request, times: number): void {
    sent.repeats += 1;
    const longer = posts === undefined ? 1 : Math.min(times, LONGER_MAX);
    scheduler.after(random.int(AGAIN_MS.min, AGAIN_MS.max) * longer, () => attempt(request, times + 1));
  }

  const nothing = () => {};
  return {
    intake: { append: (_partition, record) => append(record), halt: nothing, letGo: nothing, resume: nothing },
    get isIdle() {
      return waiting.size === 0 && due.length === 0;
    },
    sent,
  };
}
