/** Events into a Picket in this process, as fast as it takes them or at a rate of one's own. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { App } from '../../cli/app.ts';
import { loadLines } from './load-lines.ts';

/** A request. */
export interface Sent {
  readonly ids: EventIds;
  /** From when it was due until it was acknowledged. */
  readonly tookMs: number;
}

/** So many, from this one on. */
export interface EventIds {
  readonly first: number;
  readonly count: number;
}

export const eventId = (number: number): string => `load-${number}`;

/** One figure for every event: its request's. */
export const tookByEvent = (sent: readonly Sent[]): number[] =>
  sent.flatMap(({ ids, tookMs }) => new Array<number>(ids.count).fill(tookMs));

export interface Load {
  /** Events a second, over this long, from one sender that waits for each acknowledgement of 2,000. */
  throughput(forMs: number): Promise<number>;
  /** Sends at this rate, whatever is acknowledged by then, and waits for the rest. */
  atRate(eventsPerSecond: number, forMs: number): Promise<Sent[]>;
}

interface Request {
  readonly ids: EventIds;
  readonly raw: Buffer[];
}

const BULK = 2000;
export const REQUEST_EVENTS = 20;
/** One request in so many is an act that alerts. */
const ALERTING_EVERY = 10;
/** Who alerts. */
export interface OddAgents {
  readonly count: number;
  /** Each of their acts is a session of its own: the number of those that a state remembers is reached soon. */
  readonly sessions: boolean;
}

/** New ones without end would fill the cache of states to its limit. */
const SELDOM_THE_SAME: OddAgents = { count: 997, sessions: false };

/**
 * Every event is sent under an id of its own, and at the time it has now: no event is late. Each time the lines begin anew their sessions are
 * new ones, or they would go on for as long as the load does, and their events wait to be learned for an hour.
 */
export function createLoad(app: App, tenant: string, lines: readonly Buffer[], odd = SELDOM_THE_SAME): Load {
  const templates = loadLines(lines);
  let count = 0;

  function next(size: number): Request {
    const first = count;
    count += size;
    const raw = Array.from({ length: size }, (_, i) => {
      const number = first + i;
      const round = Math.floor(number / templates.count);
      return templates.line(number % templates.count, round, eventId(number), Date.now());
    });
    return { ids: { first, count: size }, raw };
  }

  /** One of some agents that read what they may not, in numbers nobody needs. */
  function nextAlerting(): Request {
    const first = count;
    count += 1;
    const event = {
      id: eventId(first),
      time: Date.now(),
      agent: { id: `odd-${count % odd.count}`, kind: 'odd', clearance: 'public' },
      session: odd.sessions ? { id: `odd-${count}` } : undefined,
      action: { type: 'data_read', name: 'read_all' },
      resources: [{ name: 'hr.salaries', classification: 'restricted' }],
      data: { rows: 50_000_000, bytes_received: 10_000_000_000 },
    };
    return { ids: { first, count: 1 }, raw: [Buffer.from(JSON.stringify(event))] };
  }

  async function deliver({ ids, raw }: Request, dueMs: number): Promise<Sent> {
    await app.intake.accept(tenant, raw, { requestId: eventId(ids.first) });
    return { ids, tookMs: performance.now() - dueMs };
  }

  return {
    async throughput(forMs) {
      const before = count;
      const startedMs = performance.now();
      while (performance.now() - startedMs < forMs) await deliver(next(BULK), performance.now());
      return ((count - before) * 1000) / (performance.now() - startedMs);
    },
    async atRate(eventsPerSecond, forMs) {
      const startedMs = performance.now();
      const gapMs = (REQUEST_EVENTS * 1000) / eventsPerSecond;
      const requests: Promise<Sent>[] = [];
      for (let n = 0; n * gapMs < forMs; n += 1) {
        const dueMs = startedMs + n * gapMs;
        if (dueMs > performance.now()) await sleep(dueMs - performance.now());
        requests.push(n % ALERTING_EVERY === 0 ? deliver(nextAlerting(), dueMs) : deliver(next(REQUEST_EVENTS), dueMs));
      }
      return Promise.all(requests);
    },
  };
}
