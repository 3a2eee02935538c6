/**
 * A log of all there is, stored by the worker's own partitions: two tenants, ticks, words of analysts, models of kinds, a reset, ids that
 * come again with the same and with other content, a record that nobody can read, and a move to another epoch on the way.
 */
import { createDeliveryStore } from '../../alerts/delivery-store.ts';
import type { AlertNotice } from '../../alerts/notice.ts';
import { createContentStore } from '../../baselines/content-store.ts';
import { movedState } from '../../baselines/moved-state.ts';
import { createStateStore } from '../../baselines/state-store.ts';
import { createKindPublisher } from '../../cli/kind-publisher.ts';
import { slotCodec } from '../../cli/scorer.ts';
import { SMALL_FLEET, simulateFleet } from '../../cli/simulate/fleet.ts';
import { createDeadLetterStore } from '../../ingest/dead-letter-store.ts';
import { type EventEntry, type LogEntry, logPartition, type ModelEntry } from '../../ingest/log.ts';
import { createLogEpochStore } from '../../ingest/log-epoch-store.ts';
import type { Store } from '../../store/store.ts';
import {
  entriesOf,
  openPartition,
  type PartitionRun,
  processInBatches,
  recordsOf,
  scoring,
  settings,
} from './partition-run.ts';

export const TENANT = 'acme';
export const OTHER_TENANT = 'globex';
/** What its checkpoints say of who judged. */
export const MARK = 'test';
export const MOVED = logPartition(1, 0);

export interface StoredLog {
  readonly agents: readonly string[];
  /** The agent that was reset; of both tenants. */
  readonly reset: string;
  readonly notices: readonly AlertNotice[];
  /** Receipt time of the last record, epoch ms. */
  readonly endMs: number;
}

/** Of the second half. */
export const EPOCH = { epoch: 1, topic: 'events.1', partitions: 1, cluster: 'c' };
const BATCH = 150;
const SEAL_KEY = new Uint8Array(32);
export const LETTER_TTL_MS = 3650 * 86_400_000;

export const deadLettersOf = (store: Store) =>
  createDeadLetterStore(store, { sealKey: SEAL_KEY, ttlMs: LETTER_TTL_MS });

export async function storeLog(store: Store): Promise<StoredLog> {
  const fleet = simulateFleet({ seed: 'chaos', ...SMALL_FLEET });
  const agents = fleet.agents.map(({ id }) => id);
  const entries = withColleagues(entriesOf(TENANT, fleet.events), agents[0] ?? '', COLLEAGUES);
  const reset = agents[1] ?? '';
  const watched = new Set(agents.filter((_, i) => i % 2 === 0));
  const [early, late] = [Math.floor(entries.length * 0.4), Math.floor(entries.length * 0.6)];

  const before = openPartition(store, { checkpointRecords: 300 });
  await before.partition.assign(0);
  const others = entriesOf(
    OTHER_TENANT,
    fleet.events.filter(({ agent }) => agent.id === reset),
  ).slice(0, 200);
  await append(before, watched, 0, 0, [...others, ...entries.slice(0, early), ...repeatsOf(entries.slice(0, 3))]);
  await before.partition.revoke(0);

  const atMs = entries[early]?.receivedMs ?? 0;
  await move(store, 0, MOVED, atMs);
  const after = openPartition(store, { checkpointRecords: 400, agentsMax: 6 });
  await after.partition.assign(MOVED);
  const next = await append(after, watched, MOVED, 1, entries.slice(early, late));
  const lateMs = entries[late]?.receivedMs ?? 0;
  await append(after, watched, MOVED, next, [
    ...(await publishedModels(store, MOVED, lateMs)),
    { kind: 'reset', tenant: TENANT, receivedMs: lateMs, agent: reset, by: 'ops' },
    ...withColleagues(entries.slice(late), agents[0] ?? '', [NEWCOMER]),
    ...repeatsOf(entries.slice(-3)),
  ]);
  await after.partition.revoke(MOVED);
  await deadLettersOf(store).write([...before.letters, ...after.letters]);
  const notices = [...before.notices, ...after.notices];
  return {
    agents: [...agents, ...[...COLLEAGUES, NEWCOMER].map((suffix) => `${agents[0]}${suffix}`)],
    reset,
    notices,
    endMs: entries.at(-1)?.receivedMs ?? 0,
  };
}

/** Two colleagues of the first agent, known as well as it is, make its kind one; later comes one whom nobody knows. */
const COLLEAGUES = ['-b', '-c'];
export const NEWCOMER = '-new';

/** What an agent does, its colleagues do too, as soon as it has done it. */
const withColleagues = (entries: readonly EventEntry[], of: string, suffixes: readonly string[]): EventEntry[] =>
  entries.flatMap((entry) =>
    entry.event.agent.id === of ? [entry, ...suffixes.map((suffix) => asOf(entry, suffix))] : [entry],
  );

function asOf(entry: EventEntry, suffix: string): EventEntry {
  const { id, agent, session } = entry.event;
  const own = session?.id === undefined ? {} : { session: { ...session, id: `${session.id}${suffix}` } };
  return {
    ...entry,
    event: { ...entry.event, ...own, id: `${id}${suffix}`, agent: { ...agent, id: `${agent.id}${suffix}` } },
  };
}

/** The first again as it was, the second with other content; and what nobody can read. */
export function repeatsOf([same, other, last]: readonly EventEntry[]): LogEntry[] {
  if (same === undefined || other === undefined) throw new Error('There are events.');
  const raw = Buffer.from('not ours');
  return [same, { ...other, digest: '0'.repeat(32) }, { kind: 'unreadable', receivedMs: last?.receivedMs ?? 0, raw }];
}

/** Events with a tick after every batch, and the watched alerts of the batch closed, as attack and false alarm in turns. */
async function append(
  run: PartitionRun,
  watched: ReadonlySet<string>,
  number: number,
  first: number,
  entries: readonly LogEntry[],
): Promise<number> {
  let next = first;
  const store = async (more: readonly LogEntry[]) => {
    await processInBatches(run.partition, recordsOf(number, more, next), BATCH);
    next += more.length;
  };
  for (let i = 0; i < entries.length; i += BATCH) {
    const batch = entries.slice(i, i + BATCH);
    const told = run.notices.length;
    await store(batch);
    const receivedMs = batch.at(-1)?.receivedMs ?? 0;
    await store([{ kind: 'tick', receivedMs }, ...wordsOn(run.notices.slice(told), watched, receivedMs)]);
  }
  return next;
}

const wordsOn = (notices: PartitionRun['notices'], watched: ReadonlySet<string>, receivedMs: number): LogEntry[] =>
  notices
    .filter(({ agent }) => watched.has(agent))
    .map(({ alertId, agent, tenant }, i) => {
      const disposition = i % 2 === 0 ? 'true_positive' : 'false_positive';
      return { kind: 'disposition', tenant, receivedMs, agent, alertId, state: 'closed', disposition, by: 'ann' };
    });

/** As `picket topics repartition` does it. */
async function move(store: Store, from: number, to: number, receivedMs: number): Promise<void> {
  const states = createStateStore(store, slotCodec(scoring), MARK);
  for await (const batch of states.all(from)) {
    await states.place(batch.map((state) => ({ partition: to, state: movedState(state) })));
  }
  const record = JSON.stringify({ kind: 'tick', receivedMs, partition: to });
  await store.insert('event_log', [
    { partition: to, position: 0, kind: 'tick', received: receivedMs, time: receivedMs, status: 'control', record },
  ]);
  await states.writeCheckpoint(to, { position: 0, lastTickMs: receivedMs }, 0, receivedMs);
  await createLogEpochStore(store).begin(EPOCH, [], receivedMs);
}

/** As it is stored: the epoch does not say where the one before has ended. */
export async function forgetEnds(store: Store): Promise<void> {
  await store.command('TRUNCATE TABLE log_epochs');
  await createLogEpochStore(store).begin(EPOCH, [], 0);
}

async function publishedModels(store: Store, partition: number, nowMs: number): Promise<ModelEntry[]> {
  const written: ModelEntry[] = [];
  const publisher = createKindPublisher({
    states: createStateStore(store, slotCodec(scoring), MARK),
    contents: createContentStore(store),
    log: { append: async (more) => void written.push(...(more as ModelEntry[])) },
    partitions: [partition],
    settings: settings.baseline,
    lend: scoring.lend,
    now: () => nowMs,
  });
  await publisher.publish();
  return written;
}

/** Writes down that a playbook is enabled, as of the beginning of time. */
export const enablePlaybook = (store: Store, playbook: string) =>
  createDeliveryStore(store).activate([{ playbook, condition: 'all' }], 0);

const TABLES = [
  'event_log',
  'alert_hits',
  'alert_changes',
  'agent_state',
  'checkpoints',
  'dead_letters',
  'log_contents',
  'deliveries',
];

/** Keeps the tables as they are now; the result puts them back. */
export async function keepTables(store: Store): Promise<() => Promise<void>> {
  for (const table of TABLES) {
    await store.command(`CREATE TABLE kept_${table} AS ${table} ENGINE = MergeTree ORDER BY tuple()`);
    await store.command(`INSERT INTO kept_${table} SELECT * FROM ${table} FINAL`);
  }
  return async () => {
    for (const table of TABLES) {
      await store.command(`TRUNCATE TABLE ${table}`);
      await store.command(`INSERT INTO ${table} SELECT * FROM kept_${table}`);
    }
  };
}
