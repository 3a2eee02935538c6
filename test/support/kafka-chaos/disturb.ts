/** Carries out a plan: kills, zombies, brokers that go away, workers that come and go; while the work goes on. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom, type Random } from '../../../cli/simulate/random.ts';
import type { KafkaCluster } from '../kafka/cluster.ts';
import type { Crew, Member, Role, Sighting } from './crew.ts';
import { type ChaosOptions, planSteps, type Step, workersAt } from './plan.ts';

/** How it went so far. */
export interface Disturbance {
  kills: number;
  workerKills: number;
  /** Kills of processes that said just before that they had records to finish; the others had none, or did not answer. */
  inFlight: number;
  zombies: number;
  brokerRestarts: number;
  scaleOuts: number;
  /** Assignments of partitions that members have seen until their end. */
  rebalances: number;
  /** Orderly ends that took longer than a supervisor waits: what was in hand is done over. */
  hurried: number;
}

export const noDisturbance = (): Disturbance => ({
  kills: 0,
  workerKills: 0,
  inFlight: 0,
  zombies: 0,
  brokerRestarts: 0,
  scaleOuts: 0,
  rebalances: 0,
  hurried: 0,
});

export interface DisturbDeps {
  readonly crew: Crew;
  readonly kafka: KafkaCluster;
  /** Share of the work that is stored, 0 to 1. */
  readonly share: () => number;
  readonly sessionTimeoutMs: number;
  readonly done: Disturbance;
  /** Called after every step. */
  readonly onStep: () => void;
}

const LOOK_MS = 50;
const ZOMBIE_MORE_MS = 4_000;

/** Resolves when all steps are done, nobody stands still and the broker answers. Rejects when a process cannot be brought back. */
export async function disturb(options: ChaosOptions, deps: DisturbDeps): Promise<void> {
  const { crew, share } = deps;
  const random = createRandom(`${options.seed} victims`);
  const jobs = createJobs();
  const target = targetOf(options, deps.done);
  for (const step of planSteps(options)) {
    const until = performance.now() + step.patienceMs;
    do {
      jobs.check();
      balance(crew, target(step.at), options.intakes, jobs, deps.done);
      await sleep(LOOK_MS);
    } while (share() < step.at && performance.now() < until);
    await act(step, random, jobs, deps);
    deps.onStep();
  }
  await jobs.all();
  balance(crew, 1, options.intakes, jobs, deps.done);
  await jobs.all();
}

/** How many workers there are to be; counts the times they become more. */
function targetOf(options: ChaosOptions, done: Disturbance): (at: number) => number {
  let last = 1;
  return (at) => {
    const wanted = workersAt(at, options);
    if (wanted > last) done.scaleOuts += 1;
    last = wanted;
    return wanted;
  };
}

/** What was killed is replaced, and the number of workers brought to what it is to be. */
function balance(crew: Crew, workers: number, intakes: number, jobs: Jobs, done: Disturbance): void {
  for (let i = crew.size('worker'); i < workers; i += 1) jobs.add(crew.start('worker'));
  for (let i = crew.size('intake'); i < intakes; i += 1) jobs.add(crew.start('intake'));
  const tooMany = crew.size('worker') - workers;
  for (const member of crew.up('worker').slice(0, Math.max(0, tooMany))) jobs.add(retire(crew, member, done));
}

async function retire(crew: Crew, member: Member, done: Disturbance): Promise<void> {
  const ended = crew.end(member, 'SIGTERM');
  if ((await ended).code !== 0) done.hurried += 1;
}

async function act(step: Step, random: Random, jobs: Jobs, deps: DisturbDeps): Promise<void> {
  const { crew, done } = deps;
  if (step.kind === 'broker') {
    jobs.addAlone(() => restartBroker(deps));
    return;
  }
  const { victim, seen } = await findVictim(crew, step, random, jobs);
  if (step.kind === 'zombie') {
    done.zombies += 1;
    jobs.add(standStill(crew, victim, deps.sessionTimeoutMs + random.uniform() * ZOMBIE_MORE_MS));
    return;
  }
  await crew.end(victim, 'SIGKILL');
  done.kills += 1;
  if (victim.role === 'worker') done.workerKills += 1;
  if ((seen?.lag ?? 0) > 0) done.inFlight += 1;
  done.rebalances += seen?.rebalances ?? 0;
}

const UP_MS_MAX = 120_000;
/**
 * After a kill the others wait for the dead one's session to end and for the partitions to be restored: nobody has anything in hand. Only if
 * that lasts longer is whoever runs hit.
 */
const AIM_MS_MAX = 20_000;

interface Candidate {
  readonly victim: Member;
  readonly seen: Sighting | undefined;
}

async function findVictim(crew: Crew, step: Step, random: Random, jobs: Jobs): Promise<Candidate> {
  const role: Role = step.kind === 'kill intake' ? 'intake' : 'worker';
  const aimUntil = performance.now() + (step.aimed ? AIM_MS_MAX : 0);
  for (const until = performance.now() + UP_MS_MAX; performance.now() < until; await sleep(LOOK_MS)) {
    jobs.check();
    const all = await Promise.all(crew.up(role).map(async (victim) => ({ victim, seen: await crew.look(victim) })));
    const busy = all.filter(({ seen }) => (seen?.lag ?? 0) > 0);
    const candidates = performance.now() < aimUntil ? busy : all;
    if (candidates.length > 0) return random.pick(candidates);
  }
  throw new Error(`For ${UP_MS_MAX} ms there is no ${role}.`);
}

async function standStill(crew: Crew, member: Member, ms: number): Promise<void> {
  crew.pause(member);
  await sleep(ms);
  crew.resume(member);
}

async function restartBroker({ kafka, done }: DisturbDeps): Promise<void> {
  await kafka.kill(1);
  await kafka.start(1);
  done.brokerRestarts += 1;
}

interface Jobs {
  add(job: Promise<void>): void;
  /** Begins when the last one that was added so is over. */
  addAlone(job: () => Promise<void>): void;
  /** Throws what a job has failed with. */
  check(): void;
  all(): Promise<void>;
}

/** What goes on beside the steps. */
function createJobs(): Jobs {
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let alone = Promise.resolve();
  const add = (job: Promise<void>) => {
    const watched = job.catch((error: unknown) => void failures.push(error)).finally(() => running.delete(watched));
    running.add(watched);
  };
  const check = () => {
    if (failures.length > 0) throw failures[0];
  };
  return {
    add,
    addAlone(job) {
      alone = alone.then(job);
      add(alone);
    },
    check,
    async all() {
      while (running.size > 0) await Promise.all(running);
      check();
    },
  };
}
