/**
 * An operator moves the log to another topic, as the documents have it: what writes and reads the log is stopped, all is stored, `picket topics
 * repartition` until it is done, and everything is started again. Not always: a worker may be left that has lost its membership without noticing,
 * or an intake that goes on writing to the old topic, or both.
 */

import { CommandFailure } from '../../cli/context.ts';
import { repartition } from '../../cli/repartition.ts';
import type { Random } from '../../cli/simulate/random.ts';
import { isUnavailable, persistWith } from '../../cli/storage.ts';
import { MOVE_STEPS, type MoveStep } from '../../cli/topics/move-deps.ts';
import { encodeEntry } from '../../ingest/kafka/envelope.ts';
import { logPartition } from '../../ingest/log.ts';
import type { Broker } from './broker.ts';
import { type Cluster, KAFKA } from './cluster.ts';
import type { Fleet } from './fleet.ts';
import type { Intake } from './intake.ts';
import { epochAfter } from './mover.ts';
import { createSimStore } from './sim-store.ts';
import type { Tables } from './tables.ts';
import { config, type Variation } from './worker-process.ts';
import type { SimProcess, World } from './world.ts';

export interface Relocation {
  begin(): void;
  /** Somebody wants it, and it is not done. */
  readonly underWay: boolean;
  /** Last position of each partition of the old topic that was stored when the move began; undefined while the log is there. */
  readonly ends: readonly number[] | undefined;
}

interface RelocationDeps {
  readonly world: World;
  readonly tables: Tables;
  readonly cluster: Cluster;
  readonly fleet: Fleet;
  readonly intake: Intake;
  readonly random: Random;
  /** What goes wrong with it beside the faults of the run. */
  readonly accident: MoveAccident;
  /** A worker may be left where an intake is. */
  readonly leavesBoth: boolean;
  readonly variation: Variation;
  /** Of the old topic. */
  readonly from: { readonly partitions: number };
  readonly to: { readonly partitions: number };
  /** There is nobody yet who could work in between. */
  readonly isFirst: boolean;
  /** Whether all that is in the log stands in the store. */
  readonly isAllStored: () => boolean;
}

export interface MoveAccident {
  /** The command is interrupted after this step, once. */
  readonly cutAfter?: MoveStep | undefined;
  /** An intake was forgotten, and what it had to write goes to the old topic after this step. */
  readonly leaksAfter?: MoveStep | undefined;
  /** A worker has written a tick before it stopped, and nobody has stored it. */
  readonly isTickLeft?: boolean;
  /** The command dies while it waits for its time, once. */
  readonly diesAsleep?: boolean;
}

export function drawAccident(random: Random): MoveAccident {
  const accident = {
    leaksAfter: random.chance(0.5) ? random.pick(MOVE_STEPS) : undefined,
    cutAfter: random.chance(0.3) ? random.pick(MOVE_STEPS) : undefined,
  };
  return { ...accident, isTickLeft: random.chance(0.3), diesAsleep: random.chance(0.2) };
}

const LOOK_MS = 1_000;
/** What the command sleeps until brokers are ready. */
const NAP_MS_MAX = 1_000;
/** Most ticks are not taken: see the broker. */
const TICK_TRIES_MAX = 500;
const QUIET_MS_MAX = 20 * 60_000;
const AGAIN_MS = { min: 1_000, max: 60_000 };
const WORK_AGAIN_MS = { min: 30_000, max: 600_000 };

export function planRelocation(deps: RelocationDeps): Relocation {
  const { world, tables, cluster, fleet, intake, random, from, to } = deps;
  const { scheduler, history } = world;
  let underWay = false;
  let { cutAfter, diesAsleep = false } = deps.accident;
  let checked: readonly number[] = [];
  let ends: readonly number[] | undefined;
  tables.onInsert.push((table, row) => {
    if (underWay && table === 'log_epochs' && Number(row['epoch']) > 0) ends = checked;
  });

  const after = (ms: number) => new Promise<void>((resolve) => void scheduler.after(ms, resolve));

  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await after(LOOK_MS);
  }

  const storedEnds = (): number[] =>
    Array.from({ length: from.partitions }, (_, partition) =>
      Math.max(
        -1,
        ...tables.all('event_log').flatMap((row) => (row['partition'] === partition ? Number(row['position']) : [])),
      ),
    );

  /** The command, once; a process that dies says nothing any more. */
  function run(process: SimProcess, leaksAfter: string | undefined): Promise<'done' | 'refused' | 'failed' | 'died'> {
    const bare = createSimStore(process, tables, world.random.fork(`streams ${process.name}`));
    const store = deps.variation.mover?.(bare) ?? bare;
    const client = cluster.kafka(process);
    const { now, random: chance } = process;
    const sleep = (ms: number, signal?: AbortSignal) => {
      if (diesAsleep && ms <= NAP_MS_MAX) {
        scheduler.after(1, () => world.kill(process));
        diesAsleep = false;
      }
      return process.sleep(ms, signal);
    };
    const logger = { warn: () => {} };
    const persist = persistWith(new AbortController().signal, logger, isUnavailable, { random: chance, sleep });
    const reached = async (step: string) => {
      history.note(`${process.name} has ${step}`);
      if (step === 'checked') checked = storedEnds();
      if (step === leaksAfter) intake.letGo();
      if (step === cutAfter) {
        cutAfter = undefined;
        throw new Error('Somebody has pressed Ctrl-C.');
      }
      return process.leave('turn:step');
    };
    const admin = client.admin();
    const moveDeps = { settings: KAFKA, client, admin, config, store, persist, now, sleep, reached };
    return new Promise((resolve) => {
      process.onEnd(() => resolve('died'));
      admin
        .connect()
        .then(() =>
          repartition(
            { partitions: to.partitions, topic: epochAfter(to.partitions).topic, acceptGaps: false },
            moveDeps,
          ),
        )
        .then(
          () => resolve('done'),
          (error: unknown) => {
            history.note(`${process.name}: ${String(error).split('\n')[0]}`);
            resolve(error instanceof CommandFailure ? 'refused' : 'failed');
          },
        );
    });
  }

  /** Until it is done, or somebody thinks that the workers should go on meanwhile. */
  async function command(spared: SimProcess | undefined, leaksAfter: string | undefined): Promise<boolean> {
    for (;;) {
      const process = world.start('mover');
      const outcome = await run(process, leaksAfter);
      world.kill(process);
      if (outcome === 'done') return true;
      // It says who is in the way.
      if (outcome === 'refused' && spared !== undefined) world.kill(spared);
      if (outcome === 'refused' || outcome === 'failed') {
        if (ends === undefined && !deps.isFirst && random.chance(0.5)) return false;
      }
      await after(random.int(AGAIN_MS.min, AGAIN_MS.max));
    }
  }

  async function relocate(): Promise<void> {
    for (;;) {
      intake.halt();
      const { leaksAfter } = deps.accident;
      const isForgetful = leaksAfter !== undefined;
      if (isForgetful) await after(random.int(0, QUIET_MS_MAX));
      await until(deps.isAllStored);
      history.note('everything is stored; the log is to move');
      const spares = isForgetful ? deps.leavesBoth : random.chance(0.5);
      const spared = spares ? cluster.broker(KAFKA.eventsTopic).expel() : undefined;
      fleet.halt(random.chance(0.5), spared);
      if (deps.accident.isTickLeft) leaveTick(cluster.broker(KAFKA.eventsTopic));
      const isMoved = await command(spared, leaksAfter);
      if (isMoved && spared !== undefined) history.note(`${spared.name} is left on the old topic`);
      intake.resume();
      fleet.resume();
      if (isMoved) break;
      await after(random.int(WORK_AGAIN_MS.min, WORK_AGAIN_MS.max));
    }
    underWay = false;
  }

  return {
    begin() {
      underWay = true;
      void relocate();
    },
    get underWay() {
      return underWay;
    },
    get ends() {
      return ends;
    },
  };
}

function leaveTick({ append, log }: Broker): void {
  const [first = []] = log;
  const end = first.length;
  const receivedMs = Number(first.at(-1)?.timestamp ?? 0);
  for (let tries = 0; tries < TICK_TRIES_MAX && first.length === end; tries++)
    append(0, encodeEntry({ kind: 'tick', receivedMs, partition: 0 }), receivedMs);
}

/** Numbers of the partitions that are in use. */
export const partitionsIn = (epoch: number, count: number): number[] =>
  Array.from({ length: count }, (_, local) => logPartition(epoch, local));
