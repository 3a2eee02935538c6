/** Runs that a sweep of crashes goes through: small ones for a crash at every call, and by seed those with trouble of all sorts. */
import type { Store } from '../../store/store.ts';
import { NO_EXTRAS } from './extras.ts';
import { NO_FAULTS } from './faults.ts';
import { WITHOUT_ENDS } from './left-behind.ts';
import type { SimulationOptions } from './simulation-options.ts';
import type { SimProcess } from './world.ts';

const SMALL = { agents: 2, partitions: 1, eventsMax: 6, odd: 0.5, format1: false };
const limits = { agentsMax: 2, checkpointRecords: 5, checkpointMs: 3_600_000, seenIdsBits: 256, revokeGraceMs: 10 };
const calm = { seed: 'sweep 13', workers: 1, size: SMALL, limits, tickShare: 0.02, rates: NO_FAULTS };
/** Every sort of call that a run like it makes, a stop and a start, in half as many calls: each of them costs two runs. */
export const EVERY_CALL: SimulationOptions = { ...calm, seed: 'sweep 72' };

const TROUBLE = {
  ...NO_FAULTS,
  crash: 0.03,
  refuse: 0.1,
  lostAnswer: 0.05,
  slow: 0.05,
  rebalance: 0.15,
  stray: 0.1,
  producedTwice: 0.2,
  handOver: 0.1,
  receiver500: 0.5,
  receiverSilent: 0.3,
};
const ALL_EXTRAS = {
  ...NO_EXTRAS,
  callsAtTheEdge: true,
  publishing: true,
  replays: 1,
  newPlaybooks: true,
  misfits: true,
  movesTo: 2,
};

/** Rows that take so long that those of other partitions wait for them, to go together. */
function slowRows(real: Store, { sleep }: SimProcess): Store {
  return {
    ...real,
    async insert(table, rows) {
      if (table === 'event_log') await sleep(200);
      await real.insert(table, rows);
    },
  };
}

/** What goes on, the run, and which lines of its history are calls to crash at. */
type Sweep = readonly [string, SimulationOptions, RegExp];

const MOVED = { ...ALL_EXTRAS, movesTo: 0, relocatesTo: 2 };
const BUSY = { ...calm, size: { ...SMALL, eventsMax: 12 }, extras: MOVED };
/** What the command does only when it was there before. */
const OF_A_SECOND_RUN = / mover #\d+ (kafka:(fetch|leader|produce)|store:select log_epochs|turn:step)/;
export const MOVE_SWEEPS: readonly Sweep[] = [
  ['its log moves', { ...calm, extras: ALL_EXTRAS }, / mover #/],
  [
    'its log moves after its workers were killed',
    { ...calm, extras: { ...ALL_EXTRAS, endsByDeath: true } },
    / mover #/,
  ],
  [
    'a move goes on that was cut off with a topic there',
    { ...BUSY, accident: { cutAfter: 'opened', isTickLeft: true, diesAsleep: true } },
    OF_A_SECOND_RUN,
  ],
  ['a move goes on whose epoch had begun, with records left behind', leaking(2), OF_A_SECOND_RUN],
  [
    'it begins, on a store that holds nothing',
    { ...calm, extras: { ...NO_EXTRAS, callsAtTheEdge: true, firstStart: true } },
    / w\d+ #\d+ (store:insert log_epochs|kafka:configs)/,
  ],
  ['it moves to another topic', { ...calm, extras: { ...ALL_EXTRAS, movesTo: 0, relocatesTo: 3 } }, / mover #/],
  [
    'an embedded log moves to a topic',
    { ...calm, extras: { ...ALL_EXTRAS, movesTo: 0, relocatesTo: 2, fromEmbedded: true } },
    / mover #\d+ store:(select|delete) (event_log|log_epochs)/,
  ],
];

export const SWEEPS: readonly Sweep[] = [
  ['a delivery is asked for again', { ...calm, extras: ALL_EXTRAS, limits }, /#\d*5 store:\w+ deliveries/],
  [
    'inserts that share one are refused together',
    {
      ...calm,
      size: { ...SMALL, agents: 5, partitions: 6, odd: 0 },
      limits: { ...limits, agentsMax: 9 },
      allAtOnce: true,
      variation: { store: slowRows },
      extras: { ...NO_EXTRAS, misfits: true },
    },
    /store:insert event_log \d/,
  ],
  ['it publishes models', { ...calm, extras: { ...ALL_EXTRAS, forests: true } }, /^36\d{5} w1 #/],
  [
    'it takes in many records at once',
    {
      ...calm,
      size: { ...SMALL, agents: 3, eventsMax: 32 },
      allAtOnce: true,
      rates: { ...NO_FAULTS, producedTwice: 1 },
      extras: ALL_EXTRAS,
      limits: { ...limits, agentsMax: 9 },
    },
    /turn:breathe/,
  ],
];

const VERIFIED = { ...NO_EXTRAS, callsAtTheEdge: true, misfits: true, reconciles: true };
/** Nobody else is there by then: whoever waits is the one that dies. Steps are gone through within one run. */
export const VERIFY_SWEEP: SimulationOptions = {
  ...calm,
  seed: 'verified 6',
  extras: { ...VERIFIED, auditSweep: true },
};

// One worker at a time, so that whoever waits is the one that dies.
const ALONE = { workers: 1, oneAtATime: true, tickShare: 0.05 };

function troubled(seed: number): SimulationOptions {
  const size = { ...SMALL, eventsMax: seed % 5 === 0 ? 32 : 10, partitions: 1 + (seed % 3) };
  const tight = { ...limits, agentsMax: 1, ...(seed % 5 === 0 ? { checkpointRecords: 1_000 } : {}) };
  const extras = { ...ALL_EXTRAS, movesTo: 0, replays: 0 };
  return { ...ALONE, seed: `trouble ${seed}`, size, limits: tight, rates: TROUBLE, extras };
}

/** Calls that take long, so that a stop has something to wait for, and inserts wait for one another. */
const SLOW = {
  ...NO_FAULTS,
  crash: 0.003,
  refuse: 0.05,
  lostAnswer: 0.05,
  slow: 0.15,
  rebalance: 0.3,
  producedTwice: 0.2,
  receiver500: 0.3,
  receiverSilent: 0.3,
};
/** A command of a hundred calls has to come to its end. */
const MOVING = { ...NO_FAULTS, crash: 0.02, refuse: 0.01, lostAnswer: 0.01, slow: 0.02, producedTwice: 0.2 };

function stopped(seed: number): SimulationOptions {
  const partitions = [1, 3, 6][seed % 3] ?? 1;
  const size = { agents: Math.min(5, 1 + partitions), eventsMax: 12, partitions, odd: 0.6, format1: false };
  const patient = { ...limits, checkpointRecords: seed % 2 === 0 ? 5 : 1_000, revokeGraceMs: 3_000 };
  const misfits = seed % 2 === 0;
  const extras = { ...ALL_EXTRAS, movesTo: 0, replays: 0, misfits, killedStops: 0.02, lostCoordinators: 0.8 };
  return { ...ALONE, seed: `stops ${seed}`, size, limits: patient, rates: SLOW, extras, allAtOnce: seed % 4 === 0 };
}

/** Records go to the old topic while the log moves. */
function moving(seed: number): SimulationOptions {
  const size = { ...SMALL, eventsMax: 16, partitions: 1 + (seed % 3) };
  const relocated = { ...ALL_EXTRAS, movesTo: 0, relocatesTo: 1 + (seed % 2), fromEmbedded: seed % 5 === 4 };
  const extras = { ...relocated, publishing: false, replays: 0 };
  const rates = seed % 2 === 0 ? MOVING : { ...MOVING, refuse: 0.08 };
  return { ...ALONE, seed: `moving ${seed}`, size, rates, extras };
}

/** The command of a build that gave epochs no end: one of this build may have to finish what that had begun. */
const endless = (seed: number): SimulationOptions => ({ ...moving(seed), variation: WITHOUT_ENDS });

function leaking(seed: number): SimulationOptions {
  return { ...BUSY, seed: `leak ${seed}`, accident: { cutAfter: 'begun', leaksAfter: 'copied' } };
}

/** A delivery is looked for while the outbox is read. */
function looking(seed: number): SimulationOptions {
  const size = { ...SMALL, agents: 3, partitions: 2, eventsMax: 24 };
  const rates = { ...NO_FAULTS, slow: 0.3, rebalance: 0.5 };
  const extras = { ...NO_EXTRAS, replays: 1 };
  return { ...calm, seed: `looks ${seed}`, size, limits: { ...limits, agentsMax: 9 }, rates, extras };
}

/** The job in a worker, which may be stopped in the midst of it. */
function reconciling(seed: number): SimulationOptions {
  const size = { ...SMALL, eventsMax: seed % 2 === 0 ? 10 : 24, partitions: 1 + (seed % 3) };
  const rates = { ...NO_FAULTS, crash: 0.002, refuse: 0.03, lostAnswer: 0.03, slow: 0.1, rebalance: 0.1 };
  const extras = { ...VERIFIED, killedStops: 0.01, auditDeaths: 0.05 };
  return { ...ALONE, seed: `reconciles ${seed}`, size, limits: { ...limits, agentsMax: 9 }, rates, extras };
}

const EMBEDDED = { ...NO_EXTRAS, callsAtTheEdge: true, embedded: true, overHttp: true };
/** Refused rows, repeats and words on alerts are among what is sent, a packed body, a key that is none, a body too large. */
export const EMBEDDED_SWEEP: SimulationOptions = {
  ...calm,
  seed: 'embedded 483',
  size: { ...SMALL, agents: 1, eventsMax: 5 },
  tickShare: 0.005,
  extras: EMBEDDED,
};

/** Its requests are sent again while the first of them wait, and it is stopped with some in hand. */
function single(seed: number): SimulationOptions {
  const size = { ...SMALL, agents: 2, eventsMax: 12, odd: 0.8 };
  const rates = { ...SLOW, crash: 0.02, outage: 0.02, olderSnapshot: 0.3 };
  const extras = { ...EMBEDDED, publishing: seed % 2 === 0, killedStops: 0.06 };
  return { seed: `single ${seed}`, size, limits, tickShare: 0.1, rates, extras, allAtOnce: seed % 3 === 0 };
}

const STAGED = { ...NO_EXTRAS, callsAtTheEdge: true, intakeStage: true };
/** Workers come when everything is in the log: whoever waits before that is the stage. */
const STAGE_ALONE = { ...calm, oneAtATime: true, allAtOnce: true, workersAfterMs: 60 * 60_000, tickShare: 0.005 };
/** Garbage and events without an id are among what it reads. */
export const STAGE_SWEEP: SimulationOptions = {
  ...STAGE_ALONE,
  seed: 'stage 1',
  size: { ...SMALL, agents: 1, eventsMax: 5 },
  extras: STAGED,
};
export const CALLS_OF_STAGE = / i\d+ #/;

/** It is stopped with work in hand, while the log, the store or the coordinator of its group is away. */
function staged(seed: number): SimulationOptions {
  const size = { ...SMALL, agents: 2, eventsMax: 12, odd: 0.8 };
  const rates = { ...SLOW, crash: 0.02, outage: 0.1, rebalance: 0.3, stray: 0.1 };
  const extras = { ...STAGED, killedStops: 0.04, lostCoordinators: 0.8 };
  return { ...STAGE_ALONE, seed: `staged ${seed}`, size, rates, extras, allAtOnce: seed % 3 === 0 };
}

/** What goes on, how many seeds always run, and what is simulated. */
export type Trouble = readonly [string, number, (seed: number) => SimulationOptions];

export const TROUBLES: readonly Trouble[] = [
  ['in the midst of trouble', 25, troubled],
  ['while it stops with work in hand', 20, stopped],
  ['while a look for deliveries waits for a rescan', 5, looking],
];

export const EMBEDDED_TROUBLES: readonly Trouble[] = [['in the midst of trouble', 4, single]];

export const VERIFY_TROUBLES: readonly Trouble[] = [['while workers reconcile', 6, reconciling]];

export const MOVE_TROUBLES: readonly Trouble[] = [
  ['in the midst of trouble', 10, moving],
  ['while the old topic goes on', 5, leaking],
  ['when the epoch has no end of the one before', 10, endless],
];

export const STAGE_TROUBLES: readonly Trouble[] = [['in the midst of trouble', 3, staged]];
