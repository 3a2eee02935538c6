/** What is read back when all is done: the states as the next owner has them, where they are and where the log has moved to. */
import { movedState } from '../../baselines/moved-state.ts';
import { decodeState, encodeState, STATE_FORMAT } from '../../baselines/state-codec.ts';
import { logPartition, PARTITIONS_MAX } from '../../ingest/log.ts';
import type { LogEpoch } from '../../ingest/log-epoch-store.ts';
import { codec, TENANT } from './lives.ts';
import { epochAfter, moveLog, partitionIn } from './mover.ts';
import type { Tables } from './tables.ts';
import { untilDone } from './until-done.ts';
import { openWorker, type WorkerDeps } from './worker-process.ts';
import type { Workload } from './workload.ts';
import type { SimProcess } from './world.ts';

/** By agent, as texts. */
export type States = ReadonlyMap<string, string>;

export function restoredStates(deps: WorkerDeps, workload: Workload): Promise<States> {
  const { epoch, partitions } = deps.moved ?? { epoch: 0, partitions: workload.partitions };
  const agents = new Set(workload.past.map(({ agent }) => agent));
  for (const row of deps.tables.final('event_log')) if (row['agent'] !== '') agents.add(String(row['agent']));
  return untilDone(deps.world, 'next', async (process) => {
    const { worker } = openWorker(process, deps);
    const texts = new Map<string, string>();
    for (let partition = 0; partition < partitions; partition++)
      await worker.partitions.assign(logPartition(epoch, partition));
    for (const agent of agents) {
      const state = await worker.partitions.peek({ tenant: TENANT, agent });
      if (state !== undefined) texts.set(agent, encodeState(state, codec));
    }
    return texts;
  });
}

/** By a process that is started again until it has come to its end; then every state is what it was, but for its place. */
export async function findingsOfMove(
  deps: WorkerDeps,
  workload: Workload,
  states: States,
  partitions: number,
): Promise<string[]> {
  const next = epochAfter(partitions);
  await untilDone(deps.world, 'mover', (process: SimProcess) => moveLog(process, deps, next));
  const moved = await restoredStates({ ...deps, moved: next }, workload);
  const changed = [...states].filter(([agent, text]) => {
    const state = decodeState(text, STATE_FORMAT, codec);
    // Who has no row yet begins anew wherever it is.
    return state.position >= 0 && moved.get(agent) !== encodeState(movedState(state), codec);
  });
  return [
    ...changed.map(([agent]) => `the state of ${agent} is another after the log has moved`),
    ...misplacedStates(deps.tables, next),
  ];
}

export const misplacedStates = (tables: Tables, next: LogEpoch): string[] =>
  tables
    .final('agent_state')
    .filter(({ partition }) => Number(partition) >= PARTITIONS_MAX)
    .filter(({ agent, partition }) => partition !== partitionIn(next, String(agent)))
    .map(({ agent, partition }) => `${String(agent)} has moved to partition ${String(partition)}`);
