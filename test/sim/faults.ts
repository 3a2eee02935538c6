/**
 * What goes wrong in a run. Swarm testing (Groce and others, ISSTA 2012): each seed has its own random subset of kinds of faults, each at
 * its own rate, because a run in which everything goes wrong at once never gets far enough to meet the rarer bugs.
 */
import type { Random } from '../../cli/simulate/random.ts';

/** Chance per opportunity, 0 when the kind is off. */
export interface FaultRates {
  /** A process dies at a port call: before its effect, or after it. */
  readonly crash: number;
  /** What a dead process had sent arrives all the same, later. */
  readonly lateArrival: number;
  readonly refuse: number;
  readonly lostAnswer: number;
  readonly slow: number;
  /** The store is away for a while, by the look of a minute. */
  readonly outage: number;
  /** Members of the group change, by the look of a minute; */
  readonly rebalance: number;
  /** one of them loses its membership without noticing; */
  readonly zombie: number;
  /** a worker is stopped in order, and another started. */
  readonly handOver: number;
  /** A fetch brings records again, or begins further on than it should. */
  readonly stray: number;
  /** A producer repeats a record whose answer was lost. */
  readonly producedTwice: number;
  /** By the look of a minute, the wall clock of a process jumps. */
  readonly clockJump: number;
  /** At a restart the store is as of an older checkpoint; */
  readonly olderSnapshot: number;
  /** or holds a state of a format that this build does not know, until somebody sees to it. */
  readonly unknownFormat: number;
  /** Of the webhook receiver. */
  readonly receiver500: number;
  readonly receiver429: number;
  readonly receiverSilent: number;
}

export type FaultKind = keyof FaultRates;

export const NO_FAULTS: FaultRates = {
  crash: 0,
  lateArrival: 0,
  refuse: 0,
  lostAnswer: 0,
  slow: 0,
  outage: 0,
  rebalance: 0,
  zombie: 0,
  handOver: 0,
  stray: 0,
  producedTwice: 0,
  clockJump: 0,
  olderSnapshot: 0,
  unknownFormat: 0,
  receiver500: 0,
  receiver429: 0,
  receiverSilent: 0,
};

/** Highest rate of each kind: at these a run still comes to its end. */
const RATES_MAX: FaultRates = {
  crash: 0.02,
  lateArrival: 0.8,
  refuse: 0.15,
  lostAnswer: 0.15,
  slow: 0.1,
  outage: 0.03,
  rebalance: 0.1,
  zombie: 0.08,
  handOver: 0.05,
  stray: 0.1,
  producedTwice: 0.1,
  clockJump: 0.05,
  olderSnapshot: 0.5,
  unknownFormat: 0.3,
  receiver500: 0.5,
  receiver429: 0.3,
  receiverSilent: 0.3,
};

export function drawFaults(random: Random): FaultRates {
  const drawn = Object.entries(RATES_MAX).map(([kind, max]) => [
    kind,
    random.chance(0.5) ? max * random.uniform() ** 2 : 0,
  ]);
  return Object.fromEntries(drawn) as unknown as FaultRates;
}
