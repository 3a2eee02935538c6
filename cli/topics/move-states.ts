/** Moves every agent's state to its partition of the new epoch. What is there already is of a move that did not come to its end. */
import { createEventLogStore } from '../../baselines/event-log-store.ts';
import { MOVED_POSITION, movedState } from '../../baselines/moved-state.ts';
import { partitionKey } from '../../ingest/kafka/envelope.ts';
import { createPartitioning } from '../../ingest/kafka/partitioning.ts';
import { logPartition } from '../../ingest/log.ts';
import { createLogEpochStore, type LogEpoch } from '../../ingest/log-epoch-store.ts';
import type { MoveDeps } from './move-deps.ts';
import type { FirstRecord } from './new-topic.ts';
import type { OldLog } from './old-log.ts';
import { statesOf } from './settle-states.ts';

export interface Clocked {
  readonly first: readonly FirstRecord[];
  /** Clock of the old log, epoch ms: that of the new one must not run behind. */
  readonly lastTickMs: number;
}

/** Returns the number of agents. */
export async function moveStates(
  old: Pick<OldLog, 'partitions'>,
  next: LogEpoch,
  { first, lastTickMs }: Clocked,
  deps: Pick<MoveDeps, 'config' | 'store' | 'now'>,
): Promise<number> {
  const states = statesOf(deps);
  await createLogEpochStore(deps.store).abandon(next.epoch);
  const choose = createPartitioning(next.partitions);
  const agents = new Map<number, number>();
  for (const { number } of old.partitions) {
    for await (const batch of states.all(number)) {
      const placed = batch.map((state) => ({
        partition: logPartition(next.epoch, choose(partitionKey(state.tenant, state.agent))),
        state: movedState(state),
      }));
      await states.place(placed);
      for (const { partition } of placed) agents.set(partition, (agents.get(partition) ?? 0) + 1);
    }
  }
  await writeRows(first, deps);
  for (const { partition, entry } of first) {
    const checkpoint = { position: MOVED_POSITION, lastTickMs: Math.max(lastTickMs, entry.receivedMs) };
    await states.writeCheckpoint(partition, checkpoint, agents.get(partition) ?? 0, deps.now());
  }
  return [...agents.values()].reduce((sum, count) => sum + count, 0);
}

const ROWS = 1000;

/** So that workers go on after the tick: a batch that held it would come before the states. */
async function writeRows(first: readonly FirstRecord[], { store }: Pick<MoveDeps, 'store'>): Promise<void> {
  const log = createEventLogStore(store);
  for (let i = 0; i < first.length; i += ROWS) await log.write(first.slice(i, i + ROWS).map((record) => ({ record })));
}
