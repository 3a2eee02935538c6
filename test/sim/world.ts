/**
 * Processes, and the one way in which they reach anything outside: a port call. It travels, takes effect, and is answered, each at an
 * instant that chance decides; any of it may go wrong. A process that dies is dropped with all it has in memory: none of its calls is
 * answered any more, none of its timers fires.
 */
import type { Timers } from '../../alerts/timers.ts';
import { createRandom, type Random } from '../../cli/simulate/random.ts';
import { StoreUnavailable } from '../../store/store.ts';
import type { FaultKind, FaultRates } from './faults.ts';
import { NO_FAULTS } from './faults.ts';
import { createHistory, type History } from './history.ts';
import { createScheduler, type Scheduler } from './scheduler.ts';

export interface SimProcess {
  readonly name: string;
  readonly alive: boolean;
  /** @param port `store:`, `kafka:` or `post:` and what is asked; @param digest of what is sent */
  call<T>(port: string, effect: () => T, digest?: string): Promise<T>;
  readonly timers: Timers;
  every(intervalMs: number, run: () => void): () => void;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  breathe(): Promise<void>;
  /** Something outside is let go of: a port call of its own, or nothing at all. */
  leave(port: string): Promise<void>;
  /** The wall clock as this process sees it, epoch ms. */
  now(): number;
  random(): number;
  jumpClock(byMs: number): void;
  /** Called once, when the process is gone. */
  onEnd(run: () => void): void;
}

/** A crash at one port call of a run, counted from 1. */
export interface PlannedCrash {
  readonly call: number;
  readonly when: 'before' | 'after';
}

export interface World {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly history: History;
  readonly rates: FaultRates;
  /** Port calls so far. */
  readonly calls: number;
  readonly faults: Readonly<Record<FaultKind, number>>;
  /** True with the chance of this kind of fault, and counts it. */
  strikes(kind: FaultKind): boolean;
  start(name: string): SimProcess;
  /** The process dies at once. */
  kill(process: SimProcess): void;
  storeAway: boolean;
  brokersAway: boolean;
  /** Told of every call that a process makes, before it travels. */
  readonly onCall: ((process: SimProcess, port: string) => void)[];
  /** No fault happens any more. */
  heal(): void;
  wallMs(): number;
}

export interface WorldOptions {
  readonly seed: number | string;
  /** Wall clock at the beginning, epoch ms. */
  readonly startMs: number;
  readonly rates: FaultRates;
  readonly crashAt?: PlannedCrash;
  readonly keepHistory?: boolean;
  readonly callsAtTheEdge?: boolean;
  /** Called when a process has died, before it is forgotten. */
  readonly onDeath?: (name: string) => void;
  /** Called before every call of a process, with its number. */
  readonly onNumber?: (call: number) => void;
}

export function createWorld(options: WorldOptions): World {
  const random = createRandom(`world ${options.seed}`);
  const scheduler = createScheduler(random.fork('order'));
  const history = createHistory(() => scheduler.nowMs, options.keepHistory ?? false);
  const chance = random.fork('faults');
  const delays = random.fork('delays');
  const counted = { ...NO_FAULTS };
  const ends = new Map<SimProcess, () => void>();
  const edge = options.callsAtTheEdge ?? false;
  let rates = options.rates;
  let calls = 0;

  function strikes(kind: FaultKind): boolean {
    if (rates[kind] === 0 || !chance.chance(rates[kind])) return false;
    counted[kind] += 1;
    return true;
  }

  const world: World = {
    scheduler,
    random,
    history,
    get rates() {
      return rates;
    },
    get calls() {
      return calls;
    },
    faults: counted,
    strikes,
    start,
    kill: (process) => ends.get(process)?.(),
    storeAway: false,
    brokersAway: false,
    onCall: [],
    heal() {
      rates = NO_FAULTS;
      world.storeAway = false;
      world.brokersAway = false;
      history.note('healed');
    },
    wallMs: () => options.startMs + scheduler.nowMs,
  };

  function crashAt(number: number): PlannedCrash['when'] | undefined {
    if (options.crashAt?.call === number) {
      counted.crash += 1;
      return options.crashAt.when;
    }
    return strikes('crash') ? chance.pick(['before', 'after'] as const) : undefined;
  }

  /** Mostly some milliseconds; now and then long enough for others to do a lot meanwhile. */
  const delayMs = (): number => (strikes('slow') ? delays.int(500, 40_000) : delays.int(1, 20));

  function start(name: string): SimProcess {
    let alive = true;
    let offsetMs = 0;
    const atEnd: (() => void)[] = [];
    const pending = new Set<() => void>();
    const own = random.fork(`process ${name}`);

    function end(): void {
      if (!alive) return;
      alive = false;
      for (const cancel of pending) cancel();
      pending.clear();
      history.note(`${name} is gone`);
      // By then the code that was running has come to where it waits.
      scheduler.after(0, () => {
        options.onDeath?.(name);
        for (const run of atEnd) run();
      });
    }

    function after(ms: number, run: () => void): () => void {
      if (!alive) return () => {};
      const cancel = scheduler.after(ms, () => {
        pending.delete(cancel);
        run();
      });
      pending.add(cancel);
      return () => {
        pending.delete(cancel);
        cancel();
      };
    }

    function noted(port: string, digest: string): number {
      calls += 1;
      options.onNumber?.(calls);
      history.note(`${name} #${calls} ${port} ${digest}`);
      return calls;
    }

    function call<T>(port: string, effect: () => T, digest = ''): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        if (!alive) return;
        const number = noted(port, digest);
        const crash = crashAt(number);
        if (crash === 'before') return end();
        for (const told of world.onCall) told(process, port);
        scheduler.after(delayMs(), () => {
          if (!alive && !strikes('lateArrival')) return;
          const away = port.startsWith('store:') ? world.storeAway : port.startsWith('kafka:') && world.brokersAway;
          const outcome = away || strikes('refuse') ? { error: refusal(port, number) } : outcomeOf(effect);
          history.note(`${name} #${number} ${'error' in outcome ? String(outcome.error) : 'done'}`);
          if (crash === 'after') end();
          const lost = strikes('lostAnswer') ? { error: refusal(port, number) } : outcome;
          after(delayMs(), () => ('error' in lost ? reject(lost.error) : resolve(lost.value)));
        });
      });
    }

    function sleep(ms: number, signal?: AbortSignal): Promise<void> {
      return new Promise((resolve, reject) => {
        const abort = () => {
          cancel();
          forget();
          reject(signal?.reason);
        };
        const cancel = after(ms, () => {
          forget();
          resolve();
        });
        const forget = () => {
          pending.delete(forget);
          signal?.removeEventListener('abort', abort);
        };
        signal?.addEventListener('abort', abort, { once: true });
        // The platform keeps a joined signal, and with it this whole run, for as long as somebody listens to it.
        if (alive) pending.add(forget);
      });
    }

    const process: SimProcess = {
      name,
      get alive() {
        return alive;
      },
      call,
      timers: { after },
      every(intervalMs, run) {
        if (!alive) return () => {};
        const cancel = scheduler.every(intervalMs, run);
        pending.add(cancel);
        return () => {
          pending.delete(cancel);
          cancel();
        };
      },
      sleep,
      breathe: () =>
        new Promise((resolve) => {
          if (edge && alive && crashAt(noted('turn:breathe', '')) !== undefined) return end();
          after(0, resolve);
        }),
      leave: (port) => (edge ? call(port, () => {}) : Promise.resolve()),
      now: () => world.wallMs() + offsetMs,
      random: () => own.uniform(),
      jumpClock(byMs) {
        offsetMs += byMs;
      },
      onEnd: (run) => void atEnd.push(run),
    };
    ends.set(process, end);
    return process;
  }

  return world;
}

type Outcome<T> = { readonly value: T } | { readonly error: unknown };

function outcomeOf<T>(effect: () => T): Outcome<T> {
  try {
    return { value: effect() };
  } catch (error) {
    return { error };
  }
}

/** What kafkajs makes of a broker that is away: sometimes it says that asking again may help. */
function refusal(port: string, call: number): Error {
  if (port.startsWith('store:')) return new StoreUnavailable('The store does not answer.');
  if (call % 2 === 0)
    return Object.assign(new Error('Closed connection'), { name: 'KafkaJSConnectionClosedError', retriable: true });
  return Object.assign(new Error('The broker does not answer.'), { name: 'KafkaJSNumberOfRetriesExceeded' });
}
