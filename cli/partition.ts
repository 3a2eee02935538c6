/**
 * One partition of the log under one owner: its states, its order, its durability.
 *
 * Order of a batch: ids looked up -> states in -> every record judged and admitted -> dead letters stored -> rows stored -> hits and
 * changes stored -> acknowledged -> playbooks told. A crash anywhere before the rows are stored leaves nothing behind but dead letters,
 * which are the same when they are written again, or taken back where the store is the log and has other records then; a crash after it is
 * made good on the next start, from the verdicts in the log.
 *
 * The next batch begins when the rows are stored: memory is what the log holds then. Its own hits wait for those of the batch before, and
 * so does a checkpoint, because nobody reads verdicts again that stand before it.
 *
 * For a while two processes may both take themselves for the owner. That does no harm: what is read is bounded by the position of
 * the batch, so both take the same verdicts, and rows of one position collapse.
 */
import type { HitStore } from '../alerts/hit-store.ts';
import type { JudgeSettings } from '../alerts/judge.ts';
import type { AlertNotice } from '../alerts/notice.ts';
import type { AgentState } from '../baselines/agent-state.ts';
import type { ContentStore } from '../baselines/content-store.ts';
import type { EventLogStore, JudgedRecord } from '../baselines/event-log-store.ts';
import type { FilterStore } from '../baselines/filter-store.ts';
import { type AgentKey, type CacheLimits, createStateCache, type StateCache } from '../baselines/state-cache.ts';
import type { StateStore } from '../baselines/state-store.ts';
import type { Scoring } from '../detectors/scoring.ts';
import type { DeadLetter } from '../ingest/dead-letter.ts';
import { type LogRecord, type ModelEntry, PartitionTaken } from '../ingest/log.ts';
import type { Turns } from '../store/turns.ts';
import { type CheckpointSettings, createCheckpoints } from './checkpoints.ts';
import { writeRows } from './judged-rows.ts';
import { noticesOf, placedChange, placedHits } from './outcomes.ts';
import { countRecord, type PartitionCounters } from './partition-counters.ts';
import { emptyFilters, type FilterSizes, type PartitionFilters, restoreFilters } from './partition-filters.ts';
import {
  agentsOf,
  contentsOf,
  createPipeline,
  emptyPipelineState,
  type Pipeline,
  type PipelineState,
  type Repeat,
} from './pipeline.ts';
import { repeatsAmong } from './repeats.ts';

/** Limits: what is kept in memory; the rest is written away and comes back on demand. */
export interface PartitionSettings extends JudgeSettings, CacheLimits, FilterSizes, CheckpointSettings {
  /** Nobody else can have the store: no sign of another owner is looked for while records are judged. */
  readonly soleOwner?: boolean;
  /**
   * What is not stored is not in the log: it may never come again, or in another order, and alerts wait until it is. Absent: the log is
   * elsewhere.
   */
  readonly logIsStore?: boolean;
  /** What is in hand when the partition is taken away may take this long to be stored. */
  readonly revokeGraceMs: number;
}

/**
 * Runs an operation until the store takes it; rejects only for errors that waiting cannot mend, or with the signal's reason.
 * `onWait` is called when it has failed for the first time.
 */
export type Persist = <T>(
  operation: () => Promise<T>,
  options?: { readonly signal?: AbortSignal; readonly onWait?: () => void },
) => Promise<T>;

export interface PartitionDeps {
  readonly log: EventLogStore;
  readonly states: StateStore;
  readonly filters: FilterStore;
  readonly hits: HitStore;
  readonly contents: Pick<ContentStore, 'get'>;
  readonly scoring: Scoring;
  readonly deadLetters: { write(letters: readonly DeadLetter[]): Promise<void> };
  /** Told of alerts that opened, once they are stored, or when the store makes them wait. Must not wait itself. */
  readonly notify: (notices: readonly AlertNotice[]) => void;
  readonly persist: Persist;
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Lets other work of the process have its turn; a turn of the event loop when absent. */
  readonly breathe?: () => Promise<void>;
  /**
   * Shared by the partitions of a process: judging takes turns. If all judged at once, all would be ready at once, and nobody would judge while
   * they are stored.
   */
  readonly turns: Turns;
  readonly counters: PartitionCounters;
}

export interface Partition {
  /** Restores what the log holds, unless it is in memory already, and returns the first position that is not stored. */
  assign(): Promise<number>;
  /** See `PartitionHandler.process`. After a rejection the partition must be assigned again or given up. */
  process(records: readonly LogRecord[], letNext?: () => void): Promise<void>;
  /** Lets what is in hand finish for a while, and writes a checkpoint. Never rejects. */
  revoke(): Promise<void>;
  /** The live state of an agent, for reading. */
  peek(key: AgentKey): Promise<AgentState | undefined>;
  /** Last position up to which everything is stored that follows from the log; -1 for none. */
  readonly position: number;
  /** What is in memory. */
  readonly cache: Pick<StateCache, 'size' | 'established' | 'bytes' | 'sessionBytes'>;
}

/** Records on their way into the log, with what is thought of them by now. */
interface Batch {
  readonly records: readonly LogRecord[];
  judged: JudgedRecord[];
  /** Positions of rows that the store does not take. */
  refused: ReadonlySet<number>;
}

/** A zombie stores a batch or two before it finds out; more restores than that in a row mean that two owners really fight. */
const RESTORE_ATTEMPTS_MAX = 10;

/** Records judged between two breaths of the event loop: a health check must not wait for a large batch. */
const STRIDE = 128;

const nobody = async () => undefined;

const nextTurn = () => new Promise<void>((resolve) => void setImmediate(resolve));

export function createPartition(partition: number, settings: PartitionSettings, deps: PartitionDeps): Partition {
  const { log, states: stateStore, hits: hitStore, scoring, counters, breathe = nextTurn } = deps;
  const revoked = new AbortController();
  let filters: PartitionFilters = emptyFilters(settings);
  let cache: StateCache = openCache();
  /** Contents that the batch in hand names. */
  let named: ReadonlyMap<string, string> = new Map();
  let states: PipelineState = openStates();
  let pipeline: Pipeline = createPipeline(states, scoring, settings);
  let position = -1;
  /** Memory is what the log holds up to `position`. Not so before the first assignment, and after a batch that failed half-way. */
  let exact = false;
  /** Hits and changes of stored rows, on their way: those of one batch at most. */
  let following: Promise<void> = Promise.resolve();
  /** Up to here they are stored. */
  let followed = -1;
  let inHand: Promise<void> = Promise.resolve();
  let assigning: Promise<unknown> = Promise.resolve();

  const persist = <T>(operation: () => Promise<T>, onWait?: () => void): Promise<T> =>
    deps.persist(operation, {
      signal: revoked.signal,
      onWait: () => {
        counters.storeWaits += 1;
        onWait?.();
      },
    });

  const checkpoints = createCheckpoints(
    partition,
    settings,
    {
      get position() {
        return position;
      },
      get tickMs() {
        return states.tickMs;
      },
      get exact() {
        return exact;
      },
      get following() {
        return following;
      },
      get cache() {
        return cache;
      },
      get filters() {
        return filters;
      },
    },
    { states: stateStore, filters: deps.filters, persist, now: deps.now, breathe, counters },
  );

  function openCache(): StateCache {
    const latestCheckpoint: StateStore['latestCheckpoint'] =
      settings.soleOwner === true ? nobody : stateStore.latestCheckpoint;
    return createStateCache(partition, { ...stateStore, latestCheckpoint }, settings, filters.known, counters);
  }

  function openStates(): PipelineState {
    return { ...emptyPipelineState((key) => cache.take(key)), content: (hash) => named.get(hash) };
  }

  /** What the records need in memory before they are taken in. */
  async function bringIn(records: readonly LogRecord[], before: number): Promise<void> {
    await cache.ensure(agentsOf(records), before);
    const found = new Map<string, string>();
    for (const [tenant, hashes] of contentsOf(records)) {
      for (const [hash, content] of await deps.contents.get(tenant, hashes)) found.set(hash, content);
    }
    named = found;
  }

  /** One at a time: members may change again while a partition is being restored. */
  function assign(): Promise<number> {
    const assigned = assigning.then(bringUpToDate);
    assigning = assigned.catch(() => {});
    return assigned;
  }

  async function bringUpToDate(): Promise<number> {
    const stored = await persist(() => log.lastPosition(partition));
    if (!exact || stored !== position) await persist(restore);
    return position + 1;
  }

  /**
   * Another owner that still believes to be one may store rows and states while this one restores. A state from beyond the end that was
   * fixed would be judged against events it has taken in already: then all is read again, with the end where it is by now.
   */
  async function restore(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await restoreOnce();
      } catch (error) {
        if (!(error instanceof PartitionTaken) || attempt >= RESTORE_ATTEMPTS_MAX) throw error;
      }
    }
  }

  /** Snapshot plus recorded verdicts, and hits that a crash kept from being stored. The end is fixed first. */
  async function restoreOnce(): Promise<void> {
    exact = false;
    void checkpoints.abandon();
    const checkpoint = await stateStore.latestCheckpoint(partition);
    const last = await log.lastPosition(partition);
    filters = await restoreFilters(partition, settings, deps);
    cache = openCache();
    states = openStates();
    pipeline = createPipeline(states, scoring, settings);
    states.tickMs = checkpoint?.lastTickMs ?? 0;
    checkpoints.resume(checkpoint);
    await takeInModels(await log.modelsAt(partition, checkpoints.position));
    for await (const judged of log.between(partition, checkpoints.position, last)) {
      await bringIn(
        judged.map(({ record }) => record),
        last + 1,
      );
      for (const one of judged) pipeline.replay(one);
      await storeHits(judged);
      await cache.trim();
    }
    position = last;
    following = Promise.resolve();
    followed = last;
    exact = true;
  }

  /** Models that were in force at the checkpoint: their records come before it. */
  async function takeInModels(entries: readonly ModelEntry[]): Promise<void> {
    const records = entries.map((entry) => ({ partition, position: checkpoints.position, entry }));
    await bringIn(records, Number.MAX_SAFE_INTEGER);
    for (const record of records) pipeline.replay({ record });
  }

  function process(records: readonly LogRecord[], letNext: () => void = () => {}): Promise<void> {
    inHand = take(records, letNext);
    return inHand;
  }

  async function take(records: readonly LogRecord[], letNext: () => void): Promise<void> {
    revoked.signal.throwIfAborted();
    if (!exact) throw new Error(`Partition ${partition} was not assigned.`);
    checkpoints.throwFailure();
    exact = false;
    const repeats = await persist(() => repeatsAmong(records, filters.seen, log));
    const batch: Batch = { records, judged: await judgeAll(records, repeats), refused: new Set() };
    const told = new Set<string>();
    const tell = () => {
      const opened = batch.judged.flatMap(noticesOf).filter(({ alertId }) => !told.has(alertId));
      for (const { alertId } of opened) told.add(alertId);
      deps.notify(opened);
    };
    // Alerts do not wait for a store that is away: what was found is the same when it is found again. Unless the store is known to
    // refuse a row: then it is being judged anew without it; or the log is away with it.
    await persist(
      () => storeRows(batch),
      () => (batch.refused.size > 0 || settings.logIsStore === true ? undefined : tell()),
    );
    await following;
    remember(batch.judged);
    const own = follow(batch.judged, tell);
    following = own;
    own.catch(() => {});
    await persist(() => cache.trim());
    await checkpoints.keep(records.length);
    letNext();
    await own;
  }

  /** When it cannot be done the log has to be read again: what a checkpoint passes is never made good. */
  async function follow(judged: readonly JudgedRecord[], tell: () => void): Promise<void> {
    const upTo = position;
    try {
      await persist(() => storeHits(judged), tell);
    } catch (error) {
      exact = false;
      throw error;
    }
    followed = Math.max(followed, upTo);
    tell();
  }

  async function judgeAll(
    records: readonly LogRecord[],
    repeats: ReadonlyMap<number, Repeat>,
  ): Promise<JudgedRecord[]> {
    await persist(() => bringIn(records, records[0]?.position ?? 0));
    return deps.turns(async () => {
      const judged: JudgedRecord[] = [];
      for (const record of records) {
        judged.push(pipeline.step(record, repeats.get(record.position) ?? 'new'));
        if (judged.length % STRIDE === 0) await breathe();
      }
      return judged;
    });
  }

  /**
   * Rows the engine refuses become dead letters. They were judged already, and the records after them in their light: so the state
   * is taken back to what the log holds, and the batch is judged again without them.
   *
   * What was found out stays in `batch` when this is tried again: rows whose answer was lost may stand in the log by then, and a state
   * that is taken back to the log would hold them, to be judged on top of themselves. The same when another owner has stored them.
   */
  async function storeRows(batch: Batch): Promise<void> {
    const { records } = batch;
    for (
      let refused = await writeRows(batch.judged, deps);
      refused.size > 0;
      refused = await writeRows(batch.judged, deps)
    ) {
      batch.refused = new Set([...batch.refused, ...refused]);
      await restore();
      if (position >= (records[0]?.position ?? 0)) throw new PartitionTaken('Another owner has stored the batch.');
      exact = false;
      const repeats = await repeatsAmong(records, filters.seen, log, batch.refused);
      batch.judged = await judgeAll(records, repeats);
    }
  }

  async function storeHits(judged: readonly JudgedRecord[]): Promise<void> {
    const hits = judged.flatMap(placedHits);
    const changes = judged.flatMap(placedChange);
    if (hits.length > 0) await hitStore.writeHits(hits);
    if (changes.length > 0) await hitStore.writeChanges(changes);
  }

  function remember(judged: readonly JudgedRecord[]): void {
    for (const one of judged) {
      position = one.record.position;
      countRecord(counters, one);
    }
    exact = true;
  }

  async function revoke(): Promise<void> {
    const finished = Promise.allSettled([inHand, following]);
    await withinGrace(finished);
    const beside = checkpoints.abandon();
    const saved = exact && followed === position ? persist(checkpoints.write).catch(() => {}) : Promise.resolve();
    await withinGrace(saved);
    revoked.abort(new Error(`Partition ${partition} was given back.`));
    await Promise.all([finished, saved, beside]);
  }

  async function withinGrace(work: Promise<unknown>): Promise<void> {
    const done = new AbortController();
    await Promise.race([work, deps.sleep(settings.revokeGraceMs, done.signal).catch(() => {})]);
    done.abort();
  }

  return {
    assign,
    process,
    revoke,
    peek: (key) => cache.peek(key),
    get position() {
      return followed;
    },
    get cache() {
      return cache;
    },
  };
}
