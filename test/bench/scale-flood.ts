/**
 * Fresh agent ids, one event each, against agents that are known well: who stays in memory, what it takes, who is looked up. The states that
 * leave are counted and dropped, and nothing is scored: what is measured is the cache.
 */
import type { AgentState } from '../../baselines/agent-state.ts';
import { READY_SESSIONS } from '../../baselines/baseline.ts';
import { createStateCache, emptyCacheCounters } from '../../baselines/state-cache.ts';
import { createSeenIds } from '../../ingest/seen-ids.ts';
import { TENANT } from '../support/agent-bench.ts';
import { crowdAgent } from '../support/agent-crowd.ts';

const BATCH = 2000;
const AGENTS_MAX = 10_000;
const ESTABLISHED = 5000;
const MIB = 1024 * 1024;

export interface FloodFigures {
  readonly freshIds: number;
  readonly agentsMax: number;
  readonly establishedBefore: number;
  readonly establishedAfter: number;
  readonly agentsInMemory: number;
  /** Of the heap and of what lies beside it, after collecting garbage: full cache before the flood, and after. */
  readonly mibBefore: number;
  readonly mibAfter: number;
  /** Fresh ids that the filter took for known ones, so that the store was asked. */
  readonly lookedUp: number;
  readonly microsecondsPerId: number;
}

export async function measureFlood(
  freshIds: number,
  collect: () => void,
  onProgress: (done: number) => void,
): Promise<FloodFigures> {
  let lookedUp = 0;
  const dropping = {
    load: async (_partition: number, keys: readonly object[]): Promise<AgentState[]> => {
      lookedUp += keys.length;
      return [];
    },
    save: async () => {},
    takeDown: () => [],
    write: async () => {},
    latestCheckpoint: async () => undefined,
  };
  const limits = { agentsMax: AGENTS_MAX, bytesMax: Number.MAX_SAFE_INTEGER, sessionBytesMax: Number.MAX_SAFE_INTEGER };
  const cache = createStateCache(0, dropping, limits, createSeenIds(), emptyCacheCounters());

  async function act(first: number, count: number, sessions: number): Promise<void> {
    const keys = Array.from({ length: count }, (_, n) => ({ tenant: TENANT, agent: crowdAgent(first + n) }));
    await cache.ensure(keys, first);
    for (const key of keys) cache.take(key).baseline.sessionsEver += sessions;
    await cache.trim();
  }

  await act(0, ESTABLISHED, READY_SESSIONS);
  const establishedBefore = cache.established;
  await act(ESTABLISHED, AGENTS_MAX - ESTABLISHED, 0);
  const mibBefore = usedMib(collect);
  const startedMs = performance.now();
  for (let done = 0; done < freshIds; done += BATCH) {
    await act(AGENTS_MAX + done, Math.min(BATCH, freshIds - done), 0);
    onProgress(done + BATCH);
  }
  const microsecondsPerId = ((performance.now() - startedMs) * 1000) / freshIds;
  return {
    freshIds,
    agentsMax: AGENTS_MAX,
    establishedBefore,
    establishedAfter: cache.established,
    agentsInMemory: cache.size,
    mibBefore,
    mibAfter: usedMib(collect),
    lookedUp,
    microsecondsPerId: Number(microsecondsPerId.toPrecision(3)),
  };
}

function usedMib(collect: () => void): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return Math.round((heapUsed + external) / MIB);
}
