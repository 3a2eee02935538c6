/** What the store holds when a run begins. */
import { createHash } from 'node:crypto';
import { createDeliveryStore } from '../../alerts/delivery-store.ts';
import { STATE_FORMAT } from '../../baselines/state-codec.ts';
import type { Random } from '../../cli/simulate/random.ts';
import type { LogEpoch } from '../../ingest/log-epoch-store.ts';
import { BASE_POSITION, TENANT } from './lives.ts';
import { createSimStore } from './sim-store.ts';
import type { Tables } from './tables.ts';
import { PLAYBOOKS } from './worker-process.ts';
import type { Workload } from './workload.ts';
import type { SimProcess, World } from './world.ts';

/** As a log that was moved, or restored from a backup: its last record, the states as of it, a checkpoint, and where it is, if anybody asks. */
export function storeThePast(tables: Tables, workload: Workload, epoch: LogEpoch | undefined): void {
  const { past, partitions, startMs } = workload;
  if (epoch !== undefined) tables.insert('log_epochs', [{ ...epoch, started: startMs }]);
  const position = BASE_POSITION - 1;
  for (let partition = 0; partition < partitions; partition++) {
    const record = JSON.stringify({ kind: 'tick', receivedMs: startMs });
    const place = { partition, position, received: startMs, time: startMs };
    tables.insert('event_log', [{ ...place, kind: 'tick', status: 'control', record }]);
    const checkpoint = { partition, position, time: startMs, build: 'past', agents: 1 };
    tables.insert('checkpoints', [{ ...checkpoint, format: STATE_FORMAT, last_tick: startMs }]);
  }
  tables.insert(
    'agent_state',
    past.map(({ text, ...placed }) => ({ tenant: TENANT, ...placed, clock: startMs, sessions: 30, state: text })),
  );
  storeContents(tables, workload);
}

/** What records name by hash. */
export function storeContents(tables: Tables, { contents, startMs }: Workload): void {
  tables.insert(
    'log_contents',
    [...contents].map(([hash, content]) => ({ tenant: TENANT, hash, created: startMs, content })),
  );
}

/** They were there before: what is new is sent no old alerts. */
export async function activatePlaybooks(world: World, tables: Tables, random: Random, nowMs: number): Promise<void> {
  const direct: SimProcess = { ...world.start('past'), call: async (_port, effect) => effect() };
  const store = createDeliveryStore(createSimStore(direct, tables, random));
  const activations = PLAYBOOKS.map(({ name, when }) => ({
    playbook: name,
    condition: createHash('sha256').update(JSON.stringify(when)).digest('hex').slice(0, 32),
  }));
  await store.activate(activations, nowMs);
}
