/** A partition over a real store, and the same records through the same steps without any store, to compare with. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createHitStore, type HitStore } from '../../alerts/hit-store.ts';
import type { AlertNotice } from '../../alerts/notice.ts';
import { type AgentState, emptyAgentState } from '../../baselines/agent-state.ts';
import { createContentStore } from '../../baselines/content-store.ts';
import { createEventLogStore, type EventLogStore } from '../../baselines/event-log-store.ts';
import { createFilterStore, type FilterStore } from '../../baselines/filter-store.ts';
import { type AgentKey, cacheKey } from '../../baselines/state-cache.ts';
import { encodeState } from '../../baselines/state-codec.ts';
import { createStateStore, type StateStore } from '../../baselines/state-store.ts';
import type { Verdict } from '../../baselines/verdict.ts';
import { emptyCounters, type PartitionCounters } from '../../cli/partition-counters.ts';
import { createPartitions, type Partitions } from '../../cli/partitions.ts';
import { createPipeline, emptyPipelineState } from '../../cli/pipeline.ts';
import { slotCodec } from '../../cli/scorer.ts';
import { settingsOf } from '../../cli/scoring-settings.ts';
import { DETECTORS } from '../../detectors/registry.ts';
import { createScoring } from '../../detectors/scoring.ts';
import type { DeadLetter } from '../../ingest/dead-letter.ts';
import type { WireEvent } from '../../ingest/event.ts';
import { createIntake } from '../../ingest/intake.ts';
import type { EventEntry, LogEntry, LogRecord } from '../../ingest/log.ts';
import { createNormaliser } from '../../ingest/normalise.ts';
import { untilAvailable } from '../../store/retry.ts';
import type { Store } from '../../store/store.ts';

export const settings = settingsOf({ halfLifeDays: 14, alertBudget: 0.02 });
export const scoring = createScoring(DETECTORS, settings.baseline);
const codec = slotCodec(scoring);
const { admit } = createIntake({ normalise: createNormaliser({ redactionKey: new Uint8Array(32) }) });

/** Events as they enter the log, received when they happened. */
export function entriesOf(tenant: string, events: readonly WireEvent[]): EventEntry[] {
  return events.map((event) => {
    const receivedMs = new Date(event.time).getTime();
    const place = { source: 'test', sourcePosition: '0', fallbackId: 'none' };
    const admitted = admit(Buffer.from(JSON.stringify(event)), { tenant, receivedMs, ...place });
    if (!admitted.ok) throw new Error(`not a valid event: ${admitted.letter.message}`);
    return admitted.entry;
  });
}

export interface PartitionOptions {
  readonly agentsMax?: number;
  readonly checkpointRecords?: number;
  readonly bytesMax?: number;
  readonly sessionBytesMax?: number;
  /** Of either filter. */
  readonly seenIdsBits?: number;
  readonly filterRecords?: number;
  readonly revokeGraceMs?: number;
  readonly log?: (real: EventLogStore) => EventLogStore;
  readonly hits?: (real: HitStore) => HitStore;
  readonly states?: (real: StateStore) => StateStore;
  readonly filters?: (real: FilterStore) => FilterStore;
}

export interface PartitionRun {
  readonly partition: Partitions;
  readonly letters: DeadLetter[];
  readonly notices: AlertNotice[];
  readonly counters: PartitionCounters;
}

const LIMITS = {
  agentsMax: 1000,
  bytesMax: Number.MAX_SAFE_INTEGER,
  sessionBytesMax: Number.MAX_SAFE_INTEGER,
  checkpointRecords: 1_000_000,
  seenIdsBits: 2 ** 20,
  filterRecords: 500_000,
  revokeGraceMs: 10_000,
};

const itself = <T>(real: T): T => real;

export function openPartition(store: Store, options: PartitionOptions = {}): PartitionRun {
  const { log = itself, hits = itself, states = itself, filters = itself, ...chosen } = options;
  const limits = { ...LIMITS, ...chosen };
  const letters: DeadLetter[] = [];
  const notices: AlertNotice[] = [];
  const counters = emptyCounters();
  const retry = { minDelayMs: 1, maxDelayMs: 1, attemptsMax: 20, random: () => 0, sleep: (ms: number) => sleep(ms) };
  const partition = createPartitions(
    { ...settings, ...limits, checkpointMs: 1e15, knownAgentsBits: limits.seenIdsBits },
    {
      log: log(createEventLogStore(store)),
      contents: createContentStore(store),
      hits: hits(createHitStore(store)),
      states: states(createStateStore(store, codec, 'test')),
      filters: filters(createFilterStore(store)),
      scoring,
      deadLetters: { write: async (written) => void letters.push(...written) },
      notify: (told) => notices.push(...told),
      persist: (write, { onWait } = {}) => untilAvailable(write, { ...retry, onRetry: () => onWait?.() }),
      now: () => Date.UTC(2026, 10, 21),
      sleep: (ms, signal) => sleep(ms, undefined, { signal }),
      counters,
    },
    () => {},
  );
  return { partition, letters, notices, counters };
}

/** Entries at consecutive positions. */
export const recordsOf = (partition: number, entries: readonly LogEntry[], first = 0): LogRecord[] =>
  entries.map((entry, index) => ({ partition, position: first + index, entry }));

export async function processInBatches(
  { process }: Partitions,
  records: readonly LogRecord[],
  batchSize: number,
): Promise<void> {
  for (let i = 0; i < records.length; i += batchSize) await process(records.slice(i, i + batchSize));
}

/** State texts by agent, as the partition would store them. */
export async function stateTexts({ peek }: Partitions, keys: readonly AgentKey[]): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const key of keys) {
    const state = await peek(key);
    if (state !== undefined) texts.set(cacheKey(key), encodeState(state, codec));
  }
  return texts;
}

export const agentsIn = (entries: readonly EventEntry[]): AgentKey[] => [
  ...new Map(
    entries.map(({ tenant, event }) => {
      const key = { tenant, agent: event.agent.id };
      return [cacheKey(key), key];
    }),
  ).values(),
];

/** The same records, one after the other, without stores, batches or restarts. `contents`: what they name by hash. */
export function runInMemory(
  records: readonly LogRecord[],
  contents: ReadonlyMap<string, string> = new Map(),
): {
  states: Map<string, string>;
  verdicts: Map<number, Verdict>;
} {
  const held = new Map<string, AgentState>();
  const agent = (key: AgentKey): AgentState => {
    const state = held.get(cacheKey(key)) ?? emptyAgentState(key.tenant, key.agent);
    held.set(cacheKey(key), state);
    return state;
  };
  const state = { ...emptyPipelineState(agent), content: (hash: string) => contents.get(hash) };
  const pipeline = createPipeline(state, scoring, settings);
  const verdicts = new Map<number, Verdict>();
  for (const record of records) {
    const { verdict } = pipeline.step(record, 'new');
    if (verdict !== undefined) verdicts.set(record.position, verdict);
  }
  return { states: new Map([...held].map(([key, state]) => [key, encodeState(state, codec)])), verdicts };
}
