import type { AuditEvent } from '../ingest/event.ts';
import { LOG_FORMAT } from '../ingest/kafka/envelope.ts';
import {
  agentOf,
  type EventEntry,
  epochOf,
  type LogEntry,
  type LogRecord,
  logPartition,
  type ModelEntry,
} from '../ingest/log.ts';
import { createLogEpochStore } from '../ingest/log-epoch-store.ts';
import { NewerBuild } from '../ingest/newer-build.ts';
import { insertBisecting } from '../store/batch-insert.ts';
import type { Store } from '../store/store.ts';
import type { Hit, Verdict } from './verdict.ts';

/** A record of the log with the verdict that was taken on it; control records have none. */
export interface JudgedRecord {
  readonly record: LogRecord;
  readonly verdict?: Verdict;
}

export interface EventLogStore {
  /** Last position stored in the partition, by whomever; -1 when it is empty. */
  lastPosition(partition: number): Promise<number>;
  /** One durable, atomic insert. Rejects like `Store.insert`. */
  write(records: readonly JudgedRecord[]): Promise<void>;
  /** Positions among `records` whose rows the engine does not accept; stores nothing. */
  refused(records: readonly JudgedRecord[]): Promise<Set<number>>;
  /** Records after one position up to another, in order, with their verdicts; repeats and refused ones carry no event and are left out. */
  between(partition: number, after: number, upTo: number): AsyncIterable<JudgedRecord[]>;
  /** The model of each kind that was in force at a position. */
  modelsAt(partition: number, position: number): Promise<ModelEntry[]>;
  /** Receipt time of the newest model record of the partition; 0 for none. */
  newestModelMs(partition: number): Promise<number>;
  /**
   * Every id accepted in the partition after a position, for the filter of seen ids; after -1 also those in all partitions of earlier
   * epochs.
   */
  ids(partition: number, after: number): AsyncIterable<EventName[]>;
  /**
   * Events with these ids that stand in the log before a position of a partition. Bounded by the position, so that the answer is the same
   * for everyone who asks, however much of the log is stored by then; and in earlier epochs by their ends, whatever was stored there since.
   */
  digests(tenant: string, ids: readonly string[], before: LogPlace): Promise<KnownEvent[]>;
}

/** What an event is told by: an id counts once per agent. */
export interface EventName {
  readonly tenant: string;
  readonly agent: string;
  readonly id: string;
}

export interface KnownEvent {
  readonly agent: string;
  readonly id: string;
  readonly digest: string;
}

export interface LogPlace {
  readonly partition: number;
  readonly position: number;
}

const LOOKUP_CHUNK = 2000;

export function createEventLogStore(store: Store): EventLogStore {
  return {
    async lastPosition(partition) {
      const [row] = await store.query<{ last: number | null }>(LAST_POSITION, { partition });
      return Number(row?.last ?? -1);
    },
    write: (records) => store.insert('event_log', records.map(eventLogRow)),
    refused: (records) => refusedOf(store, records),
    async *between(partition, after, upTo) {
      for await (const rows of store.stream<StoredRow>(BETWEEN, { partition, after, upTo })) yield rows.map(recordOf);
    },
    async modelsAt(partition, position) {
      const rows = await store.query<{ record: string }>(MODELS, { partition, position });
      return rows.map(({ record }) => JSON.parse(record) as ModelEntry);
    },
    async newestModelMs(partition) {
      const [row] = await store.query<{ newest: number }>(NEWEST_MODEL, { partition });
      return Number(row?.newest ?? 0);
    },
    ids: (partition, after) =>
      store.stream<EventName>(IDS, { partition, after, epochStart: after < 0 ? epochStartOf(partition) : 0 }),
    async digests(tenant, ids, { partition, position }) {
      const found: KnownEvent[] = [];
      for (let i = 0; i < ids.length; i += LOOKUP_CHUNK) {
        const chunk = ids.slice(i, i + LOOKUP_CHUNK);
        const place = { partition, position, epochStart: epochStartOf(partition) };
        found.push(...(await knownBefore(store, { tenant, ids: chunk, ...place })));
      }
      return found;
    },
  };
}

interface PlacedEvent extends KnownEvent, LogPlace {}

const NO_ENDS: ReadonlyMap<number, number> = new Map();

/** Every batch asks, so the ends are asked for beside it, and only where there was an epoch before. */
async function knownBefore(
  store: Store,
  place: LogPlace & { readonly tenant: string; readonly ids: readonly string[]; readonly epochStart: number },
): Promise<KnownEvent[]> {
  const [rows, ends] = await Promise.all([
    store.query<PlacedEvent>(DIGESTS, { ...place }),
    place.epochStart === 0 ? NO_ENDS : createLogEpochStore(store).ends(),
  ]);
  const isOfTheLog = ({ partition, position }: PlacedEvent): boolean =>
    partition >= place.epochStart || Number(position) < (ends.get(Number(partition)) ?? Number.POSITIVE_INFINITY);
  return rows.filter(isOfTheLog).map(({ agent, id, digest }) => ({ agent, id, digest }));
}

const epochStartOf = (partition: number): number => logPartition(epochOf(partition), 0);

/** The probe table keeps nothing, so trying costs no duplicates. */
async function refusedOf(store: Store, records: readonly JudgedRecord[]): Promise<Set<number>> {
  const refused = new Set<number>();
  const positions = new Map(records.map((one) => [eventLogRow(one), one.record.position]));
  await insertBisecting(store, 'event_log_probe', [...positions.keys()], (row) => {
    refused.add(positions.get(row) ?? -1);
  });
  return refused;
}

/**
 * The row of `event_log` for a record. One literal with every column: rows put together from parts cost ten times as much, and this
 * runs once per event.
 */
export function eventLogRow({ record, verdict }: JudgedRecord): object {
  const { partition, position, entry } = record;
  if (entry.kind !== 'event' || verdict === undefined) return controlRow(record);
  const { tenant, receivedMs, event, digest } = entry;
  const full = !withoutEvent(verdict);
  const { agent, action, data, usage, content } = event;
  return {
    tenant,
    partition,
    position,
    kind: entry.kind,
    received: receivedMs,
    time: event.time,
    agent: agent.id,
    agent_kind: full ? (agent.kind ?? '') : '',
    session: verdict.session,
    id: event.id,
    digest,
    status: verdict.status,
    flags: verdict.flags,
    knowledge: verdict.knowledge,
    known_sessions: verdict.known.sessions,
    known_events: verdict.known.events,
    score: verdict.score,
    detectors: verdict.detectors,
    surprise: verdict.surprise,
    alert_ids: verdict.hits.map(({ alertId }) => alertId),
    hits: verdict.hits.length === 0 ? '' : JSON.stringify(verdict.hits),
    action_type: full ? action.type : '',
    action_name: full ? action.name : '',
    endpoint: full ? event.endpoint : '',
    principal: full ? (event.principal?.id ?? '') : '',
    outcome: full ? event.outcome : '',
    destinations: full ? (event.destinations?.map(({ value }) => value) ?? []) : [],
    resources: full ? (event.resources?.map(({ name }) => name) ?? []) : [],
    rows: full ? (data?.rows ?? 0) : 0,
    bytes_received: full ? (data?.bytes_received ?? 0) : 0,
    bytes_sent: full ? (data?.bytes_sent ?? 0) : 0,
    input_tokens: full ? (usage?.input_tokens ?? 0) : 0,
    output_tokens: full ? (usage?.output_tokens ?? 0) : 0,
    cost_micro_usd: full ? (event.cost?.micro_usd ?? 0) : 0,
    record: full ? JSON.stringify({ ...event, content: undefined }) : '',
    // Content has a column of its own.
    content: full && content !== undefined ? JSON.stringify(content) : '',
  };
}

/** A row that carries no event; columns left out take their defaults. */
const controlRow = ({ partition, position, entry }: LogRecord): object => ({
  tenant: 'tenant' in entry ? entry.tenant : '',
  agent: agentOf(entry)?.agent ?? '',
  agent_kind: entry.kind === 'model' ? entry.agentKind : '',
  partition,
  position,
  kind: entry.kind,
  received: entry.receivedMs,
  time: entry.receivedMs,
  status: 'control',
  record: JSON.stringify(entry.kind === 'unreadable' ? { ...entry, raw: undefined } : entry),
});

/** The id was there before, or the store refused the event: the row only says so. */
const withoutEvent = ({ status }: Verdict): boolean =>
  status === 'duplicate' || status === 'conflict' || status === 'rejected';

const KINDS: ReadonlySet<string> = new Set<LogEntry['kind']>([
  'event',
  'disposition',
  'reset',
  'rollback',
  'model',
  'tick',
  'unreadable',
]);

/** A row that `recordOf` reads, selected as `RECORD_COLUMNS`. */
export interface StoredRow {
  tenant: string;
  partition: number;
  position: number;
  kind: LogEntry['kind'];
  receivedMs: number;
  digest: string;
  status: Verdict['status'];
  flags: Verdict['flags'];
  session: string;
  knowledge: Verdict['knowledge'];
  known_sessions: number;
  known_events: number;
  score: number;
  detectors: Record<string, number>;
  surprise: Record<string, number>;
  hits: string;
  record: string;
  content: string;
}

/** @throws NewerBuild for a control record that only a newer build writes, by its kind or the version `v` that it stores with it */
export function recordOf(row: StoredRow): JudgedRecord {
  const place = { partition: Number(row.partition), position: Number(row.position) };
  if (!KINDS.has(row.kind))
    throw new NewerBuild('A record of the log, of a kind that is not known here,', LOG_FORMAT, LOG_FORMAT);
  const parsed = JSON.parse(row.record) as unknown;
  const { v = 0 } = row.kind === 'event' ? {} : (parsed as { readonly v?: number });
  if (v > LOG_FORMAT) throw new NewerBuild('A record of the log', v, LOG_FORMAT);
  if (row.kind !== 'event') return { record: { ...place, entry: parsed as Exclude<LogEntry, EventEntry> } };
  const content = row.content === '' ? {} : { content: JSON.parse(row.content) };
  const event = { ...(parsed as AuditEvent), ...content };
  const { tenant, digest } = row;
  const entry: EventEntry = { kind: 'event', tenant, receivedMs: Number(row.receivedMs), event, digest };
  const { status, flags, session, knowledge, score, detectors, surprise } = row;
  const known = { sessions: Number(row.known_sessions), events: Number(row.known_events) };
  const hits = row.hits === '' ? [] : (JSON.parse(row.hits) as Hit[]);
  return {
    record: { ...place, entry },
    verdict: { status, flags, session, knowledge, known, score, detectors, surprise, hits },
  };
}

export const RECORD_COLUMNS = `
    tenant, partition, position, kind, toUnixTimestamp64Milli(received) AS receivedMs, digest, status, flags, session,
    knowledge, known_sessions, known_events, score, detectors, surprise, hits, record, content`;

const LAST_POSITION = `
  SELECT maxOrNull(position) AS last FROM event_log WHERE partition = {partition:UInt32}`;

const BETWEEN = `
  SELECT ${RECORD_COLUMNS}
  FROM event_log FINAL
  WHERE partition = {partition:UInt32} AND position > {after:Int64} AND position <= {upTo:Int64}
    AND status NOT IN ('duplicate', 'conflict', 'rejected')
  ORDER BY position`;

const MODELS = `
  SELECT record FROM event_log FINAL
  WHERE partition = {partition:UInt32} AND kind = 'model' AND position <= {position:Int64}
  ORDER BY tenant, agent_kind, position DESC
  LIMIT 1 BY tenant, agent_kind`;

const NEWEST_MODEL = `
  SELECT toUnixTimestamp64Milli(max(received)) AS newest FROM event_log
  WHERE partition = {partition:UInt32} AND kind = 'model'`;

const IDS = `
  SELECT tenant, agent, id FROM event_log
  WHERE (partition = {partition:UInt32} AND position > {after:Int64} OR partition < {epochStart:UInt32})
    AND kind = 'event' AND status NOT IN ('duplicate', 'conflict', 'rejected')`;

const DIGESTS = `
  SELECT agent, id, digest, partition, position FROM event_log
  WHERE tenant = {tenant:String} AND kind = 'event' AND id IN {ids:Array(String)}
    AND (partition < {epochStart:UInt32} OR (partition = {partition:UInt32} AND position < {position:UInt64}))
    AND status NOT IN ('duplicate', 'conflict', 'rejected')`;
