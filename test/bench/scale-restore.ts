/** From the assignment of a partition with very many known agents to its first scored event, on the embedded engine. */
import type { Store } from '../../store/store.ts';
import { TENANT } from '../support/agent-bench.ts';
import { crowdEvent } from '../support/agent-crowd.ts';
import { type Crowd, WAKES_MS } from '../support/crowd-store.ts';
import { openPartition } from '../support/partition-run.ts';

export interface Restored {
  readonly agents: number;
  readonly assignedMs: number;
  /** The first event, of an agent that is known, stored with its verdict. */
  readonly firstEventMs: number;
  /** Of processor time until then: says more than the clock where others work on the machine too. */
  readonly cpuMs: number;
}

export async function measureRestore(store: Store, { partition: number, agents }: Crowd): Promise<Restored> {
  const { partition } = openPartition(store, { agentsMax: 10_000, seenIdsBits: 2 ** 27, checkpointRecords: 1 });
  const startedMs = performance.now();
  const used = process.cpuUsage();
  const next = await partition.assign(number);
  const assignedMs = Math.round(performance.now() - startedMs);
  const event = crowdEvent(Math.floor(agents / 2), `first-${next}`, WAKES_MS);
  const entry = { kind: 'event', tenant: TENANT, receivedMs: WAKES_MS, event, digest: event.id } as const;
  await partition.process([{ partition: number, position: next, entry }]);
  const firstEventMs = Math.round(performance.now() - startedMs);
  const { user, system } = process.cpuUsage(used);
  await partition.revoke(number);
  return { agents, assignedMs, firstEventMs, cpuMs: Math.round((user + system) / 1000) };
}
