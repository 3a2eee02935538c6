/**
 * `npm run bench:soak -- --minutes 30 --load .5`: one process of Picket with the embedded engine under steady load, as one JSON object on
 * standard output: growth of memory after a forced collection, delay of the event loop, share of garbage collection, time from an event to
 * its stored alert.
 *
 * States of agents grow until what they remember is full. So the agents here are few and busy, and before anything is measured they get events
 * as fast as may be, until their states have levelled. What these are estimated to take is shown beside the heap, and taken off it.
 *
 * Growth is the median of the slopes between all pairs of samples (Theil-Sen) after the warm-up, over the whole measured time: one spike
 * does not move it. The generator of the events runs in the same process, and keeps them as bytes; what it allocates is counted with the rest.
 */
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Command, InvalidArgumentError } from 'commander';
import type { App } from '../../cli/app.ts';
import { openBenchApp } from './bench-app.ts';
import { BENCH_TENANT, fleetLines } from './bench-events.ts';
import { createLoad, type Load, tookByEvent } from './load.ts';
import { percentile } from './measurement.ts';
import { growthShare, type Sample } from './soak-growth.ts';

interface Options {
  readonly minutes: number;
  readonly load: number;
  readonly warmUp: number;
  readonly rate?: number;
  readonly commit?: string;
}

const MINUTE_MS = 60_000;
const MIB = 1024 * 1024;
/** Load between two samples. */
const SLICE_MS = 10_000;
const CALIBRATION_MS = 15_000;
const NS = 1e6;
/** States have levelled when they grew by less than this in a slice; they are given up on after so many. */
const LEVEL_SHARE = 0.005;
const LEVEL_SLICE_MS = 30_000;
const LEVEL_SLICES_MAX = 30;
/** As fast as it takes them but for some air, so that none waits for long. */
const FILLING_SHARE = 0.8;
/** As many as the fleet has; what is remembered of the sessions of each is full after some minutes. */
const ODD_AGENTS = { count: 20, sessions: true };

async function run({ minutes, load: share, warmUp, rate: given, commit }: Options): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const { app, close } = await openBenchApp();
  const load = createLoad(app, BENCH_TENANT, fleetLines(20_000), ODD_AGENTS);
  const full = await load.throughput(CALIBRATION_MS);
  const rate = given ?? full * share;
  process.stderr.write(`throughput ${Math.round(full)} events/s; ${Math.round(rate)} events/s from now on\n`);
  const level = await untilLevel(load, full, () => stateBytes(app));
  const watched = await watch(load, rate, minutes * MINUTE_MS, collect, () => stateBytes(app));
  const steady = watched.samples.filter(({ atMs }) => atMs >= watched.forMs * warmUp);
  const report = {
    ...(commit === undefined ? {} : { commit }),
    minutes,
    events: watched.events,
    throughput: Math.round(full),
    rate: Math.round(rate),
    growth: {
      warm_up_share: warmUp,
      states_level: { reached: level.reached, seconds: level.seconds, mib: mib(level.bytes) },
      samples: steady.length,
      heap: growthShare(steady, ({ heap }) => heap),
      rss: growthShare(steady, ({ rss }) => rss),
      states: growthShare(steady, ({ states }) => states),
      heap_without_states: growthShare(steady, ({ heap, states }) => heap - states),
    },
    event_loop_delay_ms: watched.delayMs,
    gc_share: watched.gcShare,
    event_to_acknowledged_ms: watched.latencyMs,
    /** Seconds, and MiB of heap with buffers, of all memory, and of states as estimated. */
    samples: watched.samples.map(({ atMs, heap, rss, states }) => [
      Math.round(atMs / 1000),
      mib(heap),
      mib(rss),
      mib(states),
    ]),
  };
  await close();
  process.stdout.write(`${JSON.stringify(report)}\n`);
  process.exit(0);
}

async function untilLevel(load: Load, full: number, statesNow: () => Promise<number>) {
  const startedMs = performance.now();
  let bytes = await statesNow();
  let reached = false;
  for (let slice = 0; slice < LEVEL_SLICES_MAX && !reached; slice += 1) {
    await load.atRate(full * FILLING_SHARE, LEVEL_SLICE_MS);
    const now = await statesNow();
    reached = now < bytes * (1 + LEVEL_SHARE);
    bytes = now;
    process.stderr.write(`filling the states of the agents: ${mib(bytes)} MiB\n`);
  }
  return { bytes, reached, seconds: Math.round((performance.now() - startedMs) / 1000) };
}

async function watch(load: Load, rate: number, forMs: number, collect: () => void, statesNow: () => Promise<number>) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const gc = watchCollections();
  const samples: Sample[] = [];
  const slices: { p50: number; p99: number }[] = [];
  let events = 0;
  const startedMs = performance.now();
  while (performance.now() - startedMs < forMs) {
    // The forced collection between two slices is not load: neither its delay nor its time counts.
    delay.enable();
    gc.resume();
    const sent = await load.atRate(rate, SLICE_MS);
    gc.pause();
    delay.disable();
    const took = tookByEvent(sent);
    events += took.length;
    slices.push({ p50: percentile(took, 0.5), p99: percentile(took, 0.99) });
    collect();
    const { heapUsed, external, rss } = process.memoryUsage();
    const states = await statesNow();
    samples.push({ atMs: performance.now() - startedMs, heap: heapUsed + external, rss, states });
    process.stderr.write(
      `${Math.round((performance.now() - startedMs) / 1000)} s: heap ${mib(heapUsed)} MiB, states ${mib(states)} MiB, rss ${mib(rss)} MiB\n`,
    );
  }
  const at = (share: number) => round(delay.percentile(share) / NS);
  return {
    forMs,
    events,
    samples,
    delayMs: { p50: at(50), p99: at(99), p99_9: at(99.9), max: round(delay.max / NS) },
    gcShare: gc.share(),
    latencyMs: {
      p50: round(
        percentile(
          slices.map(({ p50 }) => p50),
          0.5,
        ),
      ),
      /** Median, and worst, of the slices. */
      p99: round(
        percentile(
          slices.map(({ p99 }) => p99),
          0.5,
        ),
      ),
      p99_worst: round(Math.max(...slices.map(({ p99 }) => p99))),
    },
  };
}

/** What the states in memory take, as the limits of memory count it. */
async function stateBytes({ api }: App): Promise<number> {
  const { body } = await api.inject({ method: 'GET', url: '/metrics' });
  return Number(/^picket_state_bytes_in_memory (\S+)$/m.exec(body)?.[1]);
}

/** Share of the time between `resume` and `pause` that collections took on this thread. */
function watchCollections() {
  let watched = false;
  let sinceMs = 0;
  let watchedMs = 0;
  let collectedMs = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { duration, startTime } of list.getEntries())
      if (startTime >= sinceMs && watched) collectedMs += duration;
  });
  observer.observe({ entryTypes: ['gc'] });
  return {
    resume() {
      watched = true;
      sinceMs = performance.now();
    },
    pause() {
      watched = false;
      watchedMs += performance.now() - sinceMs;
    },
    share: () => round(collectedMs / watchedMs),
  };
}

const mib = (bytes: number): number => Math.round(bytes / MIB);
const round = (value: number): number => Number(value.toPrecision(3));

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('A number above 0.');
  return value;
}

const command = new Command('soak')
  .description(
    'Steady load for a while: memory growth, event-loop delay, garbage collection, time to the stored alert.',
  )
  .option('--minutes <n>', 'how long', positive, 30)
  .option('--load <share>', 'share of the throughput that is measured first', positive, 0.5)
  .option('--rate <n>', 'events a second, instead of a share', positive)
  .option('--warm-up <share>', 'share of the time that does not count for growth', positive, 0.2)
  .option('--commit <name>', 'what is measured, for the report')
  .action(run);
await command.parseAsync().catch((error: Error) => command.error(`error: ${error.message}`));
