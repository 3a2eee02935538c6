import { OF_THE_LOG } from '../ingest/log-ends.ts';
import type { Store } from '../store/store.ts';
import { type JudgedRecord, RECORD_COLUMNS, recordOf, type StoredRow } from './event-log-store.ts';

/** What one agent did, as far as it is stored, in the order of the log. */
export interface HistoryStore {
  /** Where its events are that happened since an instant (epoch ms); at most `limit` of them, oldest first. */
  places(tenant: string, agent: string, sinceMs: number, limit: number): Promise<Place[]>;
  /** Its events in a stretch of a partition, both ends included, with their verdicts. */
  events(tenant: string, agent: string, stretch: Stretch): Promise<JudgedRecord[]>;
  /** The clock of a partition: its ticks in order. */
  ticks(partition: number): Promise<Tick[]>;
  /** Sessions in which one of these alerts was hit. */
  sessionsOf(tenant: string, agent: string, alertIds: readonly string[]): Promise<string[]>;
}

export interface Place {
  readonly partition: number;
  readonly position: number;
}

export interface Stretch {
  readonly partition: number;
  readonly first: number;
  readonly last: number;
}

export interface Tick {
  readonly position: number;
  readonly receivedMs: number;
}

const whole = <Row extends object>(row: Row): Row =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)])) as Row;

export const createHistoryStore = (store: Pick<Store, 'query'>): HistoryStore => ({
  async places(tenant, agent, sinceMs, limit) {
    return (await store.query<Place>(PLACES, { tenant, agent, sinceMs, limit })).map(whole);
  },
  async events(tenant, agent, stretch) {
    return (await store.query<StoredRow>(EVENTS, { tenant, agent, ...stretch })).map(recordOf);
  },
  async ticks(partition) {
    return (await store.query<Tick>(TICKS, { partition })).map(whole);
  },
  async sessionsOf(tenant, agent, alertIds) {
    if (alertIds.length === 0) return [];
    const rows = await store.query<{ session: string }>(SESSIONS, { tenant, agent, alertIds });
    return rows.map(({ session }) => session);
  },
});

const OF_AGENT = `tenant = {tenant:String} AND agent = {agent:String} AND kind = 'event'
    AND status NOT IN ('duplicate', 'conflict', 'rejected') AND ${OF_THE_LOG}`;

const PLACES = `
  SELECT partition, position FROM event_log FINAL
  WHERE ${OF_AGENT} AND time >= fromUnixTimestamp64Milli({sinceMs:Int64})
  ORDER BY partition, position LIMIT {limit:UInt32}`;

const EVENTS = `
  SELECT ${RECORD_COLUMNS} FROM event_log FINAL
  WHERE ${OF_AGENT} AND partition = {partition:UInt32} AND position >= {first:UInt64} AND position <= {last:UInt64}
  ORDER BY position`;

const TICKS = `
  SELECT position, toUnixTimestamp64Milli(received) AS receivedMs FROM event_log FINAL
  WHERE tenant = '' AND partition = {partition:UInt32} AND kind = 'tick' AND ${OF_THE_LOG} ORDER BY position`;

const SESSIONS = `
  SELECT DISTINCT session FROM event_log FINAL WHERE ${OF_AGENT} AND hasAny(alert_ids, {alertIds:Array(String)})`;
