/** All partitions of the log that this process owns at the moment, as the log's one handler. */
import type { AgentState } from '../baselines/agent-state.ts';
import type { AgentKey } from '../baselines/state-cache.ts';
import type { PartitionHandler } from '../ingest/log.ts';
import { createTurns } from '../store/turns.ts';
import { createPartition, type Partition, type PartitionDeps, type PartitionSettings } from './partition.ts';

export interface Partitions extends PartitionHandler {
  /** The live state of an agent, where one of the owned partitions has it. */
  peek(key: AgentKey): Promise<AgentState | undefined>;
  readonly owned: readonly number[];
  /** How far each of them is: up to there everything that follows from a verdict is stored. */
  positions(): { partition: number; position: number }[];
  /** What is in memory, over all of them. */
  readonly cache: Partition['cache'];
}

/** `onAssigned`: the partitions that are owned have changed. */
export function createPartitions(
  settings: PartitionSettings,
  deps: Omit<PartitionDeps, 'turns'>,
  onAssigned: () => void,
): Partitions {
  const partitions = new Map<number, Partition>();
  const turns = createTurns();

  async function assign(number: number): Promise<number> {
    const held = partitions.get(number);
    if (held !== undefined) return held.assign();
    const partition = createPartition(number, settings, { ...deps, turns });
    partitions.set(number, partition);
    const first = await partition.assign();
    onAssigned();
    return first;
  }

  return {
    assign,
    async process(records, letNext) {
      const number = records[0]?.partition ?? -1;
      const partition = partitions.get(number);
      if (partition === undefined) throw new Error(`Partition ${number} is not owned.`);
      await partition.process(records, letNext);
    },
    async revoke(number) {
      const partition = partitions.get(number);
      partitions.delete(number);
      await partition?.revoke();
    },
    async peek(key) {
      for (const partition of partitions.values()) {
        const state = await partition.peek(key);
        if (state !== undefined) return state;
      }
      return undefined;
    },
    positions: () => [...partitions].map(([partition, { position }]) => ({ partition, position })),
    get owned() {
      return [...partitions.keys()];
    },
    get cache() {
      const sum = { size: 0, established: 0, bytes: 0, sessionBytes: 0 };
      for (const { cache } of partitions.values()) {
        sum.size += cache.size;
        sum.established += cache.established;
        sum.bytes += cache.bytes;
        sum.sessionBytes += cache.sessionBytes;
      }
      return sum;
    },
  };
}
