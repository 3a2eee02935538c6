import type { AuditEvent } from '../ingest/event.ts';
import type { AlertChangeEntry, EventEntry, LogEntry, LogRecord } from '../ingest/log.ts';
import type { Store } from '../store/store.ts';
import { emptySums, sumsOf } from './measures.ts';
import type { Hit, Verdict } from './verdict.ts';

/** A record of the log with the verdict that was taken on it; control records have none. */
export interface JudgedRecord {
  readonly record: LogRecord;
  readonly verdict?: Verdict;
}

export interface EventLogStore {
  /** Last position stored in the partition; -1 when it is empty. */
  lastPosition(partition: number): Promise<number>;
  /** One durable, atomic insert. Rejects like `Store.insert`. */
  write(records: readonly JudgedRecord[]): Promise<void>;
  /** Positions among `records` whose rows the engine does not accept; stores nothing. */
  refused(records: readonly JudgedRecord[]): Promise<Set<number>>;
  /** Records after `position` in order, with their verdicts; repeats and refused ones carry no event and are left out. */
  after(partition: number, position: number): AsyncIterable<JudgedRecord[]>;
  /** Every (tenant, id) ever accepted in the partition, for the filter of seen ids. */
  ids(partition: number): AsyncIterable<{ tenant: string; id: string }[]>;
  /** Digests of the events that already have these ids. */
  digests(tenant: string, ids: readonly string[]): Promise<Map<string, string>>;
}

const LOOKUP_CHUNK = 2000;

export function createEventLogStore(store: Store): EventLogStore {
  return {
    async lastPosition(partition) {
      const [row] = await store.query<{ last: number | null }>(LAST_POSITION, { partition });
      return Number(row?.last ?? -1);
    },
    write: (records) => store.insert('event_log', records.map(rowOf)),
    refused: (records) => refusedOf(store, records),
    async *after(partition, position) {
      for await (const rows of store.stream<StoredRow>(AFTER, { partition, position })) yield rows.map(recordOf);
    },
    ids: (partition) => store.stream<{ tenant: string; id: string }>(IDS, { partition }),
    async digests(tenant, ids) {
      const found = new Map<string, string>();
      for (let i = 0; i < ids.length; i += LOOKUP_CHUNK) {
        const chunk = ids.slice(i, i + LOOKUP_CHUNK);
        const rows = await store.query<{ id: string; digest: string }>(DIGESTS, { tenant, ids: chunk });
        for (const { id, digest } of rows) found.set(id, digest);
      }
      return found;
    },
  };
}

/** Halves the batch until single rows are left. The probe table keeps nothing, so trying costs no duplicates. */
async function refusedOf(store: Store, records: readonly JudgedRecord[]): Promise<Set<number>> {
  try {
    await store.insert('event_log_probe', records.map(rowOf));
    return new Set();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'StoreRejected') throw error;
    if (records.length === 1) return new Set(records.map(({ record }) => record.position));
    const middle = records.length >> 1;
    const [first, second] = [records.slice(0, middle), records.slice(middle)];
    return new Set([...(await refusedOf(store, first)), ...(await refusedOf(store, second))]);
  }
}

function rowOf({ record, verdict }: JudgedRecord): object {
  const { partition, position, entry } = record;
  const place = { partition, position, kind: entry.kind, received: entry.receivedMs };
  if (entry.kind === 'event' && verdict !== undefined) return { ...place, ...eventRow(entry, verdict) };
  const owner = entry.kind === 'disposition' ? { tenant: entry.tenant, agent: entry.agent } : { tenant: '', agent: '' };
  return { ...place, ...owner, ...EMPTY_ROW, time: entry.receivedMs, record: JSON.stringify(entry) };
}

/** Columns of a row that carries no event. */
const EMPTY_ROW = {
  agent_kind: '',
  session: '',
  id: '',
  digest: '',
  status: 'control',
  flags: [],
  knowledge: '',
  score: 0,
  detectors: {},
  surprise: {},
  alert_ids: [],
  hits: '',
  action_type: '',
  action_name: '',
  endpoint: '',
  principal: '',
  outcome: '',
  destinations: [],
  resources: [],
  rows: 0,
  bytes_received: 0,
  bytes_sent: 0,
  input_tokens: 0,
  output_tokens: 0,
  cost_micro_usd: 0,
  record: '',
  content: '',
};

const withoutEvent = (verdict: Verdict): boolean =>
  verdict.status === 'duplicate' || verdict.status === 'conflict' || verdict.status === 'rejected';

function eventRow({ tenant, event, digest }: EventEntry, verdict: Verdict): object {
  const known = { tenant, time: event.time, agent: event.agent.id, id: event.id, digest, status: verdict.status };
  if (withoutEvent(verdict)) return { ...EMPTY_ROW, ...known };
  const { content, ...record } = event;
  return {
    ...known,
    agent_kind: event.agent.kind ?? '',
    session: verdict.session,
    flags: verdict.flags,
    knowledge: verdict.knowledge,
    score: verdict.score,
    detectors: verdict.detectors,
    surprise: verdict.surprise,
    alert_ids: verdict.hits.map(({ alertId }) => alertId),
    hits: verdict.hits.length === 0 ? '' : JSON.stringify(verdict.hits),
    ...factColumns(event),
    record: JSON.stringify(record),
    content: content === undefined ? '' : JSON.stringify(content),
  };
}

function factColumns(event: AuditEvent): object {
  return {
    action_type: event.action.type,
    action_name: event.action.name,
    endpoint: event.endpoint,
    principal: event.principal?.id ?? '',
    outcome: event.outcome,
    destinations: event.destinations?.map(({ value }) => value) ?? [],
    resources: event.resources?.map(({ name }) => name) ?? [],
    rows: event.data?.rows ?? 0,
    bytes_received: event.data?.bytes_received ?? 0,
    bytes_sent: event.data?.bytes_sent ?? 0,
    input_tokens: event.usage?.input_tokens ?? 0,
    output_tokens: event.usage?.output_tokens ?? 0,
    cost_micro_usd: event.cost?.micro_usd ?? 0,
  };
}

interface StoredRow {
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
  score: number;
  detectors: Record<string, number>;
  surprise: Record<string, number>;
  hits: string;
  record: string;
  content: string;
}

function recordOf(row: StoredRow): JudgedRecord {
  const place = { partition: Number(row.partition), position: Number(row.position) };
  const parsed = JSON.parse(row.record) as unknown;
  if (row.kind !== 'event') return { record: { ...place, entry: parsed as AlertChangeEntry } };
  const content = row.content === '' ? {} : { content: JSON.parse(row.content) };
  const event = { ...(parsed as AuditEvent), ...content };
  const { tenant, digest } = row;
  const entry: EventEntry = { kind: 'event', tenant, receivedMs: Number(row.receivedMs), event, digest };
  const { status, flags, session, knowledge, score, detectors, surprise } = row;
  const hits = row.hits === '' ? [] : (JSON.parse(row.hits) as Hit[]);
  return {
    record: { ...place, entry },
    verdict: { status, flags, session, knowledge, score, detectors, surprise, hits },
  };
}

const LAST_POSITION = `
  SELECT maxOrNull(position) AS last FROM event_log WHERE partition = {partition:UInt32}`;

const AFTER = `
  SELECT tenant, partition, position, kind, toUnixTimestamp64Milli(received) AS receivedMs, digest, status, flags, session,
    knowledge, score, detectors, surprise, hits, record, content
  FROM event_log FINAL
  WHERE partition = {partition:UInt32} AND position > {position:Int64}
    AND status NOT IN ('duplicate', 'conflict', 'rejected')
  ORDER BY position`;

const IDS = `
  SELECT tenant, id FROM event_log
  WHERE partition = {partition:UInt32} AND kind = 'event' AND status NOT IN ('duplicate', 'conflict', 'rejected')`;

const DIGESTS = `
  SELECT id, digest FROM event_log
  WHERE tenant = {tenant:String} AND kind = 'event' AND id IN {ids:Array(String)}
    AND status NOT IN ('duplicate', 'conflict', 'rejected')`;
