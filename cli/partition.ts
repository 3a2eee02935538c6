/**
 * One partition of the log under one owner: its states, its order, its durability.
 *
 * Order of a batch: states in -> ids looked up -> every record judged and admitted -> rows stored -> hits and changes stored ->
 * dead letters stored -> acknowledged -> playbooks told. A crash anywhere before the rows are stored leaves nothing behind; a
 * crash after it is made good on the next start, from the verdicts in the log.
 */
import type { HitStore } from '../alerts/hit-store.ts';
import type { JudgeSettings } from '../alerts/judge.ts';
import type { AlertNotice } from '../alerts/notice.ts';
import type { AgentState } from '../baselines/agent-state.ts';
import type { EventLogStore, JudgedRecord } from '../baselines/event-log-store.ts';
import { type AgentKey, createStateCache, type StateCache } from '../baselines/state-cache.ts';
import type { StateStore } from '../baselines/state-store.ts';
import type { Scoring } from '../detectors/scoring.ts';
import type { DeadLetter } from '../ingest/dead-letter.ts';
import type { LogRecord, PartitionHandler } from '../ingest/log.ts';
import { createSeenIds, type SeenIds } from '../ingest/seen-ids.ts';
import { lettersOf, noticesOf, placedChange, placedHits } from './outcomes.ts';
import { agentsOf, createPipeline, type Pipeline, type Repeat } from './pipeline.ts';
import { repeatsAmong } from './repeats.ts';

export interface PartitionSettings extends JudgeSettings {
  /** States kept in memory; the rest are written away and come back on demand. */
  readonly agentsMax: number;
  /** A checkpoint is written after this many records. */
  readonly checkpointRecords: number;
}

export interface PartitionDeps {
  readonly log: EventLogStore;
  readonly states: StateStore;
  readonly hits: HitStore;
  readonly scoring: Scoring;
  readonly deadLetters: { write(letters: readonly DeadLetter[]): Promise<void> };
  /** Told of alerts that opened, once they are stored. Must not wait. */
  readonly notify: (notices: readonly AlertNotice[]) => void;
  /** Runs a write until the store takes it; rejects only for errors that waiting cannot mend. */
  readonly persist: <T>(write: () => Promise<T>) => Promise<T>;
  readonly now: () => number;
  readonly counters: PartitionCounters;
}

/** Counted since start; read by metrics. */
export interface PartitionCounters {
  events: number;
  duplicates: number;
  conflicts: number;
  rejected: number;
  late: number;
  hits: number;
  alerts: number;
  checkpoints: number;
  position: number;
}

export const emptyCounters = (): PartitionCounters => ({
  events: 0,
  duplicates: 0,
  conflicts: 0,
  rejected: 0,
  late: 0,
  hits: 0,
  alerts: 0,
  checkpoints: 0,
  position: -1,
});

export interface Partition extends PartitionHandler {
  /** The live state of an agent, for reading. */
  peek(key: AgentKey): Promise<AgentState | undefined>;
  readonly agentsInMemory: number;
}

/** Records judged between two breaths of the event loop: a health check must not wait for a large batch. */
const STRIDE = 128;

export function createPartition(settings: PartitionSettings, deps: PartitionDeps): Partition {
  const { log, states: stateStore, hits: hitStore, scoring, persist, counters } = deps;
  let partition = 0;
  let cache: StateCache = createStateCache(partition, stateStore, settings.agentsMax);
  let seen: SeenIds = createSeenIds();
  let pipeline: Pipeline = openPipeline();
  let checkpointed = -1;
  let tickMs = 0;

  function openPipeline(): Pipeline {
    const states = {
      agent: (key: AgentKey) => cache.take(key),
      get tickMs() {
        return tickMs;
      },
      set tickMs(value: number) {
        tickMs = value;
      },
    };
    return createPipeline(states, scoring, settings);
  }

  async function assign(assigned: number): Promise<number> {
    partition = assigned;
    seen = createSeenIds();
    for await (const rows of log.ids(partition)) for (const { tenant, id } of rows) seen.add(tenant, id);
    await restore();
    return (await log.lastPosition(partition)) + 1;
  }

  /** Snapshot plus recorded verdicts, and hits that a crash kept from being stored. */
  async function restore(): Promise<void> {
    cache = createStateCache(partition, stateStore, settings.agentsMax);
    pipeline = openPipeline();
    const checkpoint = await stateStore.latestCheckpoint(partition);
    checkpointed = checkpoint?.position ?? -1;
    tickMs = checkpoint?.lastTickMs ?? 0;
    for await (const judged of log.after(partition, checkpointed)) {
      await cache.ensure(agentsOf(judged.map(({ record }) => record)));
      for (const one of judged) pipeline.replay(one);
      await storeHits(judged);
      await cache.trim();
    }
    counters.position = await log.lastPosition(partition);
  }

  async function process(records: readonly LogRecord[]): Promise<void> {
    const repeats = await persist(() => repeatsAmong(records, seen, log));
    let judged = await judgeAll(records, repeats);
    judged = await persist(() => storeRows(judged, records, repeats));
    await persist(() => storeHits(judged));
    await persist(() => deps.deadLetters.write(lettersOf(judged)));
    remember(judged);
    deps.notify(judged.flatMap(noticesOf));
    await persist(() => cache.trim());
    if (counters.position - checkpointed >= settings.checkpointRecords) await persist(checkpoint);
  }

  async function judgeAll(
    records: readonly LogRecord[],
    repeats: ReadonlyMap<number, Repeat>,
  ): Promise<JudgedRecord[]> {
    await persist(() => cache.ensure(agentsOf(records)));
    const judged: JudgedRecord[] = [];
    for (const record of records) {
      judged.push(pipeline.step(record, repeats.get(record.position) ?? 'new'));
      if (judged.length % STRIDE === 0) await new Promise(setImmediate);
    }
    return judged;
  }

  /**
   * Rows the engine refuses become dead letters. They were judged already, and the records after them in their light: so the state
   * is taken back to what the log holds, and the batch is judged again without them.
   */
  async function storeRows(
    judged: JudgedRecord[],
    records: readonly LogRecord[],
    repeats: Map<number, Repeat>,
  ): Promise<JudgedRecord[]> {
    try {
      await log.write(judged);
      return judged;
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'StoreRejected') throw error;
      const refused = await log.refused(judged);
      const emptied = judged.some(
        ({ record, verdict }) => verdict?.status === 'rejected' && refused.has(record.position),
      );
      if (refused.size === 0 || emptied) throw error;
      for (const position of refused) repeats.set(position, 'rejected');
      await restore();
      return storeRows(await judgeAll(records, repeats), records, repeats);
    }
  }

  async function storeHits(judged: readonly JudgedRecord[]): Promise<void> {
    const hits = judged.flatMap(placedHits);
    const changes = judged.flatMap(placedChange);
    if (hits.length > 0) await hitStore.writeHits(hits);
    if (changes.length > 0) await hitStore.writeChanges(changes);
  }

  function remember(judged: readonly JudgedRecord[]): void {
    for (const { record, verdict } of judged) {
      counters.position = record.position;
      if (record.entry.kind !== 'event' || verdict === undefined) continue;
      count(counters, verdict.status);
      counters.hits += verdict.hits.length;
      counters.alerts += verdict.hits.filter(({ opened }) => opened).length;
      seen.add(record.entry.tenant, record.entry.event.id);
    }
  }

  async function checkpoint(): Promise<void> {
    const position = counters.position;
    if (position <= checkpointed) return;
    const agents = await cache.flush();
    await stateStore.writeCheckpoint(partition, { position, lastTickMs: tickMs }, agents, deps.now());
    if (checkpointed >= 0) await stateStore.prune(partition, checkpointed);
    checkpointed = position;
    counters.checkpoints += 1;
  }

  return {
    assign,
    process,
    revoke: () => persist(checkpoint),
    peek: (key) => cache.peek(key),
    get agentsInMemory() {
      return cache.size;
    },
  };
}

function count(counters: PartitionCounters, status: string): void {
  counters.events += 1;
  if (status === 'duplicate') counters.duplicates += 1;
  else if (status === 'conflict') counters.conflicts += 1;
  else if (status === 'rejected') counters.rejected += 1;
  else if (status === 'late') counters.late += 1;
}
