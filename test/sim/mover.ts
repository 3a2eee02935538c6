/** Moves the states of a log that is at its end to other partitions, as `picket topics repartition` does, over the ports of a process. */

import { MOVED_POSITION } from '../../baselines/moved-state.ts';
import { isUnavailable, persistWith } from '../../cli/storage.ts';
import { moveStates } from '../../cli/topics/move-states.ts';
import { settleStates } from '../../cli/topics/settle-states.ts';
import { partitionKey } from '../../ingest/kafka/envelope.ts';
import { createPartitioning } from '../../ingest/kafka/partitioning.ts';
import { logPartition } from '../../ingest/log.ts';
import { createLogEpochStore, type LogEpoch } from '../../ingest/log-epoch-store.ts';
import { TOPIC } from './broker.ts';
import { TENANT } from './lives.ts';
import { createSimStore } from './sim-store.ts';
import { config, type WorkerDeps } from './worker-process.ts';
import type { SimProcess } from './world.ts';

/** The epoch that follows; agents find their partition by their key as ever. */
export const epochAfter = (partitions: number): LogEpoch => ({
  epoch: 1,
  topic: `${TOPIC}.1`,
  partitions,
  cluster: 'sim',
});

export const partitionIn = ({ epoch, partitions }: LogEpoch, agent: string): number =>
  logPartition(epoch, createPartitioning(partitions)(partitionKey(TENANT, agent)));

/** Topics and brokers have no part in it here: the new ones are there, with a tick in each. */
export async function moveLog(process: SimProcess, deps: WorkerDeps, next: LogEpoch): Promise<void> {
  const { world, broker, tables } = deps;
  const store = createSimStore(process, tables, world.random.fork(`streams ${process.name}`));
  const { now, sleep, random } = process;
  const quiet = { warn: () => {} };
  const persist = persistWith(new AbortController().signal, quiet, isUnavailable, { random, sleep });
  const moving = { config, store, now, sleep, persist };
  const partitions = Array.from({ length: broker.partitions }, (_, number) => ({
    number,
    local: number,
    stored: broker.base + (broker.log[number]?.length ?? 0) - 1,
    bounds: undefined,
  }));
  const lastTickMs = await settleStates({ partitions }, moving);
  const first = Array.from({ length: next.partitions }, (_, local) => {
    const partition = logPartition(next.epoch, local);
    const entry = { kind: 'tick', receivedMs: Math.max(now(), lastTickMs), partition } as const;
    return { partition, position: MOVED_POSITION, entry };
  });
  await moveStates({ partitions }, next, { first, lastTickMs }, moving);
  await createLogEpochStore(store).begin(next, [], now());
}
