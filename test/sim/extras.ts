/**
 * What happens in a run beside records, faults and analysts. It was added when seeds had already found things: those are kept with
 * `NO_EXTRAS`, and do what they did then. Drawn from a stream of its own.
 */
import { createRandom, type Random } from '../../cli/simulate/random.ts';

export interface Extras {
  /** Closing a connection, and letting others have their turn, are port calls too: a process may die there. */
  readonly callsAtTheEdge: boolean;
  /** Workers publish models of kinds, and enough agents of one kind are known. */
  readonly publishing: boolean;
  /** Chance that somebody wants an ended delivery sent again, by the look of five minutes. */
  readonly replays: number;
  /** Nobody has seen the playbooks before the run. */
  readonly newPlaybooks: boolean;
  /** Events whose rows the sender's check refuses. */
  readonly misfits: boolean;
  /** When all is done the log moves to another number of partitions; 0: it stays. */
  readonly movesTo: number;
  /** A newer build writes to the log; the workers are of that build some minutes later. */
  readonly newerRecords: boolean;
  /** Chance, by port call, that the worker is asked to stop with that call in hand; most do not live to the end of it. */
  readonly killedStops: number;
  /** When all is done the workers are killed: what a stop in order would have written is not there. */
  readonly endsByDeath: boolean;
  /** So many agents of one kind are known that models of it have forests. */
  readonly forests: boolean;
  /** Chance, by membership, that nobody names the group's coordinator for a while, and the client gives the membership up. */
  readonly lostCoordinators: number;
  /** In the midst of the run the log moves to another topic, of so many partitions; 0: it stays. */
  readonly relocatesTo: number;
  /** It begins as an embedded log, of one partition, and moves before anybody reads it. */
  readonly fromEmbedded: boolean;
  /** Chance, by worker, that it is asked to stop while it starts. */
  readonly earlyStops: number;
  /** A worker that has lost its membership without noticing is left on the old topic while an intake goes on writing there. */
  readonly leavesBoth: boolean;
  /** Nobody has used the store before: it holds nothing, and the log begins where the topic happens to. */
  readonly firstStart: boolean;
  /** Workers reconcile, and when all is done somebody verifies the log. */
  readonly reconciles: boolean;
  /** Chance, by the look of ten minutes, that somebody verifies it beside them. */
  readonly audits: number;
  /** Chance, by port call, that who verifies the log when all is done dies there. */
  readonly auditDeaths: number;
  /** Who verifies it then dies at each of its steps in turn, and is followed by the next. */
  readonly auditSweep: boolean;
  /** A single machine: the log is in the one process there is, and its records come over the real intake. */
  readonly embedded: boolean;
  /** Its senders post to the product's HTTP server; otherwise they hand over behind the route, as they did when some seeds found what they did. */
  readonly overHttp: boolean;
  /** Events come to the log from a topic that others write, through the intake stage. */
  readonly intakeStage: boolean;
  /** Events and words come to the topic of the log over HTTP, by a process that does nothing else. */
  readonly httpFront: boolean;
}

export const NO_EXTRAS: Extras = {
  callsAtTheEdge: false,
  publishing: false,
  replays: 0,
  newPlaybooks: false,
  misfits: false,
  movesTo: 0,
  newerRecords: false,
  killedStops: 0,
  endsByDeath: false,
  forests: false,
  lostCoordinators: 0,
  relocatesTo: 0,
  fromEmbedded: false,
  earlyStops: 0,
  leavesBoth: false,
  firstStart: false,
  reconciles: false,
  audits: 0,
  auditDeaths: 0,
  auditSweep: false,
  embedded: false,
  overHttp: false,
  intakeStage: false,
  httpFront: false,
};

/** What is drawn stays in this order; what comes later is drawn after it. */
export function drawExtras(seed: number | string): Extras {
  const random = createRandom(`extras ${seed}`);
  const drawn = {
    callsAtTheEdge: true,
    publishing: random.chance(0.3),
    // In the crash sweep only: see ADR 14, what it leaves open.
    replays: 0,
    newPlaybooks: random.chance(0.3),
    misfits: random.chance(0.3),
    movesTo: random.chance(0.3) ? random.int(1, 4) : 0,
    newerRecords: random.chance(0.2),
    killedStops: random.chance(0.3) ? 0.01 : 0,
    endsByDeath: random.chance(0.2),
    forests: random.chance(0.3),
    lostCoordinators: random.chance(0.3) ? 0.3 : 0,
    relocatesTo: random.chance(0.25) ? random.int(1, 4) : 0,
    fromEmbedded: random.chance(0.3),
    earlyStops: random.chance(0.3) ? 0.3 : 0,
    leavesBoth: random.chance(0.5),
  };
  return { ...drawn, firstStart: false, ...drawAudits(random.fork('audits'), drawn.movesTo), ...BY_TOPIC };
}

const BY_TOPIC = { embedded: false, overHttp: false, intakeStage: false, httpFront: false };

/** Not where the log moves when all is done: it has no topic there. */
function drawAudits(
  random: Random,
  movesTo: number,
): Pick<Extras, 'reconciles' | 'audits' | 'auditDeaths' | 'auditSweep'> {
  const reconciles = random.chance(0.35) && movesTo === 0;
  return { reconciles, audits: random.pick([0.1, 0.5]), auditDeaths: random.pick([0, 0.05]), auditSweep: false };
}

/** What a seed draws, as far as it means anything to a single machine: there are no topics, no members, and no other build. */
export const onSingleMachine = (drawn: Extras): Extras => ({
  ...drawn,
  embedded: true,
  overHttp: true,
  misfits: false,
  movesTo: 0,
  relocatesTo: 0,
  newerRecords: false,
  lostCoordinators: 0,
});

/** The same, with the intake stage before the topic, where the log stays as long as it runs. */
export const behindIntakeStage = (drawn: Extras): Extras => ({ ...drawn, intakeStage: true, relocatesTo: 0 });

/** The same, with the product's HTTP intake before the topic; what it lets nobody write is not there. */
export const behindHttpFront = (drawn: Extras): Extras => ({
  ...drawn,
  httpFront: true,
  overHttp: true,
  misfits: false,
  newerRecords: false,
  relocatesTo: 0,
});
