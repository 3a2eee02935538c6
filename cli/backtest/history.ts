/** The log as it is stored, read again in its order: events with the verdicts that were taken, and what else changed how they are judged. */
import {
  createEventLogStore,
  type JudgedRecord,
  RECORD_COLUMNS,
  recordOf,
  type StoredRow,
} from '../../baselines/event-log-store.ts';
import type { ModelEntry } from '../../ingest/log.ts';
import { OF_THE_LOG } from '../../ingest/log-ends.ts';
import { createLogEpochStore } from '../../ingest/log-epoch-store.ts';
import type { Store } from '../../store/store.ts';

/** Which part of the log; undefined: all of it. Times are event times, epoch ms. */
export interface HistoryScope {
  readonly tenant?: string | undefined;
  readonly agent?: string | undefined;
  /** Reading begins at the first event at or after this time; what stands behind it in the log is read whatever its time. */
  readonly fromMs?: number | undefined;
  /** Reading ends with the last event before this time. */
  readonly untilMs?: number | undefined;
}

/** What there is to read. Fixed when it is looked at: what is stored later is not read. */
export interface Survey {
  /** In the order of their partitions' numbers, which is that of their epochs. */
  readonly stretches: readonly Stretch[];
  readonly events: number;
  /** In the whole scope, whenever they acted. */
  readonly agents: number;
  readonly oldestMs: number;
  readonly newestMs: number;
}

/** Positions of a partition, both ends included, and how many events of the scope are among them. */
export interface Stretch {
  readonly partition: number;
  readonly first: number;
  readonly last: number;
  readonly events: number;
}

/** What was in force in a partition just before a position. */
export interface Opening {
  readonly tickMs: number;
  readonly models: readonly ModelEntry[];
}

/** Agents are told apart by a hash, so that any number of them can be replayed, some at a time. */
export interface AgentGroup {
  readonly group: number;
  readonly groups: number;
}

export interface History {
  survey(): Promise<Survey>;
  opening(stretch: Stretch): Promise<Opening>;
  /** Records of one group of agents in the order of their positions; the clock and the models of a partition come with every group. */
  records(stretch: Stretch, group: AgentGroup): AsyncIterable<JudgedRecord[]>;
}

/** Records that the engine sorts at a time, roughly; */
const LOT_EVENTS = 2000;
/** at most this many, where those of the scope are unevenly spread. */
const LOT_POSITIONS_MAX = 50_000;
/** The engine's times end here. */
const END_OF_TIME_MS = Date.UTC(2100, 0, 1);

export function createHistory(store: Store, scope: HistoryScope): History {
  const of = { tenant: scope.tenant ?? '', agent: scope.agent ?? '' };
  const log = createEventLogStore(store);
  const window = {
    fromMs: Math.max(0, scope.fromMs ?? 0),
    untilMs: Math.min(END_OF_TIME_MS, scope.untilMs ?? END_OF_TIME_MS),
  };
  return {
    async survey() {
      const found: Measured[] = [];
      const ends = await createLogEpochStore(store).ends();
      for (const row of await store.query<Bounds>(BOUNDS, { ...of, ...window })) {
        const bounds = numbers(row);
        const end = ends.get(bounds.partition) ?? Number.POSITIVE_INFINITY;
        const stretch = stretchOf(bounds, Math.min(end - 1, await log.lastPosition(bounds.partition)));
        if (stretch === undefined) continue;
        const [counts] = await store.query<Counts>(COUNTS, { ...of, ...stretch });
        if (counts !== undefined) found.push({ stretch, ...numbers(counts) });
      }
      const [row] = await store.query<{ agents: number }>(AGENTS, of);
      return surveyOf(found, Number(row?.agents ?? 0));
    },
    async opening({ partition, first }) {
      const [row] = await store.query<{ tickMs: number }>(LAST_TICK, { partition, first });
      return { tickMs: Number(row?.tickMs ?? 0), models: await log.modelsAt(partition, first - 1) };
    },
    async *records(stretch, group) {
      for (const lot of lotsOf(stretch)) {
        for await (const rows of store.stream<StoredRow>(RECORDS, { ...of, ...group, ...lot }))
          yield rows.map(recordOf);
      }
    },
  };
}

/** Of the events of a partition: how many there are, and which of them lie in the time that is to be read. */
interface Bounds {
  readonly partition: number;
  readonly events: number;
  readonly starts: number;
  readonly first: number;
  readonly ends: number;
  readonly last: number;
}

type Range = Omit<Stretch, 'events'>;

/**
 * Undefined when none of the events is to be read. Where all are, the partition is read from end to end: what was said of an agent before
 * its first event there, or after its last, counts when the log moves on to other partitions. So does a partition with such words alone.
 */
function stretchOf({ partition, events, starts, first, ends, last }: Bounds, end: number): Range | undefined {
  const from = starts === events ? 0 : first;
  const upTo = ends === events ? end : last;
  const nothing = events > 0 && (starts === 0 || ends === 0);
  return nothing || from > upTo ? undefined : { partition, first: from, last: upTo };
}

interface Counts {
  readonly events: number;
  readonly oldestMs: number;
  readonly newestMs: number;
}

interface Measured extends Counts {
  readonly stretch: Range;
}

/** 64-bit numbers come as text from some engines. */
const numbers = <Row extends object>(row: Row): Row =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)])) as Row;

function surveyOf(found: readonly Measured[], agents: number): Survey {
  const acted = found.filter(({ events }) => events > 0);
  return {
    stretches: found.map(({ stretch, events }) => ({ ...stretch, events })),
    events: acted.reduce((sum, { events }) => sum + events, 0),
    agents,
    oldestMs: acted.reduce((oldest, one) => Math.min(oldest, one.oldestMs), Number.POSITIVE_INFINITY),
    newestMs: acted.reduce((newest, one) => Math.max(newest, one.newestMs), 0),
  };
}

/** The engine sorts what it is asked for: a lot is as many positions as hold some thousand events of the scope. */
export function lotsOf({
  partition,
  first,
  last,
  events,
}: Stretch): { partition: number; first: number; last: number }[] {
  const positions = last - first + 1;
  const wanted = Math.ceil((LOT_EVENTS * positions) / Math.max(1, events));
  const width = Math.max(1, Math.min(LOT_POSITIONS_MAX, wanted));
  const count = Math.ceil(positions / width);
  return Array.from({ length: count }, (_, i) => ({
    partition,
    first: first + i * width,
    last: Math.min(last, first + (i + 1) * width - 1),
  }));
}

const NO_REPEAT = `status NOT IN ('duplicate', 'conflict', 'rejected')`;
const JUDGED_EVENT = `kind = 'event' AND ${NO_REPEAT}`;
const OF_SCOPE = `({tenant:String} = '' OR tenant = {tenant:String}) AND ({agent:String} = '' OR agent = {agent:String})`;

const IS_EVENT = `kind = 'event'`;
const BOUNDS = `
  SELECT partition, countIf(${IS_EVENT}) AS events,
    countIf(${IS_EVENT} AND time >= fromUnixTimestamp64Milli({fromMs:Int64})) AS starts,
    minIf(position, ${IS_EVENT} AND time >= fromUnixTimestamp64Milli({fromMs:Int64})) AS first,
    countIf(${IS_EVENT} AND time < fromUnixTimestamp64Milli({untilMs:Int64})) AS ends,
    maxIf(position, ${IS_EVENT} AND time < fromUnixTimestamp64Milli({untilMs:Int64})) AS last
  FROM event_log FINAL
  WHERE kind IN ('event', 'disposition', 'reset', 'rollback') AND ${NO_REPEAT} AND ${OF_SCOPE} AND ${OF_THE_LOG}
  GROUP BY partition ORDER BY partition`;

const COUNTS = `
  SELECT count() AS events, toUnixTimestamp64Milli(min(time)) AS oldestMs, toUnixTimestamp64Milli(max(time)) AS newestMs
  FROM event_log FINAL WHERE ${JUDGED_EVENT} AND ${OF_SCOPE}
    AND partition = {partition:UInt32} AND position >= {first:UInt64} AND position <= {last:UInt64}`;

const AGENTS = `SELECT uniqExact(tenant, agent) AS agents FROM event_log WHERE ${JUDGED_EVENT} AND ${OF_SCOPE} AND ${OF_THE_LOG}`;

const LAST_TICK = `
  SELECT toUnixTimestamp64Milli(max(received)) AS tickMs FROM event_log
  WHERE tenant = '' AND partition = {partition:UInt32} AND position < {first:UInt64} AND kind = 'tick'`;

// Ticks belong to no tenant, models to no agent.
const RECORDS = `
  SELECT ${RECORD_COLUMNS} FROM event_log FINAL
  WHERE partition = {partition:UInt32} AND position >= {first:UInt64} AND position <= {last:UInt64}
    AND ${NO_REPEAT} AND kind != 'unreadable'
    AND ({tenant:String} = '' OR tenant IN ('', {tenant:String}))
    AND (kind IN ('tick', 'model') OR (({agent:String} = '' OR agent = {agent:String})
      AND cityHash64(tenant, agent) % {groups:UInt32} = {group:UInt32}))
  ORDER BY position`;
